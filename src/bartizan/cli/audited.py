"""Columns of groups, as flags name them."""

from collections.abc import Iterable

from bartizan.core.groups import AuditColumn


def audit_columns(features: Iterable[str], apart: Iterable[str]) -> tuple[AuditColumn, ...]:
    """What `--audit` and `--audit-apart` ask for."""
    return (
        *(column_of(given, apart=False) for given in features),
        *(column_of(given, apart=True) for given in apart),
    )


def column_of(given: str, *, apart: bool) -> AuditColumn:
    """`age` or `age:30,50`; a name may hold colons, as long as no numbers follow the last."""
    name, _, edges = given.rpartition(":")
    try:
        bands = tuple(float(edge) for edge in edges.split(","))
    except ValueError:
        return AuditColumn(column=given, apart=apart)
    if not name:
        return AuditColumn(column=given, apart=apart)
    return AuditColumn(column=name, bands=bands, apart=apart)
