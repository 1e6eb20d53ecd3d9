import io
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer, RobustScaler, StandardScaler

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Loss, decisions, offered
from unit.adapt import graphs, pictures, samples

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed; pip install 'bartizan[torch]'"
)
torch.set_num_threads(1)
nn = torch.nn
LOSSES = pytest.mark.parametrize("loss", pictures.LOSSES.values(), ids=list(pictures.LOSSES))
Made = Callable[[Ints], Loss]


def exported(module: Any, *shape: int, batch: int | None = None) -> bytes:
    """A module as torch itself writes it."""
    held = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter; the newer needs another package
        torch.onnx.export(
            module.eval(),
            (torch.zeros(batch or 2, *shape),),
            held,
            dynamo=False,
            input_names=["x"],
            dynamic_axes=None if batch else {"x": {0: "n"}},
        )
    return held.getvalue()


def bound_to(content: bytes, tmp_path: Path, *, table: Any, **options: Any) -> BoundGradient:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    made = bind(load_model(path, **options), table)
    assert isinstance(made, BoundGradient), made.notes
    assert offered(made) == "gradients"
    return made


def cnn(*, channels: int = 3, outputs: int = 2, end: Any = None) -> Any:
    torch.manual_seed(1)
    made = nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, outputs),
        end or nn.Identity(),
    )
    made(torch.rand(16, channels, 4, 5))  # moves the running means away from 0 and 1
    return made


def mlp(*, outputs: int = 3, end: Any = None) -> Any:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, outputs), end or nn.Identity()
    )


@LOSSES
@pytest.mark.parametrize(
    ("outputs", "end"),
    [
        (3, nn.Identity()),
        (3, nn.Softmax(dim=1)),
        (2, nn.LogSoftmax(dim=1)),
        (1, nn.Identity()),
        (1, nn.Sigmoid()),
        (1, nn.Sequential(nn.Sigmoid(), nn.Flatten(0))),
    ],
)
def test_an_exported_network_slopes_as_the_original(
    tmp_path: Path, loss: Made, outputs: int, end: Any
) -> None:
    classes = max(2, outputs)
    x, y = samples.arrays(classes)
    module = mlp(outputs=outputs, end=end)
    made = bound_to(exported(module, 4), tmp_path, table=samples.table(classes))
    original = bind(load_model(module), samples.table(classes))
    assert isinstance(original, BoundGradient)
    assert made.score_kind == original.score_kind
    np.testing.assert_allclose(made.scores(x), original.scores(x), atol=1e-5)
    value, slope = made.value_and_grad(x, loss(y))
    expected, expected_slope = original.value_and_grad(x, loss(y))
    np.testing.assert_allclose(value, expected, atol=1e-5)
    np.testing.assert_allclose(slope, expected_slope, atol=2e-5)
    assert np.abs(slope).max() > 1e-2


@LOSSES
@pytest.mark.parametrize("batch", [None, 1, 7])
def test_a_network_of_images_slopes_as_the_original_whatever_its_batch(
    tmp_path: Path, loss: Made, batch: int | None
) -> None:
    table = pictures.table()
    x, y = table.dataset.x[:20], table.dataset.y[:20]
    module = cnn()
    made = bound_to(exported(module, 3, 4, 5, batch=batch), tmp_path, table=table)
    original = bind(load_model(module), table)
    assert isinstance(original, BoundGradient)
    _, slope = made.value_and_grad(x, loss(y))
    _, expected = original.value_and_grad(x, loss(y))
    np.testing.assert_allclose(slope, expected, atol=1e-4 * np.abs(expected).max())
    assert (slope != 0.0).any(axis=1).all()


