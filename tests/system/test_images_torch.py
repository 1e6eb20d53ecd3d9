"""`bartizan init` and `assess` on images and a torch module with weights in a file."""

import importlib
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

from bartizan.config import read_config
from system.command import Run

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed; pip install 'bartizan[torch]'"
)

MODULES = """
import torch
from torch import nn


class Stairs(nn.Module):
    '''Rounds its input: the answers are those of a weak model, the gradients are zero.'''

    def forward(self, x):
        return torch.round(x * 15) / 15


class Turned(torch.autograd.Function):
    '''Passes its input on, and the gradient with its sign turned.'''

    @staticmethod
    def forward(ctx, x):
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        return -grad


class Away(nn.Module):
    def forward(self, x):
        return Turned.apply(x)


class Straight(nn.Module):
    '''Rounds its input to five levels, and passes the gradient straight through.'''

    def forward(self, x):
        return x + (torch.round(x * 4) / 4 - x).detach()


class Strange(nn.Module):
    '''Answers like one network, and shows the gradient of another.'''

    def __init__(self):
        super().__init__()
        self.own = make()
        torch.manual_seed(1)
        self.other = [make()]  # no part of the weights

    def forward(self, x):
        shown = self.other[0](x)
        return shown + (self.own(x) - shown).detach()


def make():
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 64, 10)
    ).eval()


def small():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))


def masked():
    return nn.Sequential(Stairs(), make())


def turned():
    return nn.Sequential(Away(), make())


def straight():
    return nn.Sequential(Straight(), make())


def strange():
    return nn.Sequential(nn.Identity(), Strange())
"""
EPS = 32 / 255
"""Digits of 8 x 8 are coarse: this is what the small network falls to, and people hardly see."""


@pytest.fixture
def digits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Images of 8 x 8, a small network's source, and its weights in both formats."""
    torch.set_num_threads(1)
    (folder / "digits_net.py").write_text(MODULES)
    monkeypatch.syspath_prepend(str(folder))
    found = load_digits()
    x, y = (found.images * (255 / 16)).astype(np.uint8), found.target
    np.savez(folder / "digits.npz", x_test=x[1200:], y_test=y[1200:])
    module = _trained(x[:1200], y[:1200])
    torch.save(module.state_dict(), folder / "digits.pt")
    behind = {f"1.{name}": value for name, value in module.state_dict().items()}
    torch.save(behind, folder / "masked.pt")
    within = {f"1.own.{name}": value for name, value in module.state_dict().items()}
    torch.save(within, folder / "strange.pt")


def _trained(x: Any, y: Any) -> Any:
    torch.manual_seed(0)
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 8, 3, padding=1), torch.nn.ReLU(),
        torch.nn.Flatten(), torch.nn.Linear(8 * 64, 10),
    )  # fmt: skip
    inputs, labels = torch.tensor(x / 255, dtype=torch.float32)[:, None], torch.tensor(y)
    steps = torch.optim.Adam(module.parameters(), lr=3e-3)
    for _ in range(80):
        steps.zero_grad()
        torch.nn.functional.cross_entropy(module(inputs), labels).backward()
        steps.step()
    return module


def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("out/report.json").read_text("utf-8"))
    return found


