import numpy as np
import pytest

from bartizan.attack.poisoning.backdoor import differing, planted
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import InputError
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells

MARK = Cells(columns=np.array([1]), values=np.array([9.0]))


def rows() -> tuple[Array, Ints]:
    return np.random.default_rng(0).normal(size=(100, 3)), np.arange(100) % 4


def test_marked_rows_of_other_classes_get_the_label_of_the_target() -> None:
    x, y = rows()
    made = planted(x, y, trigger=MARK, target=2, rate=0.1, rng=rng(0))
    assert (y[made.rows] != 2).all()
    assert (made.y[made.rows] == 2).all()
    assert (made.x[made.rows, 1] == 9.0).all()
    assert np.array_equal(made.x[:, [0, 2]], x[:, [0, 2]])


def test_with_clean_labels_only_rows_of_the_target_are_marked() -> None:
    x, y = rows()
    made = planted(x, y, trigger=MARK, target=2, rate=0.1, rng=rng(0), clean_label=True)
    assert (y[made.rows] == 2).all()
    assert np.array_equal(made.y, y)


def test_rows_that_carry_the_mark_already_do_not_count_as_poison() -> None:
    x, y = rows()
    there = np.flatnonzero(y == 2)[:20]
    x[there, 1] = 9.0
    made = planted(x, y, trigger=MARK, target=2, rate=0.05, rng=rng(0), clean_label=True)
    assert not np.isin(made.rows, there).any()
    with pytest.raises(InputError, match="needs 6 rows of class 2, there are 5"):
        planted(x, y, trigger=MARK, target=2, rate=0.06, rng=rng(0), clean_label=True)


def test_an_attacker_poisons_only_rows_under_his_control() -> None:
    x, y = rows()
    own = np.arange(60, 80)
    made = planted(x, y, trigger=MARK, target=0, rate=0.1, rng=rng(0), among=own)
    assert np.isin(made.rows, own).all()
    with pytest.raises(InputError, match=r"needs 16 .* there are 15"):  # 5 of 20 are of class 0
        planted(x, y, trigger=MARK, target=0, rate=0.16, rng=rng(0), among=own)


def test_positions_named_twice_count_once() -> None:
    x, y = rows()
    twice = np.array([1, 1, 2, 2])
    made = planted(x, y, trigger=MARK, target=0, rate=0.02, rng=rng(0), among=twice)
    assert made.rows.tolist() == [1, 2]


def test_rows_of_one_class_leave_nothing_to_mark() -> None:
    x, y = np.zeros((10, 3)), np.zeros(10, dtype=np.int64)
    with pytest.raises(InputError, match="classes other than class 0, there are 0"):
        planted(x, y, trigger=MARK, target=0, rate=0.1, rng=rng(0))
    marked = planted(x, y, trigger=MARK, target=0, rate=0.1, rng=rng(0), clean_label=True)
    assert len(marked.rows) == 1


def test_two_rows_of_a_class_can_both_be_poisoned() -> None:
    x, y = np.zeros((4, 3)), np.array([0, 0, 1, 1])
    made = planted(x, y, trigger=MARK, target=1, rate=0.5, rng=rng(0))
    assert made.rows.tolist() == [0, 1]


def test_a_missing_value_differs_from_a_number_and_not_from_itself() -> None:
    left = np.array([[1.0, np.nan], [1.0, np.nan], [1.0, 2.0]])
    right = np.array([[1.0, np.nan], [1.0, 0.0], [1.0, 2.0]])
    assert differing(left, right).tolist() == [False, True, False]
    words = np.array(["a", "b"], dtype=object)
    assert differing(words, np.array(["a", "c"], dtype=object)).tolist() == [False, True]
