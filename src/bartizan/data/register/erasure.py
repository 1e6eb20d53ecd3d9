"""Rows that nobody shall be able to show any more, in every version that holds them."""

from datetime import datetime

import numpy as np

from bartizan.core.arrays import Ints
from bartizan.core.fact import Erased
from bartizan.core.occasion import moment
from bartizan.data.register.versions import Version, Versions
from bartizan.ledger.merkle import HASH_BYTES

ROWS_OF_FACT = 5_000
"""Row ids in one `Erased` fact: an entry of the ledger has at most 65,535 bytes."""


def erased_rows(
    versions: Versions, named: Version, *, rows: Ints, reason: str, by: str, when: datetime
) -> tuple[Erased, ...]:
    """Overwrite what could show these rows.

    A row that stayed the same from one version to the next has one salt in both, so it goes from
    both.

    Args:
        versions: All of them; no other process writes meanwhile.
        named: The version that the ids are of.
        rows: Ids, ascending.
        reason: Why.
        by: Who asked for it.
        when: With a time zone.

    Returns:
        What is to be written into the ledger: for each version, and for each 5,000 rows, one.

    Raises:
        LedgerError: a version is damaged.
        OutputError: the files cannot be written.
    """
    facts: list[Erased] = []
    for number in versions.numbers():
        version = versions.load(number)
        versions.finish(version)
        shared = _same_leaves(named, version, rows=rows)
        if not len(shared):
            continue
        versions.erase(version, rows=shared)
        kept = versions.load(number).digest
        facts += [
            Erased(
                data=version.fact.data,
                version=number,
                rows=tuple(shared[at : at + ROWS_OF_FACT].tolist()),
                kept=kept,
                reason=reason,
                by=by,
                when=moment(when),
            )
            for at in range(0, len(shared), ROWS_OF_FACT)
        ]
    return tuple(facts)


def _same_leaves(named: Version, other: Version, *, rows: Ints) -> Ints:
    """Which of these rows of one version have the same leaf in another."""
    inside = rows[rows < other.rows]
    tables = [
        np.frombuffer(one.leaves, dtype=np.uint8).reshape(-1, HASH_BYTES)[inside]
        for one in (named, other)
    ]
    return inside[(tables[0] == tables[1]).all(axis=1)]
