"""A cleaning that would fail at its end is refused at its beginning, also from Python."""

from pathlib import Path

import pytest

from bartizan.core.errors import InputError, OutputError, UsageError
from bartizan.workspace import DeepLook, Workspace
from bartizan.workspace.clean_order import CleanOrder
from bartizan.workspace.clean_refusals import require_gains, require_sense
from bartizan.workspace.clean_rows import labelled_rows


def order(folder: Path, **known: object) -> CleanOrder:
    """What is wanted of a table with six rows."""
    path = folder / "t.csv"
    path.write_text("a,shop,y\n1,x,no\n2,,yes\n3,z,no\n4,x,yes\n5,x,no\n6,z,yes\n")
    return CleanOrder(data=path, target="y", out=folder / "clean", **known)  # type: ignore[arg-type]  # by name


def recipe(x: object, y: object, seed: int) -> None:
    """Is never called."""
    raise AssertionError


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"recipe": recipe, "certify": 1}, "--certify of 2 or more, got 1"),
        ({"seed": -1}, "--seed of 0 or more, got -1"),
        ({"recipe": recipe, "balanced": True}, "--balanced says nothing without --certify"),
        (
            {"checked": Path("out"), "look": DeepLook(wanted=True, memory_gb=-1.0)},
            "--memory is about detectors that run now",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    tmp_path: Path, known: dict[str, object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        require_sense(order(tmp_path, **known))


def test_what_makes_sense_leaves_nothing_behind(tmp_path: Path) -> None:
    wanted = order(tmp_path, recipe=recipe, certify=4, balanced=True, source="shop")
    require_sense(wanted)
    require_gains(wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    known = order(tmp_path)
    with pytest.raises(OutputError, match=r"cannot write .*; choose another --out"):
        require_sense(CleanOrder(data=known.data, target="y", out=tmp_path / "no" / "clean"))


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ({"recipe": recipe, "certify": 6}, "--certify 6 asks for more models than the 5 rows"),
        ({"recipe": recipe, "group": "shops"}, "there is no column 'shops' of groups"),
        ({"source": "shops"}, "there is no column 'shops' of sources"),
        ({"source": "y"}, "there is no column 'y' of sources"),
        ({"recipe": "nowhere_at_all:train"}, "nowhere_at_all"),
    ],
)
def test_what_the_data_cannot_give_is_refused(
    tmp_path: Path, known: dict[str, object], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        require_gains(order(tmp_path, **known))


def test_rows_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    wanted = order(tmp_path, recipe=recipe, certify=6, source="shop")
    rows = labelled_rows(wanted)
    wanted.data.unlink()
    with pytest.raises(UsageError, match="--certify 6 asks for more models than the 5 rows"):
        require_gains(wanted, rows=rows)


def test_a_cleaning_ends_where_no_detector_can_look(tmp_path: Path) -> None:
    wanted = order(tmp_path)
    with Workspace() as ws, pytest.raises(InputError, match="may be used; allow more with"):
        ws.data.clean(
            wanted.data, target="y", out=wanted.out, look=DeepLook(wanted=True, memory_gb=0.1)
        )
    assert not wanted.out.exists()