@pytest.mark.usefixtures("digits")
def test_a_torch_module_goes_from_init_to_a_report_whose_examples_stand_alone(
    bartizan: Run,
) -> None:
    ran = bartizan(
        *("init", "--data", "digits.npz", "--target", "y_test", "--name", "digits"),
        *("--model", "digits_net:make", "--weights", "digits.pt"),
    )
    assert ran.code == 0, ran.err
    assert "Look at the attacker, then run: bartizan assess" in ran.err
    (model,) = read_config(Path("bartizan.toml")).model
    text = Path("bartizan.toml").read_text("utf-8")
    assert "column" not in text.replace("the column with the classes", "")
    Path("bartizan.toml").write_text(text.replace(f"eps = {8 / 255}", f"eps = {EPS}"), "utf-8")
    assert (model.path, model.weights) == ("digits_net:make", "digits.pt")
    ran = bartizan(
        *("assess", "--profile", "quick", "--quiet", "--workers", 1, "--fail-on", "low"),
        *("--entry", "evasion.pgd", "--entry", "evasion.fgsm", "--entry", "evasion.union"),
        *("--entry", "utility.balanced-accuracy"),
    )
    assert ran.code == 1, ran.err
    assert "room to change each value by 32/255 of the way from dark to bright" in ran.out
    page = Path("out/report.html").read_text("utf-8")
    assert "Linf\N{NO-BREAK SPACE}32/255 of each value" in page
    assert page.count("data:image/png") >= 9
    assert "Feature</th>" not in page
    _recheck(Path("out/examples/evasion.pgd_digits_anyone.npz"))


def _recheck(path: Path) -> None:
    """What a reader without Bartizan would do with an example file."""
    module = importlib.import_module("digits_net").make()
    module.load_state_dict(torch.load("digits.pt", weights_only=True))
    held = np.load(path, allow_pickle=False)
    original, changed = held["original"], held["changed"]
    assert original.dtype == changed.dtype == np.uint8
    with np.load("digits.npz") as data:
        assert np.array_equal(original[..., 0], data["x_test"][held["row"]])
        y = data["y_test"][held["row"]]
    distance = np.abs(changed.astype(int) - original.astype(int)).max(axis=(1, 2, 3))
    assert distance / 255 == pytest.approx(held["price"])
    with torch.no_grad():
        inputs = torch.tensor(changed.transpose(0, 3, 1, 2) / np.float32(255))
        decided = module(inputs).argmax(1).numpy()
    assert (decided != y).all()
    assert len(np.unique(y)) > 5  # every class was attacked, not only the weakest


@pytest.mark.usefixtures("digits")
def test_a_model_that_hides_its_gradient_gets_no_pass(bartizan: Run) -> None:
    ran = bartizan(
        *("assess", "--model", "digits_net:masked", "--weights", "masked.pt"),
        *("--data", "digits.npz", "--target", "y_test", "--eps", "32/255"),
        *("--profile", "quick", "--quiet", "--workers", 1),
        *("--entry", "evasion.pgd", "--entry", "evasion.fgsm", "--entry", "evasion.union"),
    )
    assert ran.code == 3, ran.out + ran.err
    findings = {f["id"]: f for f in report()["findings"] if f["standing"] == "declared"}
    assert {f["outcome"] for f in findings.values()} == {"inconclusive"}
    for finding in findings.values():
        assert "the model may hide its gradient: gradients were zero" in finding["reason"]
    ran = bartizan(
        *("assess", "--model", "digits_net:masked", "--weights", "masked.pt"),
        *("--data", "digits.npz", "--target", "y_test", "--eps", EPS, "--fail-on", "low"),
        *("--profile", "quick", "--quiet", "--workers", 1),
        *("--entry", "evasion.square"),
    )
    assert ran.code == 1, ran.out  # who needs no gradient gets past it


@pytest.mark.parametrize(
    ("model", "weights"),
    [("turned", "masked.pt"), ("straight", "masked.pt"), ("strange", "strange.pt")],
)
@pytest.mark.usefixtures("digits")
def test_a_wrong_gradient_alone_gets_no_pass(bartizan: Run, model: str, weights: str) -> None:
    ran = bartizan(
        *("assess", "--model", f"digits_net:{model}", "--weights", weights),
        *("--data", "digits.npz", "--target", "y_test", "--eps", 4 / 255),
        *("--profile", "quick", "--quiet", "--workers", 1, "--entry", "evasion.pgd"),
    )
    assert ran.code == 3, ran.out + ran.err
    told = report()
    (finding,) = (f for f in told["findings"] if f["standing"] == "declared")
    assert finding["outcome"] == "inconclusive"
    assert "scores change otherwise than the gradient says" in finding["reason"]
    (evidence,) = (e for e in told["evidence"] if e["finding"] == finding["id"])
    assert "about 32 rows: scores change as the gradient says in" in evidence["probe"]
    (receipt,) = (r for r in told["receipts"] if r["finding"] == finding["id"])
    asked = int(evidence["probe"].split()[1])
    assert receipt["queries"] > asked > 32 * 10


