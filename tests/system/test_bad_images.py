"""Images and networks that do not fit, and gradients that lead nowhere, from the command line."""

import importlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from bartizan import Workspace
from system.command import Ran, Run

torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed; pip install 'bartizan[torch]'"
)

H, W = 6, 5
"""Not square, so that a transposed image is another one."""
N = 160
MODULES = """
import torch
from torch import nn

RULE = torch.linspace(-1, 1, 6 * 5 * 3).reshape(6, 5, 3)


class Judge(nn.Module):
    '''Brighter at the bottom than at the top: the second class. Takes one order of axes.'''

    def __init__(self, first=True, small=False, cut=None):
        super().__init__()
        self.rule = nn.Parameter(RULE.clone())
        self.first, self.small, self.cut = first, small, cut

    def forward(self, x):
        wanted = (3, 6, 5) if self.first else (6, 5, 3)
        if self.small:
            wanted = (3, 12, 12)
        if tuple(x.shape[1:]) != wanted:
            raise ValueError(f"expected images of {wanted}, got {tuple(x.shape[1:])}")
        images = x.permute(0, 2, 3, 1) if self.first else x
        margin = (images * self.rule).sum(dim=(1, 2, 3))
        both = torch.stack([-margin, margin], dim=1)
        if self.cut == "none":
            both = both.detach()
        if self.cut == "nan":
            both = both + torch.sqrt(both * 0.0)
        return both


def first():
    return Judge()


def last():
    return Judge(first=False)


def large():
    return Judge(small=True)


def none():
    return Judge(cut="none")


def nan():
    return Judge(cut="nan")
"""
GRADIENTS = ("evasion.fgsm", "evasion.pgd", "evasion.apgd", "evasion.fmn", "evasion.union")


@pytest.fixture
def images(folder: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray[Any, Any]:
    """Colour images of which the module is right, as an archive, and the modules."""
    torch.set_num_threads(1)
    (folder / "judge_net.py").write_text(MODULES)
    monkeypatch.syspath_prepend(str(folder))
    drawn = np.random.default_rng(0).integers(0, 256, (4 * N, H, W, 3), dtype=np.uint8)
    margin = (drawn * np.linspace(-1, 1, H * W * 3).reshape(H, W, 3)).sum(axis=(1, 2, 3))
    far = np.abs(margin) > 200  # two shades each of 90 values get one 90 nearer at most
    x, y = drawn[far][:N], (margin[far][:N] > 0).astype(int)
    np.savez(folder / "held.npz", x=x, y=y)
    return x


def assess(bartizan: Run, model: str, *entries: str, eps: float = 2 / 255) -> Ran:
    return bartizan(
        *("assess", "--model", f"judge_net:{model}", "--data", "held.npz", "--target", "y"),
        *("--profile", "quick", "--quiet", "--workers", 1, "--eps", eps),
        *(word for entry in entries for word in ("--entry", entry)),
    )


def report() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path("out/report.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize(("model", "layout"), [("first", "(n, 3, 6, 5)"), ("last", "(n, 6, 5, 3)")])
@pytest.mark.usefixtures("images")
def test_either_order_of_axes_is_found_and_told(bartizan: Run, model: str, layout: str) -> None:
    assert assess(bartizan, model, "utility.balanced-accuracy").code == 0
    (finding,) = report()["findings"]
    assert finding["measures"][0]["value"] == 1.0
    assert any(layout in warning for warning in report()["warnings"])


@pytest.mark.usefixtures("images")
def test_images_of_another_size_than_the_network_takes_are_refused(bartizan: Run) -> None:
    ran = assess(bartizan, "large", "utility.balanced-accuracy")
    assert (ran.code, ran.out) == (2, "")
    assert "takes the images in none of the layouts tried" in ran.err
    for layout in ("(n, 3, 6, 5)", "(n, 6, 5, 3)"):
        assert layout in ran.err
    assert "expected images of (3, 12, 12)" in ran.err
    assert "Traceback" not in ran.err


def test_images_of_several_sizes_are_refused_with_two_of_them(
    bartizan: Run, folder: Path, images: np.ndarray[Any, Any]
) -> None:
    for place, image in enumerate(images[:6]):
        home = folder / "pictures" / str(place % 2)
        home.mkdir(parents=True, exist_ok=True)
        Picture.fromarray(image if place != 3 else image[:4]).save(home / f"{place}.png")
    ran = bartizan(
        *("assess", "--model", "judge_net:first", "--data", "pictures", "--quiet"),
        *("--entry", "utility.balanced-accuracy"),
    )
    assert (ran.code, ran.out) == (2, "")
    said = " ".join(ran.err.split())
    assert "3.png" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("model", ["none", "nan"])
@pytest.mark.usefixtures("images")
def test_gradients_that_are_none_or_no_numbers_are_no_robustness(bartizan: Run, model: str) -> None:
    ran = assess(bartizan, model, *GRADIENTS)
    assert ran.code == 3, ran.out + ran.err
    mine = [one for one in report()["findings"] if one["standing"] == "declared"]
    assert {one["entry"] for one in mine} == set(GRADIENTS)
    for one in mine:
        assert one["outcome"] == "inconclusive", one["reason"]
        assert "gradients were zero or no numbers in 100% of the rows" in one["reason"]


@pytest.mark.usefixtures("images")
def test_the_same_network_with_its_gradient_passes(bartizan: Run) -> None:
    ran = assess(bartizan, "first", *GRADIENTS)
    assert ran.code == 0, [one["reason"] for one in report()["findings"]]


def test_no_gradient_is_left_on_the_users_module(
    folder: Path, images: np.ndarray[Any, Any]
) -> None:
    module = importlib.import_module("judge_net").first()
    module.train()
    before = module.rule.detach().clone()
    y = module(torch.tensor(images.transpose(0, 3, 1, 2) / np.float32(255))).argmax(1).numpy()
    with Workspace() as ws:
        found = ws.assess(module, (images, y), profile="quick", entries=GRADIENTS, workers=1)
    assert all(f.measure("attack-success") is not None for f in found.findings)
    assert module.rule.grad is None
    assert module.rule.requires_grad
    assert torch.equal(module.rule, before)
    assert module.training
