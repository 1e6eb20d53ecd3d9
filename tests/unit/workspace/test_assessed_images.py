"""Images from end to end: attacked, confirmed, shown, saved."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from bartizan import Workspace, load_dataset
from bartizan.assess.answer import Claim
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.errors import SchemaError, UsageError
from bartizan.report import render
from bartizan.workspace import Assessed

ENTRIES = ["utility.balanced-accuracy", "evasion.hop-skip-jump"]


def digits() -> tuple[AnyArray, AnyArray]:
    """The digits of scikit-learn in 8 bits a value, 8 x 8 pixels."""
    found = load_digits()
    return (found.images * (255 / 16)).astype(np.uint8), found.target


def reader() -> Callable[[AnyArray], Array]:
    """A model of images as a function; it takes what the data was, and nothing else."""
    x, y = digits()
    fitted = LogisticRegression(max_iter=300).fit(x[:900].reshape(900, -1) / 255, y[:900])

    def model(images: AnyArray) -> Array:
        if images.dtype != np.uint8 or images.shape[1:] != (8, 8):
            raise TypeError
        return np.asarray(fitted.decision_function(images.reshape(len(images), -1) / 255))

    return model


@pytest.fixture(scope="module")
def model() -> Callable[[AnyArray], Array]:
    return reader()


@pytest.fixture(scope="module")
def result(model: Callable[[AnyArray], Array]) -> Assessed:
    x, y = digits()
    with Workspace() as ws:
        return ws.assess(model, (x[900:], y[900:]), profile="quick", entries=ENTRIES)


def claim(result: Assessed) -> Claim:
    return next(one for one in result.claims if one.finding.endswith("stronger"))


def test_every_saved_image_fools_the_model_again(
    result: Assessed, model: Callable[[AnyArray], Array], tmp_path: Path
) -> None:
    x, y = digits()
    files = [path for path in result.save(tmp_path) if path.suffix == ".npz"]
    assert len(files) == 3
    for path in files:
        with np.load(path, allow_pickle=False) as saved:
            arrays = dict(saved)
        n = len(arrays["row"])
        assert arrays["original"].dtype == arrays["changed"].dtype == np.uint8
        assert arrays["original"].shape == (n, 8, 8, 1)
        assert np.array_equal(arrays["original"][..., 0], x[900:][arrays["row"]])
        told = model(arrays["changed"][..., 0]).argmax(axis=1)
        assert (told != y[900:][arrays["row"]]).all()
        size = arrays["changed"].astype(float) - arrays["original"]
        assert arrays["price"] == pytest.approx(np.abs(size).max(axis=(1, 2, 3)) / 255)
        assert (np.diff(arrays["row"]) > 0).all()
        assert (arrays["queries"] > 0).all()


def test_the_assumed_attacker_has_the_usual_budget_and_a_copy_of_the_model(
    result: Assessed,
) -> None:
    attacker = next(a for a in result.report.attackers if a.standing == "assumed")
    assert (attacker.norm, attacker.eps, attacker.access) == ("Linf", 8 / 255, "gradients")
    assert result.report.subjects[1].detail == "897 images of 8 x 8 x 1 values"


def test_examples_hold_pictures_unless_rows_are_not_to_be_shown(
    result: Assessed, tmp_path: Path
) -> None:
    shown = [one for finding in result.findings for one in finding.examples]
    assert shown
    assert all(one.views is not None for one in shown)
    assert b"data:image/png" in render(result.report, fmt="json")
    result.save(tmp_path / "with")
    result.save(tmp_path / "without", examples=False)
    assert "data:image/png" in (tmp_path / "with" / "report.json").read_text()
    for path in (tmp_path / "without").iterdir():
        assert b"data:image/png" not in path.read_bytes()
    assert not (tmp_path / "without" / "examples").exists()
    hidden = result.published(examples=False)
    assert len(hidden.findings) == len(result.findings)
    assert [len(f.examples) for f in hidden.findings] == [len(f.examples) for f in result.findings]


def test_the_folder_is_the_owner_s_and_holds_nothing_of_an_earlier_run(
    result: Assessed, tmp_path: Path
) -> None:
    result.save(tmp_path)
    folder = tmp_path / "examples"
    for name in ("old.npz", "old.parquet"):
        (folder / name).write_bytes(b"of another run")
    written = {path.name for path in result.save(tmp_path) if path.parent == folder}
    assert {path.name for path in folder.iterdir()} == {*written, ".gitignore"}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_saving_twice_gives_the_same_bytes(result: Assessed, tmp_path: Path) -> None:
    saved = [
        [path.read_bytes() for path in result.save(tmp_path / name) if path.suffix != ".html"]
        for name in ("one", "two")
    ]
    assert saved[0] == saved[1]


def test_images_have_no_frame_and_tables_no_arrays(result: Assessed) -> None:
    with pytest.raises(UsageError, match="rows are images"):
        result.frame(claim(result))
    x = np.random.default_rng(0).normal(size=(60, 2))
    with Workspace() as ws:
        table = ws.assess(lambda x: x[:, 0], (x, (x[:, 0] > 0) * 1), profile="quick")
    with pytest.raises(UsageError, match="no images"):
        table.arrays(table.claims[0])


def test_reference_images_must_have_the_form_of_the_data(
    model: Callable[[AnyArray], Array],
) -> None:
    x, y = digits()
    data = load_dataset((x, y), target=None)
    other = load_dataset((x / 255, y), target=None)
    with Workspace() as ws, pytest.raises(SchemaError, match=r"must have the form \(size"):
        ws.assess(model, data, reference=other, profile="quick", entries=ENTRIES)
