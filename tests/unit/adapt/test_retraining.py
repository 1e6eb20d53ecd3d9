import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import load_dataset, load_model, refit
from bartizan.core.classifier import Recipe
from bartizan.core.errors import ModelError
from unit.adapt import samples

X, Y = samples.arrays()


def test_a_recipe_trains_a_new_model_that_learns() -> None:
    original = LogisticRegression().fit(X, 1 - Y)
    recipe: Recipe = refit(load_model(original))
    data = samples.table().dataset
    made = recipe.fit(data, np.random.default_rng(1))
    assert (made.scores(X).argmax(axis=1) == Y).mean() > 0.8
    assert (original.predict(X) == Y).mean() < 0.2


def test_the_same_stream_trains_the_same_model() -> None:
    recipe = refit(load_model(RandomForestClassifier(5).fit(X, Y)))
    data = samples.table().dataset
    scores = [recipe.fit(data, np.random.default_rng(s)).scores(X) for s in (1, 1, 2)]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert (scores[0] != scores[2]).any()


def test_a_pipeline_over_text_is_trained_on_frames() -> None:
    data = samples.mixed()
    data["alpha"] = data["alpha"].fillna(0.0)
    table = load_dataset(data, target="verdict")
    recipe = refit(load_model(samples.mixed_pipeline()), codec=table.codec)
    made = recipe.fit(table.dataset.take(np.arange(200)), np.random.default_rng(1))
    assert made.classes == ("no", "yes")


def test_functions_cannot_be_trained_anew() -> None:
    with pytest.raises(ModelError, match="cannot be trained anew"):
        refit(load_model(lambda x: x[:, 0]))


def test_a_failed_training_is_quoted() -> None:
    recipe = refit(load_model(LogisticRegression(C=-1.0)))
    with pytest.raises(ModelError, match="training LogisticRegression raised"):
        recipe.fit(samples.table().dataset, np.random.default_rng(1))
