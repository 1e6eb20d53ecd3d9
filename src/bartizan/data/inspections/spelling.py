"""Which known text an unknown one was probably meant to be."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from itertools import combinations

_CUTOFF = 0.7
"""Likeness of difflib, 0 to 1: 'fruad' and 'fraud' have 0.8, 'imap' and 'nmap' 0.75."""
_CANDIDATES = 2_000
"""Known texts that one unknown is compared with, 10 ms; where more are alike, such as numbered
merchants, the nearest one says nothing."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789 _-./"
"""Letters that may be added or changed, in small."""
_LONGEST = 64
"""Letters of a text whose 5,000 neighbours are looked up: 1 ms."""
_SHORTEST = 5
"""Letters: shorter names that are one letter apart, such as 'imap' and 'nmap', are often both
meant."""
_RARE = 0.01
"""A typo is at most this often as frequent as what was meant."""
_COMPARED = 500
"""Labels compared with each other, letter by letter: 125,000 pairs, 0.1 s."""


def folded(text: str) -> str:
    """A text without what people do not mean: case, width, spaces around, a full stop behind it.

    Example:
        >>> folded(" Fraud."), folded("1.0"), folded("<=50K.") == folded(">50K")
        ('fraud', '1', False)
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip().strip("'\"").rstrip(".,;:! ")
    try:
        return f"{float(plain):g}" if plain.isascii() and len(plain) < 16 else plain
    except ValueError:
        return " ".join(plain.split())


class Spelling:
    """Known texts, ready to be asked for the nearest one."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = tuple(known)

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {folded(one): one for one in reversed(self.known)}

    @cached_property
    def _ends(self) -> dict[str, list[str]]:
        """Folded texts by first and by last letter: a typo seldom changes both."""
        made: dict[str, list[str]] = {}
        for one in self._folded:
            made.setdefault("^" + one[:1], []).append(one)
            made.setdefault("$" + one[-1:], []).append(one)
        return made

    def meant(self, text: str) -> str:
        """The nearest known text, or an empty one where none is near.

        Cost: up to 10 ms, however many texts are known.

        Example:
            >>> Spelling(["red", "green"]).meant("gren ")
            'green'
        """
        plain = folded(text)
        if plain in self._folded:
            return self._folded[plain]
        if len(plain) <= _LONGEST:
            close = sorted(one for one in _edited(plain) if one in self._folded)
            if close:
                return self._folded[close[0]]
        ends = (*self._ends.get("^" + plain[:1], ()), *self._ends.get("$" + plain[-1:], ()))
        near = {one for one in ends if abs(len(one) - len(plain)) <= 2}
        if len(near) > _CANDIDATES:
            return ""
        found = get_close_matches(plain, sorted(near), n=1, cutoff=_CUTOFF)
        return self._folded[found[0]] if found else ""


def _edited(text: str) -> Iterator[str]:
    """Every text that is one letter lost, swapped, changed or added away."""
    cuts = [(text[:at], text[at:]) for at in range(len(text) + 1)]
    for left, right in cuts:
        yield left + right[1:]
        yield left + right[1:2] + right[:1] + right[2:]
        for letter in _LETTERS:
            yield left + letter + right[1:]
            yield left + letter + right


def suspects(counts: Mapping[str, int]) -> dict[str, str]:
    """Labels that look like a wrong spelling of another one, where nobody said which there are.

    Args:
        counts: Rows of each label.

    Returns:
        For each suspect, the more frequent label that it is like: alike but for case, spaces and
        full stops; or one letter apart, long enough, without a digit between them, and rare.
    """
    ranked = sorted(counts, key=lambda one: (-counts[one], one))
    first: dict[str, str] = {}
    found = {}
    for label in ranked:
        usual = first.setdefault(folded(label), label)
        if usual != label:
            found[label] = usual
    for usual, label in combinations(ranked[:_COMPARED], 2):
        rare = counts[label] <= _RARE * counts[usual]
        if rare and label not in found and _one_letter(folded(usual), folded(label)):
            found[label] = usual
    return found


def _one_letter(first: str, second: str) -> bool:
    """Whether one letter was lost, added, changed, or swapped with the next; never a digit."""
    if min(len(first), len(second)) < _SHORTEST or abs(len(first) - len(second)) > 1:
        return False
    start = 0
    while start < min(len(first), len(second)) and first[start] == second[start]:
        start += 1
    one, two = first[start:], second[start:]
    if any(letter.isdigit() for letter in one[:1] + two[:1]):
        return False
    swapped = one[:2] == two[:2][::-1] and one[2:] == two[2:]
    return swapped or one[1:] == two[1:] or one[1:] == two or one == two[1:]
