"""Reads the trees of an XGBoost model.

XGBoost compares in single precision, and `<` passes. A listed category goes right, every other
one left: the opposite of LightGBM. Source: the library's own `Decision` in
`common/categorical.h` and `predictor/cpu_predictor.cc`, version 3.2, asked as well as read.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap
from typing import Any

import numpy as np

from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.trees.codes import numbers_seen, places_seen, recoded
from bartizan.adapt.trees.float import single_below
from bartizan.adapt.trees.join import Choice, Tree, joined
from bartizan.core.arrays import Array
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees


@dataclass(frozen=True, kw_only=True)
class BoosterTrees:
    """Reads them when asked; can be pickled, the trees themselves are not kept."""

    booster: Any
    rounds: tuple[int, int]
    """As `Margins` has them: the last one is not included, (0, 0) = all."""
    missing: float
    codec: Codec

    def __call__(self) -> Trees:
        """The trees over the table's codes.

        Raises:
            ModelError: the tree IR has no words for what they do.
        """
        if not np.isnan(self.missing):
            message = f"the model takes {self.missing:g} for a missing value"
            raise ModelError(message)
        learner = json.loads(bytes(self.booster.save_raw("json")))["learner"]
        trees = read_learner(learner, rounds=self.rounds)
        return recoded(trees, self._seen(learner["gradient_booster"]))

    def _seen(self, booster: Mapping[str, Any]) -> dict[int, Array]:
        """Numbers behind codes, and the model's codes of the table's texts."""
        seen = numbers_seen(self.codec)
        names = booster.get("gbtree", booster)["model"].get("cats")
        if names is None or not names["enc"]:
            return seen  # before 3.1 a model knows codes only, and takes those of the frame
        for position, column in enumerate(self.codec.columns):
            if not column.numeric:
                known = _names(names["enc"][position])
                places = places_seen(column, known=known)
                seen[position] = _with_neighbours(places, column.categories, known=known)
        return seen


def _with_neighbours(places: Array, texts: Sequence[str], *, known: Sequence[Any]) -> Array:
    """Codes of all texts: the library takes one that it never saw for the next one it knows.

    It searches the sorted names without looking whether it has found the same one
    (`encoder/ordinal.h`, version 3.2, asked as well as read), and refuses those after the last.
    """
    if not all(isinstance(name, str) for name in known):
        return places
    order = sorted(range(len(known)), key=lambda code: known[code].encode())
    names = [known[code].encode() for code in order]
    after = [bisect_left(names, text.encode()) for text in texts]
    near = np.array([order[place] if place < len(order) else np.nan for place in after])
    return np.where(np.isnan(places), near, places)


def _names(column: Mapping[str, Any]) -> list[Any]:
    """Category names: numbers as they are, texts as one run of UTF-8 and where each begins."""
    if "offsets" not in column:
        return list(column["values"])
    raw = bytes(value % 256 for value in column["values"])
    bounds = column["offsets"]
    return [raw[a:b].decode() for a, b in pairwise(bounds)]


def read_learner(learner: Mapping[str, Any], *, rounds: tuple[int, int]) -> Trees:
    """The trees over the values that the model sees.

    Args:
        learner: The `learner` of a model in JSON.
        rounds: First round and the one after the last; (0, 0) = all.

    Raises:
        ModelError: linear boosters, and leaves that hold a score for every class.
    """
    booster = learner["gradient_booster"]
    if booster["name"] == "gblinear":
        message = "a linear booster has no trees"
        raise ModelError(message)
    weights = np.array(booster.get("weight_drop", []), dtype=np.float32)
    model = booster.get("gbtree", booster)["model"]
    outputs = max(1, int(learner["learner_model_param"]["num_class"]))
    k = max(2, outputs)
    base = _base(learner, outputs=outputs)
    chosen = _chosen(model, rounds=rounds, outputs=outputs)
    parts = [
        _tree(
            model["trees"][place],
            column=model["tree_info"][place] + (outputs == 1),
            k=k,
            weight=float(weights[place]) if weights.size else 1.0,
        )
        for place in chosen
    ]
    return joined(parts, base=base, kind="logit")


def _chosen(model: Mapping[str, Any], *, rounds: tuple[int, int], outputs: int) -> range:
    """Trees of the rounds."""
    count = len(model["trees"])
    if rounds[1] == 0:
        return range(count)
    bounds = model.get("iteration_indptr")
    if bounds is None:  # before 2.0
        size = outputs * max(1, int(model["gbtree_model_param"].get("num_parallel_tree", 1)))
        bounds = range(0, count + 1, size)
    return range(bounds[rounds[0]], bounds[min(rounds[1], len(bounds) - 1)])


def _base(learner: Mapping[str, Any], *, outputs: int) -> Array:
    """Margins before the first tree, (k,); a file holds the probability of binary:logistic."""
    text = str(learner["learner_model_param"]["base_score"])
    values = np.array(json.loads(text if text.startswith("[") else f"[{text}]"), dtype=np.float32)
    if learner["objective"]["name"] == "binary:logistic":
        values = -np.log(np.float32(1.0) / values - np.float32(1.0))
    if outputs == 1:
        return np.array([0.0, float(values[0])])
    return np.broadcast_to(values.astype(np.float64), (outputs,)).copy()


def _tree(tree: Mapping[str, Any], *, column: int, k: int, weight: float) -> Tree:
    """One tree, whose leaves add to one column."""
    if int(tree["tree_param"].get("size_leaf_vector", 1)) > 1:
        message = "every leaf holds a score for each class (multi_strategy='multi_output_tree')"
        raise ModelError(message)
    left = np.array(tree["left_children"], dtype=np.int64)
    leaf = left < 0
    numbers = np.array(tree["split_conditions"], dtype=np.float32)
    value = np.zeros((len(left), k))
    value[leaf, column] = numbers[leaf].astype(np.float64) * weight
    return Tree(
        feature=np.where(leaf, -1, np.array(tree["split_indices"], dtype=np.int64)),
        threshold=single_below(np.where(leaf, 0.0, numbers)),
        left=left,
        right=np.array(tree["right_children"], dtype=np.int64),
        missing_left=np.array(tree["default_left"], dtype=bool),
        value=value,
        choices=_choices(tree),
    )


def _choices(tree: Mapping[str, Any]) -> list[Choice]:
    """Its tests of categories."""
    codes = np.array(tree.get("categories", []), dtype=np.int64)
    segments = zip(
        tree.get("categories_nodes", []),
        tree.get("categories_segments", []),
        tree.get("categories_sizes", []),
        strict=True,
    )

    def choice(node: int, start: int, size: int) -> Choice:
        return Choice(node=node, codes=codes[start : start + size], others=True)

    kinds = tree.get("split_type", [])
    return [made for made in starmap(choice, segments) if kinds[made.node] == 1]
