"""Weights of TensorFlow: their index is read, and says how large they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.formats.content import Budget, Window
from bartizan.supply.scanners.checkpoint import SCANNER, shards
from bartizan.supply.scanners.scanner import Item, Situation
from model_files import pb
from scanned import is_clean, scanned
from sorted_tables import index

SHARD = "variables.data-00000-of-00001"
INDEX = index(8)
MAGIC = INDEX[-8:]


def sizes(raw: bytes) -> dict[str, int]:
    window = Window.of(raw)
    item = Item(content=window, path="m/variables/variables.index", size_bytes=len(raw))
    return dict(shards(item, Situation(budget=Budget.for_file(len(raw)))))


@pytest.mark.parametrize("wanted", [(8,), (8, 0, 300), (2,) * 200])
def test_an_index_is_accounted_for_and_says_how_large_its_shards_are(
    wanted: tuple[int, ...],
) -> None:
    raw = index(*wanted)
    assert is_clean(scanned(SCANNER, raw, path="m/variables/variables.index"), raw)
    names = [f"variables.data-{number:05}-of-{len(wanted):05}" for number in range(len(wanted))]
    assert sizes(raw) == dict(zip(names, wanted, strict=True))


def test_a_shard_is_accounted_for_by_nobody() -> None:
    found = scanned(SCANNER, b"12345678", path=SHARD, beside=frozenset({"variables.index"}))
    assert found.covered == 0


@pytest.mark.parametrize(
    "raw",
    [
        bytes(40) + MAGIC,
        b"cos\nsystem\n." + bytes(40) + MAGIC,
        b"cos\nsystem\n." + INDEX,
        INDEX[:-48] + b"cos\nsystem\n." + INDEX[-48:],
        INDEX[:-9] + b"x" + MAGIC,
        INDEX.replace(b"w/000/a", b"\xff" * 7, 1)[1:],
        index(),
    ],
)
def test_a_table_that_does_not_fill_its_file_is_inconclusive(raw: bytes) -> None:
    found = scanned(SCANNER, raw, path="variables.index")
    assert (found.covered, found.verdict) == (0, "inconclusive")


@given(st.integers(0, len(INDEX) - 1), st.integers(0, 255))
def test_damage_to_an_index_never_breaks_the_scanner(place: int, value: int) -> None:
    raw = INDEX[:place] + bytes([value]) + INDEX[place + 1 :]
    assert scanned(SCANNER, raw, path="variables.index").covered in (0, len(raw))


def test_a_fingerprint_is_accounted_for() -> None:
    raw = pb(1, 2**63) + pb(2, 3) + pb(6, pb(1, 1))
    assert is_clean(scanned(SCANNER, raw, path="m/fingerprint.pb"), raw)


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("variables.index", b"cos\nsystem\n."),
        ("variables.index", INDEX[-8:]),
        (SHARD, b"12345678"),
        ("fingerprint.pb", pb(2, pb(1, "n"))),
        ("fingerprint.pb", pb(1, 1) * 17),
        ("fingerprint.pb", b"\xff"),
        ("fingerprint.pb", pb(7, bytes(5000))),
    ],
)
def test_a_name_alone_accounts_for_nothing(path: str, raw: bytes) -> None:
    assert scanned(SCANNER, raw, path=path).covered == 0
