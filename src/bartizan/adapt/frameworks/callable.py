"""Functions that score rows, whatever is behind them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.images.layout import choose_layout, layouts
from bartizan.adapt.scoring.containers import AsArray, AsPandas, AsPictures, AsPolars, have_pandas
from bartizan.adapt.scoring.feeding import Feed, Through
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer, spoken
from bartizan.core.arrays import AnyArray
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ModelError, SchemaError
from bartizan.core.schema import Label


@dataclass(frozen=True, kw_only=True)
class Function:
    """The framework of plain functions."""

    raw: Callable[[Any], Any]

    @property
    def names(self) -> tuple[str, ...] | None:
        """A function does not say."""
        return None

    @property
    def width(self) -> int | None:
        """A function does not say."""
        return None

    def scorer(self, trial: Trial) -> Scorer:
        """Takes what the function answers for what it looks like."""
        if trial.image is not None:
            return choose_layout(
                lambda way: self._scorer(way, trial), trial=trial, ways=_picture_feeds(trial)
            )
        refusal: ModelError | None = None
        for feed in _feeds(trial):
            try:
                answer = np.asarray(quietly(Through(feed, self.raw), trial.x))
            except ModelError as error:
                refusal = refusal or error
                continue
            return self._read(feed, answer, trial=trial)
        raise refusal or SchemaError("the model takes no container")

    def _scorer(self, feed: Feed, trial: Trial) -> Scorer:
        answer = np.asarray(quietly(Through(feed, self.raw), trial.x))
        return self._read(feed, answer, trial=trial)

    def _read(self, feed: Feed, answer: AnyArray, *, trial: Trial) -> Scorer:
        """The function asked through a container that it takes."""
        if answer.ndim not in (1, 2):
            message = f"expected one answer a row, got shape {answer.shape} from the model"
            raise ModelError(message)
        if len(answer) != len(trial.x):
            message = (
                f"the model was asked about {len(trial.x)} rows and answered {len(answer)}; "
                "expected scores or a label for each"
            )
            raise ModelError(message)
        kind = _kind(answer, classes=trial.names or trial.classes)
        if kind == "label":
            known = spoken(answer.reshape(-1), names=trial.names, data=trial.classes)
            return Scorer(feed=feed, ask=self.raw, kind=kind, answers=known, naming="names")
        columns = answer.shape[1] if answer.ndim == 2 and answer.shape[1] > 1 else 2
        places = tuple(range(columns))
        return Scorer(feed=feed, ask=self.raw, kind=kind, answers=places, naming="places")


def _picture_feeds(trial: Trial) -> Iterator[Feed]:
    """Images as the source has them, then with their channels last, then as models take them."""
    if trial.pictures is not None:
        yield AsPictures(codec=trial.pictures, last=False)
        yield AsPictures(codec=trial.pictures, last=True)
    if trial.image is not None:
        yield from layouts(trial.image, forms=("rows", "nhwc", "nchw", "nhw"))


def _feeds(trial: Trial) -> Iterator[Feed]:
    """An array if all columns are numbers, and frames, that of the table first."""
    frames: list[Feed] = [AsPolars(codec=trial.codec)]
    if have_pandas():
        first = trial.codec.container == "pandas"
        frames.insert(0 if first else 1, AsPandas(codec=trial.codec, exact=True))
    if trial.codec.numeric:
        yield AsArray(codec=trial.codec)
    yield from frames


def _kind(answer: AnyArray, *, classes: tuple[Label, ...]) -> ScoreKind:
    """Labels, probabilities or logits, by type and range.

    Text, truth values and whole numbers are labels; so are floats that are all classes and not
    all 0 or 1, which would be probabilities just as well.
    """
    single = answer.ndim == 1 or answer.shape[1] == 1
    if answer.dtype.kind not in "biuf":
        return "label"
    values = answer.astype(np.float64)
    inside = bool(((values >= 0.0) & (values <= 1.0)).all())
    if single and answer.dtype.kind in "biu":
        return "label"
    known = {float(label) for label in classes if isinstance(label, int)}
    if single and not inside and set(np.unique(values).tolist()) <= known:
        return "label"
    return "probability" if inside else "logit"
