import pytest

from bartizan.adapt.tables.separator import enough, separator_of


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_first_line_alone_shows_it(mark: str) -> None:
    assert separator_of(f"a{mark}b{mark}c".encode()) == mark


def test_the_character_of_which_every_line_has_as_many_separates() -> None:
    texts = "ham\tGo, now, or, never\nham\tOk, lar\nspam\tFree entry, call\n"
    assert separator_of(texts.encode()) == "\t"


def test_of_two_that_agree_the_more_frequent_one_separates() -> None:
    assert separator_of(b"a;b,c,d\n1;2,3,4\n") == ","


def test_where_none_agrees_the_first_line_decides() -> None:
    assert separator_of(b"a;b;c\n1;2\n3;4;5\n") == ";"


def test_what_is_in_quotes_does_not_count() -> None:
    assert separator_of(b'a;b\n"x,y\n,z";2\n3;"4,5') == ";"


def test_blank_lines_are_no_lines() -> None:
    assert separator_of(b"\r\n\na\tb\r\n\r\n1,2\t3\r\n") == "\t"
    assert separator_of(b"\r\n\n") == ""


def test_once_there_is_enough_more_text_changes_nothing() -> None:
    first = b"x\ty\n" * 20
    assert enough(first)
    assert not enough(first[:-1])
    assert not enough(b"\n" * 50)
    assert separator_of(first) == separator_of(first + b"1,2,3\n" * 50) == "\t"
    long = b"x\ty" + b"," * (1 << 20) + b"\nx\ty\n"
    assert enough(long)
    assert not enough(long[:-5])
    assert separator_of(long[:-4]) == separator_of(long) == ","
