import hashlib
import os
from pathlib import Path
from typing import Literal

import pytest
from msgspec.structs import replace

from bartizan.core.errors import InputError, TrustError
from bartizan.core.evidence import Subject
from bartizan.core.record import encode
from bartizan.supply.bom.papers import Identity, beside, file_sha256, link, paper, read_whole
from unit.supply.bom.samples import FILE, ROOT, report_of

DATA = "sha256:" + "a7" * 32
IDENTITY = Identity(root=ROOT, files=(f"sha256:{FILE}",), data=(DATA,))


def saved(folder: Path, digest: str = ROOT) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "report.json"
    path.write_bytes(encode(report_of(digest)))
    return path


def test_a_report_about_the_model_is_linked_with_what_lies_beside_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "out")
    (tmp_path / "out" / "report.sarif").write_bytes(b"{}")
    (tmp_path / "out" / "report.html").write_bytes(b"<p>")
    found = paper(path, identity=IDENTITY, folder=tmp_path / "boms")
    assert found.about == "model"
    assert [(one.kind, one.path) for one in found.links] == [
        ("evidence", "../out/report.json"),
        ("quality-metrics", "../out/report.html"),
        ("dynamic-analysis-report", "../out/report.sarif"),
    ]
    assert found.links[0].sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.links[0].comment == "assessment, outcome fail, 8 findings"


def test_a_report_may_know_the_model_by_the_digest_of_a_file(tmp_path: Path) -> None:
    path = saved(tmp_path, digest=f"sha256:{FILE}")
    assert paper(path, identity=IDENTITY, folder=tmp_path).about == "model"


def test_a_report_about_another_model_is_refused_whatever_its_name(tmp_path: Path) -> None:
    path = saved(tmp_path, digest="sha256:" + "11" * 32)
    with pytest.raises(TrustError, match="another model"):
        paper(path, identity=IDENTITY, folder=tmp_path)


def test_a_report_about_a_model_without_a_file_is_refused(tmp_path: Path) -> None:
    report = report_of(ROOT)
    probe = Subject(kind="model", name="fraud", digest="sha256:" + "22" * 32, digest_kind="probe")
    path = tmp_path / "report.json"
    path.write_bytes(encode(replace(report, subjects=(probe,))))
    with pytest.raises(InputError, match="no file"):
        paper(path, identity=IDENTITY, folder=tmp_path)


@pytest.mark.parametrize(
    ("digest", "about"), [(ROOT, "artifact"), (f"sha256:{FILE}", "artifact"), (DATA, "data")]
)
def test_scans_and_checks_of_data_are_known_by_their_digests(
    tmp_path: Path, digest: str, about: Literal["artifact", "data"]
) -> None:
    subject = Subject(kind=about, name="x", digest=digest, digest_kind="sha256")
    path = tmp_path / "report.json"
    path.write_bytes(encode(replace(report_of(ROOT), subjects=(subject,))))
    (tmp_path / "report.sarif").write_bytes(b"{}")
    found = paper(path, identity=IDENTITY, folder=tmp_path)
    assert found.about == about
    kinds = {one.kind for one in found.links}
    assert ("static-analysis-report" in kinds) == (about == "artifact")


def test_a_report_about_other_data_is_refused(tmp_path: Path) -> None:
    subject = Subject(kind="data", name="x", digest="sha256:" + "33" * 32, digest_kind="sha256")
    path = tmp_path / "report.json"
    path.write_bytes(encode(replace(report_of(ROOT), subjects=(subject,))))
    with pytest.raises(TrustError, match="not about this model"):
        paper(path, identity=IDENTITY, folder=tmp_path)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"schema":"report/9"}', b"\xff\xfe"])
def test_what_is_no_report_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(raw)
    with pytest.raises(InputError, match="Report"):
        paper(path, identity=IDENTITY, folder=tmp_path)


def test_no_document_says_where_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    assert beside(path, folder=tmp_path / "boms") == "../a/b.json"


def test_a_digest_is_of_the_whole_file(tmp_path: Path) -> None:
    raw = os.urandom((1 << 20) + 17)
    path = tmp_path / "big"
    path.write_bytes(raw)
    assert file_sha256(path) == hashlib.sha256(raw).hexdigest()
    assert link(path, kind="threat-model", folder=tmp_path).path == "big"


@pytest.mark.parametrize("kind", ["folder", "pipe", "nothing"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    for read in (file_sha256, lambda one: read_whole(one, limit=10)):
        with pytest.raises(InputError, match="x"):
            read(path)


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    with pytest.raises(InputError, match="more than 4 bytes"):
        read_whole(path, limit=4)
