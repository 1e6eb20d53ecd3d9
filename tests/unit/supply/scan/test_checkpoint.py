"""Weights of TensorFlow: accounted for where their index lies beside them."""

import pytest

from bartizan.supply.scan.checkpoint import SCANNER
from model_files import pb
from scanned import is_clean, scanned

INDEX = bytes(40) + (0xDB4775248B80FB57).to_bytes(8, "little")
SHARD = "variables.data-00000-of-00001"


def test_an_index_and_its_shards_are_accounted_for() -> None:
    assert is_clean(scanned(SCANNER, INDEX, path="m/variables/variables.index"), INDEX)
    found = scanned(SCANNER, b"12345678", path=SHARD, beside=frozenset({"variables.index"}))
    assert is_clean(found, b"12345678")


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
