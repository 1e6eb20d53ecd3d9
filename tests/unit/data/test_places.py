import polars as pl

from bartizan.core.entry import FLAGGED
from bartizan.data.inspections.places import Places, hidden
from unit.data.batches import SCHEMA, clean, cut


def marked(rows: int, at: list[int]) -> pl.Series:
    return pl.Series([row in at for row in range(rows)])


def test_every_column_has_its_turn_before_one_fills_the_list() -> None:
    places = Places()
    batch = cut(clean(100))[0]
    everywhere = marked(100, [*range(100)])
    places.add(
        batch, {"amount": everywhere, "total": marked(100, [99])}, why=lambda column, _: column
    )
    assert len(places.flagged) == FLAGGED
    assert [place.row for place in places.flagged if place.column == "total"] == [99]
    assert places.wrong_rows == 100
    assert places.by_column == {"amount": 100, "total": 1}


def test_a_row_with_two_wrong_cells_counts_once() -> None:
    places = Places()
    batch = cut(clean(10))[0]
    for _ in range(2):
        places.add(batch, {"amount": marked(10, [3, 4])}, why=lambda *_: "odd")
    assert places.wrong_rows == 2
    assert places.ids is not None
    assert places.ids.tolist() == [3, 4]


def test_personal_values_and_names_of_rows_are_hidden() -> None:
    assert hidden(SCHEMA) == {"id", "age"}
    places = Places(hide=hidden(SCHEMA))
    seen: list[str] = []
    batch = cut(clean(10))[0]
    wrong = {"age": marked(10, [1]), "total": marked(10, [1])}

    def why(column: str, value: str) -> str:
        seen.append(value)
        return f"{column} is odd"

    places.add(batch, wrong, why=why)
    assert [bool(place.value) for place in places.flagged] == [False, True]
    assert seen[0] == ""  # not even the reason may be made of it


def test_nothing_wrong_is_nowhere() -> None:
    places = Places()
    places.add(cut(clean(10))[0], {"amount": marked(10, [])}, why=lambda *_: "odd")
    assert (places.flagged, places.ids, places.wrong_rows) == ((), None, 0)


def test_a_column_as_a_whole_comes_first() -> None:
    places = Places()
    places.cell(7, why="a row")
    places.cell(None, column="amount", why="a column")
    assert [place.row for place in places.flagged] == [None, 7]
