"""Whenever the power goes out, a witness never signs two histories of one log."""

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bartizan.crypto.safe_file import Steps, sync_folder, write_all
from bartizan.ledger.note import split_note
from bartizan.ledger.witness import Witness
from bartizan.ledger.witness_home import open_witness
from story import Story
from unit.ledger.trees import numbered

TRUE = Story(numbered(12))
FALSE = TRUE.other(after=3)


class PowerCut(BaseException):
    """Nothing in the program can catch it: the machine is off."""


class Failing:
    """A disk whose power goes out at one step, before or after that step is done.

    What was not synced is lost: bytes of a file, and the rename that put it in place.
    """

    def __init__(self, *, at: int, after: bool, loses: bool, kind: type[BaseException]) -> None:
        self.left, self.after, self.loses, self.kind = at, after, loses, kind
        self.undo: tuple[Path, bytes | None] | None = None

    def _step(self, done: bool) -> None:  # noqa: FBT001 - which side of the step it is
        if self.left == 0 and done == self.after:
            self.left = -1
            self._forget()
            raise self.kind
        if done:
            self.left -= 1

    def _forget(self) -> None:
        if self.loses and self.undo is not None:
            path, raw = self.undo
            if raw is None:
                path.unlink(missing_ok=True)
            else:
                path.write_bytes(raw)

    def write(self, handle: int, raw: bytes) -> None:
        if self.left == 0 and not self.after:
            write_all(handle, raw[: len(raw) // 2])
        self._step(done=False)
        write_all(handle, raw)
        self._step(done=True)

    def sync(self, handle: int) -> None:
        self._step(done=False)
        os.fsync(handle)
        self._step(done=True)

    def rename(self, old: Path, new: Path) -> None:
        self._step(done=False)
        self.undo = (new, new.read_bytes() if new.exists() else None)
        old.replace(new)
        self._step(done=True)

    def settle(self, folder: Path) -> None:
        self._step(done=False)
        sync_folder(folder)
        self.undo = None
        self._step(done=True)

    def steps(self) -> Steps:
        return Steps(write=self.write, sync=self.sync, rename=self.rename, settle=self.settle)


class NoSpaceError(OSError):
    """What the program does see."""


FAULTS = st.builds(
    Failing,
    at=st.integers(0, 5),
    after=st.booleans(),
    loses=st.booleans(),
    kind=st.sampled_from([PowerCut, NoSpaceError]),
)
STEPS = st.lists(
    st.tuples(st.booleans(), st.integers(0, 12), st.booleans(), st.one_of(st.none(), FAULTS)),
    max_size=12,
)


def submit(witness: Witness, told: Story, size: int, *, guess: int) -> bool:
    """Ask as a client does: from a guessed size, and again from the one that is answered."""
    answer = witness.add_checkpoint(told.submission(min(guess, size), size))
    if answer.status == 409 and (old := int(answer.body)) <= size:
        answer = witness.add_checkpoint(told.submission(old, size))
    return answer.status == 200


@given(steps=STEPS)
@settings(max_examples=80, deadline=None)
def test_no_fault_makes_a_witness_sign_two_histories(
    steps: list[tuple[bool, int, bool, Failing | None]],
) -> None:
    signed: set[tuple[int, bytes]] = set()
    with tempfile.TemporaryDirectory() as folder:
        latest = 0
        for honest, size, guess, fault in steps:
            story = TRUE if honest else FALSE
            # A new one for each step: what was in memory is gone.
            witness = open_witness(Path(folder), name="w.example", logs=[TRUE.verifier])
            if fault is not None:
                store = replace(witness.store, steps=fault.steps())
                witness = replace(witness, store=store)
            try:
                if submit(witness, story, size, guess=latest if guess else 0):
                    signed.add((size, story.root(size)))
                    latest = size
            except PowerCut:
                pass
    assert len({size for size, _ in signed}) == len(signed)
    whole = [all(root == story.root(size) for size, root in signed) for story in (TRUE, FALSE)]
    assert any(whole), "the checkpoints are not of one history"


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(4))
def test_a_power_cut_at_each_step_lets_no_signature_out_and_the_witness_goes_on(
    tmp_path: Path, *, at: int, after: bool
) -> None:
    witness = open_witness(tmp_path, name="w.example", logs=[TRUE.verifier])
    assert witness.add_checkpoint(TRUE.submission(0, 4)).status == 200
    fault = Failing(at=at, after=after, loses=True, kind=PowerCut)
    cut = replace(witness, store=replace(witness.store, steps=fault.steps()))
    with pytest.raises(PowerCut):
        cut.add_checkpoint(TRUE.submission(4, 9))
    again = open_witness(tmp_path, name="", logs=[TRUE.verifier])
    durable = at == 3 and after  # everything was done, but for the answer
    assert again.add_checkpoint(TRUE.submission(0, 9)).body == (b"9\n" if durable else b"4\n")
    assert submit(again, TRUE, 9, guess=4)


def test_the_signature_is_over_what_was_kept(tmp_path: Path) -> None:
    witness = open_witness(tmp_path, name="w.example", logs=[TRUE.verifier])
    witness.add_checkpoint(TRUE.submission(0, 4))
    kept = witness.store.load(TRUE.origin)
    assert kept is not None
    assert split_note(kept.note)[0] == TRUE.checkpoint(4).text()
