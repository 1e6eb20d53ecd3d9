"""Trains a copy of an estimator with its own settings."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bartizan.adapt.binding import bind
from bartizan.adapt.bound import Bound
from bartizan.adapt.frameworks.methods import Method
from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.loading import load_model
from bartizan.adapt.model import Model
from bartizan.adapt.scoring.feeding import Feed, faithful_feed
from bartizan.adapt.table import Table
from bartizan.adapt.training.foreign import trained
from bartizan.adapt.training.narrowed import narrowed
from bartizan.adapt.training.settings import fresh_copy, settings_digest, type_name
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import Classifier
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError


@dataclass(frozen=True, kw_only=True, repr=False)
class Refit:
    """The recipe of a model that shows its settings: copy it, and fit the copy."""

    like: Model
    """The model in question: an estimator with `fit` and `get_params`."""
    table: Table
    """Says how rows become what the estimator was fitted on."""

    def __repr__(self) -> str:
        """Type and settings: equal ones are the same recipe in any process."""
        return f"Refit({type_name(self._raw)}, {settings_digest(self._raw)})"

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Fit a copy to rows of a data set, on one thread.

        Args:
            data: Rows of the table's columns and classes, of two classes at least.
            rng: Gives the copy its seeds: with those of the model itself, all copies would
                share its luck.

        Raises:
            ModelError: the estimator cannot be copied, or its `fit` raised.
        """
        present = np.unique(data.y)
        if len(present) < 2:
            message = f"cannot train on {len(data.y)} rows of one class; two are needed"
            raise ModelError(message)
        name = type(self._raw).__name__
        copy = trained(lambda: fresh_copy(self._raw, rng=rng), what=f"copying {name}")
        rows, labels = self._rows(data.x), self._labels[data.y]
        if type(self._raw).__module__.split(".")[0] == "xgboost":
            labels = np.unique(labels, return_inverse=True)[1]  # it wants 0, 1, ... without a gap
            if len(present) == 2 and str(copy.objective).startswith("multi:"):
                copy.set_params(objective="binary:logistic")  # as its default is for two classes
        what = f"training {name} anew on {len(data.y)} rows"
        trained(lambda: copy.fit(rows, labels), what=what)
        in_order = present[np.argsort(self._labels[present], kind="stable")]
        model = load_model(
            copy,
            threshold=self.like.threshold,
            classes=tuple(data.classes[place] for place in in_order),
        )
        return narrowed(model, table=self.table, data=data, classes=self._bound.classes)

    @property
    def _raw(self) -> Any:
        return self.like.open()

    @cached_property
    def _bound(self) -> Bound:
        return bind(self.like, self.table)

    @cached_property
    def _labels(self) -> AnyArray:
        """Each class of the data as the estimator spells it, shape (k,)."""
        classes = self.table.dataset.classes
        found = getattr(self._raw, "classes_", None)
        if found is None:
            return np.array(classes)
        order = self._bound.order
        return np.asarray(found)[np.arange(len(found)) if order is None else order][: len(classes)]

    def _rows(self, x: Array) -> Any:
        """Rows as the estimator was fitted on them."""
        return self._feed(x if self._bound.picked is None else x[:, self._bound.picked])

    @cached_property
    def _feed(self) -> Feed:
        """The container nearest to what the estimator was fitted on.

        A faster one that brings the same answers need not bring the same fit: a pipeline may
        choose its columns by type.
        """
        bound, data = self._bound, self.table.dataset
        if data.schema.image is not None:
            return bound.scorer.feed
        names = getattr(self._raw, "feature_names_in_", None)
        picked = np.arange(data.x.shape[1]) if bound.picked is None else bound.picked
        spelled = None if names is None else tuple(str(name) for name in names)
        known = self.table.codec
        columns = known.flat if isinstance(known, ImageCodec) else known
        codec = columns.select(picked, names=spelled)
        ask = Method(estimator=self._raw, name="predict")
        try:
            return faithful_feed(ask, codec=codec, x=data.x[:, picked], named=names is not None)
        except ModelError:  # XGBoost with categories takes one kind of frame only
            return bound.scorer.feed
