"""Weights of TensorFlow beside its graphs: an index of names, shards of numbers, a fingerprint."""

import re
from posixpath import basename

from bartizan.core.errors import InputError
from bartizan.formats.content import Window
from bartizan.formats.models.wire import Fields
from bartizan.formats.protobuf import BYTES, VARINT
from bartizan.supply.scan.held import held
from bartizan.supply.scan.scanner import Item, Reading, Scanner, Situation

_INDEX, _FINGERPRINT = ".index", "fingerprint.pb"
_SHARD = re.compile(r"(?P<stem>.+)\.data-\d{5}-of-\d{5}")
_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
"""Ends every sorted table (table_format of LevelDB)."""
_NUMBERS, _MESSAGES = {1, 2, 3, 4, 5}, {6, 7}
"""Fields of a fingerprint: hashes; its version and an identifier (fingerprint.proto)."""
_MAX_FIELDS = 16
_MAX_FINGERPRINT_BYTES = 4096


def _plausible(head: bytes, item: Item) -> bool:
    del head  # none of them begins with anything
    name = basename(item.path)
    return name.endswith(_INDEX) or name == _FINGERPRINT or bool(_SHARD.fullmatch(name))


def _scan(item: Item, situation: Situation) -> Reading:
    """Nothing is told: numbers and their names do nothing.

    What is something else is read by the scanners that find it plausible.
    """
    yield from ()
    window, name = held(item), basename(item.path)
    shard = _SHARD.fullmatch(name)
    if shard:
        index = f"{shard['stem']}{_INDEX}"
        return window.size if situation.beside and index in situation.beside else 0
    sound = _is_fingerprint(window) if name == _FINGERPRINT else _is_index(window)
    return window.size if sound else 0


def _is_index(window: Window) -> bool:
    end = window.at(window.size - 8, 8)
    return window.size >= _FOOTER_BYTES and int.from_bytes(end, "little") == _MAGIC


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
