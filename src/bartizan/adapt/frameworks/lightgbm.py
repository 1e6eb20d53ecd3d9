"""Gradient-boosted trees and random forests of LightGBM."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.frameworks.methods import spelled
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.trees.codes import numbers_seen, places_seen
from bartizan.adapt.trees.lightgbm import TextTrees
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import InputError, MissingExtraError, ModelError, SchemaError
from bartizan.formats.lightgbm import TextModel, parse_lightgbm

_SEVERAL = ("multiclass", "multiclassova")
_BINARY = ("binary", "cross_entropy")


def open_lightgbm(content: bytes, *, where: str) -> Any:
    """Open a text file that `formats.lightgbm` has checked.

    Raises:
        MissingExtraError: LightGBM is not installed.
        InputError: the library does not accept the file.
    """
    try:
        import lightgbm  # noqa: PLC0415 (an extra)
    except ImportError as error:
        message = f"opening {where} needs LightGBM: pip install 'bartizan[boost]'"
        raise MissingExtraError(message) from error
    try:
        return lightgbm.Booster(model_str=content.decode())
    except (lightgbm.basic.LightGBMError, ValueError, TypeError, LookupError) as error:
        message = f"{where} is not a model that this LightGBM can open: {str(error)[:200]}"
        raise InputError(message) from error


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Asks for raw scores, on one thread: the processes around it share the cores."""

    booster: Any
    factor: float
    """Makes log-odds of raw scores."""

    def __call__(self, rows: Array) -> AnyArray:
        """(n, d) -> (n,) or (n, k)."""
        answer = self.booster.predict(rows, raw_score=True, num_threads=1)
        return self.factor * np.asarray(answer)


@dataclass(frozen=True, kw_only=True)
class AsCodes:
    """An array of numbers and of the model's own category codes."""

    codec: Codec
    places: dict[int, Array]
    """By column, the model's code for each code of the table; NaN = it knows none."""

    def __call__(self, x: Array) -> Array:
        """(n, d) -> (n, d)."""
        made = np.array(self.codec.array(x))
        for column, places in self.places.items():
            codes = np.where(np.isnan(x[:, column]), -1.0, x[:, column])
            known = (codes >= 0) & (codes < len(places)) & (codes == np.rint(codes))
            made[:, column] = np.append(places, np.nan)[np.where(known, codes, -1).astype(int)]
        return made


@dataclass(frozen=True, kw_only=True)
class Lightgbm:
    """The framework of LightGBM."""

    raw: Any
    """A `Booster`, or a fitted `LGBMClassifier`."""

    @cached_property
    def booster(self) -> Any:
        """The booster of either."""
        wrapped = hasattr(self.raw, "_Booster")
        return self.raw.booster_ if wrapped else self.raw

    @property
    def names(self) -> tuple[str, ...] | None:
        """Columns the booster was trained on, if it was trained on a frame."""
        found = tuple(self.booster.feature_name())
        made_up = tuple(f"Column_{position}" for position in range(len(found)))
        return None if found == made_up else found

    @property
    def width(self) -> int | None:
        """Columns the booster was trained on."""
        return int(self.booster.num_feature())

    @cached_property
    def model(self) -> TextModel:
        """What the booster writes into a file."""
        return parse_lightgbm(self.booster.model_to_string().encode())

    def scorer(self, trial: Trial) -> Scorer:
        """Raw scores, brought to log-odds or logits."""
        objective = self.model.objective[0] if self.model.objective else "of its own"
        if objective not in (*_BINARY, *_SEVERAL):
            message = (
                f"a LightGBM model of objective {objective!r} is no classifier; expected one of "
                f"{', '.join((*_BINARY, *_SEVERAL))}"
            )
            raise ModelError(message)
        factor, places = self._factor(objective), self._places(trial.codec)
        seen = {**numbers_seen(trial.codec), **places}
        given = getattr(self.raw, "classes_", None)
        numbers = range(max(2, self.model.outputs))
        return Scorer(
            feed=AsCodes(codec=trial.codec, places=places),
            ask=Raw(booster=self.booster, factor=factor),
            kind="logit",
            answers=tuple(map(spelled, numbers if given is None else given.tolist())),
            naming="numbers" if given is None else "names",
            trees=TextTrees(booster=self.booster, factor=factor, seen=seen),
        )

    def _factor(self, objective: str) -> float:
        """What turns a raw score into log-odds: forests add up what they mean to average."""
        slopes = [
            float(part.partition(":")[2])
            for part in self.model.objective
            if part.startswith("sigmoid:")
        ]
        rounds = len(self.model.trees) // self.model.outputs if self.model.average else 1
        return (slopes[0] if slopes and objective in _BINARY else 1.0) / rounds

    def _places(self, codec: Codec) -> dict[int, Array]:
        """The model's category codes of the table's, by column."""
        known = getattr(self.booster, "pandas_categorical", None) or []
        text = [place for place, column in enumerate(codec.columns) if not column.numeric]
        listed = [place for place, info in enumerate(self.model.infos) if info[0] not in "[n"]
        columns = next((found for found in (listed, text) if len(found) == len(known)), [])
        lost = [codec.columns[place].name for place in text if not known or place not in columns]
        if lost:
            message = (
                f"the model takes column {lost[0]!r} as a number, the data holds text there; "
                "encode it as the model's training data was"
            )
            raise SchemaError(message)
        if len(columns) != len(known):
            message = (
                f"the model was trained on {len(known)} columns of categories, and which they "
                f"are cannot be told from a table with {len(text)}; give it the columns as text"
            )
            raise SchemaError(message)
        pairs = zip(columns, known, strict=True)
        return {place: places_seen(codec.columns[place], known=names) for place, names in pairs}