@pytest.mark.usefixtures("digits")
def test_an_honest_gradient_keeps_its_pass(bartizan: Run) -> None:
    ran = bartizan(
        *("assess", "--model", "digits_net:make", "--weights", "digits.pt"),
        *("--data", "digits.npz", "--target", "y_test", "--eps", 4 / 255),
        *("--profile", "quick", "--quiet", "--workers", 1, "--entry", "evasion.pgd"),
    )
    assert ran.code == 0, ran.out + ran.err
    (evidence,) = (e for e in report()["evidence"] if e["finding"].endswith("#anyone"))
    assert evidence["probe"].endswith(
        "scores change as the gradient says in 32 of 32 rows that show it"
    )


@pytest.mark.parametrize(
    ("model", "weights", "told"),
    [
        ("digits_net:make", "masked.pt", "masked.pt"),
        ("digits_net:small", "digits.pt", "digits.pt"),
        ("digits_net:make", "digits.npz", "no file of weights"),
        ("digits_net:make", "none.pt", "none.pt"),
    ],
)
@pytest.mark.usefixtures("digits")
def test_weights_that_do_not_fit_are_told(
    bartizan: Run, model: str, weights: str, told: str
) -> None:
    ran = bartizan(
        *("assess", "--model", model, "--weights", weights, "--data", "digits.npz"),
        *("--target", "y_test", "--quiet", "--entry", "evasion.pgd"),
    )
    assert ran.code == 2, ran.out
    assert told in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("digits")
def test_weights_without_a_module_are_told_by_init(bartizan: Run) -> None:
    ran = bartizan(
        *("init", "--data", "digits.npz", "--target", "y_test", "--weights", "digits.pt")
    )
    assert ran.code == 2
    assert "--weights belong to a torch module" in ran.err
    assert not Path("bartizan.toml").exists()


def _exported(path: str) -> None:
    """The same network as an ONNX file, as torch writes it."""
    module = importlib.import_module("digits_net").make()
    module.load_state_dict(torch.load("digits.pt", weights_only=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter; the newer needs another package
        torch.onnx.export(
            module,
            (torch.zeros(2, 1, 8, 8),),
            path,
            dynamo=False,
            input_names=["x"],
            dynamic_axes={"x": {0: "n"}},
        )


@pytest.mark.usefixtures("digits")
def test_an_onnx_network_falls_to_gradients_as_the_module_that_it_was_made_from(
    bartizan: Run,
) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed; pip install 'bartizan[convert]'")
    _exported("digits.onnx")
    found = {}
    for name, model in {
        "module": ("--model", "digits_net:make", "--weights", "digits.pt"),
        "graph": ("--model", "digits.onnx"),
    }.items():
        ran = bartizan(
            *("assess", *model, "--data", "digits.npz", "--target", "y_test", "--eps", EPS),
            *("--profile", "quick", "--quiet", "--workers", 1, "--fail-on", "low"),
            *("--entry", "evasion.pgd", "--out", name),
        )
        assert ran.code == 1, ran.err
        assert "no gradient" not in ran.err
        (path,) = Path(name, "examples").glob("evasion.pgd_*_anyone.npz")
        with np.load(path) as held:
            found[name] = dict(zip(held["row"].tolist(), held["price"].tolist(), strict=True))
    module, graph = found["module"], found["graph"]
    assert len(module) > 50, (len(module), len(graph))
    assert len(set(module) ^ set(graph)) <= 0.02 * len(module)
    both = sorted(set(module) & set(graph))
    apart = np.abs([module[row] - graph[row] for row in both])
    assert np.median(apart) == 0.0
    assert (apart > 1.5 / 255).mean() <= 0.02  # one shade: rounding decides it
