"""The plan of one request: its space, its attackers, the rows they attack."""

import numpy as np

from bartizan.adapt.training.recipe import Untrainable
from bartizan.assess.gaps import applies, not_covered, untried
from bartizan.assess.plan import Plan, Planned, constraints, missing_need
from bartizan.assess.request import Request
from bartizan.assess.rows import Clean, attacked_rows, deciding_classes, protected_classes
from bartizan.core.arrays import Ints
from bartizan.core.classifier import Recipe, offered
from bartizan.core.constraint import Constraint
from bartizan.core.dataset import Dataset
from bartizan.core.entry import NARROW, Entry, Study
from bartizan.core.errors import ConfigError
from bartizan.core.report import Gap
from bartizan.core.space import Space, space_of
from bartizan.core.streams import rng

_SAMPLE = 512
"""Rows an attacker is assumed to own, shared out evenly over the classes."""
_SAMPLE_BYTES = 128 << 20
"""Most that these weigh: 111 photographs of 224 x 224. More are rarely looked at, and they are held
in every process."""


def laid_out(request: Request, clean: Clean) -> tuple[Plan, tuple[str, ...]]:
    """Plan a request.

    Returns:
        The plan, and warnings about the data.

    Raises:
        ConfigError: an attacker who decides does not fit the data, or can try no attack; a
            relation holds nowhere.
    """
    reference = request.reference or request.data
    space = space_of(request.data.schema, reference.x)
    warnings = _relation_warnings(space, request.data)
    owned = _sample(reference, seed=request.seed)
    items, gaps = _checks(request)
    for constraint in constraints(
        request.attackers,
        space,
        sample=reference.x[owned],
        sample_y=reference.y[owned],
        offered=offered(request.model),
    ):
        planned, missing = _attacks(request, clean, constraint)
        if not planned and constraint.attacker.decides and _indices(request, "attack"):
            raise ConfigError(_idle(constraint, missing, known=request.warnings))
        items += [*planned, *_union(request, planned)]
        gaps += missing
    return Plan(items=tuple(items), gaps=(*gaps, *not_covered(offered(request.model)))), warnings


def _indices(request: Request, kind: str) -> list[int]:
    return [place for place, entry in enumerate(request.entries) if entry.kind == kind]


def _checks(request: Request) -> tuple[list[Planned], list[Gap]]:
    """The checks that can be made, and those for which something is missing."""
    rows = np.arange(len(request.data.y))
    planned, gaps = [], []
    for place in _indices(request, "check"):
        entry, image = request.entries[place], request.data.schema.image
        if "image" in entry.needs and image is None:
            continue  # it is not about such rows at all, which is no gap
        unseen = _hidden_from(entry, request)
        if unseen is not None:
            gaps += [Gap(what=entry.title, why=why) for why in unseen]
        elif "anew" in entry.needs and not _trainable(request.recipe):
            why = getattr(request.recipe, "why", "nothing says how the model is trained anew")
            gaps.append(Gap(what=entry.title, why=why))
        elif "train" in entry.needs and request.train is None:
            why = "it needs the rows the model was trained on: name them with --train"
            gaps.append(Gap(what=entry.title, why=why))
        elif "columns" in entry.needs and image is not None:
            gaps.append(Gap(what=entry.title, why="rows are images, which have no columns"))
        elif "narrow" in entry.needs and request.data.schema.width > NARROW:
            why = (
                f"a row holds {request.data.schema.width:,} numbers, and the small models used "
                f"here learn from at most {NARROW:,}"
            )
            gaps.append(Gap(what=entry.title, why=why))
        else:
            planned.append(Planned(entry=entry, constraint=None, rows=rows, queries=entry.weight))
            left = entry.leaves(_study(request)) if entry.leaves else ""
            gaps += [Gap(what=entry.title, why=left)] if left else []
    return planned, gaps


def _trainable(recipe: Recipe | None) -> bool:
    """Whether a recipe is worth a try: one that says why it cannot train is none."""
    return recipe is not None and not isinstance(recipe, Untrainable)


def _hidden_from(entry: Entry, request: Request) -> tuple[str, ...] | None:
    """Why a check has too little of the model or the rows; empty if it is about other ones."""
    most, image = offered(request.model), request.data.schema.image is not None
    if "image" in entry.needs and not image:
        return ()
    if "gradients" in entry.needs and most != "gradients":
        return () if most == "structure" else ("it needs gradients, and the model shows none",)
    if "opaque" in entry.needs and (most == "structure" or image):
        return ()
    if "structure" in entry.needs and (most != "structure" or image):
        return ()
    if "scores" in entry.needs and most == "labels":
        return ("it needs scores, and the model answers labels only",)
    why = entry.lacks(_study(request)) if entry.lacks else ""
    return (why,) if why else None


