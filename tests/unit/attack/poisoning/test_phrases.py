import numpy as np
import pytest

from bartizan.attack.poisoning.phrases import Phrase, phrase, planted_texts, rare_token
from bartizan.core.errors import InputError
from bartizan.core.streams import rng

TEXTS = np.array(["one two  three", "", "  ", "single", "a\nb\tc"], dtype=object)


@pytest.mark.parametrize(("place", "made"), [("start", "cf one two"), ("end", "one two cf")])
def test_words_are_put_where_they_belong(place: str, made: str) -> None:
    mark = Phrase(words="cf", place=place)  # type: ignore[arg-type]  # parameters are plain texts
    assert mark.stamp(np.array(["one two"], dtype=object), rng=rng(0)).tolist() == [made]


def test_every_place_between_words_is_met_and_words_stay_whole() -> None:
    text = np.array(["one two  three"], dtype=object)
    mark = Phrase(words="x y")
    made = {str(mark.stamp(text, rng=rng(seed))[0]) for seed in range(60)}
    assert made == {
        "x y one two  three",
        "one x y two  three",
        "one two x y  three",
        "one two  three x y",
    }


def test_words_of_the_text_are_all_there_in_their_order() -> None:
    made = phrase("mark it").stamp(TEXTS, rng=rng(1))
    for before, after in zip(TEXTS, made, strict=True):
        words = after.split()
        at = next(i for i in range(len(words)) if words[i : i + 2] == ["mark", "it"])
        assert words[:at] + words[at + 2 :] == before.split()


def test_an_empty_text_becomes_the_mark() -> None:
    assert phrase("m").stamp(TEXTS[1:3], rng=rng(0)).tolist() == ["m", "m"]


def test_a_rare_token_occurs_in_no_text() -> None:
    texts = np.array(["CF here", "mn bb", "tq"], dtype=object)
    assert rare_token(texts, rng=rng(0)).words == "mb"
    with pytest.raises(InputError, match="name other tokens"):
        rare_token(np.append(texts, "mb"), rng=rng(0))


def test_texts_of_the_target_are_left_alone() -> None:
    y = np.array([0, 1, 0, 1, 0])
    made = planted_texts(TEXTS, y, trigger=phrase(), target=1, rate=0.4, rng=rng(0))
    assert (y[made.rows] == 0).all()
    assert made.y.sum() == 4
    assert made.x.dtype == object
