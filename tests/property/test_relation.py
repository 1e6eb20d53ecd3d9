"""Laws of relations: a closed language, and repairs that hold."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.core.arrays import Array
from bartizan.core.errors import ConfigError
from bartizan.core.relation import parse

NAMES = ("a", "b", "net income", "class", "µ", "_column_0")
SENSES = ("=", "==", "<=", "<", ">=", ">")
VALUES = st.floats(-1e6, 1e6) | st.just(float("nan"))
NUMBERS = st.floats(0, 1e6).map(repr) | st.integers(0, 99).map(str)


def rows(values: st.SearchStrategy[float], *, n: int = 4) -> st.SearchStrategy[Array]:
    size = n * len(NAMES)
    return st.lists(values, min_size=size, max_size=size).map(
        lambda flat: np.array(flat).reshape(n, len(NAMES))
    )


def sums(names: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Expressions of the language over some columns."""
    leaves = st.sampled_from([f"`{name}`" for name in names]) | NUMBERS
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({' '.join(t)})"),
            inner.map(lambda term: f"-{term}"),
        ),
        max_leaves=4,
    )


@given(left=sums(NAMES), sense=st.sampled_from(SENSES), right=sums(NAMES), x=rows(VALUES))
def test_holds_answers_for_every_row_and_lets_missing_values_pass(
    left: str, sense: str, right: str, x: Array
) -> None:
    relation = parse(f"{left} {sense} {right}", names=NAMES)
    kept = relation.holds(x)
    assert kept.shape == (len(x),)
    unknown = np.isnan(relation.left.value(x)) | np.isnan(relation.right.value(x))
    assert kept[unknown].all()


@given(
    left=sums(NAMES),
    sense=st.sampled_from(SENSES),
    right=sums(NAMES),
    x=rows(st.floats(allow_nan=True, allow_infinity=True)),
)
def test_holds_never_raises_whatever_the_floats(
    left: str, sense: str, right: str, x: Array
) -> None:
    assert parse(f"{left} {sense} {right}", names=NAMES).holds(x).dtype == bool


@given(left=sums(NAMES), right=sums(NAMES), x=rows(st.floats(-1e6, 1e6)))
def test_the_value_is_that_of_ordinary_arithmetic(left: str, right: str, x: Array) -> None:
    relation = parse(f"{left} <= {right}", names=NAMES)
    for row, one in zip(x, relation.left.value(x), strict=True):
        text = left
        for name, value in zip(NAMES, row, strict=True):
            text = text.replace(f"`{name}`", f"({value!r})")
        # The text is built above from numbers, signs and brackets only.
        assert one == pytest.approx(float(eval(text)), rel=1e-12, abs=1e-9)  # noqa: S307


@given(target=st.sampled_from(NAMES), flip=st.booleans(), x=rows(VALUES), data=st.data())
def test_repair_makes_an_equality_with_one_free_side_hold(
    target: str, *, flip: bool, x: Array, data: st.DataObject
) -> None:
    other = data.draw(sums(tuple(name for name in NAMES if name != target)))
    sides = (other, f"`{target}`") if flip else (f"`{target}`", other)
    relation = parse(" = ".join(sides), names=NAMES)
    free = np.array([name == target for name in NAMES])
    before = x.copy()
    mended = relation.repair(x, free=free)
    assert relation.holds(mended).all()
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(mended[:, ~free], x[:, ~free])
    kept = relation.holds(x)
    np.testing.assert_array_equal(mended[kept], x[kept])


@given(sense=st.sampled_from(["<=", ">="]), other=sums(NAMES[1:]), x=rows(st.floats(-1e6, 1e6)))
def test_repair_makes_an_inequality_with_one_free_side_hold(
    sense: str, other: str, x: Array
) -> None:
    relation = parse(f"a {sense} {other}", names=NAMES)
    free = np.array([name == "a" for name in NAMES])
    assert relation.holds(relation.repair(x, free=free)).all()


@given(left=sums(NAMES), sense=st.sampled_from(SENSES), right=sums(NAMES), x=rows(VALUES))
def test_repair_never_touches_columns_that_are_not_free(
    left: str, sense: str, right: str, x: Array
) -> None:
    relation = parse(f"{left} {sense} {right}", names=NAMES)
    fixed = np.zeros(len(NAMES), dtype=bool)
    assert relation.repair(x, free=fixed) is x


