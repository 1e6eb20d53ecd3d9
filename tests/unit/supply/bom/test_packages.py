import hashlib
import json
from importlib.metadata import version
from pathlib import Path

import pytest

from bartizan.core.errors import InputError
from bartizan.supply.bom.facts import PackageFact
from bartizan.supply.bom.packages import installed, purl


def laid(folder: Path, name: str, *, metadata: str, **files: str) -> None:
    """An installed package, as installers leave it."""
    place = folder / f"{name}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(metadata, encoding="utf-8")
    for file, text in files.items():
        (place / file.replace("_json", ".json")).write_text(text, encoding="utf-8")


def test_a_package_is_what_its_metadata_say(tmp_path: Path) -> None:
    origin = {"url": "https://x/y.whl", "archive_info": {"hashes": {"sha256": "ab" * 32}}}
    laid(
        tmp_path,
        "Foo_Bar-1.0",
        metadata=(
            "Metadata-Version: 2.4\nName: Foo_Bar\nVersion: 1.0+cpu\nLicense-Expression: MIT\n"
            "Requires-Dist: Numpy>=1\nRequires-Dist: pytest; extra == 'test'\n"
            "Requires-Dist: tomli; python_version < '3.11'\nRequires-Dist: A.B[x] (>=2)\n"
        ),
        RECORD="foo.py,sha256=x,1\n",
        direct_url_json=json.dumps(origin),
    )
    (found,) = installed(tmp_path)
    assert found == PackageFact(
        name="foo-bar",
        version="1.0+cpu",
        license="MIT",
        record_sha256=hashlib.sha256(b"foo.py,sha256=x,1\n").hexdigest(),
        archive_sha256="ab" * 32,
        needs=("a-b", "numpy", "tomli"),
    )
    assert purl(found) == "pkg:pypi/foo-bar@1.0%2Bcpu"


def test_of_two_of_one_name_there_is_one(tmp_path: Path) -> None:
    for number in ("1", "2"):
        laid(tmp_path, f"a-{number}", metadata=f"Name: a\nVersion: {number}\n")
    assert [one.name for one in installed(tmp_path)] == ["a"]


def test_a_whole_licence_text_is_no_name(tmp_path: Path) -> None:
    laid(tmp_path, "a-1", metadata=f"Name: a\nVersion: 1\nLicense: {'word ' * 40}\n")
    laid(tmp_path, "b-1", metadata="Name: b\nVersion: 1\nLicense: UNKNOWN\n")
    laid(tmp_path, "c-1", metadata="Name: c\nVersion: 1\nLicense: BSD 3-Clause\n")
    found = {one.name: (one.license, one.license_name) for one in installed(tmp_path)}
    assert found == {"a": ("", ""), "b": ("", ""), "c": ("", "BSD 3-Clause")}


@pytest.mark.parametrize("metadata", ["", "Name: a\n", "Version: 1\n", "Name: ../x\nVersion: 1\n"])
def test_a_package_that_does_not_say_what_it_is_is_not_left_out_in_silence(
    tmp_path: Path, metadata: str
) -> None:
    laid(tmp_path, "a-1", metadata=metadata)
    with pytest.raises(InputError, match="repair the environment"):
        installed(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "null", '{"archive_info": 1}', '{"archive_info": {"hashes": []}}']
)
def test_an_origin_that_cannot_be_read_gives_no_hash(tmp_path: Path, text: str) -> None:
    laid(tmp_path, "a-1", metadata="Name: a\nVersion: 1\n", direct_url_json=text)
    assert installed(tmp_path)[0].archive_sha256 == ""


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="site-packages"):
        installed(tmp_path / "nowhere")


def test_without_a_folder_it_is_this_process() -> None:
    found = {one.name: one for one in installed()}
    assert found["numpy"].version == version("numpy")
    assert "numpy" in found["scikit-learn"].needs
    assert list(found) == sorted(found)
