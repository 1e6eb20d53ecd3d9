"""The way back from numbers to the rows a model was fitted on."""

from typing import Any, Protocol, runtime_checkable

from bartizan.core.arrays import Array


class Codec(Protocol):
    """Handed in by `adapt`, which knows the container and its types."""

    def decode(self, x: Array) -> Any:
        """Rows as a frame with the source's column types; (n, d) -> frame of n rows."""
        ...

    def round(self, x: Array) -> Array:
        """What is left of rows after decoding: whole numbers, float32 columns. (n, d) -> (n, d)."""
        ...


@runtime_checkable
class Pictured(Codec, Protocol):
    """A codec of images."""

    def png(self, row: Array) -> bytes:
        """One row as a PNG file; (d,) -> bytes."""
        ...
