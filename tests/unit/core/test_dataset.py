from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.core.dataset import Dataset
from bartizan.core.errors import ShapeError
from bartizan.core.groups import Grouping
from bartizan.core.schema import Feature, Schema


def made(n: int = 4) -> Dataset:
    return Dataset(
        name="orders",
        x=np.arange(2.0 * n).reshape(n, 2),
        y=np.arange(n) % 2,
        classes=("no", "yes"),
        ids=np.arange(n) + 10,
        schema=Schema(features=(Feature(name="a"), Feature(name="b"))),
        digest="sha256:0",
        notes=("odd",),
    )


@pytest.mark.parametrize("name", ["x", "y", "ids"])
def test_nobody_can_write_into_a_data_set(name: str) -> None:
    with pytest.raises(ValueError, match="read-only"):
        getattr(made(), name)[0] = 0


def test_the_arrays_it_was_made_of_stay_as_they_were() -> None:
    x = np.zeros((4, 2))
    held = replace(made(), x=x)
    assert x.flags.writeable
    assert not held.x.flags.writeable


@pytest.mark.parametrize(
    ("part", "shape"), [("x", (3, 2)), ("x", (4, 3)), ("x", (8,)), ("ids", (3,)), ("y", (3,))]
)
def test_parts_of_different_lengths_are_refused(part: str, shape: tuple[int, ...]) -> None:
    broken: Any = {part: np.zeros(shape, dtype=np.int64)}
    with pytest.raises(ShapeError, match="data set 'orders': expected x of shape"):
        replace(made(), **broken)


def test_some_rows_in_the_order_given_are_a_data_set_of_the_same_kind() -> None:
    some = made().take(np.array([2, 0]))
    assert some.x.tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert some.y.tolist() == [0, 0]
    assert some.ids.tolist() == [12, 10]
    assert (some.name, some.classes, some.digest, some.notes) == (
        "orders", ("no", "yes"), "sha256:0", ("odd",),
    )  # fmt: skip
    assert not some.x.flags.writeable


def test_no_rows_are_a_data_set_too() -> None:
    assert made().take(np.zeros(0, dtype=np.int64)).x.shape == (0, 2)


def grouped() -> Dataset:
    sex = Grouping(column="sex", names=("f", "m"), codes=np.array([0, 0, 1, 1]))
    return replace(made(), groups=(sex,))


def test_some_rows_keep_their_groups() -> None:
    assert grouped().take(np.array([2, 0])).groups[0].codes.tolist() == [1, 0]


def test_other_rows_are_in_no_group() -> None:
    more = grouped().holding(x=np.zeros((6, 2)), y=np.zeros(6, dtype=np.int64), ids=np.arange(6))
    assert more.groups == ()
    assert (more.name, more.digest, len(more.ids)) == ("orders", "sha256:0", 6)


def test_new_labels_leave_the_groups_alone() -> None:
    assert len(replace(grouped(), y=np.zeros(4, dtype=np.int64)).groups) == 1
