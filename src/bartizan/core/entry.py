"""One item of the catalogue: an attack, a check or an inspection, with the case it must find.

Arrays are named in annotations alone, so that a stage without any starts without their library.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from bartizan.core.attacker import Access
from bartizan.core.finding import (
    Flagged,
    GroupRates,
    Importance,
    Measure,
    Outcome,
    Series,
    Severity,
    Taxonomy,
)
from bartizan.core.record import digest, encode

if TYPE_CHECKING:
    from bartizan.core.arrays import AnyArray, Array, Ints, Mask
    from bartizan.core.classifier import Classifier, Recipe
    from bartizan.core.dataset import Dataset
    from bartizan.core.provenance import Provenance
    from bartizan.core.trigger import Trigger

EntryKind: TypeAlias = Literal["attack", "check", "detector", "inspection", "scan", "union"]
"""`inspection`: looks at data alone, batch by batch, and needs no model; `detector`: looks at all
labelled rows at once, and trains models on them; `scan`: reads the bytes of artefacts, and opens
none; `union`: what all attacks of one attacker amount to, made by the stage from their results."""
Need: TypeAlias = Literal[
    "labels",
    "scores",
    "gradients",
    "structure",
    "numeric",
    "choices",
    "image",
    "columns",
    "narrow",
    "train",
    "opaque",
    "anew",
]
"""What the attacker must see of the model, and the model must have to show; `numeric`: at least one
number the attacker can move; `choices`: at least one category, or a number; `image`: rows are
images; `columns`: they are not; `narrow`: a row holds at most `NARROW` numbers; `train`: the
rows the model was trained on are known; `opaque`: the model shows no trees, which another entry
reads; `anew`: the model can be trained anew."""

NARROW = 4096
"""Numbers in a row up to which small models learn from a few thousand answers: pictures of 36 x 36
in colour. Beyond it, what such models do not learn says nothing about what others would, and a
system of one equation for each number no longer fits into memory."""


@dataclass(frozen=True)
class AttackResult:
    """What an attack found. Row i of every array belongs to row i of the input."""

    points: Array
    """Shape (n, d): the best row found; the original where nothing was found."""
    success: Mask
    """Whether the model's answer on exactly that point is what the attacker wants, and the
    point is valid. The budget in money or distance is judged later."""
    price: Array
    """Shape (n,), in the unit of the attacker's budget; infinity where nothing was found."""
    queries: Ints
    """Shape (n,): questions asked for this row."""
    needed: Ints
    """Shape (n,): questions asked until a point within the budget was first met; -1 = never."""
    lower: Array | None = None
    """Shape (n,), in the unit of the budget: proven that nothing cheaper exists; 0 = nothing
    proven. Equal to `price` where the cheapest change was found. None = no proof is attempted."""
    unfinished: Mask | None = None
    """Shape (n,): whether a time limit of the attack's own ended the proof of a row, so that a
    faster machine may prove more. None = there is no such limit."""
    vanished: Array | None = None
    """Shape (n,): share of the row's gradients that were zero or not finite. None = none seen."""


Kept: TypeAlias = "Callable[[str, Callable[[], Mapping[str, AnyArray]]], Mapping[str, AnyArray]]"
"""``kept(name, make)``: what was made under that name before, else made now and kept."""


def unkept(name: str, make: Callable[[], Mapping[str, AnyArray]]) -> Mapping[str, AnyArray]:
    """Make it, keep nothing."""
    del name
    return make()


@dataclass(frozen=True, kw_only=True)
class Study:
    """What a check has to work with: the model as a whole, and the rows it knows and does not."""

    model: Classifier
    data: Dataset
    """Rows the model was not trained on."""
    train: Dataset | None = None
    """Rows it was trained on, of the same schema and classes, if they are known."""
    provenance: Provenance | None = None
    """Who contributed the rows it was trained on, and when, if that is known."""
    recipe: Recipe | None = None
    """How to train it anew, if that is known."""
    access: Access = "scores"
    """The most that an attacker who decides sees of the model."""
    protected: tuple[int, ...] = ()
    """Classes that the attackers who decide want to leave; empty = nobody said."""
    queries: int = 10_000
    """Questions that a thief of the model may ask in all."""
    cost_per_1000: float | None = None
    """Money for a thousand questions, if the model is sold by them."""
    seed: int = 0
    """Names the run for `kept`; random numbers come from `rng`."""
    kept: Kept = unkept
    """Remembers costly pieces, such as shadow models, so that a stopped run loses none."""


FLAGGED = 20
"""Places that a report names one by one: what a person reads. All rows are in `examples/`."""


