"""Checks an XGBoost model file (JSON or UBJ) before the library opens it.

The library walks the trees without looking: a child outside the tree, a circle or a feature
that does not exist reads foreign memory or never ends. Everything a prediction follows is
checked here.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from bartizan.core.errors import ForgedError, InputError
from bartizan.formats import ubjson

_NODE_ARRAYS = (
    "left_children",
    "right_children",
    "parents",
    "split_indices",
    "split_conditions",
    "split_type",
    "default_left",
    "base_weights",
)
_WHOLE_ARRAYS = ("left_children", "right_children", "parents", "split_indices", "split_type")
_MAX_CATEGORY = 2**24
"""Largest category code that XGBoost itself allows."""

_NO_PARENT = 2**31 - 1
"""What the root has in place of a parent."""


def checked_boosted(raw: bytes) -> bytes:
    """Require that a model file can be walked safely.

    Args:
        raw: The whole file, JSON or UBJ.

    Returns:
        The model as JSON, whose reader in the library checks types; the one for UBJ does not,
        and ends the process at a list of numbers of the wrong kind.

    Raises:
        InputError: it cannot; the message names the tree.
    """
    textual = raw.lstrip()[1:].lstrip()[:1] == b'"'
    try:
        model = json.loads(raw) if textual else ubjson.loads(raw)
    except (ValueError, RecursionError) as error:
        message = f"not an XGBoost model: {type(error).__name__} {str(error)[:120]}"
        raise InputError(message) from error
    require_sound(model)
    return raw if textual else json.dumps(model).encode()


def require_sound(model: Mapping[str, Any]) -> None:
    """Require that a decoded model can be walked safely; its trees may be any sequence.

    Raises:
        ForgedError: it cannot; the message names the tree.
        InputError: it is no model that is known here.
    """
    try:
        _check(model["learner"])
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError) as error:
        message = f"not an XGBoost model: {type(error).__name__} {str(error)[:120]}"
        raise InputError(message) from error


def _check(learner: Mapping[str, Any]) -> None:
    """Sizes first, then what depends on them."""
    width = int(learner["learner_model_param"]["num_feature"])
    outputs = max(1, int(learner["learner_model_param"]["num_class"]))
    booster = learner["gradient_booster"]
    if booster["name"] == "gblinear":
        _linear(booster["model"], width=width, outputs=outputs)
        return
    if booster["name"] == "dart":
        booster = {**booster["gbtree"], "weights": booster["weight_drop"]}
    _forest(booster, width=width, outputs=outputs)


def _require(holds: object, *, what: str) -> None:
    if not holds:
        message = f"expected an XGBoost model, but {what}; the file is damaged or forged"
        raise ForgedError(message)


def _whole(values: Any, *, low: int, high: int) -> bool:
    """Whether every value is a whole number, low <= value < high."""
    return all(type(value) is int and low <= value < high for value in values)


def _linear(model: Mapping[str, Any], *, width: int, outputs: int) -> None:
    weights = model["weights"]
    _require(len(weights) == (width + 1) * outputs, what=f"it has {len(weights)} weights")


def _forest(booster: Mapping[str, Any], *, width: int, outputs: int) -> None:
    """Counts agree, and every tree is one."""
    model = booster["model"]
    trees, info = model["trees"], model["tree_info"]
    count = int(model["gbtree_model_param"]["num_trees"])
    _require(count == len(trees) == len(info), what="the number of trees is not what it says")
    _require(_whole(info, low=0, high=outputs), what="a tree votes for a class that is not there")
    _require(len(booster.get("weights", trees)) == count, what="the number of weights is wrong")
    bounds = model.get("iteration_indptr", [0, count])
    ordered = bounds == sorted(bounds) and bounds[0] == 0 and bounds[-1] == count
    _require(ordered and _whole(bounds, low=0, high=count + 1), what="its rounds are not in order")
    _require(_dictionary(model.get("cats")), what="its category names are not in order")
    for number, tree in enumerate(trees):
        _tree(tree, number=number, width=width)


def _dictionary(names: Mapping[str, Any] | None) -> bool:
    """Whether the category names of text columns, if there are any, lie where they should."""
    if names is None:
        return True
    bounds, order = names["feature_segments"], names["sorted_idx"]
    inside = _rising(bounds, last=len(order)) and _whole(order, low=0, high=len(order) or 1)
    return inside and all(
        _rising(column.get("offsets", []), last=len(column["values"])) for column in names["enc"]
    )


def _rising(bounds: Any, *, last: int) -> bool:
    """Whether bounds of slices go from 0 to the last place without turning back."""
    if not bounds:
        return True
    return _whole(bounds, low=0, high=last + 1) and bounds == sorted(bounds) and bounds[-1] == last


def _tree(tree: Mapping[str, Any], *, number: int, width: int) -> None:
    where = f"tree {number}"
    size = int(tree["tree_param"]["num_nodes"])
    _require(size >= 1, what=f"{where} has no nodes")
    _require(tree["id"] == number, what=f"{where} says that it is another one")
    if tree["tree_param"]["size_leaf_vector"] not in ("0", "1"):
        message = f"{where} has vector leaves, which are not read here"
        raise InputError(message)
    _require(tree["tree_param"]["num_feature"] == str(width), what=f"{where} has another width")
    for name in _NODE_ARRAYS:
        _require(len(tree[name]) == size, what=f"{where} has {len(tree[name])} {name}, not {size}")
    for name in _WHOLE_ARRAYS:
        _require(_whole(tree[name], low=-(2**31), high=2**31), what=f"{where}: {name} is odd")
    left, right = tree["left_children"], tree["right_children"]
    leaves = [a == -1 for a in left]
    _require(leaves == [b == -1 for b in right], what=f"{where} has a node with one child")
    children = [child for child in (*left, *right) if child != -1]
    _require(_whole(children, low=1, high=size), what=f"{where} has a child outside the tree")
    _require(len(set(children)) == len(children), what=f"{where} has a node with two parents")
    _require(_related(tree, size=size), what=f"{where} has a child that denies its parent")
    splits = [
        feature for feature, leaf in zip(tree["split_indices"], leaves, strict=True) if not leaf
    ]
    _require(
        _whole(splits, low=0, high=width), what=f"{where} asks for a feature that is not there"
    )
    _require(all(_categories(tree, size=size)), what=f"{where} has damaged categories")


def _related(tree: Mapping[str, Any], *, size: int) -> bool:
    """Whether every node names the parent that names it, and the root none."""
    parents = tree["parents"]
    known = all(0 <= parent < size or parent == _NO_PARENT for parent in parents)
    return (
        known
        and parents[0] == _NO_PARENT
        and all(
            child == -1 or parents[child] == node
            for side in ("left_children", "right_children")
            for node, child in enumerate(tree[side])
        )
    )


def _categories(tree: Mapping[str, Any], *, size: int) -> Iterator[bool]:
    """The lists of categories that categorical splits send to the right."""
    values, nodes = tree["categories"], tree["categories_nodes"]
    starts, sizes = tree["categories_segments"], tree["categories_sizes"]
    yield _whole(values, low=0, high=_MAX_CATEGORY)
    yield _whole(nodes, low=0, high=size) and nodes == sorted(set(nodes))
    yield len(starts) == len(sizes) == len(nodes)
    yield _whole((*starts, *sizes), low=0, high=len(values) + 1)
    yield all(start + length <= len(values) for start, length in zip(starts, sizes, strict=True))
    split = {node for node, kind in enumerate(tree["split_type"]) if kind == 1}
    inner = {node for node in split if tree["left_children"][node] != -1}
    yield _whole(tree["split_type"], low=0, high=2) and inner <= set(nodes)
