"""The control of a scan: every scanner must judge files that are planted for it."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping

from bartizan.core.entry import ControlResult
from bartizan.core.errors import InputError
from bartizan.supply.planted.case import Planted
from bartizan.supply.planted.entries import planted
from bartizan.supply.scan.answer import Answer


def control(
    *, read: Callable[..., Answer], cases: Mapping[str, Iterable[Planted]] | None = None
) -> ControlResult:
    """Let the planted files be read.

    A clean file is one in which no scanner found anything, those included that said that it is
    none of theirs. So one broken scanner takes the word of all: nobody knows which files it
    should have known.

    Args:
        read: ``read(descriptor, *, path)``, what reads the real files too.
        cases: By scanner; none = all there are.

    Returns:
        Whether each was judged as it must be: the hostile ones found, the honest ones left alone.
        If not, the scanners that were wrong, each with the first thing that it missed.

    Cost:
        30 ms of CPU in all, two thirds of it in the process that reads.
    """
    found = planted() if cases is None else cases
    names = list(planted())  # a test holds that these are all scanners; to load them is slow
    missed = [f"{name}: {why}" for name in names if (why := _missed(found.get(name, ()), read))]
    if missed:
        return ControlResult(passed=False, detail="; ".join(missed))
    count = sum(1 for name in names for _ in found[name])
    said = f"{count} planted files judged right, hostile and honest ones for each of "
    return ControlResult(passed=True, detail=said + ", ".join(names))


def _missed(cases: Iterable[Planted], read: Callable[..., Answer]) -> str:
    """What a scanner judges wrong first; empty = nothing."""
    cases = tuple(cases)
    if {case.hostile for case in cases} != {True, False}:
        return "no hostile file is planted for it, or no honest one"
    return next(_wrong(cases, read), "")


def _wrong(cases: Iterable[Planted], read: Callable[..., Answer]) -> Iterator[str]:
    for case in cases:
        with tempfile.TemporaryFile() as file:
            file.write(case.raw)
            file.flush()
            try:
                answer = read(file.fileno(), path=case.path)
            except InputError as error:
                yield f"{case.what}: {error}"
                continue
        if not _is_right(case, answer):
            said = answer.read.verdict
            told = ", ".join(sorted({notice.rule for notice in answer.read.notices})) or "nothing"
            yield f"{case.what} was called {said} ({told}), and is {case.verdict} ({_due(case)})"


def _is_right(case: Planted, answer: Answer) -> bool:
    """Whether the verdict is the one that is due, and for the reason that is due."""
    verdict = answer.read.verdict
    rules = {notice.rule for notice in answer.read.notices if notice.verdict == verdict}
    if case.instead and (verdict, rules) == ("inconclusive", {case.instead}):
        return True
    return verdict == case.verdict and (case.rule in rules if case.rule else not rules)


def _due(case: Planted) -> str:
    return case.rule or "nothing"
