"""Costly pieces of checks are made once, and never taken over where the question is another."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.assess.counted import counted
from bartizan.assess.pieces import Pieces
from bartizan.assess.request import Request
from bartizan.core.arrays import AnyArray
from bartizan.store import Store
from models import linear
from unit.assess.asked import asked, subject

MODEL = linear(np.array([1.0, 2.0]))


class Maker:
    """Makes a piece and counts how often."""

    def __init__(self, value: float = 1.0) -> None:
        self.value, self.made = value, 0

    def __call__(self) -> dict[str, AnyArray]:
        self.made += 1
        return {"score": np.array([self.value, np.nan, -0.0]), "right": np.array([True, False])}


def test_without_resume_a_piece_is_made_anew_and_kept_for_the_next_run(store: Store) -> None:
    request, make = asked(), Maker()
    fresh = Pieces(request, store, resume=False, asked=counted(MODEL))
    fresh("shadow 0", make)
    fresh("shadow 0", make)
    assert make.made == 2
    Pieces(request, store, resume=True, asked=counted(MODEL))("shadow 0", make)
    assert make.made == 2


def test_a_piece_comes_back_to_the_bit_with_its_types(store: Store) -> None:
    pieces = Pieces(asked(), store, resume=True, asked=counted(MODEL))
    first = pieces("shadow 0", Maker(0.1 + 0.2))
    again = pieces("shadow 0", Maker(9.0))
    assert set(first) == set(again)
    for name, values in first.items():
        assert again[name].dtype == values.dtype
        assert again[name].tobytes() == values.tobytes()


def test_pieces_of_other_names_are_kept_apart(store: Store) -> None:
    pieces = Pieces(asked(), store, resume=True, asked=counted(MODEL))
    pieces("shadow 0", Maker(1.0))
    assert pieces("shadow 1", Maker(2.0))["score"][0] == 2.0
    assert pieces("shadow 0", Maker(3.0))["score"][0] == 1.0


def other(request: Request, what: str) -> Request:
    """The same question but for one thing."""
    data = replace(request.data, y=1 - request.data.y)
    changes: dict[str, dict[str, Any]] = {
        "model": {"subject": subject("sha256:9")},
        "binding": {"binding": "threshold 0.3"},
        "data": {"data": data},
        "training rows": {"train": data},
        "recipe": {"recipe": "another"},
        "seed": {"seed": 1},
        "versions": {"versions": {"numpy": "1"}},
    }
    return replace(request, **changes[what])


@pytest.mark.parametrize(
    "what", ["model", "binding", "data", "training rows", "recipe", "seed", "versions"]
)
def test_a_piece_of_another_question_is_not_taken_over(what: str, store: Store) -> None:
    request, make = asked(), Maker()
    Pieces(request, store, resume=True, asked=counted(MODEL))("shadow 0", make)
    Pieces(other(request, what), store, resume=True, asked=counted(MODEL))("shadow 0", make)
    assert make.made == 2


def test_what_cannot_be_made_is_not_kept(store: Store) -> None:
    pieces = Pieces(asked(), store, resume=True, asked=counted(MODEL))

    def fails() -> dict[str, AnyArray]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pieces("shadow 0", fails)
    make = Maker()
    pieces("shadow 0", make)
    assert make.made == 1


def test_a_piece_that_is_taken_over_says_what_it_cost(store: Store) -> None:
    model, fresh = counted(MODEL), counted(MODEL)
    first = Pieces(asked(), store, resume=False, asked=model)
    model.scores(np.zeros((3, 2)))  # for something else
    made = first("one", lambda: {"p": model.scores(np.ones((7, 2)))})
    assert (model.queries, model.before, model.calls) == (10, 0, 2)
    again = Pieces(asked(), store, resume=True, asked=fresh)
    known = again("one", lambda: pytest.fail("made again"))
    assert known.keys() == made.keys()
    np.testing.assert_array_equal(known["p"], made["p"])
    assert (fresh.queries, fresh.before) == (0, 7)
