import gzip
from pathlib import Path

import pytest

from bartizan.adapt.tables.delimited import read_delimited
from bartizan.core.errors import InputError, SchemaError


def read(text: str, *, has_header: bool = True) -> list[tuple[object, ...]]:
    frame, _ = read_delimited(text.encode(), where="t.csv", has_header=has_header)
    return frame.rows()


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_separator_is_found_in_the_first_line(mark: str) -> None:
    assert read(f"a{mark}b\n1{mark}2\n") == [("1", "2")]


def test_quoted_separators_quotes_and_newlines_are_part_of_a_cell() -> None:
    assert read('a,b\n"x,1","y ""z""\nw"\n') == [("x,1", 'y "z"\nw')]


def test_windows_line_ends_byte_order_mark_and_blank_lines_do_not_matter() -> None:
    frame, _ = read_delimited(b"\xef\xbb\xbfa,b\r\n\r\n1,2\r\n\r\n3,4", where="t.csv")
    assert frame.columns == ["a", "b"]
    assert frame.rows() == [("1", "2"), ("3", "4")]


def test_without_header_columns_are_called_c0_c1() -> None:
    frame, _ = read_delimited(b"1,2\n3,4\n", where="t.csv", has_header=False)
    assert frame.columns == ["c0", "c1"]
    assert frame.height == 2


def test_short_line_is_named_instead_of_filled_up() -> None:
    with pytest.raises(InputError, match=r"t\.csv, line 4: expected 2 fields.*got 1"):
        read("a,b\n1,2\n3,4\n5\n6,7\n")


def test_long_line_after_a_quoted_newline_has_the_number_an_editor_shows() -> None:
    with pytest.raises(InputError, match="line 4: expected 2 fields"):
        read('a,b\n"x\ny",2\n3,4,5\n')


def test_quote_that_never_closes_names_its_line() -> None:
    with pytest.raises(InputError, match="line 3: a quote opens and never closes"):
        read('a,b\n1,2\n"3,4\n')


def test_duplicate_column_names_are_refused() -> None:
    with pytest.raises(SchemaError, match="two columns are named 'a'"):
        read("a,b, a\n1,2,3\n")


def test_header_without_rows_is_refused() -> None:
    with pytest.raises(SchemaError, match="has a header and no rows"):
        read("a,b\n")


def test_blank_text_is_refused() -> None:
    with pytest.raises(SchemaError, match="nothing but blank lines"):
        read("\n\n  \n")


def test_column_without_a_name_is_called_after_its_place_with_a_note() -> None:
    frame, notes = read_delimited(b",b\n0,2\n", where="t.csv")
    assert frame.columns == ["c0", "b"]
    assert "without a name" in notes[0]


def test_header_of_numbers_is_noted() -> None:
    _, notes = read_delimited(b"1,2\n3,4\n", where="t.csv")
    assert "header holds numbers only" in notes[0]


def test_binary_garbage_is_refused() -> None:
    with pytest.raises(InputError, match="binary file of no known kind"):
        read_delimited(b"\x7fELF\0\0\1", where="t.csv")


def test_latin_1_text_names_the_line() -> None:
    with pytest.raises(InputError, match="line 2: byte 5 is not UTF-8"):
        read_delimited("a,b\n1é,2\n".encode("latin-1"), where="t.csv")


def test_utf_16_is_named() -> None:
    with pytest.raises(InputError, match="UTF-16"):
        read_delimited("a,b\n1,2\n".encode("utf-16"), where="t.csv")


def test_gzip_is_not_unpacked_here(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        read_delimited(gzip.compress(b"a,b\n1,2\n"), where="t.csv")


def test_a_row_taken_for_a_header_is_told_from_two_columns_of_one_name() -> None:
    with pytest.raises(SchemaError, match="no header, say so"):
        read_delimited(b"0,0,normal\n1,2,attack\n", where="raw.csv")
