"""Rows of images as the arrays that image models take, and gradients back to rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.scoring.classes import match_classes
from bartizan.adapt.scoring.rows import quietly, require_scores
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import decisions
from bartizan.core.errors import ConfigError, ModelError, SchemaError
from bartizan.core.schema import Image

Form: TypeAlias = Literal["nchw", "nhwc", "nhw", "rows"]
"""The order of the axes; `nhw` drops the only channel, `rows` keeps an image as one row."""
_CLOSE = 0.05
"""Share of the trial's rows by which a layout must be better than an earlier one: less is luck."""
Way = TypeVar("Way")
"""A layout, or another container that a model is tried with; its text says what it looks like."""
_REASON = 160
"""Characters of a model's complaint that are shown for each layout; four have to be read."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One way to hand images to a model."""

    image: Image
    form: Form
    scaled: bool
    """Whether values are brought to 0..1 from the range of the data."""
    dtype: str = "float32"

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one image, as the model sees it."""
        height, width, channels = self.image.shape
        shapes: dict[Form, tuple[int, ...]] = {
            "nchw": (channels, height, width),
            "nhwc": (height, width, channels),
            "nhw": (height, width),
            "rows": (self.image.size,),
        }
        return shapes[self.form]

    def __str__(self) -> str:
        """As a report says it."""
        axes = ", ".join(["n", *map(str, self.shape)])
        low, high = (0.0, 1.0) if self.scaled else (self.image.min, self.image.max)
        return f"({axes}) from {low:g} to {high:g}"

    def __call__(self, x: Array) -> AnyArray:
        """(n, h * w * c) -> (n, ...) of this layout, in an array of its own.

        Values are scaled in the type of the model, as loaders of images do.
        """
        made = x.astype(self.dtype)
        if self.scaled:
            if self.image.min:
                made -= self.image.min
            made /= self.image.max - self.image.min
        if self.form == "nchw" and self.image.channels > 1:
            made = made.reshape(-1, *self.image.shape).transpose(0, 3, 1, 2)
        return np.ascontiguousarray(made.reshape(-1, *self.shape))

    def back(self, slope: AnyArray) -> Array:
        """The derivative by what was handed over as one by rows; (n, ...) -> (n, h * w * c).

        What is given may be overwritten.
        """
        made = slope.astype(np.float64, copy=False)
        if self.form == "nchw" and self.image.channels > 1:
            made = made.transpose(0, 2, 3, 1)
        made = made.reshape(len(slope), self.image.size)
        if self.scaled:
            made /= self.image.max - self.image.min
        return made


def layouts(image: Image, *, forms: Sequence[Form], dtype: str = "float32") -> Iterator[Layout]:
    """The ways to hand over images of one size, the most usual first.

    Args:
        image: What a row is.
        forms: The orders of axes to try, in this order.
        dtype: Numbers that the model takes.
    """
    for form in forms:
        if form == "nhw" and image.channels > 1:
            continue
        for scaled in (False,) if (image.min, image.max) == (0.0, 1.0) else (True, False):
            yield Layout(image=image, form=form, scaled=scaled, dtype=dtype)


def choose_layout(make: Callable[[Way], Scorer], *, trial: Trial, ways: Iterator[Way]) -> Scorer:
    """The model asked in the layout that it knows from its training.

    A model answers without complaint when its images are upside down or 255 times as bright as
    those it learned from; only its accuracy tells.

    Args:
        make: Layout -> the model asked in it; raises `ModelError` where it cannot be.
        trial: Labelled rows.
        ways: Layouts to try, the likeliest first; a later one is taken only if it is clearly
            more often right.

    Returns:
        The scorer, with a note on the choice.

    Raises:
        ModelError: the model takes none; the message names all of them.

    Cost:
        A pass over the trial's rows for each layout that the model takes.
    """
    worked: list[tuple[float, Scorer, Way]] = []
    refused: dict[str, str] = {}
    for layout in ways:
        try:
            made = make(layout)
            worked.append((_accuracy(made, trial=trial), made, layout))
        except ModelError as error:
            refused.setdefault(str(layout).partition(" from ")[0], str(error)[:_REASON])
    if not worked:
        tried = "; ".join(f"{shape}: {reason}" for shape, reason in refused.items())
        message = f"the model takes the images in none of the layouts tried: {tried}"
        raise ModelError(message)
    top = max(right for right, _, _ in worked)
    best, made, layout = next(found for found in worked if found[0] >= top - _CLOSE)
    others = sorted((f"{right:.0%} as {other}" for right, _, other in worked if other != layout))
    note = f"images reach the model as {layout}: {best:.0%} of {len(trial.x)} rows are right"
    return replace(made, notes=(*made.notes, "; ".join([note, *others])))


def _accuracy(scorer: Scorer, *, trial: Trial) -> float:
    """Share of the trial's rows that are decided as they are labelled.

    Classes that do not match are reported when the model is bound, whatever the layout.
    """
    scores = quietly(scorer, trial.x)
    require_scores(scores, n=len(trial.x), k=len(scorer.answers))
    try:
        named = scorer.renamed(trial.names)
        _, order = match_classes(named.labels, data=trial.classes, naming=named.naming)
    except (ConfigError, SchemaError):
        return 0.0
    return float((decisions(scores[:, order]) == trial.y).mean())
