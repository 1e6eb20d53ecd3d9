"""Wrong labels by contributor: whose rows they are, when they come, and what they cost."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from bartizan.assess.damage.contributors import ENTRY, lacks
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.classifier import Classifier, ScoreKind
from bartizan.core.dataset import Dataset
from bartizan.core.entry import CheckResult, Study, finished
from bartizan.core.provenance import Provenance
from bartizan.core.schema import Label
from bartizan.core.streams import rng
from unit.assess.damage.blobs import HEART, Noting, clumps, study

TRAIN, DATA = clumps(400, seed=1), clumps(300, seed=2)
WAYS = ("few sources", "few sources hiding a class", "drip", "drip hiding a class")


def checked(subject: Study, *, rate: float = 0.1, seeds: int = 2) -> CheckResult:
    params = replace(ENTRY.params, rate=rate, seeds=seeds, rows=400, held=300, curve=False)
    return finished(ENTRY.run(subject, params=params, rng=rng(0)))


def flipped(provenance: Provenance, *, rate: float = 0.1) -> dict[str, list[Ints]]:
    """Rows that each way gives another label, one array a seed."""
    recipe = Noting()
    checked(study(TRAIN, DATA, recipe, provenance=provenance), rate=rate)
    made: dict[str, list[Ints]] = {way: [] for way in WAYS}
    for place, given in enumerate(recipe.given):
        if place % 5:
            made[WAYS[place % 5 - 1]].append(np.flatnonzero(given.y != TRAIN.y))
        else:
            assert (given.y == TRAIN.y).all()
    return made


def value(result: CheckResult, way: str) -> float:
    name = f"accuracy-loss-{way.replace(' ', '-')}"
    found = next(one for one in result.measures if one.name == name).value
    assert found is not None
    return found


def test_few_sources_are_as_few_as_hold_the_rows() -> None:
    """Of ten contributors with 40 rows each one can send 40 wrong labels, and two can send 80."""
    sources = np.arange(400) % 10
    for rate, most in ((0.1, 1), (0.2, 2)):
        for rows in flipped(Provenance(sources=sources), rate=rate)["few sources"]:
            assert len(rows) == round(400 * rate)
            assert len(np.unique(sources[rows])) == most


def test_another_seed_draws_another_source() -> None:
    sources = np.arange(400) % 10
    recipe = Noting()
    checked(study(TRAIN, DATA, recipe, provenance=Provenance(sources=sources)), seeds=6)
    few = [np.flatnonzero(given.y != TRAIN.y) for given in recipe.given[1::5]]
    assert len({int(sources[rows[0]]) for rows in few}) > 1


def test_a_drip_begins_with_nothing_and_rises_in_time() -> None:
    times = -np.arange(400.0)
    sources = np.arange(400) % 10
    for told, order in ((times, np.arange(400)[::-1]), (None, np.arange(400))):
        made = flipped(Provenance(sources=sources, times=told))
        for rows in made["drip"]:
            counts = [np.isin(part, rows).sum() for part in np.array_split(order, 10)]
            assert len(rows) == 40
            assert counts[0] == 0
            assert counts == sorted(counts)


def test_rows_hidden_are_of_the_rarest_class_and_a_quarter_of_it_at_most() -> None:
    rarest = int(np.bincount(TRAIN.y).argmin())
    most = np.bincount(TRAIN.y).min() / 4
    for way in ("few sources hiding a class", "drip hiding a class"):
        for rows in flipped(Provenance(sources=np.arange(400) % 3), rate=0.2)[way]:
            assert (TRAIN.y[rows] == rarest).all()
            assert len(rows) == np.floor(most + 0.5)


def test_rows_of_nobody_are_never_those_of_a_source() -> None:
    sources = np.where(np.arange(400) < 200, -1, np.arange(400) % 4)
    for rows in flipped(Provenance(sources=sources))["few sources"]:
        assert (sources[rows] >= 0).all()


def test_what_no_sources_hold_is_not_tried_and_the_reader_is_told() -> None:
    sources = np.where(np.arange(400) < 380, -1, np.arange(400) % 2)
    result = checked(study(TRAIN, DATA, HEART, provenance=Provenance(sources=sources)))
    told = " ".join(result.remarks)
    assert "Not tried: few sources at 10.0%" in told
    assert "there are 20" in told
    assert "Of 380 rows nobody says who contributed them" in told
    assert result.measures[0].value == pytest.approx(value(result, "drip"))


def test_a_look_up_of_the_nearest_row_loses_what_is_flipped_whoever_sent_it() -> None:
    result = checked(study(TRAIN, DATA, HEART), rate=0.2, seeds=3)
    assert value(result, "few sources") == pytest.approx(0.2, abs=0.07)
    assert value(result, "drip") == pytest.approx(0.2, abs=0.07)


@dataclass(frozen=True)
class Votes:
    """Fifteen nearest rows vote."""

    near: KNeighborsClassifier
    classes: tuple[Label, ...]
    score_kind: ScoreKind = "probability"

    def scores(self, x: Array) -> Array:
        return np.asarray(self.near.predict_proba(x))


class Voting:
    """The recipe of such votes."""

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        del rng
        return Votes(KNeighborsClassifier(15).fit(data.x, data.y), data.classes)


def test_votes_outvote_scattered_labels_and_not_those_of_one_who_serves_a_place_alone() -> None:
    """The same labels cost nothing where others know better, and everything where nobody does."""

    def places(n: int, seed: int) -> tuple[Dataset, Ints]:
        rows = clumps(n, seed=seed)
        place = np.arange(n) % 10
        x: AnyArray = rows.x.copy()
        x[:, 1] += 100.0 * place
        return replace(rows, x=x), place

    (train, place), (data, _) = places(400, 1), places(300, 2)
    alone = checked(study(train, data, Voting(), provenance=Provenance(sources=place)), seeds=3)
    mixed = Provenance(sources=rng(0).permutation(place))
    among = checked(study(train, data, Voting(), provenance=mixed), seeds=3)
    assert value(alone, "few sources") == pytest.approx(0.1, abs=0.03)
    assert value(among, "few sources") < 0.02
    assert value(alone, "drip") < 0.02


def test_a_curve_for_each_way_at_every_share() -> None:
    params = replace(ENTRY.params, seeds=2, rows=400, held=300)
    subject = study(TRAIN, DATA, HEART)
    result = finished(ENTRY.run(subject, params=params, rng=rng(0)))
    curves = {one.name: one for one in result.series}
    assert set(WAYS) <= set(curves)
    assert curves["few sources"].x == (0.01, 0.05, 0.1)


def test_without_sources_there_is_a_gap_that_says_what_to_name() -> None:
    untold = study(TRAIN, DATA, HEART, provenance=None)
    assert "--source" in lacks(untold)
    assert "[check." in lacks(untold)
    one = Provenance(sources=np.where(np.arange(400) < 300, 0, -1))
    assert "from 1 contributor(s)" in lacks(study(TRAIN, DATA, HEART, provenance=one))
    assert lacks(study(TRAIN, DATA, HEART)) == ""
    nothing = checked(untold).measures[0]
    assert nothing.value is None
    assert "who contributed" in nothing.why
