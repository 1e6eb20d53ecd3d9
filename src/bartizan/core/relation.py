"""Relations between features: ``"total = a + b"``, ``"n_failed <= n_total"``.

A closed language, never `eval`: column names, numbers, ``+ - *``, brackets and one of
``= == <= < >= >``. Names that are more than one word are written in backquotes.
"""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np

from bartizan.core.arrays import Array, Mask
from bartizan.core.errors import ConfigError

_NAME = re.compile(r"`([^`]+)`|(?<![\w.])([^\W\d]\w*)")
"""A name in backquotes, or a word that is no part of a number."""
_SIGN = re.compile(r"(?<![<>=!])=(?!=)")
_MAX_LENGTH = 500
"""Characters; a rule a person can read is far shorter, and nesting is bounded by it."""
_TOLERANCE = 1e-9
"""Relative slack of a comparison: sums of floats differ in the last digits."""

_ARITHMETIC: dict[type[ast.operator], Callable[[Array, Array], Array]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
}
_LARGEST = 1e300
"""Constants beyond it are no quantities, and sums with them leave the floats."""
_SYNTAX = (ast.BinOp, ast.UnaryOp, ast.Load, ast.USub, *_ARITHMETIC)
Sense = Literal["=", "<=", "<", ">=", ">"]
_SENSES: dict[type[ast.cmpop], Sense] = {
    ast.Eq: "=",
    ast.LtE: "<=",
    ast.Lt: "<",
    ast.GtE: ">=",
    ast.Gt: ">",
}


@dataclass(frozen=True)
class Side:
    """One side of a relation."""

    tree: ast.expr
    columns: Mapping[str, int]

    @property
    def column(self) -> int | None:
        """The column, if this side is nothing but a column."""
        return self.columns[self.tree.id] if isinstance(self.tree, ast.Name) else None

    @property
    def mentions(self) -> frozenset[int]:
        """Every column that this side depends on."""
        names = (part.id for part in ast.walk(self.tree) if isinstance(part, ast.Name))
        return frozenset(self.columns[name] for name in names)

    def value(self, x: Array) -> Array:
        """Evaluate over rows: (n, d) -> (n,). What is too large is infinite."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._value(self.tree, x)

    def _value(self, node: ast.expr, x: Array) -> Array:
        if isinstance(node, ast.Constant):
            return np.full(len(x), float(node.value))  # type: ignore[arg-type]
        if isinstance(node, ast.Name):
            return x[:, self.columns[node.id]]
        if isinstance(node, ast.UnaryOp):
            return -self._value(node.operand, x)
        if isinstance(node, ast.BinOp):
            operate = _ARITHMETIC[type(node.op)]
            return operate(self._value(node.left, x), self._value(node.right, x))
        raise AssertionError(ast.dump(node))  # parse() admits nothing else

    def slope(self, x: Array) -> Array:
        """How the value changes with every column: (n, d) -> (n, d)."""
        found = np.zeros_like(x)
        with np.errstate(over="ignore", invalid="ignore"):
            self._spread(self.tree, x, weight=np.ones(len(x)), onto=found)
        return found

    def _spread(self, node: ast.expr, x: Array, *, weight: Array, onto: Array) -> None:
        """Chain rule from the root down; `weight` is the derivative by this node's value."""
        if isinstance(node, ast.Name):
            onto[:, self.columns[node.id]] += weight
        elif isinstance(node, ast.UnaryOp):
            self._spread(node.operand, x, weight=-weight, onto=onto)
        elif isinstance(node, ast.BinOp):
            first, second = weight, weight
            if isinstance(node.op, ast.Sub):
                second = -weight
            elif isinstance(node.op, ast.Mult):
                first = weight * self._value(node.right, x)
                second = weight * self._value(node.left, x)
            self._spread(node.left, x, weight=first, onto=onto)
            self._spread(node.right, x, weight=second, onto=onto)


