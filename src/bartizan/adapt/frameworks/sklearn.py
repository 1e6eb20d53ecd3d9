"""Estimators and pipelines with the interface of scikit-learn."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.frameworks.methods import Method, Tuned, one_column, spelled, tuned_method
from bartizan.adapt.gradients.sklearn import with_slope
from bartizan.adapt.images.layout import Form, choose_layout, layouts
from bartizan.adapt.scoring.feeding import Feed, Through, choose_feed
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer, agrees, spoken
from bartizan.adapt.trees.sklearn import tree_reader
from bartizan.core.arrays import AnyArray, Array
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
        if trial.image is not None:
            forms: tuple[Form, ...] = ("rows", "nhwc", "nchw", "nhw")
            known = self.width is not None  # then it takes nothing but rows
            ways = layouts(trial.image, forms=forms[:1] if known else forms, dtype="float64")
            made = choose_layout(lambda way: self._scorer(way, trial), trial=trial, ways=ways)
        else:
            feed = choose_feed(self._telling(), trial=trial, named=self.names is not None)
            made = self._scorer(feed, trial)
        return with_slope(made, raw=self.raw, x=trial.x)

    def _scorer(self, feed: Feed, trial: Trial) -> Scorer:
        """The estimator asked through one container."""
        if trial.calibrated:
            return self._calibrated(feed, trial=trial)
        trees = tree_reader(self.raw, codec=trial.codec)
        predict = Method(estimator=self.raw, name="predict")
        decisions = one_column(quietly(Through(feed, predict), trial.x))
        labels = self._labels(decisions, trial=trial)
        ways: list[tuple[Tuned | Method, ScoreKind]] = [*self._methods()]
        tuned = tuned_method(self.raw, labels=labels)
        if tuned is not None:
            ways.insert(0, (tuned, "logit"))
        for ask, kind in ways:
            made = Scorer(feed=feed, ask=ask, kind=kind, answers=labels, naming="names")
            if agrees(made, decisions, x=trial.x):
                return replace(_as_answered(made, x=trial.x), trees=trees)
        return Scorer(feed=feed, ask=predict, kind="label", answers=labels, naming="names")

    def _calibrated(self, feed: Feed, *, trial: Trial) -> Scorer:
        """Log-odds of the probabilities, or these; the threshold decides, not the estimator.

        Raises:
            ConfigError: the estimator has no probabilities, or calls other values so.
        """
        if not hasattr(self.raw, "predict_proba"):
            message = (
                "a threshold is about probabilities, and this model has none; wrap it in "
                "CalibratedClassifierCV, or leave the threshold out"
            )
            raise ConfigError(message)
        labels = self._labels(np.array([]), trial=trial)
        for ask, kind in self._methods():
            made = Scorer(feed=feed, ask=ask, kind=kind, answers=labels, naming="names")
            if kind == "probability" or self._is_sigmoid(made, x=trial.x):
                break
        if _as_answered(made, x=trial.x).kind != made.kind:
            message = (
                "predict_proba answers values outside 0 to 1, so that a threshold of probability "
                "means nothing; mend the model, or leave the threshold out"
            )
            raise ConfigError(message)
        return replace(made, trees=tree_reader(self.raw, codec=trial.codec))

    def _telling(self) -> Method:
        """The method by which containers are compared: scores tell more than labels."""
        return next((ask for ask, _ in self._methods()), Method(estimator=self.raw, name="predict"))

    def _methods(self) -> Iterator[tuple[Method, ScoreKind]]:
        """Methods that answer scores, best first."""
        kinds: tuple[tuple[str, ScoreKind], ...] = (
            ("decision_function", "logit"),
            ("predict_proba", "probability"),
        )
        for name, kind in kinds:
            if hasattr(self.raw, name):
                yield Method(estimator=self.raw, name=name), kind

    def _labels(self, decisions: AnyArray, *, trial: Trial) -> tuple[Label, ...]:
        """The estimator's classes; without any, it is taken to answer in those of the data."""
        found = getattr(self.raw, "classes_", None)
        if found is None:
            return spoken(decisions, names=trial.names, data=trial.classes)
        if isinstance(found, list) or np.ndim(found) != 1:
            message = "the model answers several questions at once; Bartizan judges one target"
            raise ModelError(message)
        return tuple(spelled(value) for value in np.asarray(found).tolist())

    def _is_sigmoid(self, scorer: Scorer, *, x: Array) -> bool:
        """Whether margins are the log-odds of the estimator's probabilities."""
        probabilities = Method(estimator=self.raw, name="predict_proba")
        margin = quietly(scorer, x)
        chance = quietly(Through(scorer.feed, probabilities), x)
        if margin.shape[1] != 2 or chance.shape[1] != 2:
            return False
        with np.errstate(over="ignore"):
            return bool(
                np.abs(1.0 / (1.0 + np.exp(-margin[:, 1])) - chance[:, 1]).max() <= _SIGMOID
            )


def _as_answered(scorer: Scorer, *, x: Array) -> Scorer:
    """As logits, where what is called probabilities lies outside 0 to 1."""
    if scorer.kind != "probability":
        return scorer
    answer = quietly(scorer, x)
    if ((answer >= -_SIGMOID) & (answer <= 1.0 + _SIGMOID)).all():
        return scorer
    note = (
        f"predict_proba answers values from {answer.min():.3g} to {answer.max():.3g}, which are no "
        "probabilities; they are read as logits"
    )
    return replace(scorer, kind="logit", notes=(*scorer.notes, note))


def _require_classifier(raw: Any) -> None:
    """Refuse regressors: their answers are no classes."""
    tags = getattr(raw, "__sklearn_tags__", None)
    kind = (
        getattr(tags(), "estimator_type", None) if tags else getattr(raw, "_estimator_type", None)
    )
    if kind == "regressor":
        message = f"{type(raw).__name__} is a regressor; Bartizan judges classifiers"
        raise ModelError(message)
