"""The rows of a cleaning, what models show of it, and its report."""

from collections.abc import Generator, Iterable

from bartizan.adapt.table import load_dataset
from bartizan.adapt.training.recipe import data_recipe
from bartizan.core.errors import UsageError
from bartizan.core.finding import Finding
from bartizan.core.progress import Progress
from bartizan.core.report import Gap, Report, Tool
from bartizan.data.cleaning.account import quarantine_finding
from bartizan.data.cleaning.cleaning import Cleaning
from bartizan.data.cleaning.gains import Certify, certificate_of, effect_of
from bartizan.data.cleaning.people import groups_of
from bartizan.data.cleaning.summary import cleaning_report
from bartizan.data.labelled import Labelled
from bartizan.workspace.clean_order import CleanOrder

_NOT_RETRAINED = Gap(
    what="What leaving these rows out gains or costs",
    why=(
        "nothing was retrained, because no recipe was named; name how your model is trained with "
        "--recipe module:function"
    ),
)


def labelled_rows(order: CleanOrder) -> Labelled:
    """The labelled rows, and how a model learns from them."""
    table = load_dataset(order.data, target=order.target, name=order.name, has_header=order.header)
    recipe = None if order.recipe is None else data_recipe(order.recipe, table=table)
    return Labelled(data=table.dataset, recipe=recipe, seed=order.seed)


def gained(
    cleaning: Cleaning, rows: Labelled, order: CleanOrder
) -> Generator[Progress, None, list[Finding]]:
    """Findings that need models."""
    if rows.recipe is None:
        for flag, value in (("--group", order.group), ("--certify", order.certify)):
            if value is not None:
                message = f"{flag} needs models, and no recipe was named; add --recipe"
                raise UsageError(message)
        return []
    groups = None
    if order.group is not None:
        groups = groups_of(
            order.data,
            order.group,
            data=cleaning.data,
            positive=order.positive,
            header=order.header,
        )
    found = []
    steps = effect_of(cleaning, rows.recipe, groups=groups, seed=order.seed)
    try:
        while True:
            done = next(steps)
            yield Progress(int(100 * done), 100, "training with the suspects and without")
    except StopIteration as end:
        found.append(end.value)
    if order.certify is not None:
        yield Progress(0, 0, f"training {order.certify} models that vote")
        wanted = Certify(count=order.certify, balanced=order.balanced)
        found.append(certificate_of(cleaning, rows.recipe, wanted, seed=order.seed))
    return found


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