@dataclass(frozen=True)
class Relation:
    """One rule, compiled against the columns of a table."""

    text: str
    left: Side
    sense: Sense
    right: Side

    def holds(self, x: Array) -> Mask:
        """Whether each row obeys the rule; rows with missing values do. (n, d) -> (n,)."""
        left, right = self.left.value(x), self.right.value(x)
        with np.errstate(over="ignore", invalid="ignore"):  # at the end of the floats
            return self._holds(left, right)

    def _holds(self, left: Array, right: Array) -> Mask:
        slack = _TOLERANCE * np.maximum(1.0, np.maximum(np.abs(left), np.abs(right)))
        unknown = np.isnan(left) | np.isnan(right)
        match self.sense:
            case "=":
                kept = (left == right) | (np.abs(left - right) <= slack)
            case "<=":
                kept = left <= right + slack
            case "<":
                kept = left < right
            case ">=":
                kept = left >= right - slack
            case ">":
                kept = left > right
        return np.asarray(kept | unknown)

    def violation(self, x: Array) -> tuple[Array, Array]:
        """By how much each row breaks the rule, and how that changes with its columns.

        Args:
            x: Rows, shape (n, d).

        Returns:
            The difference of the two sides where they stand the wrong way round, shape (n,),
            >= 0, and its derivatives, shape (n, d); both 0 in rows that obey the rule.
        """
        broken = np.flatnonzero(~self.holds(x))
        size, slope = np.zeros(len(x)), np.zeros_like(x)
        if broken.size:
            rows = x[broken]
            apart = self.left.value(rows) - self.right.value(rows)
            size[broken] = np.abs(apart)
            falls = apart < 0 if self.sense == "=" else np.full(len(rows), self.sense[0] == ">")
            sign = np.where(falls, -1.0, 1.0)[:, None]
            slope[broken] = sign * (self.left.slope(rows) - self.right.slope(rows))
        return size, slope

    def repair(self, x: Array, *, free: Mask) -> Array:
        """Make broken rows obey by setting one free column, where the rule names one alone.

        Args:
            x: Rows, shape (n, d).
            free: Columns that may be set, shape (d,).

        Returns:
            Rows, shape (n, d); those that cannot be mended this way come back as they were, such
            as all rows where the column stands on both sides.
        """
        broken = np.flatnonzero(~self.holds(x))
        if not broken.size or self.sense in ("<", ">"):
            return x
        found = self.settled(free)
        if found is not None:
            column, side = found
            x = x.copy()
            x[broken, column] = side.value(x[broken])
        return x

    def settled(self, free: Mask) -> tuple[int, Side] | None:
        """The column that `repair` sets and the side it is set to, if there is one."""
        for target, other in ((self.left, self.right), (self.right, self.left)):
            column = target.column
            if column is not None and free[column] and column not in other.mentions:
                return column, other
        return None


def _aliases(text: str, names: tuple[str, ...]) -> tuple[str, dict[str, int]]:
    """Replace every name by a plain identifier; return the text and what each one stands for.

    All names are replaced, not only those in backquotes: a parser folds letters that look alike
    into one, and reads some names as its own words.
    """
    columns = {name: position for position, name in enumerate(names)}
    known: dict[str, int] = {}

    def stand_in(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2)
        if name not in columns:
            raise ConfigError(_unknown(name, text=text, names=names))
        alias = f"_column_{columns[name]}"
        known[alias] = columns[name]
        return f" {alias} "

    return _NAME.sub(stand_in, text), known


def _unknown(name: str, *, text: str, names: tuple[str, ...]) -> str:
    near = get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(names[:8])}"
    return f"relation {text!r} names {name!r}, which is no column{hint}"


def _admit(node: ast.expr, *, text: str, known: Mapping[str, int]) -> None:
    """Refuse everything outside the closed language."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in known:
            continue
        if isinstance(part, ast.Constant):
            _admit_constant(part.value, text=text)
        elif not isinstance(part, _SYNTAX):
            message = (
                f"relation {text!r} uses {type(part).__name__}; only column names, numbers, "
                "+ - *, brackets and one comparison are understood"
            )
            raise ConfigError(message)


def _admit_constant(value: object, *, text: str) -> None:
    """Plain numbers only: no truth values, texts, or numbers that no float holds."""
    usual = isinstance(value, int | float) and not isinstance(value, bool)
    if not usual or abs(value) > _LARGEST:  # type: ignore[arg-type]  # a number, by then
        message = f"relation {text!r}: {str(value)[:40]} is not a number of use here"
        raise ConfigError(message)


def parse(text: str, *, names: tuple[str, ...]) -> Relation:
    """Compile one rule.

    Args:
        text: Such as ``"total = a + b"``.
        names: The table's columns, in order.

    Raises:
        ConfigError: the rule is not in the language, or names a column that is not there.

    Example:
        >>> rule = parse("failed <= total", names=("failed", "total"))
        >>> rule.holds(np.array([[1.0, 2.0], [3.0, 2.0]])).tolist()
        [True, False]
    """
    wrong = f"relation {text!r} is not of the form `a + b <= c`"
    if len(text) > _MAX_LENGTH:
        message = f"a relation of {len(text)} characters is too long; at most {_MAX_LENGTH}"
        raise ConfigError(message)
    source, known = _aliases(text, names)
    try:
        tree = ast.parse(_SIGN.sub("==", source).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ConfigError(wrong) from error
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1 or type(tree.ops[0]) not in _SENSES:
        raise ConfigError(wrong)
    sides = (tree.left, tree.comparators[0])
    for side in sides:
        _admit(side, text=text, known=known)
    left, right = (Side(tree=side, columns=known) for side in sides)
    return Relation(text=text, left=left, sense=_SENSES[type(tree.ops[0])], right=right)
