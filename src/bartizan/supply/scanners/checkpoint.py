"""Weights of TensorFlow beside its graphs: an index of names, and a fingerprint.

Shards of numbers have no form that anybody could read: the index says how large they are.
"""

from collections import defaultdict
from collections.abc import Mapping
from posixpath import basename

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.sorted_table import entries, is_table
from bartizan.formats.models.wire import Fields
from bartizan.formats.protobuf import BYTES, VARINT
from bartizan.supply.scanners.held import held
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

INDEX, _FINGERPRINT = ".index", "fingerprint.pb"
_SHARDS, _SHARD, _OFFSET, _SIZE = 1, 3, 4, 5
"""Fields of the first value, and of all others: where a tensor lies (tensor_bundle.proto)."""
_MAX_SHARDS = 100_000
"""Their numbers have five digits in names."""
_NUMBERS, _MESSAGES = {1, 2, 3, 4, 5}, {6, 7}
"""Fields of a fingerprint: hashes; its version and an identifier (fingerprint.proto)."""
_MAX_FIELDS = 16
_MAX_FINGERPRINT_BYTES = 4096


def _plausible(head: bytes, item: Item) -> bool:
    del head  # none of them begins with anything
    name = basename(item.path)
    return name.endswith(INDEX) or name == _FINGERPRINT


def _scan(item: Item, situation: Situation) -> Reading:
    """Tell nothing: names of tensors do nothing."""
    yield from ()
    window = held(item)
    if basename(item.path) == _FINGERPRINT:
        return window.size if _is_fingerprint(window) else 0
    if not is_table(window):
        message = "expected an index, which ends as a sorted table does"
        raise NotMineError(message)
    _shard_sizes(window, budget=situation.budget)
    return window.size


def shards(item: Item, situation: Situation) -> Mapping[str, int]:
    """Bytes of the files beside an index that hold the numbers, by name.

    Raises:
        InputError: the index is damaged.
        LimitError: it costs too much.
    """
    stem = basename(item.path).removesuffix(INDEX)
    sizes = _shard_sizes(held(item), budget=situation.budget)
    return {
        f"{stem}.data-{number:05}-of-{len(sizes):05}": size for number, size in enumerate(sizes)
    }


def _shard_sizes(window: Window, *, budget: Budget) -> list[int]:
    """Where the last tensor of each shard ends.

    Raises:
        InputError: this is no index.
        LimitError: it costs too much.
    """
    count, ends = 0, defaultdict[int, int](int)
    for key, value in entries(window, budget=budget):
        numbers = _numbers(value)
        if not key:
            count = numbers.get(_SHARDS, 0)
            continue
        shard, end = numbers.get(_SHARD, 0), numbers.get(_OFFSET, 0) + numbers.get(_SIZE, 0)
        ends[shard] = max(ends[shard], end)
    if not 0 < count <= _MAX_SHARDS or any(shard >= count for shard in ends):
        message = f"expected an index of shards, it says {count}, and names {len(ends)}"
        raise InputError(message)
    return [ends[number] for number in range(count)]


def _numbers(raw: bytes) -> dict[int, int]:
    """The numbers in a message."""
    fields, position, found = Fields(Window.of(raw)), 0, {}
    while position < len(raw):
        number, wire, value, start, size = fields.at(position, len(raw))
        if wire == VARINT:
            found[number] = value
        position = start + size
    return found


def _is_fingerprint(window: Window) -> bool:
    fields, position = Fields(window), 0
    if window.size > _MAX_FINGERPRINT_BYTES:
        return False
    try:
        for _ in range(_MAX_FIELDS):
            if position >= window.size:
                return True
            number, wire, _value, start, size = fields.at(position, window.size)
            if (wire, number in _NUMBERS, number in _MESSAGES) not in (
                (VARINT, True, False),
                (BYTES, False, True),
            ):
                return False
            position = start + size
    except InputError:
        return False
    return False


SCANNER = Scanner(name="checkpoint", plausible=_plausible, scan=_scan)