class Last(nn.Module):  # type: ignore[misc,name-defined] # torch is not typed here
    """Takes images with the channels on the last axis."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = cnn(end=nn.Softmax(dim=1))

    def forward(self, x: Any) -> Any:
        return self.inner(x.permute(0, 3, 1, 2))


@LOSSES
def test_a_network_with_the_channels_last_slopes_as_the_original(
    tmp_path: Path, loss: Made
) -> None:
    table = pictures.table()
    x, y = table.dataset.x[:20], table.dataset.y[:20]
    made = bound_to(exported(Last(), 4, 5, 3), tmp_path, table=table)
    original = bind(load_model(cnn()), table)
    assert isinstance(original, BoundGradient)
    _, slope = made.value_and_grad(x, loss(y))
    _, expected = original.value_and_grad(x, loss(y))
    np.testing.assert_allclose(slope, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize(
    "model",
    [
        LogisticRegression(),
        make_pipeline(StandardScaler(), MLPClassifier((6,), activation="tanh", max_iter=80)),
        make_pipeline(RobustScaler(), SGDClassifier(loss="log_loss", alpha=0.1)),
        make_pipeline(Normalizer(), LogisticRegression()),
    ],
    ids=lambda model: type(model[-1]).__name__ if hasattr(model, "steps") else "bare",
)
def test_converted_pipelines_slope_as_their_scores_change(
    tmp_path: Path, *, model: Any, classes: int, zipmap: bool
) -> None:
    x, y = samples.arrays(classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # few iterations are enough here
        made = model.fit(x, np.array(["low", "mid", "top"])[y])
    loss = pictures.entropy(y[:40])
    options = {id(made[-1] if hasattr(made, "steps") else made): {"zipmap": zipmap}}
    content = to_onnx(made, x[:1].astype(np.float32), options=options).SerializeToString()
    names = np.array(["low", "mid", "top"])
    table = load_dataset(samples.frame(classes).assign(y=names[y]), target="y")
    bound = bound_to(content, tmp_path, table=table)
    _, slope = bound.value_and_grad(x[:40], loss)
    expected = pictures.differences(bound, x[:40], loss, step=1e-2)
    np.testing.assert_allclose(slope, expected, atol=0.01 * np.abs(expected).max())


def test_decisions_that_a_loss_sees_are_those_of_the_runtime(tmp_path: Path) -> None:
    """Rows on the border between two classes, where torch may see it the other way round."""
    x, _ = samples.arrays(3)
    made = bound_to(exported(mlp(end=nn.Softmax(dim=1)), 4), tmp_path, table=samples.table(3))
    first, second = x[:150], x[150:]
    for _ in range(40):
        middle = (first + second) / 2
        same = (decisions(made.scores(middle)) == decisions(made.scores(first)))[:, None]
        first, second = np.where(same, middle, first), np.where(same, second, middle)
    rows = np.concatenate([first, second, middle])
    seen: list[Ints] = []

    def look(scores: Array) -> tuple[Array, Array]:
        seen.append(decisions(scores))
        return scores[:, 0], np.ones_like(scores)

    made.value_and_grad(rows, look)
    np.testing.assert_array_equal(seen[0], decisions(made.scores(rows)))


@pytest.mark.parametrize("end", [nn.Softmax(dim=1), nn.Sigmoid()])
def test_a_network_that_is_sure_of_itself_still_slopes(tmp_path: Path, end: Any) -> None:
    x, y = samples.arrays()
    module = nn.Sequential(nn.Linear(4, 1 if isinstance(end, nn.Sigmoid) else 2), end)
    with torch.no_grad():
        module[0].weight *= 60
    made = bound_to(exported(module, 4), tmp_path, table=samples.table())
    sure = made.scores(x).max(axis=1) == 1.0
    assert sure.mean() > 0.3
    y = decisions(made.scores(x))
    _, slope = made.value_and_grad(x, pictures.margin(y))
    assert (slope != 0.0).any(axis=1).all()
    value, _ = made.value_and_grad(x, lambda scores: (-scores[np.arange(len(y)), y], -np.eye(2)[y]))
    assert (value[sure] > 0.0).any()  # a loss of exactly 0 has nowhere to go


def test_a_threshold_is_judged_by_the_runtime(tmp_path: Path) -> None:
    x, y = samples.arrays()
    content = exported(mlp(outputs=2, end=nn.Softmax(dim=1)), 4)
    made = bound_to(content, tmp_path, table=samples.table(), threshold=0.3)
    value, slope = made.value_and_grad(x, pictures.margin(y))
    scores = made.scores(x)
    own, other = scores[np.arange(len(y)), y], scores[np.arange(len(y)), 1 - y]
    np.testing.assert_allclose(value, other - own, atol=1e-6)
    np.testing.assert_array_equal(value > 0, decisions(scores) != y)
    assert (slope != 0.0).any(axis=1).all()


def test_columns_that_come_one_by_one_slope(tmp_path: Path) -> None:
    _, y = samples.arrays()
    nodes = [
        graphs.node("Concat", "alpha", "whole", "beta", out="rows", axis=1),
        graphs.node("Cast", "whole", out="unused", to=1),
        graphs.node("MatMul", "rows", "w", out="out"),
    ]
    nodes[0].input[1] = "unused"
    inputs = [
        helper.make_tensor_value_info(name, kind, ["n", 1])
        for name, kind in (("alpha", 1), ("whole", TensorProto.INT64), ("beta", 1))
    ]
    weights = np.array([[0.0, 2.0], [0.1, 0.0], [-1.0, 0.5]], dtype=np.float32)
    made = helper.make_graph(
        [nodes[1], nodes[0], nodes[2]],
        "net",
        inputs,
        [helper.make_tensor_value_info("out", 1, ["n", 2])],
        [numpy_helper.from_array(weights, "w")],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    data = samples.frame().assign(whole=np.arange(samples.N) % 7)
    table = load_dataset(data, target="y")
    bound = bound_to(model.SerializeToString(), tmp_path, table=table)
    _, slope = bound.value_and_grad(table.dataset.x, pictures.margin(y))
    names = [feature.name for feature in table.dataset.schema.features]
    change = np.where(y[:, None] == 0, 1.0, -1.0) * (weights[:, 1] - weights[:, 0])
    for name, column in zip(("alpha", "whole", "beta"), change.T, strict=True):
        np.testing.assert_allclose(slope[:, names.index(name)], column, rtol=1e-6)
    assert not slope[:, names.index("gamma")].any()


def test_half_precision_is_followed_in_single(tmp_path: Path) -> None:
    nodes = [
        graphs.node("Cast", "x", out="h", to=TensorProto.FLOAT16),
        graphs.node("MatMul", "h", "w", out="m"),
        graphs.node("Cast", "m", out="out", to=TensorProto.FLOAT),
    ]
    weights = np.random.default_rng(0).normal(size=(4, 2)).astype(np.float16)
    content = graphs.graph(nodes, tensors={"w": weights}, ends=("n", 2))
    x, y = samples.arrays()
    made = bound_to(content, tmp_path, table=samples.table())
    _, slope = made.value_and_grad(x, pictures.margin(y))
    assert (slope != 0.0).all()


def test_a_network_that_hides_its_gradient_shows_zeros(tmp_path: Path) -> None:
    nodes = [graphs.node("Round", "x", out="r"), graphs.node("MatMul", "r", "w")]
    content = graphs.graph(nodes, tensors={"w": np.ones((4, 2), np.float32)}, ends=("n", 2))
    x, y = samples.arrays()
    made = bound_to(content, tmp_path, table=samples.table())
    assert not made.value_and_grad(x, pictures.margin(y))[1].any()


def test_a_bound_network_can_be_sent_to_another_process(tmp_path: Path) -> None:
    x, y = samples.arrays(3)
    made = bound_to(exported(mlp(), 4), tmp_path, table=samples.table(3))
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 (our own bytes)
    for one, other in zip(
        made.value_and_grad(x, pictures.entropy(y)),
        again.value_and_grad(x, pictures.entropy(y)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def noted(content: bytes, tmp_path: Path) -> str:
    """Why a graph gets no gradients."""
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    bound = bind(load_model(path), samples.table())
    assert offered(bound) == "scores"
    (note,) = bound.notes
    assert "no gradient of the ONNX graph, attacks see its scores only: " in note
    return note.partition("only: ")[2]


def test_an_operator_that_is_not_known_is_named(tmp_path: Path) -> None:
    nodes = [graphs.node("CumSum", "x", "axis", out="s"), graphs.node("MatMul", "s", "w")]
    tensors = {"axis": np.array(1), "w": np.ones((4, 2), np.float32)}
    content = graphs.graph(nodes, tensors=tensors, ends=("n", 2))
    assert noted(content, tmp_path) == "operator 'CumSum' of the graph is not known"


def test_a_graph_that_answers_otherwise_in_torch_gets_no_gradient(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = exported(mlp(outputs=2), 4)
    monkeypatch.setattr(torch, "tanh", torch.sin)
    assert "apart from onnxruntime on" in noted(content, tmp_path)


def test_without_torch_the_note_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = exported(mlp(outputs=2), 4)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'bartizan[torch]'" in noted(content, tmp_path)
