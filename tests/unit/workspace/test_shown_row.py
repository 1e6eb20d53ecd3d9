from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.policy import Policy, parse_policy
from bartizan.workspace import Workspace, dataset_inputs, row_evidence, shown
from unit.data.checks import NOW

FRAME = pl.DataFrame({"name": ["Ann", "Bob", "Cem"], "limit": [100.0, None, 300.0]})
ALL = {"name": "Bob", "limit": None}


@pytest.fixture(scope="module")
def proven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[bytes, Policy, Workspace]]:
    root: Path = tmp_path_factory.mktemp("workspace")
    with Workspace(root, clock=lambda: NOW) as ws:
        inputs = dataset_inputs(FRAME, now=NOW, name="people")
        ws.data.register.add(inputs, source="a test")
        raw = ws.data.register.show("people", FRAME, row=1)
        assert ws.ledger is not None
        key = ws.ledger.verifier_key().text()
        yield raw, parse_policy(f"log {key}\nquorum none\n".encode()), ws


def test_the_row_is_shown_with_its_registration(proven: tuple[bytes, Policy, Workspace]) -> None:
    raw, policy, _ = proven
    found = shown(raw, policy=policy, now=NOW.timestamp())
    assert found.values == ALL
    assert found.row == 1
    assert found.fact is not None
    assert (found.fact.data, found.fact.rows, found.fact.source) == ("people", 3, "a test")


def test_no_other_row_is_in_the_file(proven: tuple[bytes, Policy, Workspace]) -> None:
    from base64 import b64decode  # noqa: PLC0415 - only here

    raw, _, _ = proven
    extra = b64decode(raw.split(b"\n")[1].removeprefix(b"extra "))
    told = extra + b64decode(extra.split(b'"content":"')[1].split(b'"')[0])
    assert b"Bob" in told
    assert b"Ann" not in told
    assert b"Cem" not in told


def test_whatever_letter_is_altered_nothing_else_is_shown(
    proven: tuple[bytes, Policy, Workspace],
) -> None:
    raw, policy, _ = proven
    end, other = raw.index(b"\n\n"), 0
    for place in range(0, end, 3):
        letter = b"A" if raw[place : place + 1] != b"A" else b"B"
        bad = raw[:place] + letter + raw[place + 1 :]
        try:
            found = shown(bad, policy=policy, now=NOW.timestamp())
        except LedgerError:
            continue
        other += 1
        assert (found.values, found.row) == (ALL, 1)
    assert other < 20  # spare letters of names that mean nothing


def test_an_entry_alone_is_shown_without_a_row(proven: tuple[bytes, Policy, Workspace]) -> None:
    _, policy, ws = proven
    assert ws.ledger is not None
    raw = row_evidence(None, fact=ws.ledger.entry(0), index=0, ledger=ws.ledger)
    found = shown(raw, policy=policy, now=NOW.timestamp())
    assert found.values is None
    assert b'"data":"people"' in found.entry


def test_a_row_under_another_registration_is_refused(
    proven: tuple[bytes, Policy, Workspace],
) -> None:
    raw, policy, ws = proven
    assert ws.ledger is not None
    other = FRAME.with_columns(limit=pl.lit(5.0))
    inputs = dataset_inputs(other, now=NOW, name="others")
    ws.data.register.add(inputs, source="a test")
    lines = raw.split(b"\n")
    index = sum(1 for _ in ws.ledger.facts()) - 1
    mine = row_evidence(None, fact=ws.ledger.entry(index), index=index, ledger=ws.ledger)
    swapped = mine.split(b"\n")
    swapped[1] = lines[1]  # the row and entry of one, the place in the log of the other
    with pytest.raises(LedgerError):
        shown(b"\n".join(swapped), policy=policy, now=NOW.timestamp())
