"""What was planted on which rows, and what the curves do not say."""

from collections.abc import Iterator

import numpy as np

from bartizan.assess.damage.ground import Ground
from bartizan.assess.damage.measures import Found
from bartizan.assess.damage.settings import Params
from bartizan.core.classifier import decisions
from bartizan.core.entry import Study

_USUAL = 5
"""Seeds without which a figure is only a first look."""


def remarks(found: Found, place: Ground, study: Study, *, params: Params) -> Iterator[str]:
    """Sentences for the reader.

    Args:
        found: All numbers.
        place: The rows.
        study: The model in question.
        params: What was tried.
    """
    yield _trained(found, place, params)
    if found.kind.marks:
        yield from _marked(found, place, params)
    yield _beside(found, study, place)
    if len(place.train.y) < place.size:
        yield (
            f"{len(place.train.y)} of the {place.size} training rows were used; the same share of "
            "all of them would be more rows, and do as much or more."
        )
    if place.doubles:
        yield f"{place.doubles} rows of the data stand in the training data too and were left out."
    for what, why in found.trials.dropped.items():
        yield f"Not tried: {what}, as {why}."
    if len(found.trials.clean) < params.seeds:
        yield (
            f"Time was up after {len(found.trials.clean)} of {params.seeds} seeds, and these alone "
            "count. With --resume the others follow."
        )
    yield (
        "This says what poison would do, not that there is any: `bartizan data check --deep` looks "
        "for it. An attacker who knows the recipe can choose better rows than these."
    )


def _trained(found: Found, place: Ground, params: Params) -> str:
    shares = ", ".join(f"{100 * rate:g} %" for rate in params.rates)
    count = sum(len(made) for made in found.trials.right.values())
    seeds = len(found.trials.clean)
    few = "" if seeds >= _USUAL else f" {seeds} seeds are a first look only."
    return (
        f"{seeds} models were trained on {len(place.train.y)} rows as they are, and {count} "
        f"with {shares} of them poisoned ({', '.join(found.by)}), each judged on {found.n} rows "
        "that none was trained on, every class counting the same. Of the ways the strongest "
        f"decides, which is: {found.strongest or 'none'}.{few}"
    )


def _marked(found: Found, place: Ground, params: Params) -> Iterator[str]:
    label = place.train.classes[place.target(params.rate)]
    marks = "; ".join(
        f"{way}: {text}, which clean models take for it in {found.natural[way]:.1%} of these rows"
        for way, text in found.trials.marks.items()
        if way in found.natural and found.n
    )
    yield (
        f"Marked training rows got the label {str(label)!r}. Marks were put on rows of other "
        "classes that most clean models but the one compared with get right; each seed draws marks "
        f"of its own. {marks}."
    )


def _beside(found: Found, study: Study, place: Ground) -> str:
    """How models trained anew compare with the model itself."""
    right = decisions(study.model.scores(place.held.x)) == place.held.y
    classes = np.unique(place.held.y)
    own = float(np.mean([right[place.held.y == one].mean() for one in classes]))
    each = [
        float(np.mean([row[place.held.y == one].mean() for one in classes]))
        for row in found.trials.clean
    ]
    return (
        f"Clean models trained anew reach a balanced accuracy of {min(each):.3f} to "
        f"{max(each):.3f}: a loss no larger than they differ is chance. The model itself reaches "
        f"{own:.3f}."
    )
