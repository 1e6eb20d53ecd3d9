"""Configurations of Keras: `config.json` of a `.keras` archive, or a model as JSON alone."""

from bartizan.formats.models import json_text
from bartizan.supply.scanners.held import held
from bartizan.supply.scanners.json_documents import described, doubled
from bartizan.supply.scanners.keras_objects import notices
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation

_KEYS = (b"class_name", b"__lambda__")
"""One of them stands in every configuration that Keras reads."""


def _plausible(head: bytes, item: Item) -> bool:
    del item  # any JSON may be one: what is not is passed over quickly
    return json_text.begins(head)


def _scan(item: Item, situation: Situation) -> Reading:
    found = described(item, keys=_KEYS)
    yield from doubled(found)
    for config in found.values:
        yield from notices(config, where="", allowed=situation.allowed)
    return held(item).size


SCANNER = Scanner(name="keras", plausible=_plausible, scan=_scan)
