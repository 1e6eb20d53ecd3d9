"""A network is repaired, and what is left of a mark is told as it is."""

from pathlib import Path

import numpy as np
import pytest

from bartizan.adapt.loading import load_model
from bartizan.adapt.networks.tunable import Keepable, tunable
from bartizan.adapt.table import load_dataset
from bartizan.core.dataset import Dataset
from bartizan.core.entry import SuspectedTrigger
from bartizan.core.finding import Finding
from bartizan.core.schema import Feature, Image, Schema
from bartizan.core.streams import rng
from bartizan.core.trigger import Cells, Overlay
from bartizan.data.cleaning.repair import among, repaired
from unit.defend.networks import planted

MASK = planted().trigger.mask
MARK = SuspectedTrigger(
    trigger=Overlay(mask=MASK, pattern=np.ones(64)), target=7, rows=np.arange(50)
)


def network() -> tuple[Keepable, Dataset]:
    """The poisoned network as a user's own, and honest rows, 0..1."""
    known = planted()
    rows = np.concatenate([known.spare.x, known.test.x]) / 16
    labels = np.concatenate([known.spare.y, known.test.y])
    table = load_dataset((rows, labels), target=None)
    return tunable(load_model(known.model.model), table), table.dataset


def test_the_figure_that_is_told_of_pruning_is_the_one_that_was_measured() -> None:
    results = Path(__file__).parents[3] / "benchmarks" / "RESULTS.md"
    text = results.read_text("utf-8").partition("**Repairs of a network.**")[2]
    lines = {line.split(" | ")[0].strip("| "): line for line in text.splitlines()[:12]}
    names = ("poisoned", "fine-pruning")
    before, after = (float(lines[name].split(" | ")[1].split()[0]) for name in names)
    (remark, *_) = repaired(*network(), ()).finding.remarks
    assert f"left {100 * after:.0f} %" in remark
    assert f"of {100 * before:.0f} %" in remark


def value(finding: Finding, name: str) -> float:
    """A measure that there is."""
    found = finding.measure(name)
    assert found is not None
    assert found.value is not None
    return found.value


def test_a_known_mark_is_unlearnt_and_the_return_is_measured() -> None:
    model, data = network()
    made = repaired(model, data, (MARK,))
    assert value(made.finding, "network-trigger-success-before") > 0.8
    assert value(made.finding, "network-trigger-success-after") < 0.1
    again = value(made.finding, "network-trigger-success-reactivated")
    assert again >= value(made.finding, "network-trigger-success-after")
    assert "the mark a mark on the picture was unlearnt" in made.finding.reason
    (remark,) = made.finding.remarks
    assert "Re-activated" in remark
    lost = [value(made.finding, f"balanced-accuracy-{word}") for word in ("before", "after")]
    assert lost[0] - lost[1] < 0.03


def test_without_a_mark_units_go_and_there_is_no_verdict() -> None:
    model, data = network()
    made = repaired(model, data, ())
    assert made.finding.outcome == "inconclusive"
    assert "units of the last hidden layer were taken out" in made.finding.reason
    assert "which left most of a backdoor where it was measured" in made.finding.reason
    (remark,) = made.finding.remarks
    assert "it left 62 % of marked pictures with the planted answer, of 88 % before" in remark
    assert "Re-activated" not in remark  # no mark was known, so that nothing was shown again
    assert made.model.features(data.x)[-1].shape[1] < model.features(data.x)[-1].shape[1]


def test_the_same_seed_repairs_alike() -> None:
    model, data = network()
    first, second = (repaired(model, data, (MARK,), seed=3) for _ in range(2))
    assert np.array_equal(first.model.scores(data.x), second.model.scores(data.x))


@pytest.mark.parametrize(
    ("names", "expected"), [(("b", "a"), [1, 0]), (("a", "x", "b"), [0, 2]), (("a",), None)]
)
def test_marks_follow_their_columns_by_name(
    names: tuple[str, ...], expected: list[int] | None
) -> None:
    seen, asked = (
        Schema(features=tuple(Feature(name=name, type="number") for name in own))
        for own in (("a", "b"), names)
    )
    mark = SuspectedTrigger(
        trigger=Cells(columns=np.array([0, 1]), values=np.array([1.0, 2.0])),
        target=0,
        rows=np.arange(3),
    )
    found = among((mark,), seen=seen, asked=asked)
    if expected is None:
        assert found == ()
        return
    trigger = found[0].trigger
    assert isinstance(trigger, Cells)
    assert trigger.columns.tolist() == expected
    stamped = trigger.stamp(np.zeros((1, len(names))), rng=rng(0, "stamp"))
    assert stamped[0, names.index("a")] == 1.0
    assert stamped[0, names.index("b")] == 2.0


def test_a_mark_on_pictures_does_not_fit_others() -> None:
    seen, asked = (Schema(image=Image(height=side, width=8, channels=1)) for side in (8, 9))
    assert among((MARK,), seen=seen, asked=asked) == ()
    assert among((MARK,), seen=seen, asked=seen) == (MARK,)
