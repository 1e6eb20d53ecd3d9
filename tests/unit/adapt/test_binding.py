from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.core.classifier import Classifier
from bartizan.core.errors import ModelError, SchemaError, ShapeError
from unit.adapt import samples

X, Y = samples.arrays()


def fitted_on_names() -> Any:
    data = samples.frame()
    return LogisticRegression().fit(data.drop(columns="y"), data["y"])


def test_columns_in_another_order_are_matched_silently() -> None:
    made = fitted_on_names()
    order = ["delta", "alpha", "gamma", "beta"]
    turned = load_dataset(samples.frame()[[*order, "y"]], target="y")
    bound = bind(load_model(made), turned)
    expected = made.decision_function(samples.frame().drop(columns="y"))
    np.testing.assert_allclose(bound.scores(turned.dataset.x)[:, 1], expected)
    assert bound.notes == ()


def test_columns_the_model_does_not_know_are_left_out_with_a_note() -> None:
    wider = load_dataset(samples.frame().assign(extra=np.arange(samples.N) % 5), target="y")
    bound = bind(load_model(fitted_on_names()), wider)
    assert bound.notes == ("columns the model does not know were left out: extra",)
    assert bound.scores(wider.dataset.x).shape == (samples.N, 2)


def test_a_missing_column_is_named_with_the_nearest() -> None:
    renamed = load_dataset(samples.frame().rename(columns={"gamma": "Gamma "}), target="y")
    with pytest.raises(SchemaError, match=r"does not have: gamma; did you mean 'Gamma '"):
        bind(load_model(fitted_on_names()), renamed)


def test_columns_without_names_are_matched_in_order_with_a_note() -> None:
    bound = bind(load_model(fitted_on_names()), samples.table())
    assert bound.notes == ("columns without names were matched to the model's in order",)


def test_without_names_the_number_of_columns_must_match() -> None:
    made = LogisticRegression().fit(X[:, :3], Y)
    with pytest.raises(ShapeError, match="takes 3 columns and knows no names, the table has 4"):
        bind(load_model(made), samples.table())


def test_rows_of_another_width_are_refused_and_no_rows_are_no_problem() -> None:
    bound: Classifier = bind(load_model(fitted_on_names()), samples.named_table())
    assert bound.scores(np.zeros((0, samples.D))).shape == (0, 2)
    with pytest.raises(ShapeError, match=r"rows of 4 columns, got shape \(2, 3\)"):
        bound.scores(np.zeros((2, 3)))


def test_a_model_in_process_is_stamped_by_its_answers() -> None:
    stamps = [
        bind(load_model(LogisticRegression(C=c).fit(X, Y)), samples.table()).digest
        for c in (1.0, 1.0, 0.01)
    ]
    assert stamps[0] == stamps[1] != stamps[2]
    assert stamps[0].startswith("sha256:")


def test_input_is_left_as_it_is() -> None:
    bound = bind(load_model(fitted_on_names()), samples.named_table())
    rows = X.copy()
    bound.scores(rows)
    np.testing.assert_array_equal(rows, X)


def test_classes_of_a_polars_frame_of_truth_values() -> None:
    data = pl.DataFrame({"a": X[:, 0], "y": Y == 1})
    made = LogisticRegression().fit(X[:, :1], Y == 1)
    assert bind(load_model(made), load_dataset(data, target="y")).classes == ("False", "True")


def test_many_wide_rows_are_asked_about_in_parts_and_a_bad_one_keeps_its_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    table = samples.table()

    def model(rows: Any) -> Any:
        sizes.append(len(rows))
        if (rows[:, 0] > 1e6).any():
            message = "too bright"
            raise ValueError(message)
        return np.stack([-rows[:, 0], rows[:, 0]], axis=1)

    bound = bind(load_model(model), table)
    x = table.dataset.x
    whole = bound.scores(x)
    sizes.clear()
    monkeypatch.setattr("bartizan.core.oracle.CHUNK_BYTES", 8 * x.shape[1] * 7)
    assert np.array_equal(bound.scores(x), whole)
    assert max(sizes) == 7
    assert sum(sizes) == len(x)
    spoilt = x.copy()
    spoilt[23, 0] = 1e7
    with pytest.raises(ModelError, match=r"too bright on row 23$"):
        bound.scores(spoilt)


def test_of_large_images_few_are_tried_and_little_is_kept() -> None:
    x = np.zeros((100, 240, 240, 1), dtype=np.uint8)
    x[::2] = 200
    seen: list[int] = []

    def scores(images: Any) -> Any:
        seen.append(len(images))
        bright = images.reshape(len(images), -1).mean(axis=1)
        return np.stack([-bright, bright], axis=1)

    table = load_dataset((x, np.arange(100) % 2 == 0), target=None)
    bound = bind(load_model(scores), table)
    assert max(seen) == 69  # four million values
    assert bound.probe is not None
    assert bound.probe.nbytes <= 32_000_000
    seen.clear()
    small = bind(load_model(scores), load_dataset((x[:, :8, :8], np.arange(100) % 2), target=None))
    assert max(seen) == 100
    assert small.probe is not None
    assert len(small.probe) == 100
