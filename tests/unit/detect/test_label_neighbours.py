import numpy as np
import pytest

from bartizan.core.errors import ShapeError
from bartizan.core.streams import rng
from bartizan.detect import label_neighbours
from bartizan.detect.label_neighbours import votes


def blobs(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draws = rng(seed, "blobs")
    y = draws.integers(3, size=n)
    return draws.normal(size=(n, 4)) + 6 * np.eye(4)[y], y


def test_votes_are_those_of_brute_force() -> None:
    x, y = blobs(100)
    found = votes(x, y, classes=3, rng=rng(0))
    gaps = np.linalg.norm(x[:, None] - x, axis=2)
    np.fill_diagonal(gaps, np.inf)
    assert found.asked == 5
    expected = np.zeros((100, 3))
    for i in range(100):
        near = np.argsort(gaps[i])[:5]
        weights = 1 / gaps[i, near]
        np.add.at(expected[i], y[near], weights / weights.sum())
    overall = np.bincount(y) / 100
    assert found.shares == pytest.approx((5 * expected + overall) / 6, abs=1e-4)


def test_copies_do_not_vouch_for_each_other() -> None:
    x, y = blobs(300)
    x = np.concatenate([x, np.repeat(x[:1], 30, axis=0)])
    y = np.concatenate([y, np.full(30, (y[0] + 1) % 3)])
    found = votes(x, y, classes=3, rng=rng(0))
    assert found.shares[300:, y[0]].min() > 0.85
    assert (found.shares[300:] == found.shares[300]).all()


def test_a_row_does_not_vote_for_itself() -> None:
    x, y = blobs(300)
    before = votes(x, y, classes=3, rng=rng(0)).shares[0]
    y[0] = (y[0] + 1) % 3
    assert votes(x, y, classes=3, rng=rng(0)).shares[0] == pytest.approx(before, abs=0.01)


def test_columns_without_spread_change_nothing() -> None:
    x, y = blobs(200)
    wide = np.concatenate([x, np.full((200, 3), 7.0)], axis=1)
    found, plain = (votes(one, y, classes=3, rng=rng(0)).shares for one in (wide, x))
    assert found == pytest.approx(plain, abs=1e-3)


def test_order_does_not_matter() -> None:
    x, y = blobs(200)
    order = rng(1).permutation(200)
    found = votes(x[order], y[order], classes=3, rng=rng(0)).shares
    assert found == pytest.approx(votes(x, y, classes=3, rng=rng(0)).shares[order], abs=1e-5)


@pytest.mark.parametrize("n", [1, 2, 60])
def test_where_all_rows_are_equal_all_labels_vote(n: int) -> None:
    y = np.arange(n) % 2
    found = votes(np.ones((n, 3)), y, classes=2, rng=rng(0))
    assert found.asked == 0
    assert found.shares == pytest.approx(np.tile(np.bincount(y, minlength=2) / n, (n, 1)))


def test_of_very_many_rows_a_sample_votes_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_neighbours, "_EXACT", 150)
    x, y = blobs(600)
    found = votes(x, y, classes=3, rng=rng(0))
    assert found.among == pytest.approx(0.25)
    assert found.shares[np.arange(600), y].mean() > 0.9


def test_blocks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = blobs(600)
    whole = votes(x, y, classes=3, rng=rng(0)).shares
    monkeypatch.setattr(label_neighbours, "_ASKED", 250)
    assert votes(x, y, classes=3, rng=rng(0)).shares == pytest.approx(whole, abs=1e-6)


def test_many_columns_are_turned_to_fewer_and_neighbours_stay() -> None:
    x, y = blobs(400)
    wide = x @ np.linalg.qr(rng(2).normal(size=(300, 4)))[0].T
    found = votes(wide, y, classes=3, rng=rng(0)).shares
    assert found == pytest.approx(votes(x, y, classes=3, rng=rng(0)).shares, abs=1e-2)


def test_labels_that_are_missing_are_refused() -> None:
    with pytest.raises(ShapeError, match="one label"):
        votes(np.ones((3, 2)), np.zeros(2, dtype=np.int64), classes=2, rng=rng(0))