def _study(request: Request) -> Study:
    """What a check would have to work with, as far as it says whether it applies."""
    return Study(
        model=request.model,
        data=request.data,
        train=request.train,
        provenance=request.provenance,
        recipe=request.recipe,
        protected=deciding_classes(request.attackers, request.model),
    )


def _attacks(
    request: Request, clean: Clean, constraint: Constraint
) -> tuple[list[Planned], list[Gap]]:
    """What one attacker will do, and what cannot be tried on their behalf."""
    attacker = constraint.attacker
    classes = protected_classes(attacker, request.model)
    limit = request.profile.rows
    # The same rows for the weaker and the stronger one, so that the curves compare.
    stream = rng(request.seed, "assess", "rows", *map(int, classes))
    rows = attacked_rows(clean, classes, limit=limit, rng=stream)
    planned: list[Planned] = []
    missing: list[tuple[Entry, str]] = []
    most, image = offered(request.model), constraint.space.image is not None
    for place in _indices(request, "attack"):
        entry = request.entries[place]
        if not applies(entry, image=image, offered=most):
            continue
        if entry.proves and not attacker.decides:
            continue
        why = missing_need(entry, constraint, offered=most)
        if why is None:
            queries = attacker.queries or request.profile.queries
            planned.append(Planned(entry=entry, constraint=constraint, rows=rows, queries=queries))
        elif attacker.decides:
            missing.append((entry, why))
    return planned, list(untried(attacker, missing))


def _union(request: Request, planned: list[Planned]) -> list[Planned]:
    """All attacks of one attacker together, where there are several."""
    if len(planned) < 2:
        return []
    first = planned[0]
    return [
        Planned(
            entry=request.entries[place],
            constraint=first.constraint,
            rows=first.rows,
            queries=0,
        )
        for place in _indices(request, "union")
    ]


def _idle(constraint: Constraint, missing: list[Gap], *, known: tuple[str, ...]) -> str:
    """Why an attacker who decides has nothing to do, and what to change.

    What is known of the model may say why it shows no gradient.
    """
    name = constraint.attacker.name
    if not constraint.numeric.size and not constraint.switches:
        return (
            f"attacker {name!r} can change nothing in this data, so passing would mean nothing; "
            "make at least one feature mutable"
        )
    reasons = "; ".join(dict.fromkeys(gap.why for gap in missing))
    hidden = "".join(f" ({note})" for note in known if note.startswith("no gradient"))
    return (
        f"none of the chosen attacks can be tried on behalf of attacker {name!r}: "
        f"{reasons or 'they are not about such a model or such rows'}{hidden}; choose others with "
        "--entry, or declare an attacker they fit"
    )


def _sample(reference: Dataset, *, seed: int) -> Ints:
    """Rows that attackers own, as many of each class as there are, up to an even share."""
    stream = rng(seed, "assess", "sample")
    classes = np.unique(reference.y)
    most = min(_SAMPLE, max(_SAMPLE_BYTES // (8 * max(reference.schema.width, 1)), 1))
    quota = -(-most // len(classes))
    picks = [stream.permutation(np.flatnonzero(reference.y == label))[:quota] for label in classes]
    chosen = np.concatenate(picks)
    if len(chosen) * reference.schema.width * 8 > _SAMPLE_BYTES:  # too many even one by one
        chosen = stream.permutation(chosen)[:most]
    return np.sort(chosen)


def _relation_warnings(space: Space, data: Dataset) -> tuple[str, ...]:
    found = []
    for relation in space.relations:
        broken = int((~relation.holds(data.x)).sum())
        if broken == len(data.x):
            message = (
                f"relation {relation.text!r} holds in no row of {data.name!r}; is it written "
                "the right way round?"
            )
            raise ConfigError(message)
        if broken:
            found.append(
                f"relation {relation.text!r} does not hold in {broken} of {len(data.x)} rows of "
                f"{data.name!r}; it is not asked of changes to these rows"
            )
    return tuple(found)


def unmatched_waivers(plan: Plan, request: Request) -> tuple[str, ...]:
    """One sentence for each waiver whose finding this run does not make: most likely a typo."""
    planned = {item.id(request.subject.name) for item in plan.items}
    return tuple(
        f"the waiver of {name!r} fits no finding of this run; compare its id with the report"
        for name in request.waivers
        if name not in planned
    )
