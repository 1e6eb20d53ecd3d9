import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from bartizan.core.errors import InputError
from bartizan.formats.boosted import checked_boosted

TREE: dict[str, Any] = {
    "base_weights": [0.0, -1.0, 1.0],
    "categories": [],
    "categories_nodes": [],
    "categories_segments": [],
    "categories_sizes": [],
    "default_left": [0, 0, 0],
    "id": 0,
    "left_children": [1, -1, -1],
    "parents": [2147483647, 0, 0],
    "right_children": [2, -1, -1],
    "split_conditions": [0.5, -1.0, 1.0],
    "split_indices": [3, 0, 0],
    "split_type": [0, 0, 0],
    "tree_param": {"num_feature": "4", "num_nodes": "3", "size_leaf_vector": "1"},
}
FOREST: dict[str, Any] = {
    "gbtree_model_param": {"num_parallel_tree": "1", "num_trees": "1"},
    "iteration_indptr": [0, 1],
    "tree_info": [0],
    "trees": [TREE],
}


def build(change: Callable[[Any], object] = lambda _: None) -> bytes:
    model = copy.deepcopy(FOREST)
    change(model)
    learner = {
        "gradient_booster": {"name": "gbtree", "model": model},
        "learner_model_param": {"num_class": "0", "num_feature": "4"},
    }
    return json.dumps({"learner": learner}).encode()


def test_a_sound_forest_passes_unchanged() -> None:
    assert checked_boosted(build()) == build()


def tree(key: str, place: int, value: object) -> Callable[[Any], object]:
    return lambda model: model["trees"][0][key].__setitem__(place, value)


def categorical(**parts: Any) -> Callable[[Any], object]:
    sound = {
        "split_type": [1, 0, 0],
        "categories": [0, 2],
        "categories_nodes": [0],
        "categories_segments": [0],
        "categories_sizes": [2],
    }
    return lambda model: model["trees"][0].update({**sound, **parts})


def test_a_sound_categorical_split_passes() -> None:
    assert checked_boosted(build(categorical()))


@pytest.mark.parametrize(
    "change",
    [
        tree("left_children", 0, 3),
        tree("left_children", 0, -2),
        tree("left_children", 0, 0),
        tree("left_children", 0, 2),
        tree("left_children", 0, -1),
        tree("left_children", 0, 1.0),
        tree("split_indices", 0, 4),
        tree("split_indices", 0, -1),
        tree("parents", 1, 2),
        tree("parents", 1, -7),
        tree("parents", 0, 0),
        lambda model: model["trees"][0]["split_conditions"].pop(),
        lambda model: model["trees"][0].update(id=5),
        lambda model: model["trees"][0]["tree_param"].update(num_nodes="0"),
        lambda model: model["trees"][0]["tree_param"].update(num_feature="9"),
        lambda model: model["trees"][0]["tree_param"].update(size_leaf_vector="3"),
        lambda model: model["trees"][0].pop("parents"),
        lambda model: model.update(tree_info=[1]),
        lambda model: model.update(tree_info=[]),
        lambda model: model.update(iteration_indptr=[0, 2]),
        lambda model: model.update(iteration_indptr=[1, 0, 1]),
        lambda model: model.update(trees=[]),
        lambda model: model["gbtree_model_param"].update(num_trees="2"),
        lambda model: model.update(cats={"enc": [], "feature_segments": [0, 9], "sorted_idx": []}),
        lambda model: model.update(
            cats={
                "enc": [{"offsets": [0, 9], "values": [1]}],
                "feature_segments": [0, 1],
                "sorted_idx": [0],
            }
        ),
        categorical(categories_sizes=[3]),
        categorical(categories_segments=[1]),
        categorical(categories_nodes=[3]),
        categorical(categories_nodes=[]),
        categorical(categories=[0, -2]),
        categorical(categories=[0, 2**30]),
        categorical(split_type=[2, 0, 0]),
    ],
)
def test_damage_is_refused(change: Callable[[Any], object]) -> None:
    with pytest.raises(InputError):
        checked_boosted(build(change))


@pytest.mark.parametrize("raw", [b"{}", b'{"learner": 7}', b'{"learner": {}}', b"[]", b"{", b""])
def test_other_documents_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        checked_boosted(raw)


def test_linear_weights_must_be_as_many_as_columns_and_classes() -> None:
    def linear(n: int) -> bytes:
        learner = {
            "gradient_booster": {"name": "gblinear", "model": {"weights": [0.0] * n}},
            "learner_model_param": {"num_class": "3", "num_feature": "4"},
        }
        return json.dumps({"learner": learner}).encode()

    assert checked_boosted(linear(15))
    with pytest.raises(InputError, match="14 weights"):
        checked_boosted(linear(14))
