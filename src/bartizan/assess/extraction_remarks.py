"""What a reader should know about a theft: in sentences with numbers."""

from collections.abc import Sequence

from bartizan.assess.loot import TOLD, Loot
from bartizan.assess.theft import Scene
from bartizan.attack.equations import LinearCopy
from bartizan.core.finding import Measure


def remarks(
    scene: Scene,
    *,
    ways: Sequence[Loot],
    told: Sequence[Loot],
    hidden: Sequence[Measure],
    solved: LinearCopy | None,
    spent: int,
) -> tuple[str, ...]:
    """Sentences for the report.

    Args:
        scene: What there was to steal.
        ways: One loot for each way to ask.
        told: The best way, for each amount told.
        hidden: What telling less took from the thief, rounding first.
        solved: The model from equations, if that was tried.
        spent: Questions of all thieves, whichever run asked them.
    """
    made = [_linear(solved), _hiding(hidden), _best(scene, told), _rows(scene, ways)]
    if scene.study.access in ("gradients", "structure"):
        made.append(
            f"The declared attacker sees the model's {scene.study.access}, and needs no copy; "
            "the numbers are those of somebody who only asks."
        )
    if scene.study.cost_per_1000:
        made.append(_priced(scene, spent, scene.study.cost_per_1000))
    return tuple(text for text in made if text)


def _priced(scene: Scene, spent: int, cost_per_1000: float) -> str:
    """What a thief pays, and what this check did, in this run and those that it goes on from."""
    purse, asked = scene.study.queries, spent + len(scene.x)
    return (
        f"The whole purse of {purse} questions costs {purse / 1000 * cost_per_1000:g}. This check "
        f"asked {asked} questions, {len(scene.x)} of them to measure: "
        f"{asked / 1000 * cost_per_1000:g}."
    )


def _linear(solved: LinearCopy | None) -> str:
    if solved is None or not solved.proven:
        return ""
    return (
        f"The model is linear: {solved.asked} questions that tell scores give it away exactly "
        f"(largest error {solved.error:.1e} of the spread of its scores)."
    )


def _hiding(hidden: Sequence[Measure]) -> str:
    """The headline: what hiding scores changed."""
    if not hidden:
        return "The model tells labels only; what scores would add was not measured."
    rounding, hiding = (_points(measure) for measure in hidden)
    return (
        f"Telling labels only instead of scores takes {hiding} of fidelity from the best thief; "
        f"rounding scores to one decimal takes {rounding}."
    )


def _points(measure: Measure) -> str:
    value, low, high = (100 * (v or 0.0) for v in (measure.value, measure.low, measure.high))
    return f"{value:.1f} points (95 % interval {low:.1f} to {high:.1f})"


def _best(scene: Scene, told: Sequence[Loot]) -> str:
    best = next(loot for loot in told if loot.answer == scene.seen)
    return (
        f"The best thief who trains a copy: {best.way} questions, {TOLD[best.answer]}, "
        f"{best.learner}, {best.asked[-1]} questions. The number that decides takes the best of "
        "all copies on every other row and measures it on the rows between."
    )


def _rows(scene: Scene, ways: Sequence[Loot]) -> str:
    """Who had which rows, and where they ran out."""
    text = (
        f"{len(scene.pool.rows)} rows belong to the thief, {len(scene.x)} others measure the "
        f"copies. A constant answer agrees on {scene.floor:.1%} of them. Thieves had "
        f"{scene.study.queries} questions each."
    )
    short = [
        f"{loot.way} {loot.asked[-1]}" for loot in ways if loot.asked[-1] < scene.study.queries
    ]
    if short:
        text += f" Rows ran out before the questions did: {', '.join(short)}."
    return text
