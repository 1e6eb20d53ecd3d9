import pickle
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from bartizan.adapt import bind, load_dataset, load_model
from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.adapt.images.layout import Layout
from bartizan.adapt.networks.forward import Forward
from bartizan.core.arrays import Array, Ints
from bartizan.core.classifier import Loss, offered
from bartizan.core.errors import ConfigError, ModelError, SchemaError
from unit.adapt import pictures, samples

torch.set_num_threads(1)
X, Y = samples.arrays(3)
LOSSES = pytest.mark.parametrize("loss", pictures.LOSSES.values(), ids=list(pictures.LOSSES))
Made = Callable[[Ints], Loss]


class Calls(nn.Module):  # type: ignore[misc] # torch is not typed here
    """A module made of a function, with one layer before it."""

    def __init__(self, function: Any, *, outputs: int = 3, inputs: int = 4) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)
        self.function = function

    def forward(self, x: Any) -> Any:
        return self.function(self.layer(x))


def mlp(*, outputs: int = 3, seed: int = 0, double: bool = True, end: Any = None) -> Any:
    torch.manual_seed(seed)
    made = nn.Sequential(
        nn.Linear(4, 8), nn.Tanh(), nn.Dropout(0.5), nn.Linear(8, outputs), end or nn.Identity()
    )
    return made.double() if double else made


def cnn(*, channels: int = 3, double: bool = True) -> Any:
    torch.manual_seed(1)
    made = nn.Sequential(
        nn.Conv2d(channels, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, 2),
    )
    return made.double() if double else made


def bound_to(
    module: Any,
    *,
    classes: int = 3,
    threshold: float | None = None,
    classes_of_model: tuple[int, ...] | None = None,
) -> BoundGradient:
    model = load_model(module, threshold=threshold, classes=classes_of_model)
    made = bind(model, samples.table(classes))
    assert isinstance(made, BoundGradient)
    return made


@LOSSES
@pytest.mark.parametrize(
    ("outputs", "end", "kind"),
    [
        (3, nn.Identity(), "logit"),
        (3, nn.LogSoftmax(dim=1), "logit"),
        (3, nn.Softmax(dim=1), "probability"),
        (2, nn.Softmax(dim=1), "probability"),
        (1, nn.Identity(), "logit"),
        (1, nn.Sigmoid(), "probability"),
        (1, nn.Sequential(nn.Sigmoid(), nn.Flatten(0)), "probability"),
    ],
)
def test_gradients_of_tables_are_those_of_the_scores(
    loss: Made, outputs: int, end: Any, kind: str
) -> None:
    bound = bound_to(mlp(outputs=outputs, end=end), classes=max(2, outputs))
    x, y = samples.arrays(max(2, outputs))
    assert bound.score_kind == kind
    value, slope = bound.value_and_grad(x, loss(y))
    scores = bound.scores(x)
    expected = loss(y)(np.log(scores) if kind == "probability" else scores)[0]
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(slope, pictures.differences(bound, x, loss(y)), atol=1e-8)
    assert slope.dtype == np.float64
    assert np.abs(slope).max() > 1e-3


@LOSSES
def test_gradients_of_images_are_those_of_the_scores(loss: Made) -> None:
    table = pictures.table()
    x, y = table.dataset.x[:20], table.dataset.y[:20]
    bound = bind(load_model(cnn()), table)
    assert isinstance(bound, BoundGradient)
    _, slope = bound.value_and_grad(x, loss(y))
    expected = pictures.differences(bound, x, loss(y), step=1e-4)
    np.testing.assert_allclose(slope, expected, atol=1e-6 * np.abs(expected).max())
    assert (slope != 0.0).any(axis=1).all()


@LOSSES
def test_picked_columns_order_and_threshold_reach_the_gradient(loss: Made) -> None:
    x, y = samples.arrays()
    made = bound_to(mlp(outputs=2), classes=2, threshold=0.3)
    shuffled = replace(
        made, width=6, picked=np.array([4, 0, 5, 2]), order=np.array([1, 0]), threshold=0.3
    )
    wide = np.hstack([x, x[:, :2] + 0.5])
    _, slope = shuffled.value_and_grad(wide, loss(y))
    expected = pictures.differences(shuffled, wide, loss(y))
    np.testing.assert_allclose(slope, expected, atol=1e-8)
    assert (slope[:, [1, 3]] == 0.0).all()
    assert np.abs(slope).max() > 1e-3


