"""Trains an estimator anew: the recipe behind folds, shadows and planted cases."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.binding import bind
from bartizan.adapt.codec import Codec
from bartizan.adapt.containers import AsArray, AsPandas, AsPolars, have_pandas
from bartizan.adapt.loading import load_model
from bartizan.adapt.model import Model
from bartizan.adapt.table import Table
from bartizan.core.arrays import AnyArray
from bartizan.core.classifier import Classifier
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError

_SEEDS = 2**31
"""Upper end of the seeds that scikit-learn takes."""


@dataclass(frozen=True, kw_only=True)
class Refit:
    """The `Recipe` of a scikit-learn estimator."""

    estimator: Any
    codec: Codec | None
    """Turns rows back; none = made from the data's schema."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Train a clone on a data set.

        Args:
            data: Rows and classes.
            rng: Seeds every random part of the estimator.

        Raises:
            ModelError: the estimator cannot be trained on the data.
        """
        from sklearn.base import clone  # noqa: PLC0415 (heavy; only where a model is trained)

        fresh = clone(self.estimator)
        seeds = {
            key: int(rng.integers(_SEEDS))
            for key in sorted(fresh.get_params())
            if key == "random_state" or key.endswith("__random_state")
        }
        fresh.set_params(**seeds)
        codec = self.codec or Codec.of(data.schema)
        feed = AsArray(codec=codec) if codec.numeric and not self._named else _frame(codec)
        y = np.array(data.classes)[data.y]
        _fit(fresh, feed(data.x), y)
        return bind(load_model(fresh), Table(dataset=data, codec=codec))

    @property
    def _named(self) -> bool:
        return hasattr(self.estimator, "feature_names_in_")


def _frame(codec: Codec) -> AsPandas | AsPolars:
    return AsPandas(codec=codec, exact=True) if have_pandas() else AsPolars(codec=codec)


def _fit(estimator: Any, rows: Any, y: AnyArray) -> None:
    """Train, without letting warnings about convergence out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator.fit(rows, y)
    except Exception as error:
        message = f"training {type(estimator).__name__} raised {type(error).__name__}: {error}"
        raise ModelError(message) from error


def refit(model: Model, *, codec: Codec | None = None) -> Refit:
    """How to train a model anew.

    Args:
        model: An estimator or pipeline of scikit-learn.
        codec: The table's; made from the schema of the data if not given.

    Raises:
        ModelError: the model is of another kind.
    """
    raw = model.open()
    if not hasattr(raw, "get_params") or not hasattr(raw, "fit"):
        message = f"{model.name} cannot be trained anew; expected an estimator of scikit-learn"
        raise ModelError(message)
    return Refit(estimator=raw, codec=codec)
