"""What binding needs to know about a model, whatever framework it comes from."""

from dataclasses import dataclass
from typing import Protocol

from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.adapt.tables.codec import Codec
from bartizan.core.arrays import Array, Ints
from bartizan.core.schema import Image, Label


@dataclass(frozen=True, kw_only=True)
class Trial:
    """The circumstances under which a way to ask a model is chosen."""

    codec: Codec
    """The columns that the model takes, in its order and under its names; the values of images
    are columns x0, x1, ..."""
    pictures: ImageCodec | None = None
    """The images that the rows are, where they are images."""
    x: Array
    """A few rows of the data, shape (n, d), 1 <= n."""
    y: Ints
    """Their classes, positions in `classes`, shape (n,)."""
    classes: tuple[Label, ...]
    """The data's classes."""
    names: tuple[Label, ...] | None
    """What the user calls the model's classes, in the model's order."""
    calibrated: bool
    """Whether scores must be probabilities or their log-odds: a threshold refers to them."""
    image: Image | None = None
    """What every row is, where rows are images; nothing is asked of the codec then."""


class Framework(Protocol):
    """A model of one framework."""

    @property
    def names(self) -> tuple[str, ...] | None:
        """Columns that the model wants by name; none if it takes them by position."""
        ...

    @property
    def width(self) -> int | None:
        """How many columns the model takes; none if it does not say."""
        ...

    def scorer(self, trial: Trial) -> Scorer:
        """The best way to ask the model: logits, else probabilities, else labels.

        Raises:
            ModelError: the model cannot be asked.
        """
        ...
