"""Files of a log are taken for such only if they hold what their path says."""

import pytest

from bartizan.supply.scanners.log_tiles import RULE
from scanned import judged

ENTRIES = ".bartizan/ledger/tile/entries/000.p/2"
HASHES = ".bartizan/ledger/tile/0/000.p/2"
TEXT = b"\x00\x02{}" * 2
NUMBERS = bytes(range(128, 192))
RUNS = b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R."


def test_entries_that_are_text_are_read_to_the_last_byte() -> None:
    found = judged(TEXT, path=ENTRIES)
    assert (found.verdict, found.covered) == ("clean", len(TEXT))


@pytest.mark.parametrize(
    "raw",
    [TEXT + b"\x00", TEXT[:-1], b"\x00\x02{}", b"\x00\x02\xff\xfe" * 2, b"\x00\x02\x80." * 2],
    ids=["more", "cut off", "too few", "no text", "a pickle"],
)
def test_other_bytes_in_the_place_of_entries_are_not_clean(raw: bytes) -> None:
    assert judged(raw, path=ENTRIES).verdict != "clean"


def test_hashes_are_told_and_never_clean() -> None:
    found = judged(NUMBERS, path=HASHES)
    assert (found.verdict, found.rules) == ("inconclusive", {RULE})


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (NUMBERS[:-1], HASHES),
        (NUMBERS, HASHES.replace("p/2", "p/3")),
        (NUMBERS, "tile/9/000.p/2"),
        (NUMBERS, "weights/000.p/2"),
    ],
)
def test_numbers_elsewhere_or_of_another_length_are_of_no_known_format(
    raw: bytes, path: str
) -> None:
    assert judged(raw, path=path).rules == {"scan.unknown"}


def test_a_pickle_in_the_place_of_hashes_is_malicious() -> None:
    raw = RUNS.ljust(64, b"\x80")
    assert judged(raw, path=HASHES).verdict == "malicious"
