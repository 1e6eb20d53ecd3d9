"""What reports call a file leads there from where the command ran."""

from pathlib import Path

from bartizan.config import called


def test_a_file_below_is_called_by_its_way_from_here(tmp_path: Path) -> None:
    assert called(tmp_path / "sub" / "bartizan.toml", start=tmp_path) == "sub/bartizan.toml"
    assert called(tmp_path / "bartizan.toml", start=tmp_path) == "bartizan.toml"


def test_a_file_elsewhere_keeps_the_name_it_was_given(tmp_path: Path) -> None:
    elsewhere = tmp_path / "other" / "bartizan.toml"
    assert called(elsewhere, start=tmp_path / "here") == elsewhere.as_posix()
