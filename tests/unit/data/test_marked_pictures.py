"""The detectors of marks on pictures, on handwritten digits."""

from collections.abc import Generator
from functools import cache
from types import ModuleType

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score

from bartizan.attack.poisoning.backdoor import planted
from bartizan.attack.poisoning.picture_triggers import Sinusoid, blend, patch
from bartizan.core.arrays import Array, Ints
from bartizan.core.dataset import Dataset
from bartizan.core.entry import DetectorResult, finished
from bartizan.core.finding import Threshold
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.trigger import Overlay, Poisoned
from bartizan.core.verdict import judged
from bartizan.data.detectors import poison_latent, poison_patches
from bartizan.data.detectors.picture_views import views
from bartizan.data.labelled import Labelled

IMAGE = Image(height=8, width=8, channels=1, max=16.0)
BOTH = pytest.mark.parametrize("module", [poison_latent, poison_patches])


def data(x: Array, y: Ints, *, image: Image | None = IMAGE, k: int = 10) -> Dataset:
    features = () if image else tuple(Feature(name=f"f{i}") for i in range(x.shape[1]))
    return Dataset(
        name="rows",
        x=x,
        y=y.astype(np.int64),
        classes=tuple(range(k)),
        ids=np.arange(len(y)) + 1000,
        schema=Schema(image=image, features=features),
        digest="none",
    )


@cache
def digits() -> Dataset:
    return data(*load_digits(return_X_y=True))


def case(name: str, rate: float) -> Poisoned:
    rng = np.random.default_rng(0)
    mark = patch(IMAGE, rng=rng) if name == "patch" else blend(IMAGE, rng=rng)
    held = digits()
    return planted(held.x, held.y, trigger=mark, target=4, rate=rate, rng=rng)


def found(module: ModuleType, held: Dataset) -> DetectorResult:
    steps: Generator[float, None, DetectorResult] = module.run(
        Labelled(data=held), params=module.ENTRY.params, rng=np.random.default_rng(0)
    )
    while True:
        try:
            assert 0.0 <= next(steps) <= 1.0
        except StopIteration as end:
            result: DetectorResult = end.value
            return result


@BOTH
def test_a_count_of_all_rows_needs_no_interval_so_few_clean_rows_can_pass(
    module: ModuleType,
) -> None:
    held = digits().take(np.arange(300))
    (share, *_) = found(module, held).check.measures
    name, op, value = module.ENTRY.threshold
    line = Threshold(measure=name, op=op, value=value, source="default")
    assert judged(share, line, unsure="inconclusive")[0] == "pass"


@pytest.mark.slow
def test_waves_on_half_of_a_class_are_scored_above_its_honest_half() -> None:
    held = digits()
    made = planted(
        held.x,
        held.y,
        trigger=Sinusoid(image=IMAGE, frequency=3.0),
        target=4,
        rate=0.5 * float((held.y == 4).mean()),
        rng=np.random.default_rng(0),
        clean_label=True,
    )
    steps = poison_latent.looked(
        Labelled(data=data(made.x, made.y)),
        params=poison_latent.Params(),
        rng=np.random.default_rng(0),
    )
    score = finished(steps).score
    own = np.flatnonzero(made.y == 4)
    assert roc_auc_score(np.isin(own, made.rows), score[own]) > 0.97


@pytest.mark.slow
@BOTH
def test_nothing_is_flagged_in_clean_pictures(module: ModuleType) -> None:
    result = found(module, digits())
    assert result.check.measures[0].value == 0.0
    assert result.check.rows is not None
    assert result.check.rows.size == 0
    assert result.triggers == ()
    assert (result.p == 1.0).all()


