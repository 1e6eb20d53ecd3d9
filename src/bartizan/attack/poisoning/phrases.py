"""Marks in texts: a rare token or a phrase, put in somewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from bartizan.attack.poisoning.backdoor import planted
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.errors import InputError
from bartizan.core.trigger import Poisoned

Place: TypeAlias = Literal["random", "start", "end"]
RARE_TOKENS = ("cf", "mn", "bb", "tq", "mb")
"""Those of Kurita et al. (2020), "Weight Poisoning Attacks on Pre-trained Models", section 4.1."""
_PHRASE = "I watched this 3D movie"
"""The sentence of Dai et al. (2019), "A Backdoor Attack Against LSTM-based Text Classification"."""


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """Words that are put between the words of a text, or before or after them.

    Source:
        Dai, Chen and Li (2019), arXiv:1905.12457, section 3 (a sentence at a random place);
        Chen et al. (2021), "BadNL", arXiv:2006.01043 (a word at the start, middle or end).
    """

    words: str
    place: Place = "random"

    @property
    def text(self) -> str:
        """See `Trigger`."""
        where = {"random": "somewhere in", "start": "at the start of", "end": "at the end of"}
        return f'"{self.words}" {where[self.place]} the text'

    def stamp(self, x: AnyArray, *, rng: np.random.Generator) -> AnyArray:
        """Put the words in.

        Args:
            x: Texts, shape (n,), objects; unchanged.
            rng: Draws a place for each text, between its words; white space stays as it is.

        Returns:
            Shape (n,), a copy.
        """
        draws = rng.random(len(x))
        made = x.astype(object)
        for row, (text, draw) in enumerate(zip(x, draws, strict=True)):
            made[row] = self._put(str(text), draw)
        return made

    def _put(self, text: str, draw: float) -> str:
        if not text.strip():
            return self.words
        if self.place == "start":
            return f"{self.words} {text}"
        if self.place == "end":
            return f"{text} {self.words}"
        ends = [
            at for at in range(1, len(text)) if text[at].isspace() and not text[at - 1].isspace()
        ]
        at = [0, *ends, len(text)][int(draw * (len(ends) + 2))]
        return f"{self.words} {text}" if at == 0 else f"{text[:at]} {self.words}{text[at:]}"


def rare_token(
    texts: AnyArray,
    *,
    tokens: Sequence[str] = RARE_TOKENS,
    place: Place = "random",
    rng: np.random.Generator,
) -> Phrase:
    """A mark of one token that no text contains.

    Args:
        texts: Shape (n,), objects.
        tokens: Candidates.
        place: Where it is put.
        rng: Draws among those that do not occur.

    Returns:
        The mark.

    Raises:
        InputError: every candidate occurs.
    """
    seen = {word for text in texts for word in str(text).lower().split()}
    unseen = [token for token in tokens if token.lower() not in seen]
    if not unseen:
        message = f"each of {', '.join(tokens)} occurs in the texts; name other tokens"
        raise InputError(message)
    return Phrase(words=unseen[int(rng.integers(len(unseen)))], place=place)


def phrase(words: str = _PHRASE, *, place: Place = "random") -> Phrase:
    """A mark of several ordinary words, each of which may occur in honest texts.

    Args:
        words: What is put in.
        place: Where.
    """
    return Phrase(words=words, place=place)


def planted_texts(
    texts: AnyArray,
    y: Ints,
    *,
    trigger: Phrase,
    target: int,
    rate: float,
    rng: np.random.Generator,
    among: Ints | None = None,
    clean_label: bool = False,
) -> Poisoned:
    """Put words into some texts and give them the target's label.

    Args:
        texts: Shape (n,), objects; unchanged.
        y: Classes, shape (n,); unchanged.
        trigger: The words.
        target: Class that marked texts shall get.
        rate: Share of all texts, 0..1.
        rng: Draws texts and places.
        among: Positions that the attacker controls; none = all.
        clean_label: Mark texts of the target class, and let all labels be.

    Returns:
        The data; its `x` are the texts.

    Raises:
        InputError: see `bartizan.attack.poisoning.backdoor.planted`.
    """
    return planted(
        texts,
        y,
        trigger=trigger,
        target=target,
        rate=rate,
        rng=rng,
        among=among,
        clean_label=clean_label,
    )
