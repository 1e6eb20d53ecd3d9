from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from bartizan.core.errors import InputError
from bartizan.supply.dependencies.dependency import Listing
from bartizan.supply.dependencies.requirements import read_requirements
from bartizan.supply.dependencies.tree import Tree


def read(folder: Path, name: str = "requirements.txt", **files: str) -> Listing:
    for key, text in files.items():
        path = folder / (key.replace("__", "/").replace("_", ".") if "_" in key else f"{key}.txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_requirements(folder / name, tree=Tree.of(folder))


def pins(listing: Listing) -> list[tuple[str, str, int]]:
    return [(one.name, one.version, one.line) for one in listing.dependencies]


WHOLE = """\
# a comment
--index-url https://example.invalid/simple
requests==2.31.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb

Flask_SQLAlchemy[async] == 3.1.1 ; python_version < "3.9"  # why
zope.interface===5.0
numpy>=1.0,==1.26.4
torch==2.1.*
pandas>=2
"""


def test_pins_are_read_with_their_lines_and_normalised_names(tmp_path: Path) -> None:
    assert pins(read(tmp_path, requirements=WHOLE)) == [
        ("requests", "2.31.0", 3),
        ("flask-sqlalchemy", "3.1.1", 7),
        ("zope-interface", "5.0", 8),
        ("numpy", "1.26.4", 9),
        ("torch", "", 10),
        ("pandas", "", 11),
    ]


def test_included_files_are_read_where_they_are(tmp_path: Path) -> None:
    listing = read(
        tmp_path,
        requirements="-r sub/base.txt\n",
        sub__base_txt="-r../more.txt\na==1\n",
        more="b==2",
    )
    assert [(one.file, one.line, one.name) for one in listing.dependencies] == [
        ("more.txt", 1, "b"),
        ("sub/base.txt", 2, "a"),
    ]
    assert not listing.unread


@pytest.mark.parametrize(
    "line", ["-c constraints.txt", "--constraint=constraints.txt", "-cconstraints.txt"]
)
def test_a_constraint_fixes_what_a_requirement_leaves_open(tmp_path: Path, line: str) -> None:
    listing = read(tmp_path, requirements=f"{line}\nidna\nother\n", constraints="IDNA==3.4\nx>1\n")
    assert pins(listing) == [("idna", "3.4", 1), ("other", "", 3)]
    assert listing.dependencies[0].file == "constraints.txt"


@pytest.mark.parametrize(
    "line",
    [
        "-e .",
        "--editable=git+https://example.invalid/x.git#egg=x",
        "./wheels/x-1.0-py3-none-any.whl",
        "git+https://example.invalid/x.git@main",
        "x @ https://example.invalid/x-1.0.tar.gz",
        "https://example.invalid/x.zip",
        "${PRIVATE}==1.0",
        "not a requirement at all",
        "-r https://example.invalid/r.txt",
        "-r ${HOME}/r.txt",
        "-r absent.txt",
        "-r",
        "-r ../outside.txt",
        "-r /etc/passwd",
        "-r .",
        "-r \x00",
    ],
)
def test_what_cannot_be_looked_up_is_told_with_its_line(tmp_path: Path, line: str) -> None:
    (tmp_path / "outside.txt").write_text("secret==1\n", encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    listing = read(folder, requirements=f"a==1\n{line}\nb==2\n")
    assert [one.name for one in listing.dependencies] == ["a", "b"]
    (unread,) = listing.unread
    assert (unread.file, unread.line) == ("requirements.txt", 2)
    assert unread.why


def test_a_link_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("secret==1\n", encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "linked.txt").symlink_to(tmp_path / "outside.txt")
    listing = read(folder, requirements="-r linked.txt\n")
    assert not listing.dependencies
    assert "outside" in listing.unread[0].why


def test_files_that_include_one_another_end(tmp_path: Path) -> None:
    listing = read(
        tmp_path, requirements="-r other.txt\na==1\n", other="-r requirements.txt\nb==2\n"
    )
    assert sorted(one.name for one in listing.dependencies) == ["a", "b"]


def test_too_deep_inclusion_leaves_the_line_unread(tmp_path: Path) -> None:
    for depth in range(30):
        (tmp_path / f"r{depth}.txt").write_text(f"-r r{depth + 1}.txt\n", encoding="utf-8")
    (tmp_path / "r30.txt").write_text("a==1\n", encoding="utf-8")
    listing = read(tmp_path, name="r0.txt")
    assert not listing.dependencies
    assert "deep" in listing.unread[0].why


def test_a_file_of_windows_with_a_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"\xef\xbb\xbfa==1\r\nb==2\r\n")
    assert pins(read(tmp_path)) == [("a", "1", 1), ("b", "2", 2)]


def test_a_hash_sign_within_an_address_is_no_comment(tmp_path: Path) -> None:
    listing = read(tmp_path, requirements="git+https://h.invalid/x#egg=x\n")
    assert "#egg=x" in listing.unread[0].what


@pytest.mark.parametrize("raw", [b"a==1\xff\xfe", "a==1".encode("utf-16")])
def test_what_is_no_text_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "requirements.txt").write_bytes(raw)
    with pytest.raises(InputError, match="UTF-8"):
        read(tmp_path)


def test_control_characters_of_a_line_do_not_reach_the_reader(tmp_path: Path) -> None:
    listing = read(tmp_path, requirements="\x1b[31mevil\u202e thing\n" + "x" * 5000 + " y\n")
    assert all(one.what.isprintable() and len(one.what) < 100 for one in listing.unread)


def test_pip_reads_the_same_requirements_in_the_same_order(tmp_path: Path) -> None:
    parse = pytest.importorskip("pip._internal.req.req_file", reason="pip is not installed")
    numbered = enumerate(WHOLE.splitlines(), start=1)
    lines = [text for _, text in parse.ignore_comments(parse.join_lines(numbered))]
    asked = [parse.break_args_options(line)[0] for line in lines if not line.startswith("-")]
    names = [canonicalize_name(Requirement(text).name) for text in asked]
    assert names == [name for name, _, _ in pins(read(tmp_path, requirements=WHOLE))]
