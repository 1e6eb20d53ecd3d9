"""Configurations of Keras: `config.json` of a `.keras` archive, or a model as JSON alone."""

from bartizan.core.errors import InputError
from bartizan.formats.models import json_text
from bartizan.supply.scan.held import whole
from bartizan.supply.scan.keras_objects import notices
from bartizan.supply.scan.scanner import Item, Reading, Scanner, Situation

_MEMBER = "config.json"
_KEYS = (b'"class_name"', b'"registered_name"', b'"build_config"', b'"compile_config"')
"""One of them stands in the first bytes of every configuration that Keras writes."""


def _plausible(head: bytes, item: Item) -> bool:
    """JSON; a class may be named behind the first bytes, so the name of the file counts too."""
    text = head.replace(b"\x00", b"")  # two bytes a sign: Python's reader takes that as well
    begins = text.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith((b"{", b"["))
    named = item.path.lower().rpartition("/")[2] == _MEMBER
    return begins and (named or any(key in text for key in _KEYS) or b"\\u00" in text)


def _scan(item: Item, situation: Situation) -> Reading:
    raw = whole(item)
    config = json_text.loads(raw)
    if not isinstance(config, dict | list):
        message = "expected a configuration, got a single value"
        raise InputError(message)
    yield from notices(config, where="", allowed=situation.allowed)
    return len(raw)


SCANNER = Scanner(name="keras", plausible=_plausible, scan=_scan)
