"""Endpoints that take every column as an input of its own."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest

from bartizan.adapt import EndpointSettings
from bartizan.adapt.remote.endpoint import Endpoint
from bartizan.core.errors import ModelError
from unit.adapt.served import Answer, Served, serving

NAMES = ("amount", "age")
ROWS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


class Split(Served):
    """Describes an input for each column."""

    flat = True

    @property
    def described(self) -> dict[str, Any]:
        shape = [-1] if self.flat else [-1, 1]
        inputs = [{"name": name, "datatype": "FP64", "shape": shape} for name in NAMES]
        return {"name": "m", "inputs": inputs}

    def answer(self, body: dict[str, Any]) -> Answer:
        self.asked.append(body)
        n = len(body["inputs"][0]["data"])
        output = {"name": "p", "shape": [n], "datatype": "FP64", "data": [0.5] * n}
        return 200, {"outputs": [output]}, {}


@pytest.fixture
def split() -> Iterator[Served]:
    with serving(Split()) as served:
        yield served


def sent(served: Served, rows: Any) -> dict[str, Any]:
    """What the server was asked, by input."""
    Endpoint.at(served.url, EndpointSettings())(rows)
    return {tensor["name"]: tensor for tensor in served.asked[-1]["inputs"]}


@pytest.mark.parametrize(("flat", "shape"), [(True, [3]), (False, [3, 1])])
def test_each_column_goes_to_its_own_input_in_the_shape_it_wants(
    split: Split, *, flat: bool, shape: list[int]
) -> None:
    split.flat = flat
    found = sent(split, ROWS)
    assert {name: tensor["data"] for name, tensor in found.items()} == {
        "amount": [1.0, 3.0, 5.0], "age": [2.0, 4.0, 6.0],
    }  # fmt: skip
    assert [found[name]["shape"] for name in NAMES] == [shape, shape]


def test_columns_of_a_frame_are_sent_by_name_whatever_their_order(split: Split) -> None:
    frame = pl.DataFrame(ROWS[:, ::-1], schema=["age", "amount"])
    assert sent(split, frame)["amount"]["data"] == [1.0, 3.0, 5.0]


def test_a_column_that_the_table_does_not_have_is_named(split: Split) -> None:
    with pytest.raises(ModelError, match="wants the column 'age', which the table does not have"):
        sent(split, pl.DataFrame({"amount": [1.0], "hour": [2.0]}))


@pytest.mark.parametrize("rows", [ROWS[:, :1], np.zeros((3, 3)), np.zeros((3, 2, 2))])
def test_rows_of_another_width_than_there_are_inputs_are_refused(split: Split, rows: Any) -> None:
    with pytest.raises(ModelError, match="takes 2 inputs, got rows of shape"):
        sent(split, rows)
