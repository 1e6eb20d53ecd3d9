import numpy as np
import polars as pl
import pytest
from sklearn.metrics import precision_score, recall_score, roc_auc_score

from bartizan.core.arrays import AnyArray
from bartizan.examples.card_fraud import TARGET, stream
from bartizan.examples.train import KINDS, Kind, train

SEEDS = (0, 7)


def scored(kind: Kind, seed: int) -> tuple[pl.Series, AnyArray]:
    """Labels and scores of the last 40 % of a stream, from a model of the first 60 %."""
    frame = stream(n=20_000, seed=seed)
    model = train(frame[:12_000], kind)
    later = frame[12_000:]
    return later[TARGET], model.predict_proba(later.drop(TARGET))[:, 1]


@pytest.mark.parametrize("seed", SEEDS)
def test_fraud_is_learnable_but_not_perfectly(seed: int) -> None:
    auc = {kind: roc_auc_score(*scored(kind, seed)) for kind in KINDS}
    assert 0.95 < auc["hist-gradient-boosting"] < 0.99
    assert 0.80 < auc["logistic-regression"] < auc["hist-gradient-boosting"] - 0.015


def test_the_strong_model_finds_half_of_the_fraud_at_its_own_threshold() -> None:
    y, scores = scored("hist-gradient-boosting", 7)
    assert recall_score(y, scores > 0.5) > 0.4
    assert precision_score(y, scores > 0.5) > 0.4


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_models(kind: Kind) -> None:
    frame = stream(n=1000, seed=1)
    first, second = (train(frame, kind).predict_proba(frame.drop(TARGET)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_models_take_a_category_they_never_saw() -> None:
    frame = stream(n=1000, seed=1)
    odd = frame.drop(TARGET).with_columns(device=pl.lit("watch"))[:3]
    for kind in KINDS:
        assert np.isfinite(train(frame, kind).predict_proba(odd)).all()
