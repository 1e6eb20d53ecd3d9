import numpy as np
import polars as pl
import pytest

from bartizan.core.constraint import Constraint
from bartizan.core.errors import UsageError
from bartizan.core.relation import parse
from bartizan.core.space import Mixed
from bartizan.examples.card_fraud import TARGET, attacker, schema, stream
from timing import within


@pytest.fixture(scope="module")
def frame() -> pl.DataFrame:
    return stream(n=20_000, seed=7)


def codes(frame: pl.DataFrame) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The features as a table of numbers, category codes included."""
    columns = [
        [feature.categories.index(text) for text in frame[feature.name]]
        if feature.categories
        else frame[feature.name].to_numpy()
        for feature in schema().features
    ]
    return np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)


def test_rows_and_columns_are_as_declared(frame: pl.DataFrame) -> None:
    assert frame.shape == (20_000, len(schema().features) + 1)
    assert tuple(frame.columns) == (*schema().names, TARGET)
    assert not any(frame.null_count().row(0))


def test_equal_seeds_give_equal_streams_and_others_do_not() -> None:
    assert stream(n=600, seed=3).equals(stream(n=600, seed=3))
    assert not stream(n=600, seed=3).equals(stream(n=600, seed=4))


@pytest.mark.parametrize("n", [500, 501, 3333])
def test_every_size_gives_exactly_that_many_rows_with_both_classes(n: int) -> None:
    made = stream(n=n, seed=1)
    assert made.height == n
    assert set(made[TARGET]) == {0, 1}


@pytest.mark.parametrize("n", [-1, 0, 499])
def test_too_few_rows_are_refused_with_the_smallest_number(n: int) -> None:
    with pytest.raises(UsageError, match=r"at least 500 rows, got"):
        stream(n=n, seed=0)


def test_values_keep_the_types_and_bounds_of_the_schema(frame: pl.DataFrame) -> None:
    for feature in schema().features:
        column = frame[feature.name]
        if feature.categories:
            assert set(column) == set(feature.categories)
            continue
        values = column.to_numpy()
        assert np.isfinite(values).all()
        assert (feature.type == "integer") == column.dtype.is_integer()
        assert feature.min is None or values.min() >= feature.min
        assert feature.max is None or values.max() <= feature.max


def test_every_row_keeps_every_relation(frame: pl.DataFrame) -> None:
    x = codes(frame)
    assert schema().relations
    for text in schema().relations:
        assert parse(text, names=schema().names).holds(x).all()


def test_counts_agree_with_the_wait(frame: pl.DataFrame) -> None:
    wait, hour, day = (
        frame[name].to_numpy() for name in ("minutes_since_last", "n_tx_1h", "n_tx_24h")
    )
    assert (wait[hour > 1] < 60).all()
    assert (wait[hour == 1] >= 60).mean() > 0.99  # but for first purchases: drawn, not looked up
    assert (wait[day > 1] < 1440).all()
    assert (frame["amount_earlier_24h"].to_numpy()[day == 1] == 0).all()


def test_about_one_purchase_in_sixty_is_fraud(frame: pl.DataFrame) -> None:
    # 320 frauds of which 5 % go unnoticed, and about 4 disputes: 308 +- 5 (one sigma)
    assert 285 <= frame[TARGET].sum() <= 340


def test_fraud_is_spread_over_the_month_and_not_in_one_block(frame: pl.DataFrame) -> None:
    by_fifth = [part[TARGET].sum() for part in frame.iter_slices(4000)]
    assert min(by_fifth) > 0


def test_fraudsters_test_small_then_steal_large(frame: pl.DataFrame) -> None:
    fraud = frame.filter(pl.col(TARGET) == 1)["amount"].to_numpy()
    honest = frame.filter(pl.col(TARGET) == 0)["amount"].to_numpy()
    assert np.mean(fraud < 5) > 5 * np.mean(honest < 5)
    assert np.mean(fraud > 200) > 2 * np.mean(honest > 200)


def test_the_attacker_fits_the_stream_and_pays_for_every_move(frame: pl.DataFrame) -> None:
    x = codes(frame)
    limits = Constraint(space=Mixed.of(schema(), x), attacker=attacker(), sample=x[:5])
    names = schema().names
    movable = {names[i] for i in limits.numeric} | {s.name for s in limits.switches}
    fixed = {"amount_earlier_24h", "avg_amount_30d", "card_age_days", "is_online"}
    assert movable == set(names) - fixed
    free = {name for name in movable if attacker().reach(name).cost == 0}
    assert free == {"amount_24h"}


def test_stealing_less_costs_what_is_not_stolen(frame: pl.DataFrame) -> None:
    x0 = codes(frame.filter(pl.col("amount") > 100))[:4]
    limits = Constraint(space=Mixed.of(schema(), codes(frame)), attacker=attacker(), sample=x0)
    x = x0.copy()
    x[:, 0] -= 25.0
    x = limits.repair(x0, x)
    assert limits.valid(x0, x).all()
    np.testing.assert_allclose(x0[:, 2] - x[:, 2], 25.0)  # the day's total follows
    np.testing.assert_allclose(limits.price(x0, x), 25.0)


def test_twenty_thousand_rows_take_under_two_seconds() -> None:
    within(2, lambda: stream(n=20_000, seed=0))