@dataclass(frozen=True)
class CheckResult:
    """What a check measured, and how bad a failure of it is."""

    measures: tuple[Measure, ...]
    """The first one decides."""
    severity: Severity
    """If it fails."""
    line: float | None = None
    """Where the threshold lies for this subject, if it depends on it."""
    series: tuple[Series, ...] = ()
    importances: tuple[Importance, ...] = ()
    groups: tuple[GroupRates, ...] = ()
    flagged: tuple[Flagged, ...] = ()
    """The first places in the data that it points at, at most `FLAGGED`."""
    rows: Ints | None = None
    """Ids of all rows that it points at, ascending; none = it points at no rows."""
    remarks: tuple[str, ...] = ()
    """Sentences for the reader: what was done on which rows, what the numbers do not say."""


@dataclass(frozen=True, kw_only=True)
class SuspectedTrigger:
    """A mark that seems to have been planted."""

    trigger: Trigger
    target: int
    """The class it leads to."""
    rows: Ints
    """Positions of the rows that carry it, ascending."""


@dataclass(frozen=True, kw_only=True)
class DetectorResult:
    """What a detector says of labelled rows. Entry i of every array belongs to row i."""

    check: CheckResult
    """For the report; its `rows` are the ids of the rows believed to be wrong."""
    p: Array
    """Shape (n,): chance that an honest row looks as odd as this one; 1 = nothing is said."""
    suggested: Ints | None = None
    """Shape (n,): the class that fits better, -1 = none; none = no label is in question."""
    triggers: tuple[SuspectedTrigger, ...] = ()
    """Strongest first."""


_Made = TypeVar("_Made")
Steps: TypeAlias = Generator[float, None, CheckResult]
"""A check on its way: yields how far it is, 0 to 1, and returns what it measured."""


class TimeUpError(Exception):
    """Thrown into a check on its way when no step may begin any more.

    It may catch it and return what it has, saying so; most have nothing before they are done.
    """


def cut_short(steps: Steps) -> CheckResult | None:
    """End a check on its way.

    Returns:
        What it has measured so far; none = nothing.
    """
    try:
        steps.throw(TimeUpError())
    except StopIteration as end:
        result: CheckResult = end.value
        return result
    except TimeUpError:
        return None
    steps.close()
    return None


def finished(steps: Generator[float, None, _Made]) -> _Made:
    """Run what tells how far it is to its end, where nobody watches; what it returned."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: _Made = end.value
            return made


@dataclass(frozen=True)
class ControlResult:
    """Whether an entry found the case planted for it."""

    passed: bool
    detail: str
    """What was planted and what was found, in words with numbers."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One catalogue item.

    Attacks: ``run(oracle, constraint, x, y, *, params, rng) -> AttackResult``.
    Checks: ``run(study, *, params, rng) -> Steps``, a generator, so that long ones can be
    watched and stopped between two steps; see `TimeUpError`.
    Inspections: ``run(brief, *, params, rng)``, which is then shown every batch, see `data/`; and
    ``control(*, brief, sample, rng) -> ControlResult``.
    Detectors: ``run(rows, *, params, rng)``, a generator like that of a check which returns a
    `DetectorResult`; ``control(*, rows, rng) -> ControlResult``. `rows` is `data.Labelled`.
    Scans: ``run(reader, *, params) -> ...``, see `supply/`; ``control(*, read) -> ControlResult``.
    Control of all others: ``control(*, constraint, data, recipe, rng) -> ControlResult``.
    """

    id: str
    """`family.name`, lower case, never reused."""
    kind: EntryKind
    title: str
    run: Callable[..., Any]
    params: Any
    """A frozen dataclass of defaults."""
    needs: tuple[Need, ...]
    control: Callable[..., ControlResult]
    threshold: tuple[str, Literal["<=", ">="], float]
    """The deciding measure and its default line."""
    unsure: Outcome = "inconclusive"
    """The outcome when the interval straddles the line."""
    proves: bool = False
    """Whether an attack goes on until nothing cheaper can exist. That is worth its time for a
    verdict only, so assumed weaker and stronger attackers do not run it."""
    unbounded: bool = False
    """Whether an attack with gradients goes on without regard to the budget until the answer
    changes. Where every number may move, only a hidden gradient can then stop it."""
    lacks: Callable[[Study], str] | None = None
    """Of a check: why it can say nothing of a subject, empty if it can. Such a check is a gap in
    the coverage, and no finding."""
    leaves: Callable[[Study], str] | None = None
    """Of a check that can be made: what part of the subject it can say nothing of, empty if none.
    That part is a gap in the coverage."""
    weight: int = 1
    """How long a check takes, in questions for each row; tells progress, decides nothing."""
    taxonomy: Taxonomy
    references: tuple[str, ...]
    fix: str
    """What to do when it fails."""


def entries_digest(entries: Iterable[Entry]) -> str:
    """Digest of what could be run: changes when an entry, its settings or its line changes."""
    facts = [
        {
            "id": entry.id,
            "kind": entry.kind,
            "params": repr(entry.params),
            "threshold": list(entry.threshold),
            "unsure": entry.unsure,
            "needs": list(entry.needs),
            "references": list(entry.references),
        }
        for entry in entries
    ]
    return digest(encode(facts))
