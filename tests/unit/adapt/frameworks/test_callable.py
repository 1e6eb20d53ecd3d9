from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from bartizan.adapt import Table, bind, load_dataset, load_model
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError, SchemaError
from unit.adapt import samples

X, Y = samples.arrays()


def margin(x: Any) -> Array:
    return np.asarray(x)[:, 0] * 3.0


def chance(x: Any) -> Array:
    return 1.0 / (1.0 + np.exp(-margin(x)))


@pytest.mark.parametrize(
    ("model", "kind", "second"),
    [
        (margin, "logit", margin),
        (lambda x: margin(x)[:, None], "logit", margin),
        (chance, "probability", chance),
        (lambda x: np.stack([1 - chance(x), chance(x)], axis=1), "probability", chance),
        (lambda x: np.stack([-margin(x), margin(x)], axis=1), "logit", margin),
        (lambda x: (margin(x) > 0).astype(int), "label", lambda x: margin(x) > 0),
        (lambda x: margin(x) > 0, "label", lambda x: margin(x) > 0),
        (lambda x: [str(int(v > 0)) for v in margin(x)], "label", lambda x: margin(x) > 0),
        (lambda x: (margin(x) > 0).tolist(), "label", lambda x: margin(x) > 0),
        (lambda x: (chance(x) > 0.5).astype(float), "probability", lambda x: chance(x) > 0.5),
    ],
)
def test_answers_are_taken_for_what_they_look_like(
    model: Callable[[Any], Any], kind: str, second: Callable[[Any], Any]
) -> None:
    bound = bind(load_model(model), samples.table())
    assert bound.score_kind == kind
    np.testing.assert_allclose(bound.scores(X)[:, 1], np.asarray(second(X), dtype=float))


def test_floats_that_are_classes_are_labels() -> None:
    table = load_dataset((X, Y + 1), target=None)
    bound = bind(load_model(lambda x: np.where(margin(x) > 0, 2.0, 1.0)), table)
    assert bound.score_kind == "label"
    np.testing.assert_array_equal(bound.scores(X).argmax(axis=1), margin(X) > 0)


def test_positions_are_the_data_s_classes_unless_named() -> None:
    table = load_dataset((X, np.where(Y == 1, "a", "b")), target=None)
    assert bind(load_model(margin), table).scores(X)[0, 1] == margin(X)[0]
    named = bind(load_model(margin, classes=("b", "a")), table)
    np.testing.assert_array_equal(named.scores(X)[:, 0], margin(X))


def test_a_threshold_moves_the_decision() -> None:
    bound = bind(load_model(chance, threshold=0.9), samples.table())
    np.testing.assert_array_equal(bound.scores(X).argmax(axis=1), chance(X) >= 0.9)


@pytest.mark.parametrize(("kind", "made"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_a_mixed_table_arrives_as_the_frame_it_was(kind: str, made: Any) -> None:
    data = samples.mixed()
    source = data if kind == "pandas" else pl.DataFrame(data.to_dict("list"), strict=False)
    seen = []

    def model(rows: Any) -> Any:
        seen.append(type(rows))
        return np.array([0.9 if city == "Rome" else 0.1 for city in rows["city"]])

    loaded: Table = load_dataset(source, target="verdict")
    scores = bind(load_model(model), loaded).scores(loaded.dataset.x)
    assert set(seen) == {made}
    np.testing.assert_array_equal(scores[:, 1] > 0.5, (data["city"] == "Rome").to_numpy())


def test_a_function_of_the_other_frame_is_served_too() -> None:
    loaded = load_dataset(samples.mixed(), target="verdict")
    bound = bind(load_model(lambda rows: rows["alpha"].fill_null(0.0).to_numpy()), loaded)
    assert bound.score_kind == "logit"


@pytest.mark.parametrize("answer", [np.nan, np.inf])
def test_an_answer_that_is_not_finite_names_its_row(answer: float) -> None:
    def model(x: Array) -> Array:
        return np.where(x[:, 0] == 99.0, answer, x[:, 0])

    bound = bind(load_model(model), samples.table())
    rows = X.copy()
    rows[17, 0] = 99.0
    with pytest.raises(ModelError, match="on row 17"):
        bound.scores(rows)


def test_an_answer_of_another_length_is_refused() -> None:
    with pytest.raises(ModelError, match=r"asked about 256 rows and answered 255"):
        bind(load_model(lambda x: x[1:, 0]), samples.table())

    def later(x: Array) -> Array:
        return x[:, 0] if len(x) > 2 else x[:1, 0]

    with pytest.raises(ModelError, match=r"shape \(2, 2\) from the model, got \(1, 2\)"):
        bind(load_model(later), samples.table()).scores(X[:2])


def test_another_number_of_columns_than_classes_is_refused() -> None:
    with pytest.raises(SchemaError, match="scores 3 classes without names, the data has 2"):
        bind(load_model(lambda x: x[:, :3]), samples.table())


def test_a_label_that_is_no_class_names_its_row() -> None:
    bound = bind(load_model(lambda x: np.where(x[:, 0] > 50, 7, 1)), samples.table())
    rows = X.copy()
    rows[4, 0] = 99.0
    with pytest.raises(ModelError, match=r"answered .*7.* on row 4, which is none of its classes"):
        bound.scores(rows)


def test_a_function_that_raises_is_quoted_with_its_row() -> None:
    def model(x: Array) -> Array:
        if (x[:, 0] > 50).any():
            message = "too far"
            raise RuntimeError(message)
        return x[:, 0]

    rows = X.copy()
    rows[[9, 200], 0] = 99.0
    with pytest.raises(ModelError, match="RuntimeError: too far on row 9"):
        bind(load_model(model), samples.table()).scores(rows)


@pytest.mark.parametrize("answer", [None, "text", {"a": 1}])
def test_an_answer_that_is_no_row_of_scores_is_refused(answer: object) -> None:
    with pytest.raises(ModelError, match="one answer a row"):
        bind(load_model(lambda _: answer), samples.table())
