from datetime import date

import numpy as np
import polars as pl
import pytest

from bartizan.adapt import infer
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Feature
from timing import within

RNG = np.random.default_rng(7)
N = 200
Y = np.arange(N) % 2


def guess(**columns: object) -> tuple[dict[str, Feature], tuple[str, ...]]:
    made = infer(pl.DataFrame({**columns, "y": Y}), target="y")
    return {feature.name: feature for feature in made.schema.features}, made.warnings


def test_types_ranges_categories_and_gaps() -> None:
    features, _ = guess(
        real=RNG.normal(size=N),
        whole=RNG.integers(-3, 9, N),
        whole_with_gaps=[None if i == 3 else float(i % 5) for i in range(N)],
        text=["b" if i % 3 else "a" for i in range(N)],
        truth=[i % 3 == 0 for i in range(N)],
        day=[date(2024, 1, 1 + i % 7) for i in range(N)],
    )
    assert {name: f.type for name, f in features.items()} == {
        "real": "number",
        "whole": "integer",
        "whole_with_gaps": "integer",
        "text": "categorical",
        "truth": "categorical",
        "day": "integer",
    }
    assert (features["whole"].min, features["whole"].max) == (-3.0, 8.0)
    assert features["whole_with_gaps"].missing
    assert features["text"].categories == ("a", "b")
    assert features["truth"].categories == ("false", "true")
    assert features["day"].min == float((date(2024, 1, 1) - date(1970, 1, 1)).days)


def one_hot(*names: str) -> dict[str, object]:
    chosen = RNG.integers(len(names), size=N)
    return {name: (chosen == place).astype(int) for place, name in enumerate(names)}


@pytest.mark.parametrize("mark", ["_", "=", ".", ":"])
def test_one_hot_columns_of_one_beginning_are_a_group(mark: str) -> None:
    features, _ = guess(**one_hot(f"color{mark}red", f"color{mark}blue", f"color{mark}dark{mark}x"))
    assert {feature.group for feature in features.values()} == {"color"}
    assert {feature.type for feature in features.values()} == {"integer"}


def test_truth_values_can_be_a_group() -> None:
    columns = {name: np.asarray(c).astype(bool) for name, c in one_hot("c_a", "c_b").items()}
    features, _ = guess(**columns)
    assert [feature.group for feature in features.values()] == ["c", "c"]


def test_exclusive_columns_without_a_common_beginning_are_no_group() -> None:
    features, _ = guess(**one_hot("red", "blue"))
    assert {feature.group for feature in features.values()} == {None}


def test_columns_that_are_not_one_in_every_row_are_no_group() -> None:
    columns = {key: np.asarray(column).copy() for key, column in one_hot("c_a", "c_b").items()}
    columns["c_a"][0] = columns["c_b"][0] = 0
    features, _ = guess(**columns)
    assert {feature.group for feature in features.values()} == {None}


def test_two_groups_of_one_beginning_are_told_apart() -> None:
    features, _ = guess(**one_hot("car_color_red", "car_color_blue"), **one_hot("car_a", "car_b"))
    assert features["car_color_red"].group == "car_color"
    assert features["car_a"].group == "car"


def test_a_group_never_has_the_name_of_a_column() -> None:
    features, _ = guess(**one_hot("color_red", "color_blue"), color=RNG.normal(size=N))
    assert features["color_red"].group == "color group"


def test_constant_and_empty_columns_are_warned_of() -> None:
    _, warnings = guess(same=[3] * N, none=pl.Series([None] * N, dtype=pl.Float64))
    assert "column 'same' is constant (3)" in warnings
    assert "column 'none' is empty" in warnings


def test_identifiers() -> None:
    shuffled = RNG.permutation(N)
    features, warnings = guess(
        customer_id=shuffled,
        rising=np.arange(N) * 3,
        token=[f"t{i * 7919}" for i in range(N)],
        shuffled=shuffled,
        real_id=RNG.normal(size=N),
        group_id=RNG.integers(0, 5, N),
    )
    marked = {name for name, feature in features.items() if feature.identifier}
    assert marked == {"customer_id", "rising", "token"}
    assert sum("identifier" in text for text in warnings) == 3


def test_personal_data_by_name() -> None:
    features, _ = guess(
        FirstName=["Ann", "Bob"] * (N // 2),
        home_address=["x", "y"] * (N // 2),
        ssn=RNG.integers(10**8, 10**9, N),
        date_of_birth=[date(1990, 1, 1 + i % 9) for i in range(N)],
        mobile_phone=["1", "2"] * (N // 2),
        product_name=["a", "b"] * (N // 2),
        word_freq_address=RNG.normal(size=N),
    )
    marked = {name for name, feature in features.items() if feature.personal}
    assert marked == {"FirstName", "home_address", "ssn", "date_of_birth", "mobile_phone"}


def test_personal_data_by_form() -> None:
    features, _ = guess(
        a=[f"user{i % 9}@mail.example" for i in range(N)],
        b=[f"+49 170 1234{i % 9}56" for i in range(N)],
        c=[f"{100 + i % 9}-45-6789" for i in range(N)],
        d=["DE89370400440532013000", "GB29NWBK60161331926819"] * (N // 2),
        e=[4111111111111111, 5500005555555559] * (N // 2),
        f=[f"10.0.0.{i % 9}" for i in range(N)],
        g=[f"2024-01-0{1 + i % 9}" for i in range(N)],
        h=["A11", "A12"] * (N // 2),
    )
    assert [name for name, feature in features.items() if feature.personal] == list("abcde")


def test_columns_that_give_the_answer_away_are_warned_of() -> None:
    flipped = Y.copy()
    flipped[:20] = 1 - flipped[:20]
    _, warnings = guess(
        leak=-Y + RNG.normal(scale=0.05, size=N),
        word=np.where(Y == 1, "late", "soon"),
        code=np.where(Y == 1, 5, RNG.choice([3, 9], N)),
        decent=flipped + RNG.normal(scale=0.05, size=N),
        token=[f"{i}" for i in range(N)],
    )
    named = {text.split("'")[1] for text in warnings if "alone predicts" in text}
    assert named == {"leak", "word", "code"}


def test_leaks_are_seen_with_several_classes_too() -> None:
    y = np.arange(600) % 3
    noise = RNG.normal(size=600)
    frame = pl.DataFrame({"leak": y * 10 + noise, "fair": y + noise, "y": y})
    warnings = infer(frame, target="y").warnings
    assert [text.split("'")[1] for text in warnings if "alone" in text] == ["leak"]


def test_four_rows_of_a_class_prove_no_leak() -> None:
    y = np.array([1] * 4 + [0] * 100)
    assert infer(pl.DataFrame({"a": y * 1.5, "y": y}), target="y").warnings == ()


def test_wrong_target_names_the_nearest() -> None:
    with pytest.raises(SchemaError, match="did you mean 'label'"):
        infer(pl.DataFrame({"label": [1], "a": [2]}), target="lable")


def test_fifty_thousand_rows_of_forty_columns_take_less_than_three_seconds() -> None:
    n = 50_000
    columns: dict[str, object] = {f"n{i}": RNG.normal(size=n) for i in range(30)}
    columns |= {f"t{i}": RNG.choice(["a", "b", "c"], n) for i in range(10)}
    frame = pl.DataFrame({**columns, "y": RNG.integers(0, 2, n)})
    within(3, lambda: infer(frame, target="y"))
