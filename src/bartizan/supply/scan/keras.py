"""Configurations of Keras: `config.json` of a `.keras` archive, or a model as JSON alone."""

from bartizan.core.errors import InputError
from bartizan.formats.models import json_text
from bartizan.formats.models.plain_text import mentions
from bartizan.supply.scan.held import whole
from bartizan.supply.scan.keras_objects import notices
from bartizan.supply.scan.scanner import Item, Reading, Scanner, Situation

_KEYS = (b"class_name", b"__lambda__")
"""One of them stands in every configuration that Keras reads."""


def _plausible(head: bytes, item: Item) -> bool:
    del item  # any JSON may be one: what is not is passed over quickly
    return json_text.begins(head)


def _scan(item: Item, situation: Situation) -> Reading:
    if not mentions(item.content, _KEYS):
        return 0  # another kind of text
    raw = whole(item)
    config = json_text.loads(raw)
    if not isinstance(config, dict | list):
        message = "expected a configuration, got a single value"
        raise InputError(message)
    yield from notices(config, where="", allowed=situation.allowed)
    return len(raw)


SCANNER = Scanner(name="keras", plausible=_plausible, scan=_scan)
