"""`bartizan init` and `assess` on images, as archives and as folders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture
from sklearn.datasets import load_digits

from bartizan.config import read_config
from system.command import Run

MODEL = """
import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression


def make():
    found = load_digits()
    x, y = found.images[:900] * (255 / 16), found.target[:900]
    fitted = LogisticRegression(max_iter=300).fit(x.reshape(900, -1) // 1 / 255, y)
    return lambda images: fitted.decision_function(images.reshape(len(images), -1) / 255)
"""


@pytest.fixture
def images(folder: Path) -> None:
    """Digits the model has not seen, in both forms, and the model."""
    found = load_digits()
    x, y = (found.images[900:1100] * (255 / 16)).astype(np.uint8), found.target[900:1100]
    np.savez(folder / "digits.npz", x=x, y=y)
    for place, (one, label) in enumerate(zip(x, y, strict=True)):
        home = folder / "pictures" / str(label)
        home.mkdir(parents=True, exist_ok=True)
        Picture.fromarray(one).save(home / f"{place}.png")
    (folder / "reader.py").write_text(MODEL)


@pytest.mark.parametrize(
    ("data", "target", "written"),
    [
        ("digits.npz", ("--target", "y"), "y"),
        ("pictures", ("--target", "folder"), "folder"),
        ("pictures", (), "folder"),
    ],
)
@pytest.mark.usefixtures("images")
def test_what_init_writes_for_images_can_be_assessed(
    bartizan: Run, data: str, target: tuple[str, ...], written: str
) -> None:
    ran = bartizan("init", "--data", data, *target, "--model", "reader:make")
    assert ran.code == 0, ran.err
    assert "wrote bartizan.toml: images of 8 x 8 x 1 and one attacker" in ran.err
    config = read_config(Path("bartizan.toml"))
    assert config.schema == {}
    (declared,) = config.data
    assert (declared.path, declared.target) == (data, written)
    (attacker,) = config.attackers()
    assert (attacker.norm, attacker.eps, attacker.access) == ("Linf", 8 / 255, "gradients")
    entries = ("--entry", "utility.balanced-accuracy", "--entry", "evasion.hop-skip-jump")
    text = Path("bartizan.toml").read_text("utf-8")
    Path("bartizan.toml").write_text(text.replace("#queries = 1000", "queries = 60"), "utf-8")
    ran = bartizan("assess", "--profile", "quick", "--quiet", "--workers", 1, *entries)
    assert ran.code in (0, 1, 3), ran.err
    assert list(Path("out/examples").glob("*.npz"))


@pytest.mark.usefixtures("images")
def test_flags_alone_are_enough_and_no_examples_shows_no_image(bartizan: Run) -> None:
    ran = bartizan(
        *("assess", "--model", "reader:make", "--data", "pictures", "--profile", "quick"),
        *("--norm", "L2", "--quiet", "--workers", 1, "--entry", "evasion.hop-skip-jump"),
        *("--no-examples", "--json"),
    )
    assert ran.code in (0, 1, 3), ran.err
    assert '"eps": 0.5,' in ran.out
    assert "data:image/png" not in ran.out
    assert not Path("out/examples").exists()


@pytest.mark.usefixtures("images")
def test_a_target_that_images_do_not_have_is_told(bartizan: Run) -> None:
    ran = bartizan("init", "--data", "digits.npz", "--target", "z")
    assert (ran.code, "there is no array 'z' of labels; known: x, y" in ran.err) == (2, True)
    ran = bartizan("init", "--data", "digits.npz")
    assert (ran.code, "--target is missing" in ran.err) == (2, True)
