import pickle
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.core.errors import InputError, ModelError, SchemaError, ShapeError
from unit.adapt import samples

X2, Y2 = samples.arrays(2)


def saved(tmp_path: Path, model: Any) -> Path:
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def net(
    *,
    weights: list[list[float]],
    final: str = "Identity",
    rows: int | str = "n",
    rank: int = 2,
) -> Any:
    """x @ weights, then one operator; without labels, as a neural network comes."""
    matrix = np.array(weights, dtype=np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node(final, ["m"], ["s"])]
    shape: list[int | str] = [rows, matrix.shape[1]]
    if rank == 1:
        nodes.append(helper.make_node("Squeeze", ["s", "axis"], ["out"]))
        shape = shape[:1]
    else:
        nodes.append(helper.make_node("Identity", ["s"], ["out"]))
    made = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [rows, len(weights)])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(matrix, "w"),
            numpy_helper.from_array(np.array([1], dtype=np.int64), "axis"),
        ],
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(made, opset_imports=opset, ir_version=9)


@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        RandomForestClassifier(5, random_state=0),
        GradientBoostingClassifier(n_estimators=5),
        make_pipeline(
            StandardScaler(),
            MLPClassifier((8,), solver="lbfgs", max_iter=2000, alpha=1.0, random_state=0),
        ),
    ],
    ids=lambda model: type(model).__name__,
)
def test_converted_models_decide_as_the_original(
    tmp_path: Path, *, model: Any, classes: int, zipmap: bool
) -> None:
    x, y = samples.arrays(classes)
    words = np.array(["low", "mid", "top"])[y]
    made = model.fit(x, words)
    final = made[-1] if hasattr(made, "steps") else made
    file = to_onnx(made, x[:1].astype(np.float32), options={id(final): {"zipmap": zipmap}})
    table = load_dataset((x, words), target=None)
    bound = bind(load_model(saved(tmp_path, file)), table)
    assert bound.score_kind == "probability"
    scores = bound.scores(x)
    np.testing.assert_allclose(scores, made.predict_proba(x), atol=1e-4)
    agreement = (np.array(bound.classes)[scores.argmax(axis=1)] == made.predict(x)).mean()
    assert agreement >= 0.99  # single precision moves rows at a split


@pytest.mark.parametrize("zipmap", [True, False])
def test_a_class_that_the_data_lacks_is_known_from_the_file(
    tmp_path: Path, *, zipmap: bool
) -> None:
    x, y = samples.arrays(3)
    words = np.array(["a", "b", "c"])[y]
    made = LogisticRegression().fit(x, words)
    file = to_onnx(made, x[:1].astype(np.float32), options={id(made): {"zipmap": zipmap}})
    some = load_dataset((x[y != 0], words[y != 0]), target=None)
    bound = bind(load_model(saved(tmp_path, file)), some)
    assert bound.classes == ("b", "c", "a")
    labels = np.array(bound.classes)[bound.scores(x).argmax(axis=1)]
    np.testing.assert_array_equal(labels, made.predict(x))


@pytest.mark.parametrize(
    ("weights", "final", "rank", "kind"),
    [
        ([[2.0]], "Identity", 2, "logit"),
        ([[2.0]], "Identity", 1, "logit"),
        ([[2.0]], "Sigmoid", 2, "probability"),
        ([[2.0]], "Sigmoid", 1, "probability"),
        ([[-1.0, 1.0]], "Identity", 2, "logit"),
        ([[-1.0, 1.0]], "Softmax", 2, "probability"),
    ],
)
def test_scores_without_labels_are_recognised(
    tmp_path: Path, weights: list[list[float]], final: str, rank: int, kind: str
) -> None:
    zero = [[0.0] * len(weights[0])] * (samples.D - 1)
    path = saved(tmp_path, net(weights=weights + zero, final=final, rank=rank))
    bound = bind(load_model(path), samples.table())
    assert bound.score_kind == kind
    scores = bound.scores(X2)
    margin = 2.0 * X2[:, 0]
    expected = margin if kind == "logit" else 1.0 / (1.0 + np.exp(-margin))
    found = scores[:, 1] - scores[:, 0] if kind == "logit" else scores[:, 1]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(scores.sum(axis=1), 1.0 if kind == "probability" else scores.sum(1))


def test_a_threshold_moves_the_decision(tmp_path: Path) -> None:
    path = saved(tmp_path, net(weights=[[2.0]] + [[0.0]] * 3, final="Sigmoid"))
    bound = bind(load_model(path, threshold=0.9), samples.table())
    np.testing.assert_array_equal(
        bound.scores(X2).argmax(axis=1), X2[:, 0] * 2 >= np.log(0.9 / 0.1)
    )


@pytest.mark.parametrize("rows", [1, 7])
def test_a_fixed_batch_is_filled_up(tmp_path: Path, rows: int) -> None:
    weights = [[2.0]] + [[0.0]] * 3
    fixed = bind(load_model(saved(tmp_path, net(weights=weights, rows=rows))), samples.table())
    np.testing.assert_allclose(fixed.scores(X2[:24])[:, 1], 2 * X2[:24, 0], rtol=1e-5)


