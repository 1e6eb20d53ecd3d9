"""Trees of XGBoost and LightGBM: one node with two leaves, and one that leads out of its tree."""

import json
import struct
from typing import Any

from bartizan.supply.planted.case import Planted, honest, hostile

_FAR = 99_999
"""A child that no tree of three nodes has."""
_ROOT = 2**31 - 1


def xgboost() -> tuple[Planted, ...]:
    """JSON, and the binary kind with a length that cannot be true."""
    count = struct.pack(">q", 1 << 62)
    return (
        honest("trees of XGBoost", _xgboost(left=1)),
        hostile(
            "a tree of XGBoost that leads out of itself",
            _xgboost(left=_FAR),
            verdict="suspicious",
            rule="xgboost.structure",
        ),
        hostile(
            "a list of XGBoost that is longer than its file",
            b"{i\7learner[$d#L" + count + b"}",
            verdict="inconclusive",
            rule="scan.unreadable",
        ),
    )


def lightgbm() -> tuple[Planted, ...]:
    """Text."""
    return (
        honest("trees of LightGBM", _lightgbm(left=-1)),
        hostile(
            "a tree of LightGBM that leads out of itself",
            _lightgbm(left=_FAR),
            verdict="suspicious",
            rule="lightgbm.structure",
        ),
    )


def _xgboost(*, left: int) -> bytes:
    zeros = {name: [0, 0, 0] for name in ("split_conditions", "default_left", "base_weights")}
    tree: dict[str, Any] = {
        "id": 0,
        "tree_param": {"num_nodes": "3", "size_leaf_vector": "1", "num_feature": "1"},
        "left_children": [left, -1, -1],
        "right_children": [2, -1, -1],
        "parents": [_ROOT, 0, 0],
        "split_indices": [0, 0, 0],
        "split_type": [0, 0, 0],
        **zeros,
        "categories": [],
        "categories_nodes": [],
        "categories_segments": [],
        "categories_sizes": [],
    }
    model = {"gbtree_model_param": {"num_trees": "1"}, "trees": [tree], "tree_info": [0]}
    learner = {
        "learner_model_param": {"num_feature": "1", "num_class": "0"},
        "gradient_booster": {"name": "gbtree", "model": model},
    }
    return json.dumps({"learner": learner, "version": [3, 0, 0]}).encode()


def _lightgbm(*, left: int) -> bytes:
    tree = (
        "Tree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold=0.5\ndecision_type=2\n"
        f"left_child={left}\nright_child=-2\nleaf_value=0 1\n\n\n"
    )
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\n"
        f"feature_names=a\nfeature_infos=[0:1]\ntree_sizes={len(tree)}\n\n"
    )
    return f"{head}{tree}end of trees\n".encode()
