import tomllib
from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from bartizan.config.position import Path, positions

TRICKY = '''\
# [not.a.table]
top = 1
"quoted key" = 'x = 1'
a.b . "c.d" = 2   # dotted

[ table . "sub table" ]  # comment ] here
text = """
[fake]
key = "no key"
\\""" still in it ""\"""
raw = \'\'\'
[[also.fake]]
it's''\'\'\'
list = [
  1, # [comment
  "a]b", [2, 3,
    4],
  {x = 1, y.z = [5]},
]
inline = { one = 1, "two" = "}", deep = { three = 3 } }
when = 1979-05-27 07:32:00
last = true
[[item]]
name = "first"
[item.sub]
x = 1
[[item]]
[[item.part]]
n = 1
[[item.part]]
n = 2
'literal \\ key' = 3
"esc\\u0061ped" = 4
empty = ""
"" = 5
lit = \'\'
end = ["""x""", \'\'\'y\'\'\', \'z\']
'''


def paths(value: Any, above: Path = ()) -> list[Path]:
    """Every path of a parsed document."""
    items: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    found: list[Path] = [above] if above else []
    for key, item in items:
        found += paths(item, (*above, key))
    return found


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted key",), 3),
        (("a", "b", "c.d"), 4),
        (("table", "sub table"), 6),
        (("table", "sub table", "text"), 7),
        (("table", "sub table", "raw"), 11),
        (("table", "sub table", "list"), 14),
        (("table", "sub table", "list", 0), 15),
        (("table", "sub table", "list", 1), 16),
        (("table", "sub table", "list", 2, 2), 17),
        (("table", "sub table", "list", 3, "y", "z", 0), 18),
        (("table", "sub table", "inline", "deep", "three"), 20),
        (("table", "sub table", "when"), 21),
        (("table", "sub table", "last"), 22),
        (("item", 0, "name"), 24),
        (("item", 0, "sub", "x"), 26),
        (("item", 1), 27),
        (("item", 1, "part", 0, "n"), 29),
        (("item", 1, "part", 1, "n"), 31),
        (("item", 1, "part", 1, "literal \\ key"), 32),
        (("item", 1, "part", 1, "escaped"), 33),
        (("item", 1, "part", 1, ""), 35),
        (("item", 1, "part", 1, "end", 2), 37),
    ],
)
def test_every_form_of_key_has_its_line(path: Path, line: int) -> None:
    assert positions(TRICKY)[path] == line


def test_the_paths_are_those_of_the_parser() -> None:
    assert set(positions(TRICKY)) == set(paths(tomllib.loads(TRICKY)))


def test_windows_line_ends_do_not_shift_lines() -> None:
    text = TRICKY.replace("\n", "\r\n")
    assert positions(text) == positions(TRICKY)


KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=5)
LEAVES = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.dates(),
    st.floats(allow_nan=False),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(document=st.dictionaries(KEYS, VALUES, max_size=4))
def test_every_path_of_any_document_has_a_line(document: dict[str, Any]) -> None:
    text = tomlkit.dumps(document)
    found = positions(text)
    lines = text.split("\n")
    for path in paths(tomllib.loads(text)):
        assert 1 <= found[path] <= len(lines)
