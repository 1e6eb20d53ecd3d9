"""The check on theft: how good a copy of the model can be bought with questions."""

from dataclasses import dataclass

import numpy as np

from bartizan.assess.extraction_control import planted
from bartizan.assess.extraction_remarks import remarks
from bartizan.assess.fidelity import above_floor, agreement, best_of, lost
from bartizan.assess.loot import Loot, curves
from bartizan.assess.theft import FEWEST, Scene, Theft
from bartizan.attack.equations import LinearCopy
from bartizan.core.arrays import Mask
from bartizan.core.classifier import decisions
from bartizan.core.entry import CheckResult, Entry, Steps, Study
from bartizan.core.finding import Measure, Severity, Taxonomy

_LINE = 0.80
"""Accepted: four in five of the decisions that a constant would get wrong. Copies of boosted trees
on tables reach 0.83 after 3,000 questions, and copies of image models that kept 76 % of the
accuracy were called good (Orekondy et al. 2019): from here on, answers are the model."""
_WHOLE = 0.95
"""Above this a copy does the model's work: at most one in twenty uncommon decisions differs."""
_NAME = "fidelity-above-floor"


@dataclass(frozen=True)
class Params:
    """How much is measured."""

    rows: int = 5000
    """Rows that measure fidelity, at most: the interval is then within 1.4 points."""
    points: int = 5
    """Sizes of copies on a curve, each twice the one before; the last is the whole purse."""


@dataclass(frozen=True)
class _Spoils:
    """Everything that was stolen."""

    scene: Scene
    ways: tuple[Loot, ...]
    told: tuple[Loot, ...]
    """The best way to ask, for each amount told, most first."""
    solved: LinearCopy | None

    def within(self, *, labels: bool) -> list[Mask]:
        """Agreement of the copies that the attacker can make; of labels alone if so wished."""
        loots = [*self.ways, *self.told]
        allowed = {"labels"} if labels else {self.scene.seen, "labels"}
        found = [loot.agree(self.scene.decided) for loot in loots if loot.answer in allowed]
        # The exact copy comes first: on few rows another one may be as good by luck.
        return found if self.exact is None or labels else [self.exact, *found]

    @property
    def exact(self) -> Mask | None:
        """Agreement of the copy from equations, if the model is linear."""
        if self.solved is None or not self.solved.proven:
            return None
        return np.asarray(decisions(self.solved.scores(self.scene.x)) == self.scene.decided)


def run(study: Study, *, params: Params, rng: np.random.Generator) -> Steps:
    """Let thieves copy the model, and measure how far the best of them gets.

    Half of the rows belong to the thieves, the other half measures their copies. Linear models
    are solved first. Then each way of choosing questions is tried with what the deciding
    attacker is told, and the best way also with less (and more) than that.

    Args:
        study: The model, rows it was not trained on, and the purse.
        params: How many rows measure.
        rng: For everything random.

    Yields:
        How far it is; a step for each copy trained.

    Returns:
        Fidelity above that of a constant answer, for the best thief and the whole purse.

    Cost:
        Four thieves' purses of questions, two more where the active one is best, and about
        thirty small models to train.

    Source:
        Tramer et al. (2016), USENIX Security; Orekondy et al. (2019), CVPR, "Knockoff nets".
        Fidelity is counted above the majority floor, since a constant answer agrees often.
    """
    yield 0.0
    if len(study.data.y) < FEWEST:
        why = f"at least {FEWEST} rows are needed, half of them for the thief"
        return CheckResult(measures=(Measure(name=_NAME, value=None, why=why),), severity="low")
    scene = Scene.of(study, most=params.rows, rng=rng)
    theft = Theft(scene, points=params.points)
    solved = theft.solved()
    ways = tuple(Loot(way, scene.seen) for way in scene.ways)
    steps = params.points * (len(ways) + len(scene.answers) - 1)
    done = 0
    for loot in ways:
        for _ in theft.stolen(loot):
            done += 1
            yield done / steps
    best = max(ways, key=lambda loot: loot.fidelities(scene.decided)[-1])
    told = tuple(best if a == scene.seen else Loot(best.way, a) for a in scene.answers)
    for loot in told:
        for _ in theft.stolen(loot) if loot is not best else ():
            done += 1
            yield min(done / steps, 1.0)
    return _measured(_Spoils(scene, ways, told, solved), theft.spent, rng=rng)