@given(x=rows(st.floats(1, 100)))
def test_a_column_on_both_sides_is_left_alone(x: Array) -> None:
    relation = parse("a = a + b", names=NAMES)
    np.testing.assert_array_equal(relation.repair(x, free=np.ones(len(NAMES), dtype=bool)), x)


@given(text=st.text(max_size=60))
def test_any_text_is_a_rule_or_a_config_error(text: str) -> None:
    try:
        relation = parse(text, names=NAMES)
    except ConfigError:
        return
    relation.holds(np.ones((1, len(NAMES))))


PIECES = ["a", "b", "`net income`", "1", "1e9", "+", "-", "*", "(", ")", "<=", "=", "<", ":=", ","]
WORDS = ["lambda", "if", "else", "not", "and", "in", ".", "[", "]", "'", '"', "{", "}", "\\", "#"]


@given(pieces=st.lists(st.sampled_from(PIECES + WORDS), max_size=12))
def test_any_mix_of_tokens_is_a_rule_or_a_config_error(pieces: list[str]) -> None:
    text = " ".join(pieces)
    try:
        relation = parse(text, names=NAMES)
    except ConfigError:
        return
    for side in (relation.left, relation.right):
        for node in ast.walk(side.tree):
            assert isinstance(
                node, ast.Name | ast.Constant | ast.BinOp | ast.UnaryOp | ast.Load
                | ast.Add | ast.Sub | ast.Mult | ast.USub,
            )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "a <= __import__('os').system('true')",
        "a <= b()",
        "a() <= b",
        "a.b <= 1",
        "a.__class__ <= 1",
        "a[0] <= 1",
        "lambda: a <= b",
        "a <= (lambda: b)",
        "a := b",
        "a <= (b := 1)",
        "f'{a}' <= b",
        "a <= 'text'",
        "a <= b'bytes'",
        "a <= True",
        "a <= None",
        "a <= ...",
        "a <= 1j",
        "a <= 1e999",
        "a <= " + "9" * 400,
        "a <= [b for b in a]",
        "a <= {b}",
        "a <= (b, a)",
        "a <= b <= 1",
        "a <= b if a else b",
        "a <= b and b <= a",
        "not a <= b",
        "a != b",
        "a is b",
        "a in b",
        "a ** 9 <= b",
        "a / b <= 1",
        "a // b <= 1",
        "a % b <= 1",
        "a @ b <= 1",
        "a << b <= 1",
        "a & b <= 1",
        "~a <= b",
        "+a <= b",
        "*a <= b",
        "await a <= b",
        "yield <= b",
        "a <= b; a",
        "a <= b\na <= b",
        "import os",
        "a",
        "",
        " ",
        "=",
        "a = b = 1",
        "a => b",
        "a < = b",
        "a <= \0",
        "`` <= 1",
        "`a <= 1",
        "a``b <= 1",
        "a <= `nothing`",
        "nothing <= a",
        "a <= 1b",
        "net income <= a",
    ],
)
def test_what_is_outside_the_language_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="relation "):
        parse(text, names=NAMES)


@pytest.mark.parametrize("opening", ["(", "[", "-(", "a+("])
def test_huge_nesting_is_refused_or_answered_never_a_crash(opening: str) -> None:
    closing = {"[": "]"}.get(opening[-1], ")")
    for depth in (50, 150, 20_000):
        text = opening * depth + "a" + closing * depth + " <= b"
        try:
            relation = parse(text, names=NAMES)
        except ConfigError:
            continue
        assert relation.holds(np.ones((1, len(NAMES)))).shape == (1,)


def test_the_deepest_rule_that_fits_is_evaluated() -> None:
    relation = parse("-" * 480 + "a <= 1", names=NAMES)
    assert relation.holds(np.zeros((1, len(NAMES)))).all()


@pytest.mark.parametrize("form", ["a <= {}", "{} <= a", "{} = a", "a <= (1 + {})", "`a` <= -{}"])
def test_nothing_is_evaluated_while_parsing(form: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    with pytest.raises(ConfigError):
        parse(form.format(f"open('{canary}', 'w').fileno()"), names=(*NAMES, "open", "fileno"))
    assert not canary.exists()


def test_a_long_rule_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(ConfigError, match="501 characters is too long; at most 500"):
        parse("a <= b".ljust(501), names=NAMES)
