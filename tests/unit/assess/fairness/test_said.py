"""Groups that are too small are told once, with what they are too small for."""

import numpy as np

from bartizan.assess.fairness.partition import questions
from bartizan.assess.fairness.said import left_out
from bartizan.core.groups import Grouping

CODES = np.array([0] * 20 + [1] * 200)


def part() -> Grouping:
    return Grouping(column="sex", names=("x", "y"), codes=CODES)


def test_of_two_classes_nothing_needs_a_name() -> None:
    y = np.array([1] * 7 + [0] * 13 + [0, 1] * 100)
    said = left_out([part()], questions(["no", "yes"], ()), y)
    assert "sex = x (7 and 13);" in said


def test_of_three_classes_each_group_is_named_once_with_its_classes() -> None:
    y = np.array([0] * 7 + [1] * 6 + [2] * 7 + [0, 1, 2, 0] * 50)
    said = left_out([part()], questions(["a", "b", "c"], ()), y)
    assert said.count("sex = x") == 1
    assert "sex = x (7 and 13 for 'a', 6 and 14 for 'b', 7 and 13 for 'c')" in said
