"""Calls a model and, where it fails, finds the row that made it fail."""

import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any, TypeAlias

import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.errors import Error, ModelError

Run: TypeAlias = Callable[[Array], Any]
_SHOWN = 300
"""Characters of a foreign message; some print whole arrays."""


def quietly(run: Run, x: Array) -> Any:
    """Call a model without letting its warnings out: they are not about our caller's code.

    Raises:
        ModelError: the model raised; the message names the first row that makes it raise.
    """
    try:
        return _silent(run, x)
    except Error:
        raise
    except (Exception, SystemExit) as error:  # whatever a foreign model raises; exit(0) is no pass
        raise _blame(run, x, error=error) from error


def _silent(run: Run, x: Array) -> Any:
    # what a model prints is told, but standard output is for results
    with warnings.catch_warnings(), redirect_stdout(sys.stderr):
        warnings.simplefilter("ignore")
        return run(x)


def _blame(run: Run, x: Array, *, error: BaseException) -> ModelError:
    """The failure, pinned to a row by halving: about 2 log2(n) calls."""
    start, end = 0, len(x)
    while end - start > 1:
        middle = (start + end) // 2
        for low, high in ((start, middle), (middle, end)):
            found = _failure(run, x[low:high])
            if found is not None:
                start, end, error = low, high, found
                break
        else:
            return ModelError(
                f"the model raised {_said(error)} on {end - start} rows together (from row "
                f"{start}), but on neither half of them; is a batch that large allowed?"
            )
    return ModelError(f"the model raised {_said(error)} on row {start}")


def _failure(run: Run, x: Array) -> BaseException | None:
    try:
        _silent(run, x)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a foreign model raises)
        return error
    return None


def _said(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:_SHOWN]}" if text else type(error).__name__


def require_scores(scores: Array, *, n: int, k: int) -> Array:
    """Refuse answers that are not one finite score a row and class.

    Args:
        scores: What the model answered.
        n: Rows asked about.
        k: Classes.

    Raises:
        ModelError: another shape, NaN or infinity; the message names the first row.
    """
    if scores.shape != (n, k):
        message = f"expected scores of shape ({n}, {k}) from the model, got {scores.shape}"
        raise ModelError(message)
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores).all(axis=1))[0])
        message = (
            f"the model answered {scores[row].tolist()} on row {row}; scores must be finite: "
            "look for missing or extreme values in that row"
        )
        raise ModelError(message)
    return scores