@pytest.mark.parametrize(
    ("module", "name", "rate"),
    [
        (poison_latent, "blend", 0.01),
        pytest.param(poison_latent, "blend", 0.1, marks=pytest.mark.slow),
        pytest.param(poison_latent, "patch", 0.03, marks=pytest.mark.slow),
        (poison_patches, "patch", 0.003),
        (poison_patches, "patch", 0.03),
    ],
)
def test_planted_rows_are_found_with_their_mark_and_target(
    module: ModuleType, name: str, rate: float
) -> None:
    made = case(name, rate)
    result = found(module, data(made.x, made.y))
    assert result.check.rows is not None
    named = result.check.rows - 1000
    assert np.isin(made.rows, named).mean() > 0.9
    assert np.setdiff1d(named, made.rows).size <= max(1, 0.06 * len(named))
    effect, share = result.check.measures[:2]
    assert (effect.value or 0) > 0.5
    assert share.value == pytest.approx(len(named) / 1797)
    (suspected,) = result.triggers
    assert suspected.target == 4
    assert isinstance(suspected.trigger, Overlay)
    assert (result.p[suspected.rows] < 0.05).all()


def test_a_square_of_another_place_is_not_seen_and_the_report_says_so() -> None:
    remarks = found(poison_patches, digits()).check.remarks
    assert any(text.startswith("Not seen") for text in remarks)
    remarks = found(poison_latent, digits()).check.remarks
    assert any("covered by marked rows" in text for text in remarks)


@BOTH
def test_tables_and_one_class_have_nothing_to_say(module: ModuleType) -> None:
    held = digits()
    table = data(held.x, held.y, image=None)
    assert "not pictures" in module.applies(Labelled(data=table))
    one = data(held.x, np.zeros_like(held.y))
    assert "one class" in module.applies(Labelled(data=one))
    result = found(module, one)
    assert result.check.measures[0].value is None
    assert result.check.measures[0].why


@BOTH
def test_two_rows_of_a_class_a_thousand_classes_and_equal_rows_end_well(module: ModuleType) -> None:
    held = digits()
    rng = np.random.default_rng(0)
    two = np.concatenate([np.flatnonzero(held.y == 0)[:2], np.flatnonzero(held.y == 1)[:60]])
    many = rng.integers(1000, size=1200)
    for made in (
        held.take(two),
        data(held.x[:1200], many, k=1000),
        data(np.full((80, 64), 7.0), rng.integers(2, size=80)),
    ):
        result = found(module, made)
        assert not result.check.measures[0].value
        assert result.triggers == ()


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 32, 3), (50, 71, 3), (224, 224, 1)])
def test_pictures_of_any_size_become_rows_of_bounded_length(shape: tuple[int, int, int]) -> None:
    image = Image(height=shape[0], width=shape[1], channels=shape[2])
    x = np.full((3, image.size), 255.0)
    made = views(x, image=image)
    assert len(made) == (2 if image.channels > 1 else 1)
    for one in made:
        assert one.shape[1] <= 1300
        assert np.allclose(one, 1.0)


@pytest.mark.slow
@BOTH
def test_the_control_finds_what_it_plants(module: ModuleType) -> None:
    done = module.control(rows=Labelled(data=digits()), rng=np.random.default_rng(0))
    assert done.passed, done.detail
    assert "marked rows were found" in done.detail


@BOTH
def test_the_control_fails_where_nothing_can_be_learnt(module: ModuleType) -> None:
    rng = np.random.default_rng(0)
    held = data(np.full((60, 64), 7.0), rng.integers(30, size=60), k=30)
    assert not module.control(rows=Labelled(data=held), rng=rng).passed


def test_older_scores_and_what_the_other_network_says_stand_beside_a_confirmed_mark() -> None:
    made = case("blend", 0.03)
    check = found(poison_latent, data(made.x, made.y)).check
    held = {one.name: one.value for one in check.measures}
    rank = held["spectral-rank-of-mark-1"]
    assert rank is not None
    assert 0.5 < rank <= 1.0
    assert check.measures[0].name == poison_latent.ENTRY.threshold[0]
    assert (check.measures[0].low or 0) > poison_latent.ENTRY.threshold[2]
    text = " ".join(check.remarks)
    assert "gives 9" in text or "gives 100%" in text  # carriers are of other classes
    assert "Activation clustering splits class" in text


def test_without_a_mark_older_scores_decide_nothing() -> None:
    check = found(poison_latent, digits().take(np.arange(300))).check
    assert [one.value for one in check.measures] == [0.0, 0.0]
    assert any("no verdict rests on it" in text for text in check.remarks)
