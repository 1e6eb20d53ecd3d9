"""Gradient-boosted trees of XGBoost."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bartizan.adapt.framework import Trial
from bartizan.adapt.images.layout import choose_layout, layouts
from bartizan.adapt.scoring.containers import AsArray, AsPandas, have_pandas
from bartizan.adapt.scoring.feeding import Feed
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.adapt.trees.xgboost import BoosterTrees
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError, MissingExtraError, ModelError, SchemaError

_BINARY = ("binary:logistic", "binary:logitraw")
_SEVERAL = ("multi:softprob", "multi:softmax")


def open_booster(content: bytes, *, where: str) -> Any:
    """Open a model file that `formats.boosted` has checked.

    Raises:
        MissingExtraError: XGBoost is not installed.
        InputError: the library does not accept the file.
    """
    try:
        import xgboost  # noqa: PLC0415 (an extra)
    except ImportError as error:
        message = f"opening {where} needs XGBoost: pip install 'bartizan[boost]'"
        raise MissingExtraError(message) from error
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(content))
    except xgboost.core.XGBoostError as error:
        message = f"{where} is not a model that this XGBoost can open: {str(error)[:200]}"
        raise InputError(message) from error
    return booster


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Asks for margins without building a matrix first."""

    booster: Any
    rounds: tuple[int, int]
    missing: float
    linear: bool
    """Linear boosters cannot be asked in place."""

    def __call__(self, rows: Any) -> AnyArray:
        """Container -> (n,) or (n, k)."""
        if not self.linear:
            return self.booster.inplace_predict(
                rows,
                iteration_range=self.rounds,
                predict_type="margin",
                missing=self.missing,
                validate_features=False,
            )
        import xgboost  # noqa: PLC0415 (an extra, loaded by whoever made the booster)

        matrix = xgboost.DMatrix(rows, missing=self.missing, nthread=1)
        return self.booster.predict(matrix, output_margin=True, validate_features=False)


@dataclass(frozen=True, kw_only=True)
class Boosted:
    """The framework of boosters."""

    raw: Any
    """A `Booster`, or a fitted `XGBClassifier`."""

    @cached_property
    def booster(self) -> Any:
        """A copy that uses one thread: the processes around it share the cores."""
        wrapped = hasattr(self.raw, "get_booster")
        made = (self.raw.get_booster() if wrapped else self.raw).copy()
        made.set_param({"nthread": 1})
        return made

    @property
    def names(self) -> tuple[str, ...] | None:
        """Columns the booster was trained on, if it was trained on a frame."""
        found = self.booster.feature_names
        return tuple(found) if found else None

    @property
    def width(self) -> int | None:
        """Columns the booster was trained on."""
        return int(self.booster.num_features())

    def scorer(self, trial: Trial) -> Scorer:
        """Margins, which are log-odds or logits."""
        config = json.loads(self.booster.save_config())["learner"]
        objective = config["objective"]["name"]
        if objective not in (*_BINARY, *_SEVERAL):
            message = (
                f"an XGBoost model of objective {objective!r} is no classifier; expected one of "
                f"{', '.join((*_BINARY, *_SEVERAL))}"
            )
            raise ModelError(message)
        k = 2 if objective in _BINARY else int(config["learner_model_param"]["num_class"])
        given = getattr(self.raw, "classes_", range(k))
        ask = Margins(
            booster=self.booster,
            rounds=self._rounds,
            missing=float(getattr(self.raw, "missing", "nan")),
            linear=config["gradient_booster"]["name"] == "gblinear",
        )
        trees = BoosterTrees(
            booster=self.booster, rounds=ask.rounds, missing=ask.missing, codec=trial.codec
        )

        def made(feed: Feed) -> Scorer:
            return Scorer(
                feed=feed,
                ask=ask,
                kind="logit",
                answers=tuple(int(label) for label in given),
                naming="numbers",
                trees=None if ask.linear else trees,
            )

        if trial.image is None:
            return made(self._feed(trial))
        ways = layouts(trial.image, forms=("rows",))
        return choose_layout(made, trial=trial, ways=ways)

    @property
    def _rounds(self) -> tuple[int, int]:
        """All rounds, or up to the best one where training stopped early and was wrapped."""
        wrapped = hasattr(self.raw, "get_booster") or "scikit_learn" in self.booster.attributes()
        best = self.booster.attr("best_iteration")
        return (0, int(best) + 1) if wrapped and best is not None else (0, 0)

    def _feed(self, trial: Trial) -> Any:
        """Numbers as an array; trained on categories, a frame, which carries their names."""
        if "c" not in (self.booster.feature_types or []) and trial.codec.numeric:
            return AsArray(codec=trial.codec)
        text = [column.name for column in trial.codec.columns if not column.numeric]
        kinds = self.booster.feature_types or ["float"] * len(trial.codec.columns)
        lost = [name for name in text if kinds[trial.codec.names.index(name)] != "c"]
        if lost:
            message = (
                f"the model takes column {lost[0]!r} as a number, the data holds text there; "
                "encode it as the model's training data was"
            )
            raise SchemaError(message)
        if not have_pandas():
            message = "XGBoost categories need pandas: pip install 'bartizan[frames]'"
            raise MissingExtraError(message)
        return AsPandas(codec=trial.codec, exact=False)
