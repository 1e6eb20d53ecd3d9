"""XML and PMML: entities that reach for files, or grow without end."""

from bartizan.formats.models.markup import HEAD_BYTES, entities, is_markup
from bartizan.supply.scanners.held import plain
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation

_MAX_TOLD = 20
"""Notices of one file; more say nothing new."""


def _plausible(head: bytes, item: Item) -> bool:
    return is_markup(head) or item.path.lower().endswith((".pmml", ".xml"))


def _scan(item: Item, situation: Situation) -> Reading:
    del situation  # the beginning alone is looked at
    head = item.content.open().read(HEAD_BYTES)
    for entity in [e for e in entities(head) if e.place or e.nested][:_MAX_TOLD]:
        yield Notice(
            verdict="malicious" if entity.place else "suspicious",
            rule="xml.external" if entity.place else "xml.bomb",
            where=plain(entity.name),
            what=plain(entity.place),
            why="A reader that follows entities opens this file or address."
            if entity.place
            else "A reader that expands entities writes this one out many times over.",
        )
    return 0  # as text it is accounted for elsewhere


SCANNER = Scanner(name="xml", plausible=_plausible, scan=_scan)
