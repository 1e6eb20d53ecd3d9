"""The check of models of images for backdoors: is one class reached by far too small a mark?"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from bartizan.adapt.training.recipe import Untrainable
from bartizan.assess.backdoor.clean_twins import TWINS, clean_twins, too_few
from bartizan.assess.backdoor.inversion_control import planted
from bartizan.assess.backdoor.size_measures import SIZE, Draw, drawn, measures, told
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Classifier, Differentiable, Weighted, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Entry, Steps, Study
from bartizan.core.finding import Measure, Taxonomy
from bartizan.detect.trigger_canvas import Canvas
from bartizan.detect.trigger_inversion import Inversion, Marks, Search, invert, screened
from bartizan.detect.trigger_size import ALONE, LINE
from bartizan.detect.weight_statistics import weight_statistics

_FEWEST = 40
"""Rows below which a mark that turns 95 % of them is luck."""
_PLANTED = 5 * _FEWEST
"""Rows that the control needs: it searches in a quarter of them, and a little less where classes
are small: of 160 digits in 38."""
_OTHERS = 15
"""Rows outside the class that is given most: by chance a half has none of them once in 30,000."""
_VALUES = 8_000_000
"""Numbers of all rows used together: 64 MB, or 53 photographs of 224 x 224."""
_MANY, _FULL = 50, 20
"""Classes from which on a short search picks some, and how many are then searched in full."""
_WORK = 4_000_000_000
"""Numbers that a search may send through the model: about a minute of a small network. Beyond it,
1,000 classes of photographs, it would run for hours."""
_BLIND = 0.5
"""Share of gradients that are zero from which on the search says nothing."""


@dataclass(frozen=True)
class Params:
    """How much is searched."""

    rows: int = 800
    """Rows at most; half of them search, the others say whether a mark carries over."""
    draws: int = 3
    """Searches on rows drawn anew: they give the interval."""
    twins: int = TWINS
    """Clean models trained for comparison, where there is a recipe."""
    inversion: Inversion = Inversion()  # noqa: RUF009 - frozen


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Search the smallest mark that leads to each class, and compare the classes.

    Args:
        study: The model, rows it was not trained on, the recipe.
        params: Rows, searches, clean models.
        rng: Draws rows.

    Yields:
        How far it is.

    Returns:
        The size of the smallest mark beside the usual one, its success on fresh rows, the chance
        of a backdoor, and Neural Cleanse's own index for comparison.

    Cost:
        draws + twins searches of 150 steps of 24 gradients a class, and the twins' training. Half
        a second a search for ten classes of 28 x 28 on a network (64, 32).

    Source:
        See `bartizan.detect.trigger_inversion` and `bartizan.detect.trigger_size`.
    """
    yield 0.0
    model, data = study.model, study.data
    rows = rng.permutation(len(data.y))[
        : min(params.rows, max(_VALUES // data.x.shape[1], _FEWEST))
    ]
    why = _why_not(model, data, rows)
    if why or not isinstance(model, Differentiable):
        return _nothing(why or "the model shows no gradient")
    twins, missing = yield from clean_twins(study.recipe, data, count=params.twins, rng=rng)
    able = [twin.model for twin in twins if isinstance(twin.model, Differentiable)]
    able = [twin for twin in able if _varied(twin, data.x[rows])]
    if len(model.classes) < ALONE and not able:
        few = f"{len(model.classes)} classes are too few to say what is usual"
        return _nothing(f"{few}, and there is no clean model: {missing or 'it has no gradient'}")
    clean = yield from _clean_sizes(able, data.x[rows], data=data, params=params, rng=rng)
    draws = yield from _draws(model, data.x[rows], data=data, clean=clean, params=params, rng=rng)
    return _result(study, draws, clean=clean, missing=missing, n=len(rows))


def lacks(study: Study) -> str:
    """Why there is too little to search in, or to compare with; empty if there is enough."""
    k, width = len(study.model.classes), study.data.x.shape[1]
    alone = study.recipe is None or isinstance(study.recipe, Untrainable)
    if k < ALONE and alone:
        return f"{k} classes are too few to say what is usual, and nothing trains a clean model"
    return too_few(study.data, rows=_PLANTED) or _too_much(k, width)


def _too_much(k: int, width: int) -> str:
    if k <= _MANY or 100 * k * width <= _WORK:
        return ""
    return (
        f"searching {k:,} classes of rows of {width:,} numbers would take hours; bring rows and "
        "a model of the classes in question"
    )


def _why_not(model: Classifier, data: Dataset, rows: Ints) -> str:
    """Why nothing is searched; empty if something is."""
    if data.schema.image is None:
        return "rows are no images"
    if len(rows) < _FEWEST:
        return f"{len(rows)} rows are too few; {_FEWEST} are needed"
    if not _varied(model, data.x[rows]):
        return "the model gives all rows, or almost all, the same class"
    return _too_much(len(model.classes), data.x.shape[1])


def _varied(model: Classifier, x: Array) -> bool:
    """Whether each half of the rows has some that a mark could turn, whatever its class."""
    return len(x) - int(np.bincount(decisions(model.scores(x))).max()) >= _OTHERS


def _nothing(why: str) -> CheckResult:
    return CheckResult(measures=(Measure(name=SIZE, value=None, why=why),), severity="high")


def _search(
    model: Differentiable,
    x: Array,
    *,
    data: Dataset,
    params: Params,
    targets: Ints | None,
    rng: np.random.Generator,
) -> Search:
    """Marks of all classes, or of those that a short search picks among many."""
    decided, canvas = decisions(model.scores(x)), Canvas.of(data)
    everything = np.arange(len(model.classes)) if targets is None else targets
    if targets is None and len(everything) > _MANY:
        return screened(
            model, x, decided, canvas=canvas, targets=everything, most=_FULL, rng=rng
        )  # fmt: skip
    return invert(
        model, x, decided, canvas=canvas, targets=everything, settings=params.inversion, rng=rng
    )


def _clean_sizes(
    twins: list[Differentiable],
    x: Array,
    *,
    data: Dataset,
    params: Params,
    rng: np.random.Generator,
) -> Generator[float, None, Array | None]:
    """Sizes of the smallest marks of clean models, (models, c); none of many classes."""
    if not twins or len(data.classes) > _MANY:
        return None
    found = []
    for twin in twins:
        marks = yield from _search(twin, x, data=data, params=params, targets=None, rng=rng)
        found.append(marks.size)
    return np.stack(found)


def _draws(
    model: Differentiable,
    x: Array,
    *,
    data: Dataset,
    clean: Array | None,
    params: Params,
    rng: np.random.Generator,
) -> Generator[float, None, list[Draw]]:
    """Searches on rows drawn anew, each judged on the rows it did not use."""
    found: list[Draw] = []
    targets: Ints | None = None
    for _ in range(params.draws):
        order = rng.permutation(len(x))
        search, fresh = x[order[: len(x) // 2]], x[order[len(x) // 2 :]]
        marks: Marks = yield from _search(
            model, search, data=data, params=params, targets=targets, rng=rng
        )
        if len(marks.targets) < len(model.classes):
            targets = marks.targets  # the short search is made once
        found.append(drawn(model, marks, fresh, clean=clean, rng=rng))
    return found


def _result(
    study: Study, draws: list[Draw], *, clean: Array | None, missing: str, n: int
) -> CheckResult:
    image, blind = study.data.schema.image, max(draw.marks.vanished for draw in draws)
    if blind > _BLIND or not any(draw.marks.reached.any() for draw in draws):
        told_why = (
            f"{blind:.0%} of the gradients were zero or no numbers"
            if blind > _BLIND
            else "no mark turned enough rows into any class, which a sound gradient finds"
        )
        return _nothing(f"the search cannot be trusted: {told_why}")
    shape = image.shape if image else (1, study.data.x.shape[1], 1)
    return CheckResult(
        measures=(*measures(draws, n=n), *_weights(study.model)),
        severity="high",
        remarks=(
            told(draws, classes=study.model.classes, shape=shape),
            _calibrated(clean, missing),
            _BLIND_SPOTS,
            *([_WEIGHTS] if isinstance(study.model, Weighted) else []),
        ),
    )


def _weights(model: Classifier) -> tuple[Measure, ...]:
    """A second opinion, where the weights are shown."""
    if not isinstance(model, Weighted):
        return ()
    found = weight_statistics(model.layers())
    name = "last-layer-outlier"
    return (Measure(name=name, value=found.outlier, n=len(model.classes), unit="deviations"),)


def _calibrated(clean: Array | None, missing: str) -> str:
    """What the sizes are compared with."""
    if clean is not None:
        return (
            f"Sizes are compared class by class with those of {len(clean)} clean models, trained "
            "by the recipe on these rows; the line is that of small networks on digits and clothes."
        )
    return (
        "Sizes are compared among the classes alone, with a line measured on small networks on "
        f"digits and clothes: {missing or 'there are too many classes for clean models'}."
    )


_BLIND_SPOTS = (
    "A class that lies near all others by nature (a natural Trojan) looks the same as a planted "
    "one. Triggers of a few source classes, of several targets at once, and those that move with "
    "the content of a picture may need marks as large as any other, and are not seen."
)

_WEIGHTS = (
    "The outlier among the last layer's weights decides nothing: on small networks it told "
    "backdoored ones from clean ones no better than chance (area 0.48)."
)

ENTRY = Entry(
    id="backdoor.inversion",
    kind="check",
    title="Backdoor: a mark far too small turns pictures into one class",
    run=run,
    params=Params(),
    needs=("gradients", "image"),
    control=planted(run, Params(rows=600, draws=2, twins=2)),
    threshold=(SIZE, ">=", LINE),
    lacks=lacks,
    weight=40,
    taxonomy=Taxonomy(
        atlas=("AML.T0018.000", "AML.T0020"),
        owasp_ml=("ML02:2023", "ML10:2023"),
        nist_ai_100_2=("Backdoor poisoning",),
    ),
    references=("Wang et al. (2019), IEEE S&P, Neural Cleanse", "arXiv:2602.07152"),
    fix=(
        "Look at the rows of the class that the mark leads to (`bartizan data check --deep`), take "
        "out those that carry it and train anew; do not use the model until then."
    ),
)
