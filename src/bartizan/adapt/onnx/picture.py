"""Images as the single input of an ONNX graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bartizan.adapt.images.layout import Form, Layout, layouts
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import ModelError
from bartizan.core.schema import Image

_DTYPES = {"tensor(float)": "float32", "tensor(double)": "float64", "tensor(float16)": "float16"}
_FORMS: tuple[Form, ...] = ("nchw", "nhwc", "nhw", "rows")


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Rows of images as tensors by name."""

    name: str
    layout: Layout

    def __call__(self, x: Array) -> dict[str, AnyArray]:
        """(n, h * w * c) -> the graph's input."""
        return {self.name: self.layout(x)}


def picture_layouts(inputs: Sequence[Any], *, image: Image, where: str) -> list[Layout]:
    """The layouts that fit what a graph says of its input; sizes it leaves open fit any.

    Args:
        inputs: Names, types and shapes, as the runtime gives them.
        image: What a row is.
        where: The file, for messages.

    Raises:
        ModelError: several inputs, one that is no number, or a shape that no layout has.
    """
    declared = [(value.name, value.type, list(value.shape)) for value in inputs]
    if len(declared) != 1 or declared[0][1] not in _DTYPES:
        listed = ", ".join(f"{name}: {kind}" for name, kind, _ in declared)
        message = f"{where} wants inputs {listed}; expected one of fractions for images"
        raise ModelError(message)
    _, kind, wanted = declared[0]
    ways = list(layouts(image, forms=_FORMS, dtype=_DTYPES[kind]))
    fitting = [way for way in ways if not wanted or _fits(way.shape, wanted[1:])]
    if not fitting:
        tried = ", ".join(sorted({str(way).partition(" from ")[0] for way in ways}))
        message = (
            f"{where} takes images of shape {tuple(wanted)}, those of the data are "
            f"{image.height} x {image.width} x {image.channels}: none of {tried} fits; bring them "
            "to the size that the model was trained on"
        )
        raise ModelError(message)
    return fitting


def _fits(shape: tuple[int, ...], wanted: list[Any]) -> bool:
    """Whether a shape is the declared one; names and gaps stand for any size."""
    return len(shape) == len(wanted) and all(
        not isinstance(size, int) or size == have for size, have in zip(wanted, shape, strict=True)
    )
