"""The groups of a bias audit as tables: which belong together, and what stands in each cell."""

from dataclasses import dataclass

from bartizan.core.finding import Finding, GroupRates, Measure
from bartizan.report import words


@dataclass(frozen=True)
class GroupTable:
    """Groups of one column (or of two that cross) by one question."""

    title: str
    head: tuple[str, ...]
    """Names of the rates."""
    groups: tuple[GroupRates, ...]
    """The first few."""
    more: int
    """How many are left out."""

    def cells(self, group: GroupRates) -> tuple[tuple[str, str], ...]:
        """Value and interval of each rate; why, where there is no value."""
        return tuple(_cell(one) for one in group.rates)


def group_tables(finding: Finding, *, most: int) -> tuple[GroupTable, ...]:
    """Tables of a finding's groups, in the order in which they were compared.

    Args:
        finding: Of a bias audit, or any other.
        most: Groups of one table; the largest are shown, in their own order.
    """
    found: dict[tuple[str, str], list[GroupRates]] = {}
    for one in finding.groups:
        found.setdefault((one.column, one.asked), []).append(one)
    return tuple(
        _table(column, asked, tuple(groups), most=most) for (column, asked), groups in found.items()
    )


def _table(column: str, asked: str, groups: tuple[GroupRates, ...], *, most: int) -> GroupTable:
    largest = sorted(groups, key=lambda one: -one.n)[:most]
    return GroupTable(
        title=f"{column}: said to be {asked}",
        head=tuple(words.measure(one.name) for one in groups[0].rates),
        groups=tuple(one for one in groups if one in largest),
        more=max(len(groups) - most, 0),
    )


def _cell(rate: Measure) -> tuple[str, str]:
    if rate.value is None:
        return f"too few ({rate.n:,})", ""
    return words.amount(rate.value, "share"), words.interval(rate)
