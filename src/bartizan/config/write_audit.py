"""Columns of groups, as the project file names them."""

from collections.abc import Iterator, Sequence

from bartizan.config.spelling import number, text
from bartizan.core.groups import AuditColumn
from bartizan.core.schema import Schema

_INTRO = """\
# Columns whose groups are compared: who is wronged more often (`bartizan assess --entry
# "fairness.*"`)? `bands` cut numbers; without them they are cut at their quartiles. With
# `apart = true` a column is no feature: the model never sees it, and no attacker moves it.\
"""


def audit_sections(audits: Sequence[AuditColumn], *, schema: Schema) -> Iterator[str]:
    """Yield the lines of every ``[[audit]]``, or of an example that is switched off.

    Args:
        audits: What is compared.
        schema: Of rows; images have no columns to compare.
    """
    if schema.image is not None:
        return
    yield _INTRO
    for one in audits:
        yield from audit_lines(one)
        yield ""
    if not audits and schema.features:
        example = AuditColumn(column=schema.names[0])
        yield from (f"#{line}" for line in audit_lines(example))
    yield ""


def audit_lines(one: AuditColumn) -> Iterator[str]:
    """Yield the lines of one ``[[audit]]``.

    Example:
        >>> list(audit_lines(AuditColumn(column="age", bands=(30, 60))))
        ['[[audit]]', 'column = "age"', 'bands = [30, 60]']
    """
    yield "[[audit]]"
    yield f"column = {text(one.column)}"
    if one.bands:
        yield f"bands = [{', '.join(map(number, one.bands))}]"
    if one.apart:
        yield "apart = true"
