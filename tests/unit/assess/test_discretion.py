from dataclasses import replace

import numpy as np
import pytest

from bartizan.assess.discretion import discreet
from bartizan.core.arrays import Array
from bartizan.core.dataset import Dataset
from bartizan.core.schema import Feature, Schema

MAILS = ("eve@example.org", "eve@example.org.uk", "O'Brien", "a+b (c)")


def known(*features: Feature, x: Array) -> Dataset:
    return Dataset(
        name="d", x=x, y=np.zeros(len(x), dtype=np.int64), classes=(0, 1),
        ids=np.arange(len(x)), schema=Schema(features=features), digest="",
    )  # fmt: skip


DATA = known(
    Feature(name="mail", type="categorical", categories=MAILS, personal=True),
    Feature(name="phone", type="integer", personal=True),
    Feature(name="city", type="categorical", categories=("Ulm", "Bonn")),
    Feature(name="weight", personal=True),
    x=np.array([[0, 49177654321, 0, 81.25], [1, 7, 1, np.nan]]),
)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("unknown ['eve@example.org.uk'] in row 7", "unknown ['(personal)'] in row 7"),
        ('got "O\'Brien"', 'got "(personal)"'),
        ("got a+b (c), expected a number", "got (personal), expected a number"),
        ("value 49177654321 in column 7", "value (personal) in column 7"),
        ("value 4.9177654321e10 and 49177654321.0", "value (personal) and (personal)"),
        (
            "value 49_177_654_321 of 49177654321_ and 1__2_",
            "value (personal) of 49177654321_ and 1__2_",
        ),
        ("weighs 81.25 in Ulm", "weighs (personal) in Ulm"),
        ("float32(4.9177653e+10)", "float32((personal))"),
        ("born 1984-02-03 or 1984-02-03T10:20", "born (personal) or (personal)"),
        ("expected 1000 rows in Bonn, got 81.5", "expected 1000 rows in Bonn, got 81.5"),
        ("heve@example.orgs", "heve@example.orgs"),
    ],
)
def test_personal_values_are_hidden_and_nothing_else(said: str, left: str) -> None:
    assert discreet(said, None, DATA) == left


def test_values_of_either_data_set_are_hidden() -> None:
    other = replace(DATA, x=DATA.x + np.array([0, 1, 0, 0]))
    assert discreet("49177654321, 49177654322", DATA, other) == "(personal), (personal)"


def test_a_text_about_data_without_personal_columns_stays() -> None:
    plain = known(Feature(name="n"), x=np.array([[123456.0]]))
    assert discreet("123456 on 1984-02-03", plain) == "123456 on 1984-02-03"
