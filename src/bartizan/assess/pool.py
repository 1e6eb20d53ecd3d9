"""Blocks on several processes, with one thread each; or here, one after the other."""

import io
import multiprocessing
import os
import pickle
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from threadpoolctl import threadpool_limits

from bartizan.assess.block import Block, BlockResult, attack
from bartizan.assess.validate import Checker
from bartizan.core.errors import LimitError

Job = tuple[int, Block, Checker]
"""Position, work, and who checks it."""
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""What numerical libraries look at when they are loaded."""
_AHEAD = 2
"""Blocks under way for each worker: one at work, and one that waits, so that nobody idles."""


_BAGGAGE: list[object] = []
"""In a worker: what many blocks have in common; filled once, when the worker starts."""


class _Packer(pickle.Pickler):
    """Names what all workers know already by its place, instead of packing it again."""

    def __init__(self, file: io.BytesIO, known: Sequence[object]) -> None:
        super().__init__(file)
        self._places = {id(thing): place for place, thing in enumerate(known)}

    def persistent_id(self, obj: object) -> int | None:
        """Place of what is known; none = pack it."""
        return self._places.get(id(obj))


class _Unpacker(pickle.Unpickler):
    """The way back, in a worker."""

    def persistent_load(self, pid: int) -> object:
        """What stands at that place."""
        return _BAGGAGE[pid]


def _packed(job: Job, known: Sequence[object]) -> bytes:
    parcel = io.BytesIO()
    _Packer(parcel, known).dump(job)
    return parcel.getvalue()


def _baggage(jobs: Sequence[Job]) -> list[object]:
    """Models and constraints, each once: they weigh more than the rows of a block."""
    things = [thing for _, block, checker in jobs for thing in (checker.model, block.constraint)]
    return list({id(thing): thing for thing in things}.values())


def _begin(baggage: Sequence[object]) -> None:
    """Set a worker up: the parent handles Ctrl-C; one thread, as processes share the cores."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threadpool_limits(1)
    for name in _THREADS:  # for libraries that are loaded later, with the model
        os.environ[name] = "1"
    _BAGGAGE[:] = baggage


def _unpacked(parcel: bytes) -> tuple[int, BlockResult]:
    return _work(_Unpacker(io.BytesIO(parcel)).load())


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


@contextmanager
def _deaf() -> Iterator[None]:
    """Begin processes that do not hear Ctrl-C: they inherit which signals are held back.

    A terminal sends it to all processes. One that is still being started, and has not come to
    `_begin`, would end with a traceback of its own. This process hears it as soon as it is out.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _sent(pool: ProcessPoolExecutor, parcel: bytes) -> "Future[tuple[int, BlockResult]]":
    """Hand a block over, which starts a process where one is missing."""
    with _deaf():
        return pool.submit(_unpacked, parcel)


def _finished(
    pool: ProcessPoolExecutor, jobs: Sequence[Job], *, known: Sequence[object], ahead: int
) -> Iterator[tuple[int, BlockResult]]:
    """Results as they come; a block is packed only when its turn is near."""
    parcels = (_packed(job, known) for job in jobs)
    pending = {_sent(pool, parcel) for parcel in islice(parcels, ahead)}
    while pending:
        done, pending = wait(pending, return_when=FIRST_COMPLETED)
        pending |= {_sent(pool, parcel) for parcel in islice(parcels, len(done))}
        for future in done:
            yield future.result()


def run_spread(jobs: Sequence[Job], *, workers: int) -> Iterator[tuple[int, BlockResult]]:
    """On a pool of processes, as they finish. Leaving early ends the processes.

    Raises:
        LimitError: a process was killed, most likely for want of memory.
    """
    baggage = _baggage(jobs)
    pool = ProcessPoolExecutor(
        max_workers=workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(baggage,),
    )
    finished = False
    try:
        yield from _finished(pool, jobs, known=baggage, ahead=_AHEAD * workers)
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
