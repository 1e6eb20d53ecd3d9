"""Protocol buffers as text: fields and texts as the library reads them."""

import pytest

from bartizan.core.errors import InputError
from bartizan.formats.content import Budget
from bartizan.formats.models.text_proto import texts


def read(text: str) -> list[tuple[str, str]]:
    return list(texts(text.encode(), budget=Budget(expanded_bytes=0)))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('op: "a"', [("op", "a")]),
        ("a { op: 'x' 'y'\n\"z\" } b: 1", [("op", "xyz")]),
        ('a: "\\x41\\102\\n\\"" # b: "c"\nd: "e"', [("a", 'AB\n"'), ("d", "e")]),
        ('a: ["x", "y"]', [("a", "x"), ("a", "y")]),
        ('a < b: "c" >', [("b", "c")]),
        ('a: -1.5e3 b: inf c: "d";', [("c", "d")]),
        ("", []),
    ],
)
def test_texts_are_read_by_field(text: str, found: list[tuple[str, str]]) -> None:
    assert read(text) == found


def test_texts_of_the_library_are_read() -> None:
    formatting = pytest.importorskip("google.protobuf.text_format")
    struct = pytest.importorskip("google.protobuf.struct_pb2")
    values = ["plain", "q\"uo'te", "line\nend", "tab\t", "back\\slash", "é"]
    made = struct.ListValue(values=[struct.Value(string_value=value) for value in values])
    text = formatting.MessageToString(made)
    assert [value for name, value in read(text) if name == "string_value"] == values


@pytest.mark.parametrize("text", ['a: "b', "a: 'b\n'", "a: %", "\x00"])
def test_what_is_no_such_text_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read(text)
