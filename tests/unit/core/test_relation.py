import numpy as np
import pytest

from bartizan.core.errors import ConfigError
from bartizan.core.relation import parse

NAMES = ("failed", "total", "net income", "class", "ﬁ", "fi", "_column_0")


def row(**values: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.array([[values.get(name, 0.0) for name in NAMES]])


@pytest.mark.parametrize(
    ("sense", "below", "same", "above"),
    [
        ("=", False, True, False),
        ("==", False, True, False),
        ("<=", True, True, False),
        ("<", True, False, False),
        (">=", False, True, True),
        (">", False, False, True),
    ],
)
def test_every_comparison_has_its_meaning(
    sense: str, *, below: bool, same: bool, above: bool
) -> None:
    relation = parse(f"failed {sense} total", names=NAMES)
    x = np.concatenate([row(failed=value, total=5.0) for value in (4.0, 5.0, 6.0)])
    assert relation.holds(x).tolist() == [below, same, above]


def test_the_last_digit_of_a_sum_breaks_no_rule() -> None:
    relation = parse("total = failed + 0.2", names=NAMES)
    assert relation.holds(row(total=0.3, failed=0.1)).all()  # 0.1 + 0.2 > 0.3 in floats


def test_a_missing_value_breaks_no_rule() -> None:
    assert parse("failed < total", names=NAMES).holds(row(failed=np.nan)).all()


@pytest.mark.parametrize("name", ["`net income`", "class", "`class`", "`failed`"])
def test_any_column_can_be_named(name: str) -> None:
    relation = parse(f"{name} >= 1", names=NAMES)
    assert relation.left.column == NAMES.index(name.strip("`"))


def test_letters_that_look_alike_stay_different_columns() -> None:
    assert parse("ﬁ <= fi", names=NAMES).left.column == NAMES.index("ﬁ")
    assert parse("ﬁ <= fi", names=NAMES).right.column == NAMES.index("fi")


def test_a_column_cannot_pass_for_another_by_an_internal_name() -> None:
    relation = parse("`failed` <= _column_0", names=NAMES)
    assert relation.left.column == 0
    assert relation.right.column == NAMES.index("_column_0")


def test_a_side_knows_the_columns_it_depends_on() -> None:
    relation = parse("total = failed + 2 * `net income` - total", names=NAMES)
    assert (relation.left.column, relation.left.mentions) == (1, frozenset({1}))
    assert (relation.right.column, relation.right.mentions) == (None, frozenset({0, 1, 2}))


def test_numbers_keep_their_letters() -> None:
    assert parse("failed <= 1e3 + 0x10 + 1_000", names=NAMES).right.value(row())[0] == 2016


def test_an_unknown_column_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match="names 'totl', which is no column; did you mean 'total'"):
        parse("failed <= totl", names=NAMES)


def test_a_call_is_told_as_one() -> None:
    with pytest.raises(ConfigError, match=r"uses Call; only column names, numbers, \+ - \*"):
        parse("failed <= total(1)", names=NAMES)


def test_repair_sets_the_first_side_that_is_one_free_column() -> None:
    relation = parse("total = failed + `net income`", names=NAMES)
    free = np.array([name in ("total", "failed") for name in NAMES])
    x = np.concatenate([row(total=1, failed=2, **{"net income": 3}), row(total=2, failed=2)])
    assert relation.repair(x, free=free)[:, 1].tolist() == [5, 2]
    assert x[0, 1] == 1  # the rows handed in are not changed


def test_repair_sets_the_second_side_where_the_first_is_not_free() -> None:
    relation = parse("failed <= total", names=NAMES)
    free = np.array([name == "total" for name in NAMES])
    assert relation.repair(row(failed=7, total=1), free=free)[0, 1] == 7


@pytest.mark.parametrize("text", ["failed < total", "failed + 1 = total + 1"])
def test_what_no_single_column_can_mend_comes_back_as_it_was(text: str) -> None:
    x = row(failed=7, total=1)
    free = np.ones(len(NAMES), dtype=bool)
    assert parse(text, names=NAMES).repair(x, free=free) is x


@pytest.mark.parametrize("sense", ["=", "<=", "<", ">=", ">"])
@pytest.mark.parametrize("left", ["failed", "-failed * fi + 2", "failed * (total - fi) - fi * fi"])
def test_a_violation_is_zero_where_the_rule_holds_and_slopes_as_finite_differences_do(
    sense: str, left: str
) -> None:
    relation = parse(f"{left} {sense} 3 * total - class", names=NAMES)
    x = np.random.default_rng(0).normal(size=(40, len(NAMES)))
    size, slope = relation.violation(x)
    assert ((size > 0) == ~relation.holds(x)).all()
    assert size.any()
    assert not slope[size == 0].any()
    for column in range(len(NAMES)):
        step = np.where(np.arange(len(NAMES)) == column, 1e-6, 0.0)
        change = (relation.violation(x + step)[0] - relation.violation(x - step)[0]) / 2e-6
        assert slope[size > 0, column] == pytest.approx(change[size > 0], abs=1e-6)


def test_a_strict_rule_that_is_broken_by_nothing_still_says_which_way_to_go() -> None:
    x = row(failed=1.0, total=1.0)
    for sense, way in (("<", 1.0), (">", -1.0)):
        size, slope = parse(f"failed {sense} total", names=NAMES).violation(x)
        assert size.tolist() == [0.0]
        assert slope[0, :2].tolist() == [way, -way]
