"""Planted marks for controls: a detector must find them in the user's own pictures."""

from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.picture_triggers import PictureOverlay, blend, patch
from bartizan.core.arrays import Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import ControlResult, DetectorResult, finished
from bartizan.core.errors import Error
from bartizan.data.labelled import Labelled

_MOST = 4000
"""Rows a control works on: some seconds."""
_RATE = 0.03
"""Share of the rows that are marked: small classes then hold as many marked rows as own ones, and
the network learns the mark."""
_FOUND = 0.5
"""Share of the marked rows that must be found."""

Run = Callable[..., Generator[float, None, DetectorResult]]


def planted_control(
    run: Run,
    params: Any,
    *,
    applies: Callable[[Labelled], str],
    rows: Labelled,
    rng: np.random.Generator,
    marks: tuple[str, ...] = ("patch", "blend"),
) -> ControlResult:
    """Plant each mark in a sample of the rows; most of the marked rows must be found.

    Args:
        run: The detector.
        params: Its settings.
        applies: Whether it has anything to say.
        rows: The user's.
        rng: Draws rows, marks and the target.
        marks: What is planted, each in data of its own: ``patch``, ``blend``.
    """
    why = applies(rows)
    image = rows.data.schema.image
    if why or image is None:
        return ControlResult(passed=False, detail=f"nothing can be planted: {why}")
    sample = rows.take(_sampled(rows.data, rng=rng))
    target = int(np.bincount(sample.data.y).argmax())
    passed, said = True, []
    for name in marks:
        made = patch(image, rng=rng) if name == "patch" else blend(image, rng=rng)
        try:
            share, count = _recovered(run, params, sample=sample, mark=made, target=target, rng=rng)
        except Error as error:
            return ControlResult(passed=False, detail=f"nothing could be planted: {error}")
        passed = passed and share >= _FOUND
        said.append(f"{made.text}: {share:.0%} of {count} marked rows were found")
    return ControlResult(passed=passed, detail="; ".join(said))


def _sampled(data: Dataset, *, rng: np.random.Generator) -> Ints:
    return np.sort(rng.permutation(len(data.y))[:_MOST])


def _recovered(
    run: Run,
    params: Any,
    *,
    sample: Labelled,
    mark: PictureOverlay,
    target: int,
    rng: np.random.Generator,
) -> tuple[float, int]:
    data = sample.data
    case = planted(data.x, data.y, trigger=mark, target=target, rate=_RATE, rng=rng)
    made = data.holding(x=case.x, y=case.y)
    rows = sample.replaced(made, rows=np.arange(len(data.y)))
    named = finished(run(rows, params=params, rng=rng)).check.rows
    found = 0 if named is None else int(np.isin(data.ids[case.rows], named).sum())
    return found / max(len(case.rows), 1), len(case.rows)
