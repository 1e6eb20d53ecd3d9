import pytest

from bartizan.formats.pickles.arguments import Arguments, broken_rule
from bartizan.formats.pickles.trace import Made, Name, Opaque

ARRAY, SYSTEM = Name("numpy", "ndarray"), Name("os", "system")
CTOR = Name("numpy.random._pickle", "__bit_generator_ctor")
OBJECT = Name("builtins", "object")


def said(rule: str, arguments: Arguments) -> str:
    return broken_rule(rule, arguments, is_class=lambda one: one in (ARRAY, OBJECT))


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        ("", (SYSTEM,)),
        ("class", (ARRAY, (0,), Opaque("bytes"))),
        ("class", (ARRAY, OBJECT, None)),
        ("classes", ("MT19937",)),
        ("classes", (ARRAY,)),
        ("one", (None,)),
        ("latin1", ("text", "latin1")),
        ("random", ("MT19937", CTOR)),
        ("random", (Made(ARRAY),)),
        ("no text", (1_700_000_000, None, Made(ARRAY))),
    ],
)
def test_honest_arguments_keep_their_rule(rule: str, arguments: Arguments) -> None:
    assert said(rule, arguments) == ""


@pytest.mark.parametrize(
    ("rule", "arguments"),
    [
        ("class", ()),
        ("class", (Made(ARRAY),)),
        ("class", ("os.system",)),
        ("class", (SYSTEM, OBJECT, None)),
        ("class", (ARRAY, SYSTEM, None)),
        ("class", (ARRAY, (1, (SYSTEM,)))),
        ("class", (ARRAY, Made(None))),
        ("classes", (SYSTEM,)),
        ("one", ("Name", (), Opaque("dict"))),
        ("latin1", ("text", "rot13")),
        ("latin1", ("text",)),
        ("latin1", ("text", Made(ARRAY))),
        ("random", ("id", SYSTEM)),
        ("random", ("id", ARRAY)),
        ("random", ("id", Made(None))),
        ("no text", (1, None, "dateutil//etc/passwd")),
        ("no text", (1, None, Opaque("str"))),
    ],
)
def test_hostile_arguments_break_it(rule: str, arguments: Arguments) -> None:
    assert said(rule, arguments).startswith("and ")
