"""One row is shown; forged proofs show nothing."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from bartizan.core.errors import LedgerError, UsageError
from bartizan.core.record import decode, encode
from bartizan.data.register.registration import Register
from bartizan.data.register.row_proof import RowProof, verify_row
from unit.data.registered import Ledger, add, batches, changed, register, some


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def reg(tmp_path: Path, ledger: Ledger) -> Register:
    return register(tmp_path / "data", ledger)


def test_one_row_is_shown_and_no_other(reg: Register) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    sent = decode(encode(proof), kind=RowProof)
    assert verify_row(sent, fact=fact) == {"amount": 1.5, "id": 6, "kind": "a", "y": "no"}
    others = [reg.version("t").salts[at : at + 16] for at in range(0, 160, 16) if at != 96]
    assert not any(salt.hex() in encode(proof).hex() for salt in others)


@pytest.mark.parametrize(
    "change",
    [
        {"row": 5},
        {"rows": 11},
        {"salt": "AAAAAAAAAAAAAAAAAAAAAA=="},
        {"salt": ""},
        {"data": "u"},
        {"version": 2},
        {"content": "AAAA"},
        {"content": "!"},
        {"path": ()},
        {"path": ("00" * 32,) * 4},
        {"path": ("zz",)},
    ],
)
def test_a_forged_proof_shows_nothing(reg: Register, change: dict[str, Any]) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    with pytest.raises(LedgerError):
        verify_row(msgspec.structs.replace(proof, **change), fact=fact)
    for root in ("sha256:" + "00" * 32, "no digest"):
        with pytest.raises(LedgerError):
            verify_row(proof, fact=msgspec.structs.replace(fact, root=root))


def test_the_columns_of_a_row_cannot_be_renamed(reg: Register) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    swapped = tuple(
        msgspec.structs.replace(one, name={"kind": "y", "y": "z"}.get(one.name, one.name))
        for one in proof.layout.columns
    )
    layout = msgspec.structs.replace(proof.layout, columns=swapped)
    with pytest.raises(LedgerError, match="not of what was registered"):
        verify_row(msgspec.structs.replace(proof, layout=layout), fact=fact)


def test_a_proof_has_one_spelling(reg: Register) -> None:
    fact = add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    stray = proof.salt[:-3] + chr(ord(proof.salt[-3]) + 1) + "=="  # the same 16 bytes
    with pytest.raises(LedgerError, match="stray bits"):
        verify_row(msgspec.structs.replace(proof, salt=stray), fact=fact)


def test_bytes_cannot_move_from_the_row_to_the_salt(reg: Register) -> None:
    add(reg, some(10))
    proof = reg.row_proof("t", batches(some(10)), row=6)
    longer = msgspec.structs.replace(proof, salt=proof.salt[:-2] + "AAAA")
    with pytest.raises(LedgerError):
        verify_row(longer, fact=reg.version("t").fact)


def test_a_row_that_is_not_there_any_more_is_not_shown(reg: Register) -> None:
    add(reg, some(10))
    with pytest.raises(LedgerError, match="not in the data any more"):
        reg.row_proof("t", batches(changed(some(10), 6, amount=0.0)), row=6)
    for row in (-1, 10):
        with pytest.raises(UsageError, match="from 0 to 9"):
            reg.row_proof("t", batches(some(10)), row=row)