def _measured(spoils: _Spoils, spent: int, *, rng: np.random.Generator) -> CheckResult:
    """The numbers of everything stolen."""
    scene = spoils.scene
    usual = scene.decided == np.bincount(scene.decided).argmax()
    best = best_of(np.array(spoils.within(labels=False)))
    decides = above_floor(best, usual, rng=rng)
    blind = above_floor(best_of(np.array(spoils.within(labels=True))), usual, rng=rng)
    hidden = _hidden(spoils, rng=rng)
    return CheckResult(
        measures=(
            decides,
            agreement("fidelity", best),
            Measure(name="majority-floor", value=scene.floor, n=len(usual)),
            agreement("fidelity-near-boundary", best[scene.near]),
            *_accuracies(spoils),
            *hidden,
            Measure(name="questions-asked", value=float(spent), unit="queries"),
        ),
        severity=severity(decides.value or 0.0, blind.value or 0.0),
        series=curves(
            spoils.ways,
            spoils.told,
            truth=scene.decided,
            cost_per_1000=scene.study.cost_per_1000,
        ),
        remarks=remarks(
            scene,
            ways=spoils.ways,
            told=spoils.told,
            hidden=hidden,
            solved=spoils.solved,
            spent=spent,
        ),
    )


def _accuracies(spoils: _Spoils) -> tuple[Measure, ...]:
    """How often the best way's copy, and the model, are right."""
    scene = spoils.scene
    own = next(loot for loot in spoils.told if loot.answer == scene.seen)
    return (
        agreement("copy-accuracy", own.decided[-1] == scene.y),
        agreement("model-accuracy", scene.decided == scene.y, better="higher"),
    )


def _hidden(spoils: _Spoils, *, rng: np.random.Generator) -> tuple[Measure, ...]:
    """What telling less than scores takes from the best thief, on the same rows."""
    agree = {loot.answer: loot.agree(spoils.scene.decided) for loot in spoils.told}
    if "scores" not in agree:
        return ()
    return (
        lost("lost-by-rounding-scores", agree["scores"], agree["rounded"], rng=rng),
        lost("lost-by-hiding-scores", agree["scores"], agree["labels"], rng=rng),
    )


def severity(reached: float, blind: float) -> Severity:
    """The damage scale of theft: the less must be told, the worse.

    Args:
        reached: Fidelity above the floor with what the attacker is told.
        blind: The same with labels only.

    Returns:
        High for a whole copy (above 0.95) from labels, which nothing in the answers can hide;
        medium for one that needs scores, or a partial one from labels; low otherwise.
    """
    if blind > _WHOLE:
        return "high"
    return "medium" if reached > _WHOLE or blind > _LINE else "low"


ENTRY = Entry(
    id="extraction.surrogate",
    kind="check",
    title="Extraction: a copy trained from answers",
    run=run,
    params=Params(),
    needs=("labels", "narrow"),
    control=planted(run, Params(points=2)),
    threshold=(_NAME, "<=", _LINE),
    weight=3,
    taxonomy=Taxonomy(
        atlas=("AML.T0024.002", "AML.T0005"),
        owasp_ml=("ML05:2023",),
        nist_ai_100_2=("Model extraction",),
    ),
    references=(
        "Tramer et al. (2016), USENIX Security, equation solving and retraining",
        "Orekondy et al. (2019), CVPR, Knockoff nets",
    ),
    fix=(
        "Bound what one customer can ask, watch for questions that sweep the space, and price "
        "answers so that a copy costs more than it is worth. Telling less than scores helps only "
        "as far as the measured difference says. A linear model is given away by its scores."
    ),
)
