"""The oldest file of PyTorch: a tar archive with pickles and numbers in turn."""

from collections.abc import Callable, Iterator

from bartizan.core.errors import InputError
from bartizan.formats.archives.stretch import stretch
from bartizan.formats.content import ENDLESS, Budget, Content, Stream
from bartizan.formats.torch_pickles import Pickled, element_bytes, read_pickle

TORCH_OBJECT = "pickle"
TORCH_MEMBERS = frozenset((TORCH_OBJECT, "storages", "tensors", "sys_info"))
_DIMENSIONS = 64
"""Most dimensions of a tensor in PyTorch."""


def torch_tar_parts(
    name: str, content: Content, *, budget: Budget
) -> Iterator[tuple[Content, str]]:
    """The pickles in a member of such an archive.

    Args:
        name: Of the member, one of `TORCH_MEMBERS`.
        content: Its bytes.
        budget: Pays for instructions of pickles.

    Yields:
        Each, and why nobody can tell what follows it; empty = that is sure. Where a member is not
        laid out as PyTorch does it, the rest of it is one part.

    Source:
        PyTorch 2.13, torch/serialization.py, `_legacy_load`, `legacy_load`.
    """
    pass_numbers = {"storages": _pass_storage, "tensors": _pass_tensor}.get(name)
    if pass_numbers is None:
        yield content, ""
        return
    at, first = 0, True
    while content_at(content, at):
        try:
            read = read_pickle(stretch(content, at, ENDLESS).open(), budget=budget)
            end = at + read.size_bytes
            after = end if first else end + _passed(content, end, read, pass_numbers)
        except InputError as error:
            yield stretch(content, at, ENDLESS), str(error)
            return
        yield stretch(content, at, read.size_bytes), ""
        at, first = after, False


def content_at(content: Content, offset: int) -> bytes:
    """The byte at an offset; none where it ends."""
    return stretch(content, offset, 1).open().read(1)


def _passed(
    content: Content, at: int, read: Pickled, pass_numbers: Callable[[Stream, Pickled], None]
) -> int:
    """How many bytes of numbers follow a pickle."""
    stream = stretch(content, at, ENDLESS).open()
    pass_numbers(stream, read)
    return stream.position


def _pass_storage(stream: Stream, read: Pickled) -> None:
    """A count of numbers, and the numbers. After the last one, a list of views and nothing.

    Only one name can be that of their class, or a pickle hides where numbers are passed over.
    """
    sizes = [element_bytes(name) for name in read.classes]
    size = sizes[0] if len(sizes) == 1 else 0
    if not size:
        if sizes or stream.read(1):
            message = "nobody can tell how large the numbers of a tensor are"
            raise InputError(message)
        return
    count = int.from_bytes(stream.read(8), "little", signed=True)
    if count < 0 or stream.skip(count * size) < count * size:
        message = "the numbers of a tensor are cut off"
        raise InputError(message)


def _pass_tensor(stream: Stream, read: Pickled) -> None:
    """Shape, strides and offset of a tensor."""
    del read
    dimensions = int.from_bytes(stream.read(4), "little")
    size = 4 + 16 * dimensions + 8
    if dimensions > _DIMENSIONS or stream.skip(size) < size:
        message = "the shape of a tensor is cut off"
        raise InputError(message)