def test_classes_in_another_order_reach_the_gradient() -> None:
    bound = bound_to(mlp(), classes_of_model=(2, 0, 1))
    assert bound.order is not None
    _, slope = bound.value_and_grad(X, pictures.margin(Y))
    np.testing.assert_allclose(slope, pictures.differences(bound, X, pictures.margin(Y)), atol=1e-8)


def test_nothing_of_the_module_is_changed() -> None:
    module = mlp()
    module[0].weight.requires_grad_(False)
    module.train()
    module[1].eval()
    modes = [part.training for part in module.modules()]
    weights = {name: value.clone() for name, value in module.state_dict().items()}
    bound = bound_to(module)
    bound.scores(X)
    bound.value_and_grad(X, pictures.entropy(Y))
    assert [part.training for part in module.modules()] == modes
    flags = {name: p.requires_grad for name, p in module.named_parameters()}
    assert [name for name, flag in flags.items() if not flag] == ["0.weight"]
    assert all(parameter.grad is None for parameter in module.parameters())
    assert all(torch.equal(weights[name], value) for name, value in module.state_dict().items())


def test_a_gradient_of_the_user_is_left_alone() -> None:
    module = mlp()
    module(torch.from_numpy(X)).sum().backward()
    before = [parameter.grad.clone() for parameter in module.parameters()]
    bound_to(module).value_and_grad(X, pictures.entropy(Y))
    for old, parameter in zip(before, module.parameters(), strict=True):
        assert torch.equal(old, parameter.grad)


def test_modules_are_asked_in_evaluation_mode() -> None:
    module = mlp().train()
    bound = bound_to(module)
    np.testing.assert_array_equal(bound.scores(X), bound.scores(X))
    with torch.no_grad():
        expected = module.eval()(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(bound.scores(X), expected)


def test_the_mode_comes_back_when_the_module_crashes() -> None:
    module = Calls(lambda _: 1 / 0).train()
    with pytest.raises(ModelError, match="ZeroDivisionError"):
        bind(load_model(module), samples.table(3))
    assert module.training
    assert module.layer.training


def test_the_callers_mode_of_recording_does_not_matter() -> None:
    bound = bound_to(mlp())
    expected = bound.value_and_grad(X, pictures.entropy(Y))[1]
    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            np.testing.assert_array_equal(bound.value_and_grad(X, pictures.entropy(Y))[1], expected)


def test_what_a_module_keeps_from_a_score_still_takes_part_in_a_gradient() -> None:
    class Keeps(nn.Module):  # type: ignore[misc] # torch is not typed here
        kept: Any = None

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(4, 3)

        def forward(self, x: Any) -> Any:
            if self.kept is None:
                self.kept = torch.linspace(0.5, 2.0, 3)
            return self.layer(x) * self.kept

    bound = bound_to(Keeps())
    bound.scores(X)
    assert np.abs(bound.value_and_grad(X, pictures.entropy(Y))[1]).max() > 0


def test_the_type_of_the_module_is_the_type_it_is_fed() -> None:
    for double, name in ((True, "float64"), (False, "float32")):
        module = mlp(double=double)
        assert Forward(module=module).dtype == name
        scores = bound_to(module).scores(X)
        assert np.array_equal(scores, scores.astype(np.float32)) is not double
    half = mlp(double=False).to(torch.bfloat16)
    assert bound_to(half).scores(X).dtype == np.float64


def test_single_precision_agrees_with_double() -> None:
    single, double = mlp(double=False), mlp()
    double.load_state_dict(single.state_dict())
    y = pictures.entropy(Y)
    one, two = (bound_to(module).value_and_grad(X, y)[1] for module in (single, double))
    np.testing.assert_allclose(one, two, atol=1e-5)


@pytest.mark.parametrize("cut", ["detach", "detach the input", "argmax", "constant"])
def test_a_cut_way_back_gives_zeros(cut: str) -> None:
    cuts: dict[str, Any] = {
        "detach": Calls(lambda s: s.detach()),
        "detach the input": nn.Sequential(Calls(lambda s: s.detach(), outputs=4), nn.Linear(4, 3)),
        "argmax": Calls(lambda s: nn.functional.one_hot(s.argmax(1), 3).float() * 5),
        "constant": Calls(lambda s: torch.ones(len(s), 3) * torch.arange(3)),
    }
    value, slope = bound_to(cuts[cut]).value_and_grad(X, pictures.entropy(Y))
    assert value.shape == (samples.N,)
    assert slope.shape == X.shape
    assert (slope == 0.0).all()


def test_a_gradient_that_is_no_number_is_passed_on() -> None:
    bound = bound_to(Calls(lambda s: torch.sqrt(s * 0.0) + s))
    assert np.isnan(bound.value_and_grad(X, pictures.entropy(Y))[1]).all()


def test_a_sure_softmax_vanishes_and_stays_finite() -> None:
    bound = bound_to(Calls(lambda s: torch.softmax(1e4 * s, dim=1)))
    value, slope = bound.value_and_grad(X, pictures.entropy(Y))
    assert np.isfinite(value).all()
    assert np.isfinite(slope).all()
    assert (slope == 0.0).all(axis=1).mean() > 0.9


def test_a_way_back_that_crashes_is_told_and_scores_still_work() -> None:
    class OneWay(torch.autograd.Function):  # type: ignore[misc] # torch is not typed here
        @staticmethod
        def forward(_: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(_: Any, slope: Any) -> Any:
            message = "no way"
            raise NotImplementedError(message)

    bound = bind(load_model(Calls(OneWay.apply)), samples.table(3))
    assert offered(bound) == "scores"
    assert "no gradient: the module's way back raised NotImplementedError" in bound.notes[-1]


def test_the_loss_is_called_once_with_all_rows() -> None:
    seen = []

    def loss(scores: Array) -> tuple[Array, Array]:
        seen.append(scores)
        return scores[:, 0], np.ones_like(scores)

    bound = bound_to(mlp())
    bound.value_and_grad(X, loss)
    assert len(seen) == 1
    np.testing.assert_allclose(seen[0], bound.scores(X))


def test_a_module_that_changes_its_input_in_place_does_not_change_the_rows() -> None:
    module = nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 3)).double()
    rows = X.copy()
    bound = bound_to(module)
    bound.scores(rows)
    slope = bound.value_and_grad(rows, pictures.entropy(Y))[1]
    np.testing.assert_array_equal(rows, X)
    assert (slope[X < 0] == 0).all()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda s: (s, s), "answered a tuple"),
        (lambda s: {"logits": s}, r"answered a dict with \['logits'\]"),
        (lambda s: s[:, :, None, None], r"rows and answered shape \(\d+, 3, 1, 1\)"),
        (lambda s: s[:2], r"asked about .* rows and answered"),
        (torch.sigmoid, "do not sum to 1, as for several labels"),
    ],
)
def test_answers_that_are_no_scores_of_one_target_are_refused(answer: Any, said: str) -> None:
    torch.manual_seed(0)
    with pytest.raises(ModelError, match=said):
        bind(load_model(Calls(answer)), samples.table(3))


