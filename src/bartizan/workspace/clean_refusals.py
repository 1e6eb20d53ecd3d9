"""What is refused before a cleaning begins, since detectors may run for hours before it fails."""

from pathlib import Path
from tempfile import mkdtemp

from bartizan.core.errors import OutputError, UsageError
from bartizan.data.cleaning.gains import require_votes
from bartizan.data.cleaning.people import groups_of
from bartizan.data.labelled import Labelled
from bartizan.workspace.clean_order import CleanOrder
from bartizan.workspace.clean_rows import labelled_rows
from bartizan.workspace.network_repair import require_repairable

_LONGEST = 1000
"""Characters of a name or a reason; an entry of the ledger holds 65,535 bytes in all."""


def require_sense(order: CleanOrder) -> None:
    """Refuse flags that contradict each other, and a place that cannot be written.

    Raises:
        UsageError: something is asked for that needs something else.
        OutputError: nothing can be written beside `out`.
    """
    _require_company(order)
    _require_numbers(order)
    require_short(by=order.by, reason=order.reason)
    _require_writable(order.out)


def require_gains(order: CleanOrder, *, rows: Labelled | None = None) -> None:
    """Refuse what models are asked for and cannot do: groups, a vote, a repair.

    Args:
        order: What is wanted.
        rows: The labelled rows of its data, where they were read already; none = they are read
            here, if models are asked for anything.

    Raises:
        UsageError: no such recipe, column of groups or of sources, or more models than rows.
        InputError: the data or the network cannot be read.
        ModelError: the network cannot be repaired.

    Cost:
        The data is read, unless `rows` are there; for groups and for a repair it is read once
        more.
    """
    wanted = (order.recipe, order.source, order.repair)
    if all(one is None for one in wanted):
        return
    rows = labelled_rows(order) if rows is None else rows
    if order.group is not None:
        groups_of(
            order.data,
            order.group,
            data=rows.data,
            positive=order.positive,
            header=order.header,
        )
    if order.certify is not None:
        require_votes(len(rows.data.y), order.certify)
    if order.repair is not None:
        require_repairable(order)


def require_short(**words: str) -> None:
    """Refuse what no entry of the ledger would hold.

    Args:
        **words: By the name of their flag.

    Raises:
        UsageError: one is too long.
    """
    for flag, told in words.items():
        if len(told) > _LONGEST:
            message = (
                f"--{flag} has {len(told):,} characters; expected {_LONGEST:,} at most, for the "
                "ledger"
            )
            raise UsageError(message)


def _require_company(order: CleanOrder) -> None:
    for flag, value in (("--group", order.group), ("--certify", order.certify)):
        if value is not None and order.recipe is None:
            message = f"{flag} needs models, and no recipe was named; add --recipe"
            raise UsageError(message)
    for flag, given, other, needed in (
        ("--positive", order.positive is not None, "--group", order.group),
        ("--balanced", order.balanced, "--certify", order.certify),
        ("--weights", order.weights is not None, "--repair-model", order.repair),
    ):
        if given and needed is None:
            message = f"{flag} says nothing without {other}; add {other}, or leave it out"
            raise UsageError(message)
    look = order.look
    if order.checked is None or look is None:
        return
    for flag, number in (("--sample", look.sample), ("--memory", look.memory_gb)):
        if number is not None:
            message = (
                f"{flag} is about detectors that run now, and --from takes what an earlier check "
                "found; leave one of them out"
            )
            raise UsageError(message)


def _require_numbers(order: CleanOrder) -> None:
    for flag, number, least in (("--certify", order.certify, 2), ("--seed", order.seed, 0)):
        if number is not None and number < least:
            message = f"expected {flag} of {least} or more, got {number}"
            raise UsageError(message)


def _require_writable(out: Path) -> None:
    """Make a folder beside it under as long a name as will be made, and remove it."""
    try:
        Path(mkdtemp(prefix=f".{out.name}.", suffix=".0123456789.done", dir=out.parent)).rmdir()
    except OSError as error:
        message = f"cannot write {out}: {error.strerror or error}; choose another --out"
        raise OutputError(message) from error
