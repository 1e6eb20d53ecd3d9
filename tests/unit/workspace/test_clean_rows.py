"""The column of sources is who sent a row, and nothing that a model learns from."""

from pathlib import Path

import pytest

from bartizan.core.errors import UsageError
from bartizan.workspace.clean_order import CleanOrder
from bartizan.workspace.clean_rows import labelled_rows


@pytest.mark.parametrize("words", [("x", "", "z", "x"), ("7", "", "3.5", "7")])
def test_sources_are_told_apart_and_left_out(tmp_path: Path, words: tuple[str, ...]) -> None:
    path = tmp_path / "t.csv"
    lines = [f"{row},{word},{row % 2}" for row, word in enumerate(words)]
    path.write_text("\n".join(["a,shop,y", *lines]) + "\n")
    known = {"data": path, "target": "y", "out": tmp_path / "clean"}
    whole = labelled_rows(CleanOrder(**known))  # type: ignore[arg-type]  # by name
    rows = labelled_rows(CleanOrder(**known, source="shop"))  # type: ignore[arg-type]  # by name
    assert whole.sources is None
    assert rows.sources is not None
    first, nobody, other, again = rows.sources.tolist()
    assert first == again
    assert len({first, nobody, other}) == 3
    assert rows.data.schema.names == ("a",)
    assert rows.data.x[:, 0].tolist() == [0, 1, 2, 3]
    assert rows.data.digest == whole.data.digest
    assert rows.data.classes == whole.data.classes


def test_a_table_of_sources_alone_teaches_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("shop,y\nx,0\nz,1\n")
    order = CleanOrder(data=path, target="y", out=tmp_path / "clean", source="shop")
    with pytest.raises(UsageError, match="is the only column beside the labels"):
        labelled_rows(order)
