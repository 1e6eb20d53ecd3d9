"""Reads the trees of an ONNX file.

Source: the operators TreeEnsembleClassifier and TreeEnsembleRegressor of `ai.onnx.ml` 3, and how
onnxruntime 1.31 answers where they leave it open: a single column of weights stands for the
second of two classes, whatever class it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.trees.codes import numbers_seen, recoded
from bartizan.adapt.trees.float import below, single_at_most, single_below
from bartizan.adapt.trees.join import require_few, turn
from bartizan.core.arrays import AnyArray, Array, Ints, Mask
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees
from bartizan.formats.onnx_trees import OnnxTrees, find_trees

_TESTS = ("BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ")
_TURNED = ("BRANCH_GT", "BRANCH_GTE", "BRANCH_NEQ")
"""Tests that pass where another one fails."""
_STRICT = ("BRANCH_LT", "BRANCH_GTE")
_EQUAL = ("BRANCH_EQ", "BRANCH_NEQ")


@dataclass(frozen=True, kw_only=True)
class GraphTrees:
    """Reads them when asked; can be pickled, the trees themselves are not kept."""

    content: bytes
    codec: Codec
    single: bool
    """Whether the graph is given numbers in single precision."""
    kind: ScoreKind
    """What the graph answers."""

    def __call__(self) -> Trees:
        """The trees over the table's codes.

        Raises:
            ModelError: the tree IR has no words for what they do.
        """
        found = find_trees(self.content)
        if found is None or found.operator == "TreeEnsemble" or not found.direct:
            message = (
                "the graph does more to the columns than one ensemble of trees of a known kind"
            )
            raise ModelError(message)
        grown = _grown(found, single=self.single or found.single, whole=self._whole)
        return recoded(_scored(grown, found, kind=self.kind), numbers_seen(self.codec))

    @property
    def _whole(self) -> Mask:
        """Columns that hold whole numbers only."""
        return np.array([column.bounds is not None for column in self.codec.columns])


def graph_reader(
    content: bytes, *, codec: Codec, types: tuple[str, ...], kind: ScoreKind
) -> GraphTrees | None:
    """How to read the trees of a graph with one input; none if it has no trees.

    Args:
        content: The file.
        codec: The columns.
        types: Of the graph's inputs.
        kind: What the graph answers.
    """
    if b"TreeEnsemble" not in content or len(types) != 1 or not codec.numeric:
        return None
    return GraphTrees(content=content, codec=codec, single=types[0] == "tensor(float)", kind=kind)


def _column(attributes: Mapping[str, Any], name: str) -> AnyArray:
    return np.asarray(attributes.get(name, []))


def _numbers(attributes: Mapping[str, Any], name: str) -> Array:
    """Numbers as a list, or as a tensor in double precision."""
    found = attributes.get(f"{name}_as_tensor") or attributes.get(name, [])
    return np.asarray(found, dtype=np.float64)


def _grown(found: OnnxTrees, *, single: bool, whole: Mask) -> Trees:
    """The tests of all trees; scores are still to come."""
    a = found.attributes
    owner, modes = _column(a, "nodes_treeids"), _column(a, "nodes_modes").astype(str)
    leaf = modes == "LEAF"
    unknown = set(modes[~leaf].tolist()) - set(_TESTS)
    if unknown:
        message = f"the trees test in a way that is not known: {unknown.pop()}"
        raise ModelError(message)
    place = _places(owner, _column(a, "nodes_nodeids"))
    left, right = (
        np.where(leaf, -1, place(owner, _column(a, f"nodes_{side}nodeids"), skip=leaf))
        for side in ("true", "false")
    )
    tracks = _column(a, "nodes_missing_value_tracks_true")
    roots = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    made = Trees(
        feature=np.where(leaf, -1, _column(a, "nodes_featureids")).astype(np.int64),
        threshold=_thresholds(_numbers(a, "nodes_values"), modes=modes, single=single),
        left=left,
        right=right,
        # a missing value differs from every number
        missing_left=~leaf & (tracks == 1 if tracks.size else False) | (modes == "BRANCH_NEQ"),
        members=np.full(len(leaf), -1, dtype=np.int64),
        value=np.zeros((len(leaf), 0)),
        roots=roots,
        base=np.zeros(0),
        kind="logit",
    )
    _require_trees(made)
    made = _equals(made, np.flatnonzero(np.isin(modes, _EQUAL)), a=a, whole=whole)
    turn(made, np.flatnonzero(np.isin(modes, _TURNED)))
    return made


def _places(owner: Ints, number: Ints) -> Any:
    """A function from trees and numbers of nodes to their places in the arrays."""
    width = int(number.max(initial=0)) + 1
    keys = owner.astype(np.int64) * width + number
    order = np.argsort(keys, kind="stable")

    def place(trees: Ints, nodes: Ints, *, skip: Mask | None = None) -> Ints:
        wanted = trees.astype(np.int64) * width + np.asarray(nodes, dtype=np.int64)
        at = order[np.searchsorted(keys[order], wanted).clip(max=len(keys) - 1)]
        wrong = (keys[at] != wanted) | (nodes >= width) | (nodes < 0)
        if (wrong if skip is None else wrong & ~skip).any():
            message = "the trees name nodes that are not there"
            raise ModelError(message)
        return at

    return place


def _thresholds(values: Array, *, modes: AnyArray, single: bool) -> Array:
    """Largest doubles that pass, before tests are turned."""
    strict = np.isin(modes, _STRICT)
    if single:
        found = np.where(strict, single_below(values), single_at_most(values))
    else:
        found = np.where(strict, below(values), values)
    return np.where(modes == "LEAF", np.nan, found)


def _require_trees(trees: Trees) -> None:
    """Refuse circles and nodes with two parents: a walk would not end."""
    inner = trees.feature >= 0
    children = np.concatenate((trees.left[inner], trees.right[inner], trees.roots))
    level, seen = trees.roots, 0
    while level.size and seen <= len(inner):
        seen += len(level)
        level = level[inner[level]]
        level = np.concatenate((trees.left[level], trees.right[level]))
    if level.size or seen != len(inner) or len(np.unique(children)) != len(children):
        message = "the trees are no trees: a node has two parents, or none"
        raise ModelError(message)


def _equals(trees: Trees, nodes: Ints, *, a: Mapping[str, Any], whole: Mask) -> Trees:
    """Tests of one value, of columns that hold whole numbers: tests of one category."""
    if not nodes.size:
        return trees
    if not whole[trees.feature[nodes]].all():
        message = "the trees ask whether a column with fractions is exactly some number"
        raise ModelError(message)
    values, which = np.unique(_numbers(a, "nodes_values")[nodes], return_inverse=True)
    codes = np.where((values >= 0) & (values == np.rint(values)), values, -1.0)
    require_few(len(values), int(min(codes.max(initial=0.0), 2.0**53)) + 1)
    sets = codes[:, None] == np.arange(int(codes.max(initial=0.0)) + 1)
    trees.threshold[nodes] = np.nan
    trees.members[nodes] = which.reshape(-1)
    return replace(trees, sets=sets)


def _scored(trees: Trees, found: OnnxTrees, *, kind: ScoreKind) -> Trees:
    """With what the leaves add, and what becomes of the sums."""
    a = found.attributes
    word = "class" if found.operator.endswith("Classifier") else "target"
    columns = _column(a, f"{word}_ids").astype(np.int64)
    labels = len(_column(a, "classlabels_int64s")) or len(_column(a, "classlabels_strings"))
    outputs = labels if word == "class" else int(_column(a, "n_targets") or 1)
    if word == "class" and labels == 2 and len(np.unique(columns)) == 1:
        columns, outputs = np.zeros_like(columns), 1
    owner, number = _column(a, "nodes_treeids"), _column(a, "nodes_nodeids")
    at = _places(owner, number)(_column(a, f"{word}_treeids"), _column(a, f"{word}_nodeids"))
    value = np.zeros((len(trees.feature), outputs))
    np.add.at(value, (at, columns), _numbers(a, f"{word}_weights"))
    value[trees.feature >= 0] = 0.0
    value /= _share(a, trees=len(trees.roots))
    base = _numbers(a, "base_values")[-outputs:]
    base = base if base.size else np.zeros(outputs)
    turned = found.operators & {"Sigmoid", "Softmax"} or a.get("post_transform", b"NONE") != b"NONE"
    made = replace(
        trees,
        value=value,
        base=base,
        kind="logit" if turned or kind == "logit" else "probability",
    )
    return made if outputs > 1 else _two_columns(made)


def _share(a: Mapping[str, Any], *, trees: int) -> float:
    """By what sums are divided."""
    how = a.get("aggregate_function", b"SUM")
    if how not in (b"SUM", b"AVERAGE"):
        message = f"the trees are not added up, their {how!r} is taken"
        raise ModelError(message)
    return float(trees) if how == b"AVERAGE" else 1.0


def _two_columns(trees: Trees) -> Trees:
    """One score stands for the second of two classes."""
    other = -trees.value if trees.kind == "probability" else np.zeros_like(trees.value)
    first = 1.0 - trees.base if trees.kind == "probability" else np.zeros(1)
    value = np.concatenate((other, trees.value), axis=1)
    return replace(trees, value=value, base=np.concatenate((first, trees.base)))
