import pytest

from bartizan.frameworks.place import Place, line_of, shown

TEXT = """\
title = "x"  # 1

[[clause]]
id = "A"
note = "[[clause]]"

  [[ clause ]] # 7
parent = "A"
mitigates = [
  "A",
]
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (Place(), 1),
        (Place(key="title"), 1),
        (Place(key="note"), 1),
        (Place(clause=0), 3),
        (Place(clause=0, key="id"), 4),
        (Place(clause=0, key="parent"), 3),
        (Place(clause=1), 7),
        (Place(clause=1, key="mitigates"), 9),
        (Place(clause=2), 1),
    ],
)
def test_a_place_has_a_line_and_what_is_not_written_that_of_what_is_above(
    place: Place, line: int
) -> None:
    assert line_of(TEXT, place) == line


def test_a_clause_is_told_by_its_id_and_else_by_its_number() -> None:
    assert shown(TEXT, Place(clause=0, key="note"), file="x.toml") == "x.toml:5: clause 'A': note"
    assert shown(TEXT, Place(clause=1), file="x.toml") == "x.toml:7: clause 2"
    assert shown(TEXT, Place(), file="x.toml") == "x.toml:1"