def test_one_input_a_column_is_matched_by_name(tmp_path: Path) -> None:
    data = samples.mixed().drop(columns=["truth"]).dropna()
    columns = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough")
    made = make_pipeline(columns, LogisticRegression()).fit(
        data.drop(columns="verdict"), data["verdict"]
    )
    types = [
        ("alpha", FloatTensorType([None, 1])),
        ("whole", FloatTensorType([None, 1])),
        ("city", StringTensorType([None, 1])),
    ]
    path = saved(tmp_path, to_onnx(made, initial_types=types))
    turned = load_dataset(data[["verdict", "city", "whole", "alpha"]], target="verdict")
    bound = bind(load_model(path), turned)
    expected = made.predict_proba(data.drop(columns="verdict"))
    np.testing.assert_allclose(bound.scores(turned.dataset.x), expected, atol=1e-5)
    renamed = load_dataset(data.rename(columns={"city": "town"}), target="verdict")
    with pytest.raises(SchemaError, match="does not have: city; known: town"):
        bind(load_model(path), renamed)


def test_text_for_a_tensor_of_numbers_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, net(weights=[[1.0]] * 4))
    with pytest.raises(SchemaError, match="takes column 'city' as a number"):
        bind(load_model(path), load_dataset(samples.mixed(), target="verdict"))


def labels_only(kind: int = TensorProto.FLOAT) -> Any:
    """Answers 1 where the first column is positive, and gives no scores."""
    nodes = [
        helper.make_node("Greater", ["x", "zero"], ["g"]),
        helper.make_node("Gather", ["g", "first"], ["column"], axis=1),
        helper.make_node("Cast", ["column"], ["label"], to=TensorProto.INT64),
    ]
    made = helper.make_graph(
        nodes,
        "rule",
        [helper.make_tensor_value_info("x", kind, ["n", samples.D])],
        [helper.make_tensor_value_info("label", TensorProto.INT64, ["n"])],
        [
            helper.make_tensor("zero", kind, [], [0.0]),
            numpy_helper.from_array(np.array(0, dtype=np.int64), "first"),
        ],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.mark.parametrize(("final", "kind"), [("Sigmoid", "logit"), ("Softmax", "probability")])
def test_scores_between_0_and_1_are_probabilities_if_they_sum_to_1(
    tmp_path: Path, final: str, kind: str
) -> None:
    made = net(weights=[[1.0, 2.0]] * 4, final=final)
    assert bind(load_model(saved(tmp_path, made)), samples.table()).score_kind == kind


def test_labels_alone_are_enough(tmp_path: Path) -> None:
    bound = bind(load_model(saved(tmp_path, labels_only())), samples.table())
    assert bound.score_kind == "label"
    np.testing.assert_array_equal(bound.scores(X2)[:, 1], X2[:, 0].astype(np.float32) > 0)


def test_inputs_of_other_types_are_refused(tmp_path: Path) -> None:
    model = load_model(saved(tmp_path, labels_only(TensorProto.FLOAT16)))
    with pytest.raises(ModelError, match=r"wants inputs of tensor\(float16\)"):
        bind(model, samples.table())


def test_a_tensor_of_text_takes_text_and_spelled_numbers(tmp_path: Path) -> None:
    data = samples.mixed()[["city", "whole", "verdict"]].dropna()
    made = make_pipeline(OneHotEncoder(), LogisticRegression())
    words = data[["city", "whole"]].astype(str).to_numpy()
    made.fit(words, data["verdict"])
    path = saved(tmp_path, to_onnx(made, initial_types=[("x", StringTensorType([None, 2]))]))
    loaded = load_dataset(data, target="verdict")
    scores = bind(load_model(path), loaded).scores(loaded.dataset.x)
    np.testing.assert_allclose(scores, made.predict_proba(words), atol=1e-5)


def test_the_number_of_columns_must_match(tmp_path: Path) -> None:
    path = saved(tmp_path, net(weights=[[1.0]] * 3))
    with pytest.raises(ShapeError, match="takes 3 columns"):
        bind(load_model(path), samples.table())


def test_another_number_of_scores_than_classes_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, net(weights=[[1.0, 0.0, 0.0]] * 4))
    with pytest.raises(SchemaError, match="scores 3 classes without names, the data has 2"):
        bind(load_model(path), samples.table())


def test_answers_that_are_not_finite_name_their_row(tmp_path: Path) -> None:
    bound = bind(load_model(saved(tmp_path, net(weights=[[1.0]] * 4))), samples.table())
    rows = X2.copy()
    rows[17] = 1e38
    with pytest.raises(ModelError, match="on row 17"):
        bound.scores(rows * 10)


def test_model_and_classifier_can_be_sent_to_another_process(tmp_path: Path) -> None:
    model = load_model(saved(tmp_path, net(weights=[[2.0]] * 4)))
    bound = bind(model, samples.table())
    model_again = pickle.loads(pickle.dumps(model))  # noqa: S301 (our own bytes)
    bound_again = pickle.loads(pickle.dumps(bound))  # noqa: S301 (our own bytes)
    expected = bound.scores(X2)
    np.testing.assert_array_equal(bound_again.scores(X2), expected)
    np.testing.assert_array_equal(bind(model_again, samples.table()).scores(X2), expected)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.98])
def test_truncated_file_is_named(tmp_path: Path, share: float) -> None:
    raw = net(weights=[[1.0]] * 4).SerializeToString()
    path = tmp_path / "m.onnx"
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(InputError, match=r"m\.onnx"):
        load_model(path)


def test_an_unknown_operator_is_an_input_error(tmp_path: Path) -> None:
    made = net(weights=[[1.0]] * 4)
    made.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(InputError, match="onnxruntime can open"):
        load_model(saved(tmp_path, made))


def test_onnx_itself_can_read_what_the_tests_build() -> None:
    onnx.checker.check_model(net(weights=[[1.0]] * 4))
