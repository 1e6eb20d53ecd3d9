import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bartizan.assess.block import Block, BlockResult
from bartizan.assess.pool import Job, can_travel, run_here, run_spread
from bartizan.assess.validate import Validator
from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker
from bartizan.core.constraint import Constraint
from bartizan.core.entry import AttackResult
from bartizan.core.errors import LimitError
from bartizan.core.oracle import Oracle
from bartizan.core.schema import Feature, Schema
from bartizan.core.space import Box
from models import Additive, linear
from plain import Plain

SCHEMA = Schema(features=(Feature(name="x0"), Feature(name="x1")))
EVE = Attacker(name="eve", norm="L2", eps=10.0)


def noise(
    oracle: Oracle, constraint: Constraint, x: Array, y: Ints, *, params: object, rng: Any
) -> AttackResult:
    """Adds noise; says what came of it."""
    points = x + rng.normal(size=x.shape)
    success = oracle.wrong(points, np.arange(len(x)))
    price = np.where(success, constraint.price(x, points), np.inf)
    return AttackResult(points, success, price, oracle.queries, np.where(success, 1, -1))


def die(*_: Any, **__: Any) -> AttackResult:
    """Ends its process, as a system short of memory would."""
    os._exit(9)


def nap(*_: Any, **__: Any) -> AttackResult:
    """Takes its time."""
    time.sleep(60)
    raise AssertionError


def jobs(*runs: Any, model: Any = None) -> list[Job]:
    model = linear(np.array([1.0, -1.0])) if model is None else model
    x = np.zeros((4, 2))
    constraint = Constraint(Box.uniform(2), EVE, x)
    validator = Validator(model=model, codec=Plain(), schema=SCHEMA, attacker=EVE, scale=np.ones(2))
    return [
        (
            place,
            Block(
                key=str(place), stream=(place,), seed=0, run=run, params=None, x=x,
                constraint=constraint, y=np.zeros(4, dtype=np.int64), target=None, queries=5,
            ),
            validator,
        )
        for place, run in enumerate(runs)
    ]  # fmt: skip


def same(left: BlockResult, right: BlockResult) -> bool:
    one, other = left.arrays(), right.arrays()
    return all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_work_done_here_comes_in_order_and_one_by_one() -> None:
    work = run_here(jobs(noise, noise, nap)[::-1][1:])
    assert [place for place, _ in work] == [1, 0]


def test_every_block_draws_its_own_numbers() -> None:
    done = dict(run_here(jobs(noise, noise)))
    assert not same(done[0], done[1])


def test_work_on_a_model_made_on_the_spot_cannot_travel() -> None:
    class Local(Additive):
        """Nobody can import it."""

    assert can_travel(jobs(noise))
    assert can_travel([])
    assert not can_travel(jobs(noise, model=Local(np.ones((2, 2)), np.zeros(2))))
    assert not can_travel(jobs(lambda: None))


class Stays:
    """Refuses to be sent, in its own words, as a scripted module of torch does."""

    def __reduce__(self) -> Any:
        message = "not to be pickled"
        raise RuntimeError(message)


def test_a_model_that_refuses_to_travel_stays() -> None:
    assert not can_travel(jobs(noise, model=Stays()))


@pytest.mark.slow
def test_several_processes_give_the_same_bytes_as_one() -> None:
    work = jobs(*[noise] * 5)
    here, spread = dict(run_here(work)), dict(run_spread(work, workers=2))
    assert sorted(spread) == [0, 1, 2, 3, 4]
    assert all(same(here[place], spread[place]) for place in here)


class Weighed(Additive):
    """Notes how often it is packed."""

    packed = 0

    def __reduce__(self) -> Any:
        Weighed.packed += 1
        return Weighed, (self.weights, self.offset)


@pytest.mark.slow
def test_a_model_is_packed_once_for_each_process_however_many_blocks_there_are() -> None:
    work = jobs(*[noise] * 9, model=Weighed(np.ones((2, 2)), np.zeros(2)))
    before = Weighed.packed
    assert sorted(place for place, _ in run_spread(work, workers=2)) == list(range(9))
    assert 1 <= Weighed.packed - before <= 2


@pytest.mark.slow
def test_a_process_that_dies_is_told_with_what_to_do() -> None:
    with pytest.raises(LimitError, match=r"for want of memory; .* --workers 1 --resume"):
        list(run_spread(jobs(noise, die), workers=1))


@pytest.mark.slow
def test_whoever_leaves_early_ends_the_processes_of_the_pool_and_no_others() -> None:
    context = multiprocessing.get_context("spawn")
    other = context.Process(target=time.sleep, args=(60,), daemon=True)
    other.start()
    try:
        work: Any = run_spread(jobs(noise, nap, nap, nap), workers=2)
        assert next(work)[0] == 0
        started = time.monotonic()
        work.close()
        assert time.monotonic() - started < 10
        limit = time.monotonic() + 10
        while len(multiprocessing.active_children()) > 1 and time.monotonic() < limit:
            time.sleep(0.05)
        assert multiprocessing.active_children() == [other]
    finally:
        other.kill()
        other.join()


class Late(Additive):
    """Takes its time to arrive in a worker, and leaves a file when it begins to."""

    def __init__(self, place: Path) -> None:
        super().__init__(np.ones((2, 2)), np.zeros(2))
        self.place = place

    def __reduce__(self) -> Any:
        return arrive, (self.place,)


def arrive(place: Path) -> Late:
    """In a worker that is being started."""
    place.touch()
    time.sleep(60)
    return Late(place)


PROGRAM = """
import sys
from pathlib import Path
from unit.assess.test_pool import Late, jobs, noise, run_spread

try:
    list(run_spread(jobs(noise, noise, model=Late(Path(sys.argv[1]))), workers=2))
except KeyboardInterrupt:
    print("stopped")
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no groups of processes here")
def test_ctrl_c_while_processes_start_is_answered_by_their_parent_alone(tmp_path: Path) -> None:
    """A terminal sends it to all of them."""
    place = tmp_path / "begun"
    run = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(place)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    limit = time.monotonic() + 60
    while not place.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=50)
    assert (out, err, run.returncode) == ("stopped\n", "", 0)
