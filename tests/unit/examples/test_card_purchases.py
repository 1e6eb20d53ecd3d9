import numpy as np

from bartizan.core.streams import rng
from bartizan.examples.card_purchases import DAY_MIN, Purchases, charged_back, history, join
from bartizan.examples.card_world import build

WORLD = build(1000, rng=rng(1, "test"))


def bought(card: list[int], time_min: list[int], cents: list[int]) -> Purchases:
    n = len(card)
    return Purchases(
        card=np.array(card),
        time_min=np.array(time_min),
        merchant_category=np.zeros(n, dtype=np.int64),
        cents=np.array(cents),
        online=np.zeros(n, dtype=bool),
        device=np.zeros(n, dtype=np.int64),
        distance_km=np.zeros(n),
        abroad=np.zeros(n, dtype=bool),
        fraud=np.zeros(n, dtype=bool),
    )


def test_windows_look_back_and_never_into_another_card() -> None:
    # card 0 buys at 0, 59, 60 and a day later; card 1 within the same minutes
    rows = bought([0, 0, 0, 0, 1], [0, 59, 60, DAY_MIN + 60, 61], [100, 200, 400, 800, 1600])
    past = history(rows, cards=WORLD.cards, rng=rng(1, "wait"))
    assert past.n_1h.tolist() == [1, 2, 2, 1, 1]
    assert past.n_24h.tolist() == [1, 2, 3, 1, 1]
    assert past.earlier_cents.tolist() == [0, 100, 300, 0, 0]
    assert past.minutes_since_last[1:4].tolist() == [59, 1, DAY_MIN]


def test_the_first_purchase_follows_one_from_before_the_stream() -> None:
    rows = bought([0, 1], [10, 500], [100, 100])
    past = history(rows, cards=WORLD.cards, rng=rng(1, "wait"))
    assert (past.minutes_since_last > [10, 500]).all()


def test_windows_agree_with_a_count_by_hand() -> None:
    numbers = rng(5, "rows")
    card, time_min = numbers.integers(3, size=60), numbers.integers(3000, size=60)
    order = np.lexsort((time_min, card))
    card, time_min, cents = card[order], time_min[order], numbers.integers(1, 999, size=60)
    past = history(
        bought(card.tolist(), time_min.tolist(), cents.tolist()),
        cards=WORLD.cards,
        rng=rng(1, "wait"),
    )
    for i in range(60):
        seen = [j for j in range(i) if card[j] == card[i] and time_min[j] > time_min[i] - DAY_MIN]
        assert past.n_24h[i] == len(seen) + 1
        assert past.earlier_cents[i] == cents[seen].sum()


def test_join_keeps_every_purchase_and_take_the_order_asked_for() -> None:
    both = join((bought([1], [2], [3]), bought([4, 5], [6, 7], [8, 9])))
    assert both.cents.tolist() == [3, 8, 9]
    assert both.take(np.array([2, 0])).card.tolist() == [5, 1]


def test_the_books_miss_some_fraud_and_hold_some_disputes() -> None:
    fraud = np.arange(100_000) < 20_000
    books = charged_back(fraud, rng=rng(3, "books"))
    # five standard deviations around 5 % of 20,000 and 0.04 % of 80,000
    assert abs((~books[fraud]).sum() - 1000) < 155
    assert abs(books[~fraud].sum() - 32) < 29
