import numpy as np

from bartizan.attack.transplant import transplanted
from bartizan.core.attacker import Attacker
from bartizan.core.constraint import Constraint
from bartizan.core.space import Mixed
from worlds import SHOP, SHOP_ROWS


def constraint(categories: int = 1) -> Constraint:
    attacker = Attacker(name="eve", norm="Linf", eps=0.1, categories=categories)
    return Constraint(Mixed.of(SHOP, SHOP_ROWS), attacker, SHOP_ROWS)


def test_where_not_every_choice_may_change_each_one_gets_its_turn() -> None:
    rows, donors = SHOP_ROWS[[0, 0, 0]], SHOP_ROWS[[1, 1, 1]]
    made = transplanted(constraint(), rows, donors=donors, choices=True, first=np.array([0, 1, 2]))
    assert made[:, 2].tolist() == [1, 0, 1]
    assert made[:, 4].tolist() == [0, 1, 0]
    both = transplanted(constraint(categories=2), rows, donors=donors, choices=True)
    assert np.array_equal(both[:, 2:], donors[:, 2:])
    assert np.array_equal(
        transplanted(constraint(), rows, donors=donors, choices=False)[:, 2:], rows[:, 2:]
    )


def test_a_choice_that_the_donor_shares_takes_no_turn() -> None:
    rows, donors = SHOP_ROWS[[0]], SHOP_ROWS[[1]].copy()
    donors[0, 2] = rows[0, 2]
    made = transplanted(constraint(), rows, donors=donors, choices=True)
    assert made[0, 3:].tolist() == [0, 1]
