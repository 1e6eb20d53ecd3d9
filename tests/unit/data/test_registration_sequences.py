"""Whatever happens to a data set, step by step, its register stays right."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bartizan.core.fact import Registered
from bartizan.data.register.change import Allowed, RowsDifferError
from bartizan.data.register.row_proof import verify_row
from unit.data.registered import Ledger, Row, batches, register, some

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["append", "relabel", "rewrite", "erase", "same", "shorten"]),
        st.integers(0, 1_000),
    ),
    min_size=1,
    max_size=5,
)


class Model:
    """What the rows are, in plain Python."""

    def __init__(self, folder: str, *, leave: bool) -> None:
        self.ledger = Ledger()
        self.reg = register(Path(folder), self.ledger)
        self.rows: list[Row] = []
        self.erased: set[int] = set()
        self.leave = leave
        """Whether erased rows leave the data, or are emptied in their place."""
        self.made = 0

    def data(self) -> list[Row]:
        empty: Row = (None, None, None, None)
        rows = [empty if i in self.erased else row for i, row in enumerate(self.rows)]
        return [row for row in rows if row is not empty] if self.leave else rows

    def register(self) -> Registered:
        allow: tuple[Allowed, ...] = ("relabelled", "rewritten")
        data = batches(self.data(), batch_rows=50)
        return self.reg.add("t", data, source="s", allow=allow).fact

    def alive(self) -> list[int]:
        return [i for i in range(len(self.rows)) if i not in self.erased]

    def more(self, count: int) -> None:
        self.rows += some(count, start=self.made)
        self.made += count

    def step(self, kind: str, number: int) -> None:
        alive = self.alive()
        row = alive[number % len(alive)]
        if kind == "append":
            self.more(1 + number % 4)
            self.expect("appended", 1 + number % 4)
        elif kind == "relabel":
            i, amount, word, label = self.rows[row]
            self.rows[row] = (i, amount, word, "no" if label == "yes" else "yes")
            self.expect("relabelled", 1)
        elif kind == "rewrite":
            i, _, word, label = self.rows[row]
            self.made += 1
            self.rows[row] = (i, 1_000.0 + self.made, word, label)
            self.expect("rewritten", 1)
        elif kind == "shorten" and len(alive) > 2 and alive[-1] == len(self.rows) - 1:
            self.shorten(max(len(self.rows) - 1 - number % 4, alive[1] + 1))
        elif kind == "erase" and len(alive) > 2:
            self.erased.add(row)
            self.reg.erase("t", [row], reason="r")
        else:
            self.expect("same", 0)

    def shorten(self, count: int) -> None:
        """Leave so many rows, the second that is not erased among them."""
        cut = [i for i in self.alive() if i >= count]
        if self.leave:  # erased rows before the cut left no place: they are gone with it
            count = max(i for i in self.alive() if i < count) + 1
        self.rows = self.rows[:count]
        self.erased = {i for i in self.erased if i < count}
        self.expect("rewritten", len(cut))

    def expect(self, change: str, rows: int) -> None:
        fact = self.register()
        assert (fact.change, fact.changed, fact.rows) == (change, rows, len(self.rows))

    def check(self, number: int) -> None:
        data = self.data()
        fact = self.reg.version("t").fact
        seen = self.reg.verify("t", batches(data, batch_rows=50), root=fact.root)
        assert seen.erased.tolist() == sorted(self.erased)
        assert not len(seen.present)
        alive = self.alive()
        row = alive[number % len(alive)]
        proof = self.reg.row_proof("t", batches(data, batch_rows=50), row=row)
        assert verify_row(proof, fact=fact)["id"] == self.rows[row][0]
        place = data.index(self.rows[row])
        i, amount, word, label = data[place]
        data[place] = (i, -5.0 if amount is None else None, word, label)
        with pytest.raises(RowsDifferError) as caught:
            self.reg.verify("t", batches(data, batch_rows=50))
        assert caught.value.difference.other.tolist() == [row]


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(steps=STEPS, leave=st.booleans(), first=st.integers(2, 6))
@example(steps=[("erase", 3), ("append", 0)], leave=True, first=4)
@example(steps=[("erase", 3), ("same", 0)], leave=True, first=4)
@example(steps=[("erase", 433), ("shorten", 0)], leave=False, first=5)
def test_every_sequence_keeps_verification_right(
    *, steps: list[tuple[str, int]], leave: bool, first: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Model(folder, leave=leave)
        model.more(first)
        model.expect("first", 0)
        for kind, number in steps:
            model.step(kind, number)
            model.check(number)
