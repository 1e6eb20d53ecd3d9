import pytest

from bartizan.formats.pickles.arguments import (
    Arguments,
    broken_rule,
    broken_state,
)
from bartizan.formats.pickles.trace import Argument, Made, Name, Opaque

ARRAY, SYSTEM = Name("numpy", "ndarray"), Name("os", "system")
CTOR = Name("numpy.random._pickle", "__bit_generator_ctor")
OBJECT = Name("builtins", "object")
BOOSTER = Name("xgboost.core", "Booster")
CHECK = Name("sklearn.utils.validation", "check_array")
ROUND = Name("builtins", "round")
DICT = Opaque("dict")


def said(rule: str, arguments: Arguments) -> str:
    return broken_rule(rule, arguments, is_class=is_class)


def is_class(one: Name) -> bool:
    return one in (ARRAY, OBJECT, BOOSTER)


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
        ("maker", (BOOSTER, OBJECT, None)),
        ("maker", (BOOSTER,)),
        ("maker", (ARRAY, OBJECT, Opaque("dict"))),
        ("called", (ARRAY,)),
        ("called", ("PCG64",)),
        ("member", ("right",)),
        ("nothing", ()),
        ("number", (120,)),
        ("pattern", (r"(?u)\b\w+", 32)),
        ("pattern", (Opaque("bytes"), 0)),
        ("zone", ("Europe/Berlin",)),
        ("zone", ("America/Argentina/ComodRivadavia", True)),
        ("zone", ("Etc/GMT+5", 3600, 0, "CEST")),
        ("partial", (CHECK,)),
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
        ("maker", (SYSTEM, OBJECT, None)),
        ("maker", (BOOSTER, (), DICT)),
        ("maker", (BOOSTER, "model.json")),
        ("maker", (BOOSTER, ARRAY, None)),
        ("maker", (BOOSTER, OBJECT, "model.json")),
        ("called", (BOOSTER,)),
        ("called", (SYSTEM,)),
        ("member", ("Kind", "a b")),
        ("member", (SYSTEM,)),
        ("member", ((1, 2),)),
        ("nothing", ("zone",)),
        ("number", ("zone",)),
        ("number", (Made(None),)),
        ("pattern", ("a", Made(None))),
        ("pattern", (SYSTEM, 0)),
        ("zone", ()),
        ("zone", ("../../etc/shadow", True)),
        ("zone", ("/etc/shadow", True)),
        ("zone", ("Europe/../../x", True)),
        ("zone", ("a/b/c/d",)),
        ("zone", ("Europe/Berlin\n",)),
        ("zone", (Made(None), True)),
        ("zone", ("UTC", SYSTEM)),
        ("partial", (SYSTEM,)),
        ("partial", (ROUND,)),
        ("partial", (CHECK, 1)),
        ("partial", (Made(CHECK),)),
    ],
)
def test_hostile_arguments_break_it(rule: str, arguments: Arguments) -> None:
    assert said(rule, arguments).startswith("and ")


@pytest.mark.parametrize("plain", [(), (1, "a", None, Opaque("float"))])
def test_a_partial_function_of_the_list_keeps_plain_values(plain: Arguments) -> None:
    assert broken_state("partial", ((CHECK, plain, DICT, None),), is_class=is_class) == ""


@pytest.mark.parametrize(
    "state",
    [
        (SYSTEM, (), DICT, None),
        (CHECK, (SYSTEM,), DICT, None),
        (CHECK, (Made(None),), DICT, None),
        (CHECK, Made(None), DICT, None),
        (CHECK, (), DICT, DICT),
        (CHECK, (), DICT),
        DICT,
    ],
)
def test_a_state_puts_nothing_else_into_a_partial_function(state: Argument) -> None:
    assert broken_state("partial", (state,), is_class=is_class).startswith("and ")


def test_any_state_is_as_good_as_another_elsewhere() -> None:
    assert broken_state("class", (DICT,), is_class=is_class) == ""
