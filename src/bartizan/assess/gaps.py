"""What an assessment says nothing about: always, or for this model and these attackers."""

from collections.abc import Sequence

from bartizan.core.attacker import Access, Attacker
from bartizan.core.entry import Entry
from bartizan.core.report import Gap

_ALWAYS = (
    Gap(
        what="Poisoning of the training data",
        why=(
            "its rows and sources are examined by `bartizan data check --deep`, not here; of "
            "backdoors only the marks that the checks of this report search for would be seen"
        ),
    ),
    Gap(
        what="Inference of attributes and of training rows themselves",
        why="what the model gives away about single values is not measured",
    ),
    Gap(
        what="The artefact and the service around it",
        why="the file is not scanned, and rate limits and access are not tested",
    ),
)
_CLOSED = Gap(
    what="Evasion by somebody who has the model itself",
    why="it shows neither gradients nor trees here, so a pass bounds black-box attackers only",
)


def not_covered(offered: Access) -> tuple[Gap, ...]:
    """What is said of no model of this version, and of none that shows so little.

    Args:
        offered: The most that can be seen of the model.
    """
    return (_CLOSED, *_ALWAYS) if offered in ("labels", "scores") else _ALWAYS


def applies(entry: Entry, *, image: bool, offered: Access) -> bool:
    """Whether an attack is about such rows and such models at all: if not, it is no gap."""
    if ("columns" if image else "image") in entry.needs:
        return False
    return all(need not in entry.needs or need == offered for need in ("gradients", "structure"))


def untried(attacker: Attacker, missing: Sequence[tuple[Entry, str]]) -> tuple[Gap, ...]:
    """One gap for each reason why attacks cannot be tried on behalf of one attacker."""
    reasons = dict.fromkeys(why for _, why in missing)
    return tuple(
        Gap(
            what=(
                f"{', '.join(entry.id for entry, given in missing if given == why)}, attacker "
                f"{attacker.name!r}"
            ),
            why=why,
        )
        for why in reasons
    )
