"""Puts trees that were read one by one into the flat arrays of the tree IR."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Literal

import numpy as np

from bartizan.core.arrays import Array, Ints, Mask
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees

_MOST_CELLS = 2**26
"""Tests of categories times codes: 64 MiB of truth values. Hashed columns with millions of codes
would need more than a machine has."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One test of categories."""

    node: int
    codes: Ints
    """Codes that pass, whole numbers >= 0."""
    others: bool = False
    """Whether every other code passes as well, and these do not."""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """One tree; node 0 is its root, and children are nodes of this tree."""

    feature: Ints
    """Shape (m,); -1 = leaf."""
    threshold: Array
    """A number passes where it is <= in float64; shape (m,)."""
    left: Ints
    """Where the test passes; -1 at leaves."""
    right: Ints
    missing_left: Mask
    value: Array
    """Shape (m, k); only those of leaves count."""
    choices: Sequence[Choice] = field(default=())


def joined(trees: Iterable[Tree], *, base: Array, kind: Literal["logit", "probability"]) -> Trees:
    """Make one structure of many trees.

    Codes that no test names go right in the tree IR; where a library sends them left, the
    test is turned around: its complement is taken and the children change places.

    Args:
        trees: In any order; their scores are added.
        base: Scores before the first tree, shape (k,).
        kind: What the sums are.

    Raises:
        ModelError: there are too many categories to write all of them down.
    """
    parts = list(trees)
    sizes = np.array([len(part.feature) for part in parts], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(sizes)))[:-1].astype(np.int64)
    shift = np.repeat(starts, sizes)
    feature = _all([part.feature for part in parts]).astype(np.int64)
    inner = feature >= 0
    left, right = (
        np.where(inner, _all(side).astype(np.int64) + shift, -1)
        for side in ([part.left for part in parts], [part.right for part in parts])
    )
    value = np.concatenate([np.zeros((0, len(base))), *(part.value for part in parts)])
    choices = [
        (int(start) + choice.node, choice)
        for start, part in zip(starts, parts, strict=True)
        for choice in part.choices
    ]
    return _with_choices(
        Trees(
            feature=np.where(inner, feature, -1),
            threshold=np.where(inner, _all([part.threshold for part in parts]), np.nan),
            left=left,
            right=right,
            missing_left=inner & _all([part.missing_left for part in parts]).astype(bool),
            members=np.full(len(feature), -1, dtype=np.int64),
            value=np.where(inner[:, None], 0.0, value.astype(np.float64)),
            roots=starts,
            base=np.asarray(base, dtype=np.float64),
            kind=kind,
        ),
        choices,
    )


def _all(arrays: Sequence[Ints] | Sequence[Array] | Sequence[Mask]) -> Array:
    return np.concatenate([np.zeros(0), *arrays])


def _with_choices(trees: Trees, choices: list[tuple[int, Choice]]) -> Trees:
    """The same trees with their tests of categories; takes the arrays over."""
    if not choices:
        return trees
    nodes = np.array([node for node, _ in choices], dtype=np.int64)
    lengths = np.array([len(choice.codes) for _, choice in choices])
    codes = np.fromiter(chain.from_iterable(c.codes for _, c in choices), dtype=np.int64)
    width = int(codes.max(initial=-1)) + 1
    require_few(len(nodes), width)
    sets = np.zeros((len(nodes), width), dtype=bool)
    sets[np.repeat(np.arange(len(nodes)), lengths), codes] = True
    turned = np.array([choice.others for _, choice in choices])
    trees.threshold[nodes] = np.nan
    trees.members[nodes] = np.arange(len(nodes))
    turn(trees, nodes[turned])
    return replace(trees, sets=sets)


def turn(trees: Trees, nodes: Ints) -> None:
    """Let the children of some nodes change places, in the arrays themselves."""
    left = trees.left[nodes]
    trees.left[nodes] = trees.right[nodes]
    trees.right[nodes] = left
    trees.missing_left[nodes] = ~trees.missing_left[nodes]


def require_few(tests: int, codes: int) -> None:
    """Refuse sets of categories that would not fit into memory.

    Raises:
        ModelError: there are too many.
    """
    if tests * codes > _MOST_CELLS:
        message = f"{tests} tests of categories with codes up to {codes} are too many to write down"
        raise ModelError(message)
