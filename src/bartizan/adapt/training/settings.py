"""The settings of estimators: what tells one from another, and copies that are not fitted."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from bartizan.core.record import digest, encode

_SEEDS = ("random_state", "random_seed")
"""What scikit-learn, XGBoost, LightGBM and CatBoost call the seed."""
_THREADS = ("n_jobs", "nthread", "num_threads", "thread_count")
"""What they call the number of threads."""
_PATIENCE = ("early_stopping_rounds", "early_stopping_round")
"""What boosters call the rounds without a gain after which they stop."""
_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where in memory an object lies: another place in every process."""


def settings_digest(estimator: Any) -> str:
    """One digest of everything an estimator was told; equal in every process."""
    facts = {key: _spelled(value) for key, value in estimator.get_params(deep=True).items()}
    return digest(encode({**facts, "rounds": _rounds(estimator)}))


def type_name(value: Any) -> str:
    """Where a type comes from, such as ``sklearn.svm._classes.SVC``."""
    return f"{type(value).__module__}.{type(value).__qualname__}"


def _spelled(value: Any) -> str:
    """A setting in words that do not depend on the process."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        return type_name(value)  # its settings stand beside it, under longer names
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {digest(np.ascontiguousarray(value).tobytes())}"
    return _ADDRESS.sub("", repr(value))


def fresh_copy(estimator: Any, *, rng: np.random.Generator) -> Any:
    """An estimator of the same settings that was not fitted, with seeds of its own.

    Training uses one thread. A booster that stopped early would need rows to watch: its copy
    trains for as many rounds as it kept instead.

    Args:
        estimator: Has `get_params`, as in scikit-learn.
        rng: Draws the seeds, in the order of the settings' names.

    Raises:
        TypeError: the estimator cannot be copied.
    """
    from sklearn.base import clone  # noqa: PLC0415 (slow to load; only where a model is trained)

    copy = clone(estimator)
    changes = _changes(estimator, copy.get_params(deep=True), rng=rng)
    return copy.set_params(**changes)


def _changes(
    estimator: Any, known: Mapping[str, Any], *, rng: np.random.Generator
) -> dict[str, Any]:
    """The settings that a copy does not take over."""
    changes: dict[str, Any] = {}
    for key in sorted(known):
        last = key.rsplit("__", 1)[-1]
        if last in _SEEDS:
            changes[key] = int(rng.integers(2**31))
        elif last in _THREADS:
            changes[key] = 1
    rounds = _rounds(estimator)
    if rounds is not None:
        changes |= {"n_estimators": rounds, **{key: None for key in _PATIENCE if key in known}}
    if type(estimator).__module__.split(".")[0] == "lightgbm":
        changes["verbose"] = -1  # it prints advice to standard output
    return changes


def _rounds(estimator: Any) -> int | None:
    """Rounds that a booster kept, if it stopped early."""
    best = getattr(estimator, "best_iteration_", None)  # LightGBM: a count, 0 if it did not stop
    if isinstance(best, int) and best > 0:
        return best
    try:
        best = getattr(estimator, "best_iteration", None)  # XGBoost: a place, counted from 0
    except AttributeError:
        return None
    return int(best) + 1 if isinstance(best, int) else None
