"""The thieves of one study: who asks what, in which order, and what their copies decide."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Self

import numpy as np

from bartizan.adapt.training.surrogates import learners
from bartizan.assess.loot import Loot
from bartizan.attack.equations import TRIED, LinearCopy, solve
from bartizan.attack.questions import Pool, candidates, sources
from bartizan.attack.surrogate import Answer, Learner, Purse, Thief, best_learner
from bartizan.attack.terms import Terms
from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.classifier import decisions, margins
from bartizan.core.entry import Study
from bartizan.core.errors import InputError
from bartizan.core.space import space_of

ACTIVE = "active"
FEWEST = 100
"""Rows below which nothing is said: half of them measure the copy."""
_TAUGHT = 1500
"""Answers that learners are compared on, at most."""
_NEAR = 0.1
"""Share of the rows that count as near the boundary: those where the model is least sure."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What the thieves have, and what their copies are measured on. No row is in both."""

    study: Study
    pool: Pool
    terms: Terms
    x: Array
    """Rows that measure, shape (n, d), in random order."""
    y: Ints
    """Their true classes."""
    decided: Ints
    """What the model says of them."""
    near: Mask
    """Whether the model is among its least sure."""
    seeds: Ints
    """One for each thief."""

    @classmethod
    def of(cls, study: Study, *, most: int, rng: np.random.Generator) -> Self:
        """Share the rows out.

        Args:
            study: The model and rows it was not trained on.
            most: Rows that measure, at most.
            rng: For the halves.

        Raises:
            InputError: there are too few rows.
        """
        order, n = rng.permutation(len(study.data.y)), len(study.data.y)
        if n < FEWEST:
            message = f"expected at least {FEWEST} rows, half of which the thief gets, got {n}"
            raise InputError(message)
        rows, held = study.data.x[order[n // 2 :]], order[: n // 2][:most]
        space = space_of(study.data.schema, rows)
        x = study.data.x[held]
        scores = study.model.scores(x)
        decided = decisions(scores)
        sure = margins(scores, decided, kind=study.model.score_kind)
        return cls(
            study=study,
            pool=Pool(space, rows),
            terms=Terms.of(space, rows),
            x=x,
            y=study.data.y[held],
            decided=decided,
            near=sure <= np.quantile(sure, _NEAR),
            seeds=rng.integers(0, 2**31, 16),
        )

    @property
    def floor(self) -> float:
        """Agreement of a copy that always gives the commonest answer."""
        return float(np.bincount(self.decided).max() / len(self.decided))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What the model can tell, most first."""
        only = self.study.model.score_kind == "label"
        return ("labels",) if only else ("scores", "rounded", "labels")

    @property
    def seen(self) -> Answer:
        """What the attacker who decides is told."""
        return "labels" if self.study.access == "labels" else self.answers[0]

    @property
    def ways(self) -> tuple[str, ...]:
        """Ways to choose questions."""
        return (*sources(self.pool.space), ACTIVE)


@dataclass
class Theft:
    """All thieves of one study, one after the other."""

    scene: Scene
    points: int = 5
    """Sizes of copies on a curve, each twice the one before: from a sixteenth of the purse to
    all."""
    _solving: int = 0
    """Questions of whoever solved equations."""
    _pieces: dict[str, Mapping[str, AnyArray]] = field(default_factory=dict)

    @property
    def spent(self) -> int:
        """Questions asked by all thieves together, whichever run asked them."""
        asked = [len(made["chosen"]) for made in self._pieces.values() if "chosen" in made]
        return self._solving + sum(asked)

    def solved(self) -> LinearCopy | None:
        """The model as solved from equations; None where scores are not told or too few are."""
        scene = self.scene
        tried = scene.pool.rows[:TRIED]
        needed = len(scene.terms.probes()) + len(tried)
        if scene.seen != "scores" or needed > scene.study.queries:
            return None
        purse = Purse(scene.study.model, needed)
        copy = solve(purse.scores, scene.terms, kind=scene.study.model.score_kind, rows=tried)
        self._solving += purse.asked
        return copy

    def stolen(self, loot: Loot) -> Iterator[None]:
        """Fill the loot: one step for each copy trained."""
        thief = self._thief(loot.way, loot.answer)
        thief.learner = self._learner(loot.answer)
        loot.learner = thief.learner.name
        for total in _sizes(thief.purse.budget, self.points):
            self._ask(thief, loot.way, total=total)
            n = min(total, len(thief.taken))
            if loot.asked and n == loot.asked[-1]:  # there are no more rows to ask about
                return
            name = f"{loot.way} {loot.answer} copy of {n}"
            piece = self._kept(name, partial(self._decisions, thief, n))
            loot.asked.append(n)
            loot.decided.append(piece["decided"])
            yield

    def _thief(self, way: str, answer: Answer) -> Thief:
        scene, budget = self.scene, self.scene.study.queries
        seed = int(scene.seeds[scene.ways.index(way)])
        make = candidates if way == ACTIVE else sources(scene.pool.space)[way]
        return Thief(
            purse=Purse(scene.study.model, budget),
            terms=scene.terms,
            learner=self._able[0],
            answer=answer,
            rows=make(scene.pool, budget, np.random.default_rng([seed, 0])),
            active=way == ACTIVE,
            seed=seed,
        )

    @property
    def _able(self) -> tuple[Learner, ...]:
        return learners(len(self.scene.terms.owners), len(self.scene.study.model.classes))

    def _ask(self, thief: Thief, way: str, *, total: int) -> None:
        """Let a thief ask until they have asked that much, or for all that they could ask.

        What is told decides what active thieves ask next. The others ask the same questions
        whatever is told, so nothing is asked twice.
        """
        if not thief.active:
            total = thief.purse.budget
        if len(thief.taken) >= min(total, len(thief.rows)):
            return
        told = thief.answer if thief.active else "all"
        piece = self._kept(f"{way} {told} asked {total}", partial(self._answers, thief, total))
        thief.take(piece["chosen"], piece["scores"])
        thief.purse.asked = len(thief.taken)  # an earlier run may have asked

    def _answers(self, thief: Thief, total: int) -> Mapping[str, AnyArray]:
        chosen = thief.choose(total)
        return {"chosen": chosen, "scores": thief.purse.scores(thief.rows[chosen])}

    def _decisions(self, thief: Thief, n: int) -> Mapping[str, AnyArray]:
        return {"decided": decisions(thief.learn(n)(self.scene.terms.matrix(self.scene.x)))}

    def _learner(self, answer: Answer) -> Learner:
        """What learns best from the answers about the thief's own rows."""
        way = self.scene.ways[0]
        thief = self._thief(way, answer)
        self._ask(thief, way, total=thief.purse.budget)

        def place() -> Mapping[str, AnyArray]:
            x, targets = thief.lesson(_TAUGHT)
            rng = np.random.default_rng([thief.seed, 2])
            best = best_learner(self._able, x, targets, rng=rng)
            return {"place": np.array([self._able.index(best)])}

        return self._able[int(self._kept(f"learner {answer}", place)["place"][0])]

    def _kept(
        self, name: str, make: Callable[[], Mapping[str, AnyArray]]
    ) -> Mapping[str, AnyArray]:
        """A piece of this run, else of an earlier one, else made now."""
        scene = self.scene
        name = f"extraction {scene.study.queries} {self.points} {len(scene.x)} {name}"
        if name not in self._pieces:
            self._pieces[name] = scene.study.kept(name, make)
        return self._pieces[name]


def _sizes(budget: int, points: int) -> list[int]:
    """Sizes of copies on a curve, ascending, the whole budget last."""
    return sorted({max(1, budget >> shift) for shift in range(points)})
