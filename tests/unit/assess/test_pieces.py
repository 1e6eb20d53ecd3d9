from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from bartizan.assess.counted import Counted, counted
from bartizan.assess.pieces import Pieces
from bartizan.core.classifier import TreeEnsemble
from bartizan.core.errors import ModelError
from bartizan.store import Store
from forests import Forest, forest
from models import linear

MODEL = linear(np.array([1.0, 2.0]))


@dataclass(frozen=True)
class Asked:
    """As much of a request as names a piece."""

    subject: Any
    data: Any
    binding: str = ""
    train: None = None
    recipe: None = None
    seed: int = 0
    versions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Named:
    digest: str


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.temporary() as made:
        yield made


def pieces(store: Store, *, resume: bool) -> tuple[Pieces, Counted]:
    model = counted(MODEL)
    request: Any = Asked(Named("m"), Named("d"))
    return Pieces(request, store, resume=resume, asked=model), model


def test_a_piece_that_is_taken_over_says_what_it_cost(store: Store) -> None:
    first, model = pieces(store, resume=False)
    model.scores(np.zeros((3, 2)))  # for something else
    made = first("one", lambda: {"p": model.scores(np.ones((7, 2)))})
    assert (model.queries, model.before, model.calls) == (10, 0, 2)
    again, fresh = pieces(store, resume=True)
    known = again("one", lambda: pytest.fail("made again"))
    assert known.keys() == made.keys()
    np.testing.assert_array_equal(known["p"], made["p"])
    assert (fresh.queries, fresh.before) == (0, 7)


def test_a_model_that_is_counted_answers_and_shows_what_it_did_before() -> None:
    x = np.array([[1.0, -1.0], [0.5, 2.0]])
    seen = counted(MODEL)
    np.testing.assert_array_equal(seen.scores(x), MODEL.scores(x))
    assert (seen.classes, seen.score_kind) == (MODEL.classes, MODEL.score_kind)
    assert not isinstance(seen, TreeEnsemble)
    assert seen.model_s > 0
    trees = forest(x, np.random.default_rng(0), trees=1, depth=1)
    open_ = counted(Forest(trees))
    assert isinstance(open_, TreeEnsemble)
    assert open_.structure() is trees
    assert open_.queries == 0


def test_questions_that_a_model_breaks_down_at_are_counted() -> None:
    class Broken:
        classes, score_kind = MODEL.classes, MODEL.score_kind

        def scores(self, x: Any) -> Any:
            raise ModelError(str(len(x)))

    seen = counted(Broken())
    with pytest.raises(ModelError):
        seen.scores(np.zeros((4, 2)))
    assert (seen.queries, seen.calls) == (4, 1)
