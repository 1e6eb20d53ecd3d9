"""Finds out which container a model takes, by asking it."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.scoring.containers import AsArray, AsObjects, AsPandas, AsPolars, have_pandas
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.tables.codec import Codec
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import ModelError

Feed: TypeAlias = Callable[[Array], Any]
_FEW = 5
"""Rows that a container is tried on."""
_SAME = 1e-9
"""Relative difference of two answers to the same rows: another order of additions, no more."""


@runtime_checkable
class Reversible(Protocol):
    """A container for models that says how a derivative by it comes back to rows."""

    def __call__(self, x: Array) -> AnyArray:
        """(n, d) -> (n, ...)."""
        ...

    def back(self, slope: AnyArray) -> Array:
        """(n, ...) -> (n, d)."""
        ...


def choose_feed(ask: Callable[[Any], Any], *, trial: Trial, named: bool) -> Feed:
    """The fastest container that the model answers as it answers the most faithful one.

    Args:
        ask: Container -> answer.
        trial: Rows to try with, and their codec.
        named: Whether the model was fitted on a frame.

    Raises:
        ModelError: the model takes none; the message is about the most faithful one.
    """
    faithful = faithful_feed(ask, codec=trial.codec, x=trial.x, named=named)
    answer = np.asarray(quietly(Through(faithful, ask), trial.x))
    for feed in _by_speed(trial.codec, named=named):
        if type(feed) is type(faithful) and feed == faithful:
            break
        if _answers_alike(Through(feed, ask), answer, x=trial.x):
            return feed
    return faithful


def faithful_feed(ask: Callable[[Any], Any], *, codec: Codec, x: Array, named: bool) -> Feed:
    """The container nearest to what the model was fitted on that it still answers.

    Args:
        ask: Container -> answer.
        codec: The columns that the model takes.
        x: Rows to try with, shape (n, d).
        named: Whether the model was fitted on a frame.

    Raises:
        ModelError: the model takes none; the message is about the most faithful one.
    """
    refusal = None
    for feed in _by_faith(codec, named=named):
        try:
            quietly(Through(feed, ask), x[:_FEW])
        except ModelError as error:
            refusal = refusal or error
            continue
        return feed
    raise refusal or ModelError("the model takes no container")


class Through:
    """A container and a question in a row."""

    def __init__(self, feed: Feed, ask: Callable[[Any], Any]) -> None:
        self._feed = feed
        self._ask = ask

    def __call__(self, x: Array) -> Any:
        """Rows as numbers -> answer."""
        return self._ask(self._feed(x))


def _by_faith(codec: Codec, *, named: bool) -> Iterator[Feed]:
    """Containers, the most faithful to what the model was fitted on first."""
    array = AsArray(codec=codec)
    frames: list[Feed] = [AsPolars(codec=codec)]
    if have_pandas():
        frames.insert(0, AsPandas(codec=codec, exact=True))
    if codec.numeric and not named:
        yield array
    yield from frames
    if codec.numeric and named:
        yield array
    if not codec.numeric:
        yield AsObjects(codec=codec)


def _by_speed(codec: Codec, *, named: bool) -> Iterator[Feed]:
    """Containers that may be faster than the faithful one, fastest first."""
    if codec.numeric:
        yield AsArray(codec=codec)
    if have_pandas() and (named or not codec.numeric):
        yield AsPandas(codec=codec, exact=False)


def _answers_alike(run: Feed, answer: Any, *, x: Array) -> bool:
    """Whether another container brings the same answers."""
    try:
        other = np.asarray(quietly(run, x))
    except ModelError:
        return False
    if other.shape != answer.shape or other.dtype.kind not in "biufc":
        return bool(np.array_equal(other, answer))
    return bool(np.allclose(other, answer, rtol=_SAME, atol=_SAME, equal_nan=True))
