"""The check whether a model gives away which rows it was trained on."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.candidates import Candidates, candidates
from bartizan.assess.claims import FALSE, Claims, accuracy_gap, claims, curves, found_at, too_few
from bartizan.assess.discretion import discreet
from bartizan.assess.membership_control import planted
from bartizan.assess.shadows import Shadows, Sight, shadows
from bartizan.core.entry import CheckResult, Entry, Steps, Study
from bartizan.core.errors import ConfigError, Error
from bartizan.core.finding import Severity, Taxonomy

_LINE = 0.05
"""Share of the members that may be found at 1 % false claims. Guessing finds 1 %. With 300 rows
a side, the fewest allowed, a model that leaks nothing has an interval that ends at 3 to 4 %, so
5 % is about the lowest line that it can be shown to keep."""


@dataclass(frozen=True)
class Params:
    """Settings."""

    shadows: int = 16
    """Models trained anew, an even number. Sixteen found nine tenths of what thirty-one did on
    Purchase-like rows (14.9 and 16.2 % at 1 % false claims), in half the time."""
    rows: int = 4000
    """Rows in question at most, on each side: 1 % of them is 40 rows, known to a third."""
    fewest: int = 200
    """Rows on each side without which no shadow model is trained: the area would be known to
    0.06 at best, which is more than most models leak."""

    def __post_init__(self) -> None:
        """Refuse designs in which a row is never in, or never out."""
        if self.shadows < 4 or self.shadows % 2:
            message = f"shadows must be an even number of at least 4, got {self.shadows}"
            raise ConfigError(message)


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Try to tell rows the model was trained on from others by what it says about them.

    Models are surer of rows they have seen. How sure a model is that has *not* seen a row says
    how much of that is the row's own ease: so shadow models are trained as this one was, each on
    half of the rows in question, and the answer is compared with those of both halves. An
    attacker can do the same with rows of their own.

    Args:
        study: The model; rows it was trained on, and rows it was not; the recipe.
        params: How many models and rows.
        rng: Draws the rows, splits them, and seeds the models.

    Yields:
        The share of the shadow models that are trained.

    Returns:
        The share of the members found where 1 % of the others are claimed, by an attacker who
        sees scores, or labels if nobody who decides sees more; the area under the curve and the
        largest advantage of the same; the area of the loss threshold and of labels alone; the
        gap of accuracy. Without a recipe that works the first three have a reason in place of a
        value, and the others need none.

    Cost:
        `params.shadows` trainings on one thread.

    Source:
        Carlini et al. (2022), arXiv:2112.03570. Deviations: see `attack/likelihood_ratio.py`;
        each model is asked about each row once, without augmentation; the rows are drawn from
        the user's own, so that the model in question is one of a kind and not one of many.
    """
    yield 0.0
    train = study.data.take(np.zeros(0, dtype=np.int64)) if study.train is None else study.train
    asked = candidates(train, study.data, limit=params.rows, rng=rng)
    sight = Sight.of(study.model, asked)
    others: Shadows | None = None
    why = _why_not(study, asked, fewest=params.fewest)
    if study.recipe is not None and not why:
        steps = shadows(
            study.recipe, asked, count=params.shadows, like=study.model, kept=study.kept, rng=rng
        )
        try:
            others = yield from steps
        except Error as error:
            told = discreet(str(error), study.train, study.data)
            why = f"no shadow model could be trained: {told}"
    found = claims(
        sight,
        others,
        member=asked.member,
        labels=study.access == "labels",
        kind=study.model.score_kind,
    )
    return _result(found, sight, asked=asked, why=why, params=params)


def _why_not(study: Study, asked: Candidates, *, fewest: int) -> str:
    """Why no shadow model is trained; empty if they are."""
    if asked.each < fewest:
        return too_few(asked.each, fewest) + _alike(asked)
    if study.recipe is None:
        return "nothing says how the model is trained anew; name a recipe"
    return ""