def test_a_tuple_is_told_for_images_too() -> None:
    module = Calls(lambda s: (s, s), outputs=2, inputs=60)
    with pytest.raises(ModelError, match=r"\(n, 60\): the module answered a tuple"):
        bind(load_model(module), pictures.table())


@pytest.mark.parametrize("outputs", [1, 2])
def test_small_logits_are_not_taken_for_probabilities(outputs: int) -> None:
    torch.manual_seed(0)
    module = Calls(lambda s: 0.4 + s * 1e-3, outputs=outputs)
    answer = module(torch.tensor(X, dtype=torch.float32)).detach().numpy()
    assert ((answer > 0) & (answer < 1)).all()
    assert bound_to(module, classes=2).score_kind == "logit"


def test_a_threshold_moves_the_decision_of_logits_and_probabilities_alike() -> None:
    x, _ = samples.arrays()
    logits = mlp(outputs=2)
    chances = nn.Sequential(logits, nn.Softmax(dim=1))
    one, two = (bound_to(module, classes=2, threshold=0.3) for module in (logits, chances))
    assert one.score_kind == two.score_kind == "logit"
    np.testing.assert_allclose(one.scores(x), two.scores(x), atol=1e-9)
    loss = pictures.margin(samples.arrays()[1])
    np.testing.assert_allclose(
        one.value_and_grad(x, loss)[1], two.value_and_grad(x, loss)[1], atol=1e-9
    )


def test_a_network_of_many_classes_takes_labels_that_are_places_among_them() -> None:
    module = mlp(outputs=1000)
    bound = bind(load_model(module), samples.table(3))
    said = module.eval()(torch.tensor(X)).detach().numpy()
    np.testing.assert_allclose(bound.scores(X), said)  # classes 0, 1 and 2 come first anyway
    assert bound.classes == tuple(range(1000))
    assert any("997 of its 1000 classes do not occur" in note for note in bound.notes)


