import warnings
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import onnxmltools
import pytest
import xgboost
from onnx import TensorProto, helper
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bartizan.adapt import Codec, bind, load_dataset, load_model
from bartizan.adapt.bound_trees import BoundTrees
from bartizan.core.errors import ModelError
from unit.adapt import edges, samples


def converted(model: Any, x: Any) -> Any:
    types = [("x", FloatTensorType([None, x.shape[1]]))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the converters', not ours
        if isinstance(model, xgboost.XGBClassifier):
            return onnxmltools.convert_xgboost(model, initial_types=types)
        if isinstance(model, lightgbm.LGBMClassifier):
            return onnxmltools.convert_lightgbm(model, initial_types=types)
        return to_onnx(model, x[:1])


def saved(tmp_path: Path, model: Any) -> Path:
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    ("model", "double"),
    [
        (RandomForestClassifier(5, random_state=0), False),
        (RandomForestClassifier(5, random_state=0), True),
        (GradientBoostingClassifier(n_estimators=5), False),
        (HistGradientBoostingClassifier(max_iter=5), False),
        (xgboost.XGBClassifier(n_estimators=5, n_jobs=1), False),
        (lightgbm.LGBMClassifier(n_estimators=5, n_jobs=1, verbose=-1), False),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "fit") else str(value),
)
def test_trees_answer_as_the_runtime_at_every_threshold(
    tmp_path: Path, *, model: Any, double: bool, classes: int
) -> None:
    x, y = samples.arrays(classes)
    made = converted(model.fit(x, y), x if double else x.astype(np.float32))
    bound = edges.bound(saved(tmp_path, made), samples.table(classes))
    rows = edges.rows(bound.structure(), x, gaps=True)
    scores = edges.as_answered(bound.structure(), rows, kind=bound.scorer.kind)
    np.testing.assert_allclose(scores, bound.scores(rows), atol=2e-6)


MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE", "BRANCH_EQ", "BRANCH_NEQ"]


def stump(mode: str, *, tracks: int, kind: int = TensorProto.FLOAT, child: int = 2) -> Any:
    """One test of the last column; passes to 0.9, fails to 0.2 for the second class."""
    node = helper.make_node(
        "TreeEnsembleClassifier",
        ["x"],
        ["label", "scores"],
        domain="ai.onnx.ml",
        nodes_treeids=[0, 0, 0],
        nodes_nodeids=[0, 1, 2],
        nodes_featureids=[3, 0, 0],
        nodes_values=[3.0, 0.0, 0.0],
        nodes_modes=[mode, "LEAF", "LEAF"],
        nodes_truenodeids=[1, 0, 0],
        nodes_falsenodeids=[child, 0, 0],
        nodes_missing_value_tracks_true=[tracks, 0, 0],
        class_treeids=[0, 0],
        class_nodeids=[1, 2],
        class_ids=[0, 0],
        class_weights=[0.9, 0.2],
        classlabels_int64s=[0, 1],
        post_transform="NONE",
    )
    graph = helper.make_graph(
        [node],
        "stump",
        [helper.make_tensor_value_info("x", kind, [None, 4])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [None, 2])],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


@pytest.mark.parametrize("tracks", [0, 1])
@pytest.mark.parametrize("mode", MODES)
def test_every_comparison_is_that_of_the_runtime(tmp_path: Path, mode: str, tracks: int) -> None:
    data = samples.frame().assign(delta=np.arange(samples.N) % 7)
    table = load_dataset(data, target="y")
    bound = edges.bound(saved(tmp_path, stump(mode, tracks=tracks)), table)
    rows = table.dataset.x.copy()
    rows[:50, 3] = np.nan
    if mode not in ("BRANCH_EQ", "BRANCH_NEQ"):
        near = [3, np.nextafter(3, 4), np.nextafter(3, 2), 3.1, 2.9]
        rows[50:, 3] = np.resize(near, len(rows) - 50)
    np.testing.assert_allclose(bound.structure().scores(rows), bound.scores(rows), atol=1e-6)


def test_a_test_of_one_exact_fraction_is_noted(tmp_path: Path) -> None:
    bound = bind(load_model(saved(tmp_path, stump("BRANCH_EQ", tracks=0))), samples.table())
    assert not isinstance(bound, BoundTrees)
    assert "a column with fractions is exactly some number" in bound.notes[0]


def test_columns_that_are_changed_first_are_noted(tmp_path: Path) -> None:
    x, y = samples.arrays()
    made = make_pipeline(StandardScaler(), RandomForestClassifier(3)).fit(x, y)
    bound = bind(load_model(saved(tmp_path, converted(made, x.astype("f")))), samples.table())
    assert not isinstance(bound, BoundTrees)
    assert "does more to the columns" in bound.notes[0]


def test_a_circle_is_refused_and_not_walked() -> None:
    from bartizan.adapt.trees.onnx import GraphTrees  # noqa: PLC0415 (below the door)

    codec = samples.table().codec
    assert isinstance(codec, Codec)
    raw = stump("BRANCH_LEQ", tracks=0, child=0).SerializeToString()
    reader = GraphTrees(content=raw, codec=codec, single=True, kind="probability")
    with pytest.raises(ModelError, match="no trees"):
        reader()
