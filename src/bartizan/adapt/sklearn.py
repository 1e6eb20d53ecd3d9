"""Estimators and pipelines with the interface of scikit-learn."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.feeding import choose_feed
from bartizan.adapt.framework import Trial
from bartizan.adapt.methods import Method, Relabelled, Tuned, one_column, spelled, tuned_method
from bartizan.adapt.rows import quietly
from bartizan.adapt.scorer import Scorer, agrees
from bartizan.core.arrays import Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ConfigError, ModelError
from bartizan.core.schema import Label

_SIGMOID = 1e-6
"""Difference of a probability and the sigmoid of a margin up to which they are the same."""


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """The framework of estimators."""

    raw: Any

    @property
    def names(self) -> tuple[str, ...] | None:
        """Columns the estimator was fitted on, if it was fitted on a frame."""
        found = getattr(self.raw, "feature_names_in_", None)
        return None if found is None else tuple(str(name) for name in found)

    @property
    def width(self) -> int | None:
        """Columns the estimator was fitted on."""
        found = getattr(self.raw, "n_features_in_", None)
        return None if found is None else int(found)

    def scorer(self, trial: Trial) -> Scorer:
        """Margins if their largest is the decision, else probabilities, else labels."""
        _require_classifier(self.raw)
        predict = Method(estimator=self.raw, name="predict")
        feed = choose_feed(self._fastest(), trial=trial, named=self.names is not None)
        decisions = one_column(quietly(lambda x: predict(feed(x)), trial.x))
        labels = self._labels(trial)
        for ask, kind in self._ways(labels, calibrated=trial.calibrated):
            made = Scorer(feed=feed, ask=ask, kind=kind, labels=labels)
            if agrees(made, decisions, x=trial.x) and not (
                trial.calibrated and kind == "logit" and not self._is_sigmoid(made, x=trial.x)
            ):
                return self._renamed(made, trial)
        if trial.calibrated:
            message = (
                "a threshold is about probabilities, and this model has none; fit it with "
                "probability=True, wrap it in CalibratedClassifierCV, or leave the threshold out"
            )
            raise ConfigError(message)
        return self._renamed(Scorer(feed=feed, ask=predict, kind="label", labels=labels), trial)

    def _fastest(self) -> Method:
        """The method by which containers are compared: scores tell more than labels."""
        for name in ("decision_function", "predict_proba"):
            if hasattr(self.raw, name):
                return Method(estimator=self.raw, name=name)
        return Method(estimator=self.raw, name="predict")

    def _labels(self, trial: Trial) -> tuple[Label, ...]:
        """The estimator's classes; without any, it is taken to answer in those of the data."""
        found = getattr(self.raw, "classes_", None)
        if found is None:
            return trial.names or trial.classes
        if isinstance(found, list) or np.ndim(found) != 1:
            message = "the model answers several questions at once; Bartizan judges one target"
            raise ModelError(message)
        return tuple(spelled(value) for value in np.asarray(found).tolist())

    def _renamed(self, scorer: Scorer, trial: Trial) -> Scorer:
        """Under the names that the user gives; labels are still recognised by the old ones."""
        if trial.names is None or not hasattr(self.raw, "classes_"):
            return scorer
        if scorer.kind == "label":
            return Scorer(
                feed=scorer.feed,
                ask=Relabelled(
                    method=Method(estimator=self.raw, name="predict"),
                    old=scorer.labels,
                    new=trial.names,
                ),
                kind="label",
                labels=trial.names,
            )
        return scorer.renamed(trial.names)

    def _ways(
        self, labels: tuple[Label, ...], *, calibrated: bool
    ) -> Iterator[tuple[Method | Tuned, ScoreKind]]:
        """Ways to ask for scores, best first."""
        tuned = None if calibrated else tuned_method(self.raw, labels=labels)
        if tuned is not None:
            yield tuned, "logit"
        kinds: tuple[tuple[str, ScoreKind], ...] = (
            ("decision_function", "logit"),
            ("predict_proba", "probability"),
        )
        for name, kind in kinds:
            if hasattr(self.raw, name):
                yield Method(estimator=self.raw, name=name), kind

    def _is_sigmoid(self, scorer: Scorer, *, x: Array) -> bool:
        """Whether margins are the log-odds of the estimator's probabilities."""
        if not hasattr(self.raw, "predict_proba"):
            return False
        margin = quietly(scorer, x)[:, 1]
        chance = quietly(lambda rows: self.raw.predict_proba(scorer.feed(rows)), x)[:, 1]
        with np.errstate(over="ignore"):
            return bool(np.abs(1.0 / (1.0 + np.exp(-margin)) - chance).max() <= _SIGMOID)


def _require_classifier(raw: Any) -> None:
    """Refuse regressors: their answers are no classes."""
    tags = getattr(raw, "__sklearn_tags__", None)
    kind = (
        getattr(tags(), "estimator_type", None) if tags else getattr(raw, "_estimator_type", None)
    )
    if kind == "regressor":
        message = f"{type(raw).__name__} is a regressor; Bartizan judges classifiers"
        raise ModelError(message)
