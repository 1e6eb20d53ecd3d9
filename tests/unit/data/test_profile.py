import json
from typing import Any

import pytest

from bartizan.core.errors import InputError
from bartizan.core.record import decode, encode
from bartizan.data.profile import Bins, DataProfile
from inspected import profile_of, table

STORED = encode(profile_of(table(300), target="y"))


def edited(*path: str | int, value: object) -> bytes:
    """The stored profile with one value changed by hand."""
    loose: Any = json.loads(STORED)
    place = loose
    for key in path[:-1]:
        place = place[key]
    assert place[path[-1]] != value
    place[path[-1]] = value
    return json.dumps(loose).encode()


NUMBER = ("columns", 0)
COLOUR = ("columns", 9)
EDITS: list[tuple[tuple[str | int, ...], object]] = [
    (("rows",), -1),
    (("rows",), 299),
    ((*NUMBER, "rows"), 299),
    ((*NUMBER, "nulls"), -1),
    ((*NUMBER, "nulls"), 301),
    ((*NUMBER, "distinct"), -1),
    ((*NUMBER, "min"), float("nan")),
    ((*NUMBER, "mean"), float("inf")),
    ((*NUMBER, "min"), "low"),
    ((*NUMBER, "bins", "counts", 0), -1),
    ((*NUMBER, "bins", "counts", 0), 1.5),
    ((*NUMBER, "bins", "counts", 0), 10**6),
    ((*NUMBER, "bins", "counts"), [1, 2]),
    ((*NUMBER, "bins", "missing"), -3),
    ((*NUMBER, "bins", "edges", 0), 1e9),
    ((*NUMBER, "bins", "edges", 0), float("nan")),
    ((*NUMBER, "bins", "edges", 0), None),
    ((*NUMBER, "bins", "scores"), [0.0]),
    ((*NUMBER, "bins", "scores"), []),
    ((*NUMBER, "bins", "categories"), ["a"]),
    ((*COLOUR, "bins", "categories", 0), "green"),
    ((*COLOUR, "bins", "categories"), []),
    ((*COLOUR, "name"), "n0"),
    (("labels", "yes"), -1),
    (("labels", "yes"), 10**6),
    (("joint", "seed"), -1),
    (("joint", "rows"), 1),
    (("joint", "width"), 0),
    (("joint", "mean", 0), float("nan")),
    (("joint", "mean"), [0.5]),
    (("joint", "covariance", 0), -1.0),
    (("joint", "covariance"), []),
]


def test_the_profile_itself_can_be_read() -> None:
    assert encode(decode(STORED, kind=DataProfile)) == STORED
    assert json.loads(STORED)["columns"][9]["bins"]["categories"][1:] != ["green"]


@pytest.mark.parametrize(("path", "value"), EDITS, ids=lambda part: str(part)[:40])
def test_a_profile_that_was_edited_by_hand_is_refused(
    path: tuple[str | int, ...], value: object
) -> None:
    with pytest.raises(InputError, match="stored DataProfile"):
        decode(edited(*path, value=value), kind=DataProfile)


def test_the_message_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"a count is negative\. Take the profile from the regis"):
        Bins(counts=(-1,))


def test_a_column_is_found_by_name() -> None:
    profile = decode(STORED, kind=DataProfile)
    assert profile.column("whole") == profile.columns[6]
    assert profile.column("none") is None
