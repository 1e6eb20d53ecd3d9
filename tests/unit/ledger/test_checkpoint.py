import hashlib

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.checkpoint import EMPTY_ROOT, Checkpoint, parse_checkpoint
from bartizan.ledger.merkle import EMPTY

ROOT = hashlib.sha256(b"root").digest()
EXAMPLE = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
"""C2SP tlog-checkpoint."""


def test_the_example_of_the_specification_is_read_and_written() -> None:
    found = parse_checkpoint(EXAMPLE)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert found.root.hex().startswith("0ac5186a91863e8e")
    assert found.text() == EXAMPLE


@pytest.mark.parametrize("size", [1, 10, 2**32, 2**63 - 1])
@pytest.mark.parametrize("extensions", [(), ("one",), ("one", "two words \u00e8")])
def test_a_checkpoint_comes_back(size: int, extensions: tuple[str, ...]) -> None:
    made = Checkpoint("log", size, ROOT, extensions)
    assert parse_checkpoint(made.text()) == made


def test_an_empty_log_has_the_root_of_nothing() -> None:
    assert EMPTY_ROOT == EMPTY
    assert parse_checkpoint(Checkpoint("log", 0, EMPTY_ROOT).text()).size == 0
    with pytest.raises(LedgerError, match="SHA-256 of nothing"):
        Checkpoint("log", 0, ROOT)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("20852163", "020852163"), "leading zeros"),
        (("20852163", "+1"), "decimal"),
        (("20852163", "-1"), "decimal"),
        (("20852163", "1e3"), "decimal"),
        (("20852163", " 1"), "decimal"),
        (("20852163", "\u0661"), "decimal"),
        (("20852163", ""), "decimal"),
        (("20852163", str(2**63)), "below 2.63"),
        (("20852163", "9" * 5000), "below 2.63"),
        (("q2I=", "q2I"), "root hash of a checkpoint is not base64"),
        (("q2I=", "q2J="), "stray bits"),
        (("CsUYapGGPo4d", "CsUYapGG"), "32 bytes, not 29"),
        (("behind-the", "behind the"), "cannot name a key"),
        (("behind-the", "behind+the"), "cannot name a key"),
        (("behind-the", "b" * 256), "cannot name a key"),
        (("example.com/behind-the-sofa", ""), "cannot name a key"),
        (("\n20852163", ""), "expected a checkpoint"),
        (("q2I=\n", "q2I="), "expected a checkpoint"),
        (("q2I=\n", "q2I=\n\n"), "extension line"),
        (("q2I=\n", "q2I=\na\n\nb\n"), "extension line"),
    ],
)
def test_other_spellings_are_refused(change: tuple[str, str], why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        parse_checkpoint(EXAMPLE.replace(*change))


@pytest.mark.parametrize(
    ("size", "root", "extensions"),
    [(-1, ROOT, ()), (2**63, ROOT, ()), (1, ROOT[:31], ()), (1, ROOT, ("",)), (1, ROOT, ("a\nb",))],
)
def test_what_cannot_be_a_checkpoint_is_not_made(
    size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(LedgerError):
        Checkpoint("log", size, root, extensions)
