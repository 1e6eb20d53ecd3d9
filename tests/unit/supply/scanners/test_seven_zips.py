"""7z archives are opened with libarchive, and inconclusive without it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from bartizan.formats.content import Budget
from boxes import opened, zip_of

NOISE = bytes((i * i) % 251 for i in range(3000))
LARGE = NOISE * 4000


@pytest.fixture
def library() -> Any:
    try:
        return pytest.importorskip("libarchive", reason="needs libarchive-c, which is an extra")
    except (OSError, AttributeError, TypeError):
        pytest.skip("needs libarchive, a package of the system")


def packed(library: Any, path: Path, members: dict[str, bytes]) -> bytes:
    with library.file_writer(str(path), "7zip") as archive:
        for name, raw in members.items():
            archive.add_file_from_memory(name, len(raw), raw)
    return path.read_bytes()


def test_every_member_is_read(library: Any, tmp_path: Path) -> None:
    members = {"a": b"1", "b/large": LARGE, "c.zip": zip_of({"x": NOISE}), "empty": b""}
    raw = packed(library, tmp_path / "f.7z", members)
    for box in (raw, zip_of({"f.7z": raw}, compression=8)):
        found = opened(box)
        assert found.verdict == "clean"
        assert sorted(found.leaves.values()) == sorted([b"1", LARGE, NOISE, b""])
    assert opened(raw).walked["7z box"] == len(raw)


def test_names_that_leave_are_malicious(library: Any, tmp_path: Path) -> None:
    found = opened(packed(library, tmp_path / "f.7z", {"../../x": b"1"}))
    assert (found.verdict, found.rules) == ("malicious", {"7z.name"})


def test_bytes_after_the_end_are_told(library: Any, tmp_path: Path) -> None:
    raw = packed(library, tmp_path / "f.7z", {"a": b"1"})
    found = opened(raw + b"tail")
    assert (found.verdict, found.rules) == ("suspicious", {"7z.trailing"})
    assert found.leaves["box/(after its end)"] == b"tail"


def test_a_damaged_archive_is_inconclusive(library: Any, tmp_path: Path) -> None:
    raw = packed(library, tmp_path / "f.7z", {"a": NOISE})
    for box in (raw[:-10], raw[:40], raw[:6], raw[:100] + b"\xff" * 20 + raw[120:]):
        assert opened(box).verdict == "inconclusive"


def test_a_bomb_is_inconclusive(library: Any, tmp_path: Path) -> None:
    raw = packed(library, tmp_path / "f.7z", {"zeros": bytes(30 << 20)})
    found = opened(raw, budget=Budget(expanded_bytes=5 << 20))
    assert found.verdict == "inconclusive"
    assert found.stopped


def test_without_the_library_it_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libarchive", None)
    found = opened(b"7z\xbc\xaf\x27\x1c" + NOISE)
    assert (found.verdict, found.rules) == ("inconclusive", {"archive.unread"})
    assert "pip install" in found.notices[0].why
