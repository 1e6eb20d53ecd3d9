"""An archive is read only if it is spelled as we spell it."""

import io
import tarfile
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.comply.pack.archive import BLOCK, header, members, written
from bartizan.core.errors import TrustError

Files = list[tuple[str, bytes]]
NAME = st.from_regex(r"[a-z0-9]{1,20}(/[a-z0-9_.]{1,9}[a-z])?", fullmatch=True)


def read(raw: bytes) -> Files:
    return [(one.name, one.read()) for one in members(io.BytesIO(raw))]


@given(st.lists(st.tuples(NAME, st.binary(max_size=1500)), max_size=5))
def test_what_was_written_is_read(files: Files) -> None:
    assert read(b"".join(written(files))) == files


@given(st.binary(max_size=2000))
def test_noise_is_refused(raw: bytes) -> None:
    with pytest.raises(TrustError):
        read(raw)


def test_headers_are_those_of_the_standard_library_without_owner_and_time() -> None:
    info = tarfile.TarInfo("a/b.json")
    info.size, info.mode = 1234, 0o644
    assert header("a/b.json", size_bytes=1234) == info.tobuf(tarfile.USTAR_FORMAT)


def hostile(change: Callable[[tarfile.TarInfo], None]) -> bytes:
    """An archive as the standard library writes it, with one thing in it changed."""
    info = tarfile.TarInfo("a")
    change(info)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(b"x" * info.size))
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", tarfile.SYMTYPE),
        ("type", tarfile.LNKTYPE),
        ("type", tarfile.CHRTYPE),
        ("type", tarfile.FIFOTYPE),
        ("type", tarfile.DIRTYPE),
        ("type", tarfile.CONTTYPE),
        ("type", tarfile.AREGTYPE),
        ("mode", 0o777),
        ("uid", 1),
        ("mtime", 1),
        ("uname", "root"),
        ("name", "../a"),
        ("name", "/a"),
        ("name", "a/"),
    ],
)
def test_anything_but_a_plain_file_is_refused(name: str, value: object) -> None:
    with pytest.raises(TrustError):
        read(hostile(lambda info: setattr(info, name, value)))


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_extended_headers_are_refused(form: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        archive.addfile(tarfile.TarInfo("\u00e9" * 200))
    with pytest.raises(TrustError):
        read(out.getvalue())


def test_a_header_that_claims_gigabytes_costs_nothing() -> None:
    raw = header("a", size_bytes=8**11 - 1) + b"x" * BLOCK
    tracemalloc.start()
    with pytest.raises(TrustError, match="too early"):
        read(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 22