def _alike(asked: Candidates) -> str:
    """That rows on both sides are the reason, if they are."""
    if asked.doubles <= asked.each:
        return ""
    return (
        f", because {asked.doubles} rows stand in the training data and in the data alike; give "
        "data that the model was not trained on"
    )


def _result(
    found: Claims, sight: Sight, *, asked: Candidates, why: str, params: Params
) -> CheckResult:
    measures = (
        *found_at(found, why=why),
        found.area("loss-threshold", measure="loss-threshold-auc"),
        found.area("label-only", measure="label-only-auc"),
        accuracy_gap(sight, asked),
    )
    return CheckResult(
        measures=measures,
        severity=severity(measures[0].value or 0.0),
        series=curves(found),
        remarks=tuple(_remarks(found, asked, why=why, params=params)),
    )


def severity(share: float) -> Severity:
    """The damage scale of membership: how many of the members can be named with 1 % false.

    Above one half, most people in the training data can be named, and what has leaked cannot be
    called back by a better model: critical. Above a fifth, twenty times what guessing finds:
    high, as it is for a group of people who are easy to name. Below: medium, a leak of some rows.

    Args:
        share: Members found at 1 % false claims, 0..1.
    """
    if share > 0.5:
        return "critical"
    return "high" if share > 0.2 else "medium"


_WAYS = {
    "likelihood-ratio": "likelihood ratio of the scores, against shadow models",
    "loss-threshold": "how sure the model is",
    "label-only": "decisions alone",
}


def _remarks(found: Claims, asked: Candidates, *, why: str, params: Params) -> list[str]:
    """What was done on which rows, and what the numbers do not say."""
    told = [f"{asked.each} rows of the training data were put in question, and as many others."]
    if not why:
        told.append(
            f"Membership was judged by {_WAYS[next(iter(found.by))]}: {params.shadows} models "
            f"were trained anew on {asked.trained} rows, each on half of the rows in question."
        )
        if next(iter(found.by)) == "label-only":
            told.append("The distance of rows to the decision boundary was not measured.")
        if next(iter(found.by)) != "likelihood-ratio" and "likelihood-ratio" in found.by:
            told.append(_with_scores(found))
    if not why and asked.trained != asked.size:
        told.append(
            f"The model itself was trained on {asked.size} rows; models trained on fewer rows "
            "learn more of each by heart, so that the attack is weaker than it could be."
        )
    if asked.doubles:
        told.append(
            f"{asked.doubles} rows stand in the training data and in the data alike, and count "
            "for neither side."
        )
    return told


def _with_scores(found: Claims) -> str:
    """What an attacker would find who sees more than the one who decides."""
    share = float(found.roc("likelihood-ratio").at(FALSE))
    return (
        f"Somebody who sees scores finds {share:.1%} of them at the same share of false claims; "
        "the attacker who decides sees labels only."
    )


ENTRY = Entry(
    id="privacy.membership",
    kind="check",
    title="Membership inference: who was in the training data",
    run=run,
    params=Params(),
    needs=("train",),
    control=planted(run, Params(shadows=8, rows=200, fewest=20)),
    threshold=("membership-tpr-at-1-percent-fpr", "<=", _LINE),
    weight=100,
    taxonomy=Taxonomy(
        atlas=("AML.T0024.000",),
        owasp_ml=("ML04:2023",),
        nist_ai_100_2=("Membership inference",),
    ),
    references=(
        "arXiv:2112.03570",
        "Yeom et al. (2018), CSF",
        "DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44",
    ),
    fix=(
        "Regularise the model: fewer or shallower trees, more rows a leaf, stronger penalties, "
        "earlier stopping. The gap between training and test accuracy should close first. What "
        "hiding scores saves shows in the curves, but labels too tell a patient attacker how far "
        "a row lies from the boundary. For a guarantee train with differential privacy."
    ),
)
