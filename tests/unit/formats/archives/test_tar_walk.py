"""Headers of tar archives, as three forms write them."""

import io
import tarfile

import pytest

from bartizan.core.errors import InputError
from bartizan.formats.archives.tar_headers import is_tar, pax_records, tar_header
from bartizan.formats.archives.tar_walk import TarEnd, TarMember, tar_members
from bartizan.formats.content import Window
from boxes import tar_of

FORMS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)


@pytest.mark.parametrize("form", FORMS)
def test_members_stand_where_tarfile_finds_them(form: int) -> None:
    raw = tar_of({"a": b"1" * 513, "folder/" * 20 + "b": b"22"}, form=form)
    *members, end = tar_members(Window.of(raw).open())
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        expected = [(info.name, info.offset_data, info.size) for info in archive]
    found = [(one.name, one.offset, one.size) for one in members if isinstance(one, TarMember)]
    assert found == expected
    assert end == TarEnd(position=len(raw))


def test_sizes_in_base_256_are_read() -> None:
    info = tarfile.TarInfo("x")
    info.size = 1 << 40
    assert tar_header(info.tobuf(tarfile.GNU_FORMAT)).size == 1 << 40


def test_checksums_of_signed_bytes_are_accepted() -> None:
    raw = bytearray(tarfile.TarInfo("é").tobuf(tarfile.GNU_FORMAT, encoding="utf-8"))
    raw[148:156] = b" " * 8
    signed = sum(byte - 256 if byte > 127 else byte for byte in raw)
    raw[148:156] = f"{signed:06o}\0 ".encode()
    assert is_tar(bytes(raw))


@pytest.mark.parametrize("raw", [b"", bytes(512), b"x" * 512, b"x" * 511])
def test_what_is_no_header_is_none(raw: bytes) -> None:
    assert not is_tar(raw)


@pytest.mark.parametrize("raw", [b"5 a=b\n", b"99 a=b\n", b"x a=b\n", b"6 abc\n", b"0 a=b\n"])
def test_a_broken_extended_header_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        pax_records(raw)


def test_values_may_hold_anything() -> None:
    assert pax_records(b"14 path=a=b\nc\n") == {"path": b"a=b\nc"}
