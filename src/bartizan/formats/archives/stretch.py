"""A stretch of any content, whether it can be read anywhere or only from the front."""

from dataclasses import dataclass

from bartizan.formats.content import Content, Expanded, Stream, Window


@dataclass
class _Bounded:
    """A stream that ends after so many bytes."""

    inner: Stream
    left: int
    position: int = 0

    def read(self, size: int) -> bytes:
        """The next bytes."""
        found = self.inner.read(min(max(size, 0), self.left))
        self.left -= len(found)
        self.position += len(found)
        return found

    def skip(self, size: int) -> int:
        """Pass over bytes."""
        passed = self.inner.skip(min(max(size, 0), self.left))
        self.left -= passed
        self.position += passed
        return passed


def stretch(content: Content, offset: int, size: int) -> Content:
    """A part of some content, to be read on its own.

    Args:
        content: The whole.
        offset: Of its first byte.
        size: Bytes; fewer come where the content ends earlier.

    Cost: nothing for a window; otherwise everything before it is unpacked each time it is opened.
    """
    if isinstance(content, Window):
        return content.part(offset, size)

    def opened() -> Stream:
        stream = content.open()
        stream.skip(offset)
        return _Bounded(stream, size)

    return Expanded(opened)
