"""Whether detectors of poison look at the data, and at how much of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bartizan.adapt.training.recipe import recipe_function
from bartizan.core.entry import Entry
from bartizan.core.errors import ConfigError, UsageError
from bartizan.core.report import Gap
from bartizan.data.detectors.entries import DETECTORS
from bartizan.data.detectors.sights import sight_of
from bartizan.data.inspection import Brief
from bartizan.data.request import Deep
from bartizan.data.room import half_of_available
from bartizan.data.rules import Rules

_LEAST = 2
"""Rows of a sample: with one, nothing can be compared."""
UNASKED = Gap(
    what="Poisoned rows, planted triggers and wrong labels that look like any other row",
    why=(
        "rows were compared with rules and with other data, not with what a model learns from all "
        "of them; ask for it with --deep (in Python deep=True, in the project file deep = true "
        "under [check.<data>])"
    ),
)


@dataclass(frozen=True, kw_only=True)
class DeepLook:
    """What is asked for, with what the rules of the data say."""

    wanted: bool = False
    recipe: Any = None
    """How the model that the rows are for is trained: ``module:function`` or the function."""
    sample: int | None = None
    """Rows that are looked at; none = all."""
    memory_gb: float | None = None
    """GiB that may be used; none = half of what is free."""

    def with_rules(self, rules: Rules) -> "DeepLook":
        """What the rules say, where nothing else was said."""
        return replace(
            self,
            recipe=rules.recipe if self.recipe is None else self.recipe,
            sample=rules.sample if self.sample is None else self.sample,
        )


def deep_of(
    look: DeepLook, *, brief: Brief, chosen: Sequence[Entry], named: Sequence[str]
) -> Deep | None:
    """What the stage is asked; none = detectors look at nothing.

    Args:
        look: What is asked for.
        brief: The data.
        chosen: Entries that are to run.
        named: Ids that were asked for by name: a detector among them asks for a deep look, and
            without one there is none.

    Raises:
        UsageError: there is no column of labels, no such recipe, or settings without a deep look.
        ModelError: importing the module of the recipe raised.
        ConfigError: a setting makes no sense.
    """
    entries = tuple(entry for entry in chosen if entry.kind == "detector")
    wanted = bool(entries) if named else look.wanted or brief.rules.deep
    if not wanted:  # reports tell how to repeat one inspection, with all flags and its name
        if not look.wanted:
            _require_nothing(look)
        return None
    look = look.with_rules(brief.rules)
    _require_sense(look, brief=brief)
    limit = half_of_available() if look.memory_gb is None else int(look.memory_gb * 2**30)
    return Deep(
        entries=entries,
        applies={module.ENTRY.id: module.applies for module in DETECTORS},
        recipe=look.recipe,
        sample=look.sample,
        limit_bytes=limit,
        sights=tuple(sight_of(entry) for entry in entries),
    )


def _require_nothing(look: DeepLook) -> None:
    """Refuse settings of a look that nobody asked for."""
    told = {"--recipe": look.recipe, "--sample": look.sample, "--memory": look.memory_gb}
    for flag, value in told.items():
        if value is not None:
            message = f"{flag} is about the deep look, and nobody asked for one; add --deep"
            raise UsageError(message)


def _require_sense(look: DeepLook, *, brief: Brief) -> None:
    if brief.target is None:
        message = (
            "a deep look asks what a model learns from the labels, and no column of labels was "
            "named; add --target (of pictures in a folder: one sub-folder for each class)"
        )
        raise UsageError(message)
    if look.sample is not None and look.sample < _LEAST:
        message = f"expected a sample of {_LEAST} rows or more, got {look.sample}"
        raise ConfigError(message)
    if look.memory_gb is not None and not look.memory_gb > 0:
        message = f"expected more than 0 GiB of memory, got {look.memory_gb:g}"
        raise ConfigError(message)
    if look.recipe is not None:
        recipe_function(look.recipe)
