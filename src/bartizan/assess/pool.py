"""Blocks on several processes, with one thread each; or here, one after the other."""

import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from threadpoolctl import threadpool_limits

from bartizan.assess.block import Block, BlockResult, attack
from bartizan.assess.validate import Checker
from bartizan.core.errors import LimitError

Job = tuple[int, Block, Checker]
"""Position, work, and who checks it."""
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What numerical libraries look at when they are loaded."""


def _begin() -> None:
    """Set a worker up: the parent handles Ctrl-C; one thread, as processes share the cores."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    for name in _THREADS:  # for libraries that are loaded later, with the model
        os.environ[name] = "1"


def _work(job: Job) -> tuple[int, BlockResult]:
    position, block, validator = job
    return position, attack(block, validator)


def can_travel(jobs: Sequence[Job]) -> bool:
    """Whether the work can be sent to another process; a lambda, for one, cannot."""
    try:
        pickle.dumps(jobs[:1])
    except Exception:  # noqa: BLE001 (whatever a foreign model raises; scripted ones, RuntimeError)
        return False
    return True


def run_here(jobs: Sequence[Job]) -> Iterator[tuple[int, BlockResult]]:
    """In this process, in order."""
    for job in jobs:
        with threadpool_limits(1):
            result = _work(job)
        yield result


def run_spread(jobs: Sequence[Job], *, workers: int) -> Iterator[tuple[int, BlockResult]]:
    """On a pool of processes, as they finish. Leaving early ends the processes.

    Raises:
        LimitError: a process was killed, most likely for want of memory.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max_workers=workers, mp_context=context, initializer=_begin)
    finished = False
    try:
        futures: list[Future[tuple[int, BlockResult]]] = [pool.submit(_work, job) for job in jobs]
        for future in as_completed(futures):
            yield future.result()
        finished = True
    except BrokenProcessPool as error:
        message = (
            "a worker process died, most likely for want of memory; what was done is kept: "
            "repeat with --workers 1 --resume"
        )
        raise LimitError(message) from error
    finally:
        # The public way to end them, terminate_workers, came with Python 3.14.
        children = list((pool._processes or {}).values())  # noqa: SLF001
        pool.shutdown(wait=finished, cancel_futures=True)
        for child in [] if finished else children:
            child.terminate()
