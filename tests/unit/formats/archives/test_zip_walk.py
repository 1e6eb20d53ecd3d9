"""The facts of a zip archive: both descriptions, paired."""

import struct
import zipfile

import pytest

from bartizan.core.errors import InputError
from bartizan.formats.archives.zip_walk import zip_facts
from bartizan.formats.content import Budget, Window
from boxes import zip_of

RAW = zip_of({"a": b"1", "b": b"22" * 50}, compression=zipfile.ZIP_DEFLATED)


def facts_of(raw: bytes, *, most: int = 100) -> tuple[list[str], set[str], int]:
    facts = zip_facts(Window.of(raw), budget=Budget(expanded_bytes=1 << 20), most=most)
    names = [member.entry.name for member in facts.members]
    return names, {odd.kind for odd in facts.odd}, facts.unread


def test_an_honest_archive_has_its_members_and_nothing_odd() -> None:
    assert facts_of(RAW) == (["a", "b"], set(), 0)


def test_a_window_is_an_archive_wherever_it_begins() -> None:
    window = Window.of(b"before" + RAW + b"after").part(6, len(RAW))
    facts = zip_facts(window, budget=Budget(expanded_bytes=1 << 20), most=9)
    assert (len(facts.members), facts.odd) == (2, [])


def test_an_empty_archive_is_an_archive() -> None:
    assert facts_of(zip_of({})) == ([], set(), 0)


def test_bytes_between_members_are_a_gap() -> None:
    begin, junk = RAW.find(b"PK\1\2"), b"x" * 10
    raw = bytearray(RAW[:begin] + junk + RAW[begin:])
    struct.pack_into("<L", raw, raw.rfind(b"PK\5\6") + 16, begin + len(junk))
    assert facts_of(bytes(raw)) == (["a", "b"], {"gap"}, len(junk))


def test_more_members_than_were_asked_for_are_cut_off() -> None:
    facts = zip_facts(Window.of(RAW), budget=Budget(expanded_bytes=1 << 20), most=1)
    assert (facts.cut, len(facts.members)) == (True, 1)


@pytest.mark.parametrize("size", range(0, len(RAW), 7))
def test_a_cut_archive_is_read_as_far_as_it_goes(size: int) -> None:
    try:
        _, odd, _ = facts_of(RAW[:size])
    except InputError:
        assert size < 30
    else:
        assert "broken" in odd
