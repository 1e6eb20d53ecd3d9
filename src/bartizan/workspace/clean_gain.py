"""What models show of a cleaning, and its report."""

from collections.abc import Generator, Iterable

from bartizan.core.arrays import Ints
from bartizan.core.classifier import Recipe
from bartizan.core.errors import Error
from bartizan.core.finding import Finding
from bartizan.core.progress import Progress
from bartizan.core.report import Gap, Report, Tool
from bartizan.data.cleaning.account import quarantine_finding, unsettled_finding
from bartizan.data.cleaning.cleaning import Cleaning
from bartizan.data.cleaning.gains import Certify, certificate_of, effect_of
from bartizan.data.cleaning.people import groups_of
from bartizan.data.cleaning.repair import ENTRY as REPAIR
from bartizan.data.cleaning.summary import cleaning_report
from bartizan.data.labelled import Labelled
from bartizan.workspace.clean_order import CleanOrder
from bartizan.workspace.network_repair import NetworkFile, repaired_network

_NOT_RETRAINED = Gap(
    what="What leaving these rows out gains or costs",
    why=(
        "nothing was retrained, because no recipe was named; name how your model is trained with "
        "--recipe module:function"
    ),
)


def gained(
    cleaning: Cleaning, rows: Labelled, order: CleanOrder
) -> Generator[Progress, None, list[Finding]]:
    """Findings that need models. Where a model cannot be trained, they say so, and decide nothing.

    What detectors found, perhaps in hours, is not lost because a recipe fails.
    """
    if rows.recipe is None:
        return []
    name = cleaning.data.name
    steps = _effect(cleaning, rows.recipe, order, sources=rows.sources)
    what = "training with the suspects and without"
    found = [(yield from _settled(steps, what=what, entry="clean.effect", name=name))]
    if order.certify is not None:
        wanted = Certify(count=order.certify, balanced=order.balanced)
        steps = certificate_of(cleaning, rows.recipe, wanted, sources=rows.sources, seed=order.seed)
        what = f"training {order.certify:,} models that vote, each on its part of the rows"
        found.append((yield from _settled(steps, what=what, entry="clean.certificate", name=name)))
    return found


def tried_repair(cleaning: Cleaning, order: CleanOrder) -> tuple[NetworkFile | None, Finding]:
    """A repaired network and what it still holds; none, and why, where that fails."""
    try:
        made = repaired_network(cleaning, order)
    except Error as error:
        return None, unsettled_finding(REPAIR, name=cleaning.data.name, why=str(error))
    return made, made.finding


def report_of(
    cleaning: Cleaning, order: CleanOrder, findings: Iterable[Finding] = (), *, tool: Tool
) -> Report:
    """The report of a cleaning, with what was not measured."""
    first = quarantine_finding(
        cleaning.suspicion,
        name=cleaning.data.name,
        rows=cleaning.source.rows,
        changed=len(cleaning.approved),
    )
    gaps = [Gap(what=entry, why=why) for entry, why in cleaning.suspicion.silent]
    if order.recipe is None:
        gaps.insert(0, _NOT_RETRAINED)
    return cleaning_report(cleaning, (first, *findings), tool=tool, seed=order.seed, gaps=gaps)


def _effect(
    cleaning: Cleaning, recipe: Recipe, order: CleanOrder, *, sources: Ints | None
) -> Generator[float, None, Finding]:
    """What training without the suspects changes, also for groups of people."""
    groups = None
    if order.group is not None:
        groups = groups_of(
            order.data,
            order.group,
            data=cleaning.data,
            positive=order.positive,
            header=order.header,
        )
    return (yield from effect_of(cleaning, recipe, groups=groups, sources=sources, seed=order.seed))


def _settled(
    steps: Generator[float, None, Finding], *, what: str, entry: str, name: str
) -> Generator[Progress, None, Finding]:
    """Run to the end; a failure is a finding without a verdict."""
    try:
        while True:
            done = next(steps)
            yield Progress(int(100 * done), 100, what)
    except StopIteration as end:
        made: Finding = end.value
        return made
    except Error as error:
        return unsettled_finding(entry, name=name, why=str(error))
