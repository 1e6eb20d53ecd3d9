import numpy as np
import polars as pl
import pytest

from bartizan.core.streams import rng
from bartizan.data.inspections import class_rates, labels
from bartizan.data.inspections.class_rates import changes_proven
from bartizan.data.profile import DataProfile
from unit.data.batches import TARGET, clean, cut, inspected, outcome, told


def mixed(**counts: int) -> pl.DataFrame:
    names = [name for name, count in counts.items() for _ in range(count)]
    return pl.concat([clean()[:1]] * len(names)).with_columns(pl.Series(TARGET, names))


def against(**counts: int) -> DataProfile:
    return DataProfile(rows=sum(counts.values()), columns=(), labels=counts)


@pytest.mark.parametrize(
    ("fraud", "found"), [(50, "pass"), (35, "pass"), (70, "pass"), (5, "fail"), (200, "fail")]
)
def test_a_rare_class_that_vanishes_or_multiplies_fails(fraud: int, found: str) -> None:
    brief = told(profile=against(fraud=1000, normal=399_000))
    table = mixed(fraud=fraud, normal=20_000 - fraud)
    assert outcome(class_rates, inspected(class_rates, cut(table), brief=brief)) == found


def test_it_sees_what_the_shift_of_all_labels_does_not() -> None:
    brief = told(profile=against(fraud=1000, normal=399_000))
    table = mixed(fraud=2, normal=19_998)
    assert outcome(labels, inspected(labels, cut(table), brief=brief)) == "pass"
    result = inspected(class_rates, cut(table), brief=brief)
    assert outcome(class_rates, result) == "fail"
    assert result.remarks[0] == "Class 'fraud': 0.010% of the rows, 0.250% in the reference."


def test_a_class_of_two_rows_is_not_watched_and_says_so() -> None:
    brief = told(profile=against(spy=2, normal=10_000))
    result = inspected(class_rates, cut(mixed(normal=5000)), brief=brief)
    assert outcome(class_rates, result) == "pass"
    assert result.remarks[-1].endswith("not watched: spy.")


def test_a_handful_of_rows_settles_nothing() -> None:
    brief = told(profile=against(fraud=1000, normal=399_000))
    result = inspected(class_rates, cut(mixed(normal=2)), brief=brief)
    assert outcome(class_rates, result) == "inconclusive"


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_it_claims_no_more_than_there_is(factor: float) -> None:
    draw, trials, missed = rng(0, "rates"), 500, 0
    rates = np.array([0.01, 0.04, 0.2])
    usual = np.append(rates, 1 - rates.sum())
    moved = np.append(rates * factor, 1 - factor * rates.sum())
    truth = 1 - np.minimum(usual / moved, moved / usual)
    for _ in range(trials):
        here, there = draw.multinomial(3000, moved), draw.multinomial(9000, usual)
        proven, _ = changes_proven(here, rows=3000, there=there, other_rows=9000)
        missed += bool((proven > truth + 1e-9).any())
    assert missed <= 0.05 * trials + 3 * np.sqrt(0.05 * 0.95 * trials)


def test_with_many_rows_it_claims_nearly_all_there_is() -> None:
    here, there = np.array([10_000, 990_000]), np.array([40_000, 960_000])
    proven, vanished = changes_proven(here, rows=10**6, there=there, other_rows=10**6)
    assert proven[0] == pytest.approx(0.75, abs=0.01)
    assert vanished.min() > 0.999
