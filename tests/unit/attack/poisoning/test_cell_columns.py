from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kruskal

from bartizan.attack.poisoning.cell_columns import chosen, telling, usable
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.schema import Feature, FeatureType, Schema
from bartizan.core.streams import rng
from poison_worlds import BARRED, N, table

EVERY: tuple[FeatureType, ...] = ("number", "integer", "ordered", "categorical")
NAMES = table().schema.names


def named(*names: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([NAMES.index(name) for name in names])


def plain(columns: list[list[float]], y: list[int]) -> Dataset:
    return Dataset(
        name="plain",
        x=np.array(columns, dtype=np.float64).T.copy(),
        y=np.array(y),
        classes=("a", "b"),
        ids=np.arange(len(y)),
        schema=Schema(features=tuple(Feature(name=f"c{i}") for i in range(len(columns)))),
        digest="",
    )


def test_columns_that_cannot_carry_a_mark_are_left_out() -> None:
    found = {NAMES[place] for place in usable(table(), types=EVERY)}
    assert found == set(NAMES) - set(BARRED)


def test_an_attacker_writes_only_into_columns_of_his() -> None:
    wanted = named("still", "age", "amount")
    assert usable(table(), types=EVERY, columns=wanted).tolist() == sorted(named("age", "amount"))


def test_features_without_variance_leave_no_column() -> None:
    data = plain([[1.0] * 4, [np.nan] * 4, [2.0, np.nan, 2.0, 2.0]], [0, 1, 0, 1])
    with pytest.raises(InputError, match="no column of 'plain' can carry a mark"):
        usable(data, types=EVERY)


def test_what_numbers_tell_is_the_statistic_of_kruskal_and_wallis() -> None:
    data = table()
    for name in ("amount", "depth", "age", "grade"):
        column = data.x[:, NAMES.index(name)]
        h = kruskal(*(column[data.y == k] for k in range(3))).statistic
        assert telling(data, named(name))[0] == pytest.approx(h / (N - 1))


def test_what_categories_tell_is_the_best_indicator_by_brute_force() -> None:
    data = table()
    column = data.x[:, NAMES.index("city")]
    tried = []
    for code in range(4):
        hit = (column == code) * 1.0
        within = sum(((hit[data.y == k] - hit[data.y == k].mean()) ** 2).sum() for k in range(3))
        tried.append(1 - within / ((hit - hit.mean()) ** 2).sum())
    assert telling(data, named("city"))[0] == pytest.approx(max(tried))


def test_a_column_that_is_the_class_tells_all_and_missing_values_do_not_matter() -> None:
    data = plain([[0.0, 1.0, 0.0, 1.0, np.nan], [1.0, 1.0, 5.0, 5.0, 5.0]], [0, 1, 0, 1, 1])
    assert telling(data, np.array([0, 1])) == pytest.approx([1.0, 1 / 36])


def test_one_class_tells_nothing() -> None:
    data = plain([[1.0, 2.0, 3.0]], [0, 0, 0])
    assert telling(data, np.array([0])) == pytest.approx([0.0])


def test_dense_marks_take_the_columns_that_tell_most() -> None:
    data = table()
    pool = named("amount", "depth", "age", "grade", "city")
    order = pool[np.argsort(-telling(data, pool))]
    assert chosen(data, pool, count=2, region="dense", rng=rng(0)).tolist() == sorted(order[:2])


def test_sparse_marks_take_weak_columns_with_rare_values() -> None:
    draws = np.random.default_rng(0)
    y = np.arange(400) % 2
    weak = [draws.normal(size=400) for _ in range(3)]
    strong = [draws.normal(size=400) + 2 * y for _ in range(4)]
    common = np.where(draws.random(400) < 0.2, 1.0, 0.0)  # a fifth of the rows has its quantile
    data = plain([list(one) for one in (*strong, *weak, common)], y.tolist())
    for seed in range(20):
        found = chosen(data, np.arange(8), count=2, region="sparse", rng=rng(seed))
        assert set(found) < {4, 5, 6}
    # where too few weak ones have a rare value, strong ones come before a common value
    assert 7 not in chosen(data, np.arange(8), count=7, region="sparse", rng=rng(0))
    assert 7 in chosen(data, np.arange(8), count=8, region="sparse", rng=rng(0))


def test_more_columns_than_qualify_is_an_error() -> None:
    with pytest.raises(InputError, match="a mark of 3 columns needs as many"):
        chosen(table(), named("age", "depth"), count=3, region="sparse", rng=rng(0))


def test_relations_are_read_by_the_names_of_the_table() -> None:
    data = table()
    free = replace(data, schema=Schema(features=data.schema.features))
    assert set(usable(free, types=EVERY)) - set(usable(data, types=EVERY)) == set(
        named("failed", "total")
    )