def test_decisions_instead_of_scores_are_told() -> None:
    with pytest.raises(ModelError, match="one number for each row, and the data has 3 classes"):
        bind(load_model(Calls(lambda s: s.argmax(1))), samples.table(3))


def test_complex_scores_are_refused() -> None:
    with pytest.raises(ModelError, match="answered complex numbers; expected real scores"):
        bind(load_model(Calls(lambda s: s + 0j)), samples.table(3))


def test_what_a_module_prints_stays_out_of_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def said(s: Any) -> Any:
        print("shape", tuple(s.shape))  # noqa: T201 (it is what is tested)
        return s

    bound = bound_to(Calls(said))
    bound.value_and_grad(X, pictures.entropy(Y))
    found = capsys.readouterr()
    assert found.out == ""
    assert "shape (" in found.err


def test_text_columns_are_named() -> None:
    table = load_dataset(samples.mixed(), target="verdict")
    with pytest.raises(SchemaError, match="column 'city' holds text"):
        bind(load_model(mlp(outputs=2)), table)


def test_modules_of_images_without_channel_or_flat_are_found() -> None:
    table = pictures.table(channels=1)
    flat = nn.Linear(20, 2)
    lines = nn.Sequential(nn.Flatten(1, 2), nn.Linear(20, 2))

    def three(x: Any) -> Any:
        assert x.dim() == 3
        return x

    wrapped = nn.Sequential(Wants(three), lines)
    for module, form in ((flat, "rows"), (wrapped, "nhw"), (cnn(channels=1), "nchw")):
        feed = bind(load_model(module), table).scorer.feed
        assert isinstance(feed, Layout)
        assert feed.form == form


class Wants(nn.Module):  # type: ignore[misc] # torch is not typed here
    """Looks at its input."""

    def __init__(self, look: Any) -> None:
        super().__init__()
        self.look = look

    def forward(self, x: Any) -> Any:
        return self.look(x)


@pytest.mark.parametrize("form", ["nchw", "nhwc"])
@pytest.mark.parametrize("scaled", [True, False])
def test_a_planted_pixel_is_the_only_one_with_a_gradient(form: str, *, scaled: bool) -> None:
    middle = 0.5 if scaled else 127.5
    pixel = (1, 2, 2) if form == "nchw" else (2, 2, 1)
    module = Wants(lambda x: x[(slice(None), *pixel)] - middle)
    table = pictures.table()
    bound = bind(load_model(module), table)
    assert isinstance(bound, BoundGradient)
    assert "100%" in bound.notes[-1].partition(";")[0]
    slope = bound.value_and_grad(table.dataset.x, lambda s: (s[:, 1], np.eye(2)[[1] * len(s)]))[1]
    expected = np.zeros(60)
    expected[(2 * 5 + 2) * 3 + 1] = 1 / 255 if scaled else 1.0
    np.testing.assert_allclose(slope, np.tile(expected, (len(slope), 1)), rtol=1e-6)


def test_a_bound_module_travels_to_another_process() -> None:
    bound = bound_to(mlp())
    again = pickle.loads(pickle.dumps(bound))  # noqa: S301 (made here)
    np.testing.assert_array_equal(again.scores(X), bound.scores(X))
    loss = pictures.entropy(Y)
    np.testing.assert_array_equal(
        again.value_and_grad(X, loss)[1], bound.value_and_grad(X, loss)[1]
    )


@pytest.mark.slow
def test_exported_scripted_and_wrapped_modules_answer_as_the_module() -> None:
    module = mlp(double=False).eval()
    rows = torch.zeros(7, 4)
    free = ({0: torch.export.Dim("rows")},)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch is giving TorchScript up
        made = [
            torch.export.export(module, (rows,), dynamic_shapes=free).module(),
            torch.jit.script(module),
            torch.jit.trace(module, rows),
            nn.DataParallel(module),
        ]
    loss = pictures.entropy(Y)
    expected = bound_to(module).value_and_grad(X, loss)[1]
    for other in made:
        np.testing.assert_allclose(bound_to(other).value_and_grad(X, loss)[1], expected, atol=1e-6)


def test_a_module_is_no_file_of_weights() -> None:
    with pytest.raises(ConfigError, match="not with a Sequential"):
        load_model(mlp(), weights="m.safetensors")
