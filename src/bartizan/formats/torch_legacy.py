"""The file that PyTorch wrote before 1.6: five pickles, and the numbers of all tensors."""

from dataclasses import dataclass, field

from bartizan.core.errors import InputError
from bartizan.formats.archives.stretch import stretch
from bartizan.formats.content import ENDLESS, Budget, Content
from bartizan.formats.torch_pickles import Pickled, read_pickle

_MAGIC = bytes.fromhex("6cfc9c46f9206aa85019")
"""0x1950a86a20f9469cfc6c, as a pickle writes it."""
_MAGIC_TEXT = b"119547037146038801333356"
"""The same in the text of protocol 0."""
_MAGIC_WITHIN = 32
_PICKLES = 5
"""Magic number, protocol, facts of the machine, the object, keys of the tensors."""


@dataclass(kw_only=True)
class LegacyFacts:
    """What is where in such a file."""

    pickles: list[tuple[int, int]] = field(default_factory=list)
    """Offset and size of each."""
    tensors: int = 0
    end: int = 0
    """Byte after the last thing that was understood."""
    problem: str = ""
    """Why that is not the end; empty = it is, or what follows is more than belongs there."""


def is_torch_legacy(head: bytes) -> bool:
    """Whether a file begins with the magic number of PyTorch, in any protocol of pickle."""
    beginning = head[:_MAGIC_WITHIN]
    return _MAGIC in beginning or beginning.lstrip(b"IL").startswith(_MAGIC_TEXT)


def torch_legacy(content: Content, *, budget: Budget) -> LegacyFacts:
    """Find the pickles and pass over the tensors.

    Args:
        content: The file.
        budget: Pays for instructions of pickles.

    Raises:
        LimitError: that costs too much.

    Source:
        PyTorch 2.13, torch/serialization.py, `_legacy_save` and `_legacy_load`.
    """
    facts, read = LegacyFacts(), list[Pickled]()
    try:
        for _ in range(_PICKLES):
            part = stretch(content, facts.end, ENDLESS)
            read.append(read_pickle(part.open(), budget=budget))
            facts.pickles.append((facts.end, read[-1].size_bytes))
            facts.end += read[-1].size_bytes
        _pass_tensors(content, facts, keys=read[4].texts, elements=read[3].elements)
    except InputError as error:
        facts.problem = str(error)
    return facts


def _pass_tensors(
    content: Content, facts: LegacyFacts, *, keys: list[str], elements: dict[str, int]
) -> None:
    """A count of numbers and the numbers, for each key.

    Raises:
        InputError: they end too early, or nobody knows how large a number is.
    """
    stream = content.open()
    stream.skip(facts.end)
    for key in keys:
        size = elements.get(key)
        if size is None:
            message = "the file holds a tensor that its pickle does not ask for"
            raise InputError(message)
        count = int.from_bytes(stream.read(8), "little", signed=True)
        if count < 0 or stream.skip(count * size) < count * size:
            message = "the numbers of a tensor are cut off"
            raise InputError(message)
        facts.tensors += 1
        facts.end = stream.position
