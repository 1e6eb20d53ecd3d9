"""Which rows are attacked, and what the model does without an attack."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Classifier, decisions
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ConfigError
from bartizan.core.interval import mean_interval

_RAREST = 0.8
"""At most this share of the attacked rows is of the rarer of two protected classes, so that the
other is seen too."""


@dataclass(frozen=True)
class Clean:
    """The model's answers before anybody attacks."""

    decided: Ints
    """Class decided for each row, shape (n,)."""
    y: Ints
    confusion: Array
    """Rows of class i decided as j, shape (k, k)."""

    @classmethod
    def of(cls, model: Classifier, data: Dataset) -> "Clean":
        """Ask the model about every row once."""
        decided = decisions(model.scores(data.x))
        confusion = np.zeros((len(model.classes),) * 2)
        np.add.at(confusion, (data.y, decided), 1)
        return cls(decided=decided, y=data.y, confusion=confusion)

    @property
    def better_than_chance(self) -> bool:
        """Whether the whole interval of the balanced accuracy lies above that of a constant."""
        sizes = self.confusion.sum(axis=1).astype(int)
        present = np.flatnonzero(sizes)
        if len(present) < 2:
            return False
        hits = self.confusion.diagonal().astype(int)
        _, low, _ = mean_interval([(int(hits[c]), int(sizes[c])) for c in present])
        return low > 1 / len(present)

    @property
    def correct(self) -> Mask:
        """Rows the model gets right."""
        return np.asarray(self.decided == self.y)


def protected_classes(attacker: Attacker, model: Classifier) -> Ints:
    """Positions of the classes whose rows this attacker attacks.

    Raises:
        ConfigError: the attacker names a class the model does not know, or protects only the
            class they aim at.
    """
    names = [str(label) for label in model.classes]
    for name in (*attacker.protected, *([] if attacker.goal == "any" else [attacker.goal])):
        if name not in names:
            message = (
                f"attacker {attacker.name!r} names class {name!r}; the model's classes are "
                f"{', '.join(names)}"
            )
            raise ConfigError(message)
    chosen = attacker.protected or tuple(names)
    kept = [names.index(name) for name in chosen if name != attacker.goal]
    if not kept:
        message = (
            f"attacker {attacker.name!r} aims at {attacker.goal!r} and attacks only rows of that "
            "class; name another class under `protected`"
        )
        raise ConfigError(message)
    return np.array(sorted(set(kept)))


def deciding_classes(attackers: Sequence[Attacker], model: Classifier) -> tuple[int, ...]:
    """Positions of the classes that the attackers who decide want to leave; empty = all of them."""
    named = [one for one in attackers if one.decides]
    found = {int(c) for one in named for c in protected_classes(one, model)}
    return () if len(found) == len(model.classes) else tuple(sorted(found))


def goal_class(attacker: Attacker, model: Classifier) -> int | None:
    """Position of the class that the attacker wants to be taken for; none = any wrong one."""
    if attacker.goal == "any":
        return None
    return [str(label) for label in model.classes].index(attacker.goal)


def attacked_rows(clean: Clean, classes: Ints, *, limit: int, rng: np.random.Generator) -> Ints:
    """Correctly classified rows of the protected classes.

    Of two classes the rarer comes first, because missing it is what pays. Of three or more each
    gets an even share, and what a class cannot fill goes to the next: otherwise the verdict on
    ten classes would be one on the class that the model knows least. Where there are more classes
    than rows (and more than two), chance decides which of them get one.

    Args:
        clean: The model's answers.
        classes: Protected classes.
        limit: Most rows.
        rng: Chooses where there are more.

    Returns:
        Row positions, ascending; at most `limit`.
    """
    pools = [np.flatnonzero(clean.correct & (clean.y == c)) for c in classes]
    pools = [pool for pool in pools if pool.size]
    if len(pools) > max(limit, 2):
        pools = [pools[place] for place in rng.permutation(len(pools))[:limit]]
    pools.sort(key=len)
    chosen: list[Ints] = []
    for place, pool in enumerate(pools):
        room = limit - sum(map(len, chosen))
        left = len(pools) - place
        quota = math.ceil(room * _RAREST if len(pools) == left == 2 else room / left)
        chosen.append(rng.permutation(pool)[:quota])
    return np.sort(np.concatenate(chosen)) if chosen else np.zeros(0, dtype=np.int64)
