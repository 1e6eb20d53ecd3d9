import contextlib
import io
import os
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.core.errors import Error, TrustError
from bartizan.crypto.tar_reader import BLOCK, unpack


def member(name: str, content: bytes = b"", **fields: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def archive(*members: tuple[tarfile.TarInfo, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=kind) as made:
        for info, content in members:
            made.addfile(info, io.BytesIO(content))
    return raw.getvalue()


def held(folder: Path) -> dict[str, bytes]:
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file()
    }


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_files_and_folders_come_out_as_they_went_in(tmp_path: Path, kind: int) -> None:
    long = "d" * 90 + "/" + "f" * 90
    raw = archive(
        member("./", type=tarfile.DIRTYPE),
        member("a", b"1" * 1000, mode=0o4777),
        member("empty/folder/", type=tarfile.DIRTYPE),
        member("./b/c", b""),
        member(long, b"2" * BLOCK),
        kind=kind,
    )
    assert unpack(io.BytesIO(raw), into=tmp_path) == 3
    assert held(tmp_path) == {"a": b"1" * 1000, "b/c": b"", long: b"2" * BLOCK}
    assert (tmp_path / "empty" / "folder").is_dir()
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_names_longer_than_a_header_and_beyond_ascii_come_out(tmp_path: Path, kind: int) -> None:
    name = "/".join(["é" * 60] * 4)
    unpack(io.BytesIO(archive(member(name, b"x"), kind=kind)), into=tmp_path)
    assert held(tmp_path) == {name: b"x"}


@pytest.mark.parametrize(
    "kind",
    [
        *(tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE),
        *(tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGLINK, b"Z"),
    ],
)
def test_links_and_special_things_are_refused(tmp_path: Path, kind: bytes) -> None:
    raw = archive(member("a", b"x"), member("b", type=kind, linkname="/etc/passwd"))
    with pytest.raises(TrustError, match="link or another special thing"):
        unpack(io.BytesIO(raw), into=tmp_path)


@pytest.mark.parametrize(
    "name", ["/etc/x", "../x", "a/../../x", "a//b", "a/./b", "x\ny", "x\u202ey", "x\\y", "././x"]
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(TrustError, match="is refused"):
        unpack(io.BytesIO(archive(member(name, b"x"))), into=inner)
    assert held(tmp_path) == {}


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a", "./a")], ids=" ".join
)
def test_one_name_for_two_things_is_refused(tmp_path: Path, names: tuple[str, str]) -> None:
    raw = archive(*(member(name, b"x") for name in names))
    with pytest.raises(TrustError, match="twice"):
        unpack(io.BytesIO(raw), into=tmp_path)


def test_a_stream_that_is_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    raw = archive(member("a", b"1" * 600))
    end = 3 * BLOCK  # header and two blocks
    for size in (0, 1, BLOCK, BLOCK + 1, end - 1, end, end + BLOCK - 1):
        folder = tmp_path / str(size)
        folder.mkdir()
        with pytest.raises(TrustError, match="ends too early"):
            unpack(io.BytesIO(raw[:size]), into=folder)


def test_what_stands_behind_the_end_is_refused(tmp_path: Path) -> None:
    raw = archive(member("a", b"1"))
    with pytest.raises(TrustError, match="behind the end"):
        unpack(io.BytesIO(raw + archive(member("b", b"2"))), into=tmp_path)


def test_a_header_cannot_claim_memory_or_time(tmp_path: Path) -> None:
    info = member("p" * 200, b"", pax_headers={"comment": "x" * 100_000})
    with pytest.raises(TrustError, match="says"):
        unpack(io.BytesIO(archive(info)), into=tmp_path)
    for size in ("9" * 5000, "-1", "x"):
        raw = archive(member("a", b"", pax_headers={"size": size}))
        with pytest.raises(TrustError):
            unpack(io.BytesIO(raw), into=tmp_path)
    huge = member("b", size=1 << 60)[0].tobuf(format=tarfile.GNU_FORMAT)
    with pytest.raises(TrustError, match="ends too early"):
        unpack(io.BytesIO(huge), into=tmp_path)


def test_noise_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match=r"no tar archive|no number"):
        unpack(io.BytesIO(b"x" * 2048), into=tmp_path)


RAW = archive(member("a/b", b"1" * 700), member("é" * 60, b"2"), member("c/", type=tarfile.DIRTYPE))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_unpacked_below_their_place_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    raw = bytearray(RAW)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place] = data.draw(st.integers(0, 255))
        if data.draw(st.booleans()):  # a header that was changed with care
            start = place - place % BLOCK
            header = bytes(raw[start : start + BLOCK])
            total = sum(header) - sum(header[148:156]) + 256
            raw[start + 148 : start + 156] = b"%06o\0 " % total
    outer = tmp_path_factory.mktemp("t")
    (outer / "in").mkdir()
    with contextlib.suppress(Error, OSError):
        unpack(io.BytesIO(bytes(raw)), into=outer / "in")
    assert os.listdir(outer) == ["in"]  # noqa: PTH208 (names are all that is wanted)
