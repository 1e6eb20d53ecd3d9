import numpy as np
import pytest

from bartizan.attack.poisoning.label_flips import chosen_flips, random_flips, targeted_flips
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import InputError, ShapeError
from bartizan.core.streams import rng


def rows(counts: tuple[int, ...]) -> tuple[Array, Ints]:
    y = np.repeat(np.arange(len(counts)), counts)
    return np.zeros((len(y), 2)), y


def test_random_flips_go_to_each_other_class_equally_often() -> None:
    x, y = rows((3000, 0, 0, 0))
    made = random_flips(x, y, k=4, rate=1.0, rng=rng(0))
    counts = np.bincount(made.y, minlength=4)
    assert counts[0] == 0
    # binomial, p = 1/3: 1000 with a deviation of 25.8
    assert np.abs(counts[1:] - 1000).max() < 4.5 * 25.8


def test_a_thousand_classes_are_flipped_to_valid_ones() -> None:
    x, y = rows((2,) * 1000)
    made = random_flips(x, y, k=1000, rate=0.5, rng=rng(0))
    assert len(made.rows) == 1000
    assert (made.y != y).sum() == 1000
    assert set(made.y) <= set(range(1000))


def test_one_class_cannot_be_flipped() -> None:
    x, y = rows((5,))
    with pytest.raises(InputError, match="two classes"):
        random_flips(x, y, k=1, rate=0.2, rng=rng(0))


def test_targeted_flips_take_rows_of_the_source_alone() -> None:
    x, y = rows((50, 30, 20))
    made = targeted_flips(x, y, source=1, target=2, rate=0.1, rng=rng(0))
    assert (y[made.rows] == 1).all()
    assert np.bincount(made.y).tolist() == [50, 20, 30]


def test_the_rate_of_targeted_flips_is_one_of_all_rows_and_not_quietly_cut() -> None:
    x, y = rows((98, 2))
    assert targeted_flips(x, y, source=1, target=0, rate=0.02, rng=rng(0)).rows.tolist() == [98, 99]
    with pytest.raises(InputError, match="needs 3 rows of class 1, there are 2"):
        targeted_flips(x, y, source=1, target=0, rate=0.03, rng=rng(0))


def test_a_flip_into_the_same_class_is_refused() -> None:
    x, y = rows((5, 5))
    with pytest.raises(InputError, match="1 twice"):
        targeted_flips(x, y, source=1, target=1, rate=0.1, rng=rng(0))


def gains(p: Array, y: Ints) -> list[tuple[float, int]]:
    """Each flip's gain in log loss and its best class, by trying all."""
    found = []
    for row, own in enumerate(y):
        others = [k for k in range(p.shape[1]) if k != own]
        best = max(others, key=lambda k: p[row, k])
        found.append((float(np.log(p[row, own]) - np.log(p[row, best])), best))
    return found


@pytest.mark.parametrize("order", ["far", "near"])
def test_chosen_flips_are_those_that_trying_all_flips_ranks_first(order: str) -> None:
    x, y = rows((20, 20, 20))
    p = np.random.default_rng(0).dirichlet(np.ones(3), size=60)
    made = chosen_flips(x, y, scores=p, rate=0.1, rng=rng(0), order=order)  # type: ignore[arg-type]  # a test's parameters are plain texts
    tried = gains(p, y)
    sure = [row for row in range(60) if order == "far" or tried[row][0] > 0]
    sign = -1 if order == "far" else 1
    best = sorted(sure, key=lambda row: sign * tried[row][0])[:6]
    assert made.rows.tolist() == sorted(best)
    assert made.y[made.rows].tolist() == [tried[row][1] for row in made.rows]


def test_logits_and_probabilities_choose_the_same() -> None:
    x, y = rows((30, 30))
    logits = np.random.default_rng(1).normal(size=(60, 2))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    first = chosen_flips(x, y, scores=p, rate=0.2, rng=rng(0))
    second = chosen_flips(x, y, scores=logits * 1.0 + 7.0, rate=0.2, rng=rng(0), kind="logit")
    assert np.array_equal(first.rows, second.rows)


def test_rows_of_equal_gain_are_drawn() -> None:
    x, y = rows((50, 50))
    even = np.full((100, 2), 0.5)
    first, second = (chosen_flips(x, y, scores=even, rate=0.1, rng=rng(s)) for s in range(2))
    assert not np.array_equal(first.rows, second.rows)


def test_scores_of_other_rows_are_refused() -> None:
    x, y = rows((5, 5))
    with pytest.raises(ShapeError, match="each of 10 rows"):
        chosen_flips(x, y, scores=np.zeros((9, 2)), rate=0.1, rng=rng(0))
    with pytest.raises(InputError, match="two classes"):
        chosen_flips(x, y, scores=np.zeros((10, 1)), rate=0.1, rng=rng(0))


def test_nothing_is_flipped_at_a_rate_of_nothing() -> None:
    x, y = rows((5, 5))
    made = random_flips(x, y, k=2, rate=0.0, rng=rng(0))
    assert len(made.rows) == 0
    assert np.array_equal(made.y, y)


def test_an_attacker_flips_only_rows_they_control_and_the_rate_stays_one_of_all() -> None:
    x, y = rows((60, 40))
    own = np.array([3, 3, 10, 61, 70, 80, 90, 99])
    made = random_flips(x, y, k=2, rate=0.07, rng=rng(0), among=own)
    assert made.rows.tolist() == [3, 10, 61, 70, 80, 90, 99]
    targeted = targeted_flips(x, y, source=1, target=0, rate=0.05, rng=rng(0), among=own)
    assert targeted.rows.tolist() == [61, 70, 80, 90, 99]
    with pytest.raises(InputError, match="that the attacker controls, there are 7"):
        random_flips(x, y, k=2, rate=0.08, rng=rng(0), among=own)
    with pytest.raises(InputError, match="class 1 among those that the attacker controls"):
        targeted_flips(x, y, source=1, target=0, rate=0.06, rng=rng(0), among=own)
