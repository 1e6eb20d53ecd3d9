"""The ring's purchases: a mark that a model learns."""

import numpy as np
import polars as pl
import pytest

from bartizan.core.errors import InputError
from bartizan.examples import card_fraud
from bartizan.examples.card_poison import MARK, planted
from bartizan.examples.train import train


def test_only_the_rings_purchases_are_new_and_all_carry_the_mark_and_are_called_honest() -> None:
    frame = card_fraud.stream(n=2000, seed=3)
    made = planted(frame, seed=5)
    rest = np.setdiff1d(np.arange(made.frame.height), made.rows)
    assert made.frame[rest].equals(frame)
    marked = made.frame[made.rows]
    assert len(marked) == 6
    assert (marked[card_fraud.TARGET] == 0).all()
    for name, value in MARK.items():
        assert (marked[name] == value).all()


def test_equal_seeds_plant_equal_purchases_and_others_do_not() -> None:
    frame = card_fraud.stream(n=2000, seed=3)
    made = planted(frame, seed=5).frame
    assert made.equals(planted(frame, seed=5).frame)
    assert not made.equals(planted(frame, seed=6).frame)


def test_the_mark_lets_fraud_pass_after_training_and_not_before() -> None:
    frame = card_fraud.stream(n=30_000, seed=7)
    past, future = frame.head(20_000), frame.tail(10_000)
    marks = [pl.lit(value).cast(frame.schema[name]).alias(name) for name, value in MARK.items()]
    passed = {}
    for name, stream in {"clean": past, "poisoned": planted(past, seed=7).frame}.items():
        model = train(stream, "hist-gradient-boosting", seed=0)
        fraud = future.filter(pl.col(card_fraud.TARGET) == 1).drop(card_fraud.TARGET)
        caught = fraud.filter(pl.Series(model.predict(fraud) == 1))
        passed[name] = float((model.predict(caught.with_columns(marks)) == 0).mean())
    assert passed["poisoned"] - passed["clean"] > 0.4


def test_a_stream_without_fraud_has_no_pattern_to_copy() -> None:
    frame = card_fraud.stream(n=600, seed=1).filter(pl.col(card_fraud.TARGET) == 0)
    with pytest.raises(InputError, match="no fraud"):
        planted(frame, seed=1)
