"""Characters that make a text look like another one, or hide in it."""

import re
import unicodedata
from collections.abc import Iterator

from bartizan.detect.lookalike_table import LOOKALIKES

_SCRIPTS = {
    "Latin": "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0250-\u02af\u1e00-\u1eff",
    "Greek": "\u0370-\u03e1\u03f0-\u03ff\u1f00-\u1fff",
    "Cyrillic": "\u0400-\u052f\u1c80-\u1c8f\u2de0-\u2dff\ua640-\ua69f",
    "Armenian": "\u0530-\u058f",
    "Cherokee": "\u13a0-\u13ff\uab70-\uabbf",
    "Coptic": "\u03e2-\u03ef\u2c80-\u2cff",
    "styled": "\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7cb",
}
"""Scripts whose letters pass for each other; letters of mathematics and full-width ones are a
script of their own, `styled`. Chinese, Arabic and all others look like none of them."""
_MARK = "\u0300-\u036f0-9_"
"""What may stand between the letters of a word: accents, digits, an underscore."""
_LETTER = {name: re.compile(f"[{span}]") for name, span in _SCRIPTS.items()}
_ANY = "".join(_SCRIPTS.values())
_WORD = re.compile(f"[{_ANY}{_MARK}]+")
_SEAM = re.compile(
    "|".join(
        f"[{span}](?=[{_MARK}]*[{''.join(s for n, s in _SCRIPTS.items() if n != name)}])"
        for name, span in _SCRIPTS.items()
    )
)
"""Where a letter of one script is followed, in the same word, by one of another."""
_WORDS = 10_000
"""Words of several scripts that are looked at in one value; honest ones hold few."""
_RUSSIAN = frozenset("ABCEHKMOPTXaceopxy")
"""ASCII letters that look like a letter of everyday Cyrillic."""
_SYMBOLS = frozenset("\u03b1\u03b3\u03b9\u03bd\u03c1\u03c3\u03c5")
"""Greek small letters that stand as symbols beside Latin ones, as in names of proteins."""

_SUSPECT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\u3164\ufeff\uffa0\ufe00-\ufe0f\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
DAMAGED = "[\x80-\x9f]"
"""Controls that nobody writes: what quotes and dashes of Windows-1252 become when they are read as
Latin-1. They come from a damaged encoding, far more often than from somebody who hides."""
_OPENS, _CLOSES = {"\u202a": "\u202c", "\u202b": "\u202c"}, frozenset("\u202c\u2069")
_OPENS |= dict.fromkeys("\u2066\u2067\u2068", "\u2069")
_OVERRIDES = frozenset("\u202d\u202e")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_MARKS = frozenset("\u200e\u200f\u061c")
"""Marks of direction: invisible, and at home in text that has letters of both directions."""
_JOINERS = frozenset("\u200c\u200d")
_JOINED = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u18af\ufb50-\ufdff\ufe70-\ufefc]"
)
"""Arabic, the scripts of India, of Burma, of the Khmer and of the Mongols: joiners spell words."""
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Burmese, Khmer: a zero-width space says where a line may end."""
_NAMED = 3
"""Invisible characters that are named for one value; one is enough to fail."""
_FLAG = "\U0001f3f4"
"""The black flag, which tags follow in the flags of regions."""


def skeleton(text: str) -> str:
    r"""What a text looks like, in few letters: texts of one skeleton look alike.

    Invisible characters are left out, compatibility forms (NFKC) and look-alikes are replaced by
    ASCII, and of ``I l 1 |`` and of ``O 0`` one remains.

    Returns:
        A text to compare with other skeletons, and to show to nobody.

    Source:
        Unicode Technical Standard #39, section 4, with NFKC in place of NFD and the table of
        `lookalike_table` in place of the whole; ``m`` stays ``m``.

    Example:
        >>> skeleton("p\u0430ypal") == skeleton("paypal")
        True
    """
    plain = unicodedata.normalize("NFKC", _SUSPECT.sub("", text).replace("\u00ad", ""))
    plain = " ".join(plain.split())
    return plain.translate(LOOKALIKES).translate(_ALIKE)


_ALIKE = {ord("I"): "l", ord("1"): "l", ord("|"): "l", ord("0"): "O"}


def deceptions(text: str) -> tuple[str, ...]:
    """What in a text deceives its reader, each kind once; nothing for honest text of any script.

    Cost: linear in the text, in C where the text is honest.

    Source:
        Boucher and Anderson, "Trojan Source", 2021 (overrides and unbalanced controls of
        direction); Unicode Technical Standard #39, section 5.1 (mixed scripts), made milder: a
        mixture counts where one script's letters all pass for another's.
    """
    if text.isascii():
        return ("a control character",) if _CONTROL.search(text) else ()
    found = dict.fromkeys(_hidden(text)) if _SUSPECT.search(text) else {}
    mixed = _mixture(text) if _SEAM.search(text) else ""
    return (*found, *([mixed] if mixed else []))


def _hidden(text: str) -> Iterator[str]:
    """Kinds of characters that are not seen."""
    if _CONTROL.search(text):
        yield "a control character"
    if _misdirected(text):
        yield "a control of writing direction"
    mixed = bool(_RIGHT_TO_LEFT.search(text))
    told: set[str] = set()
    for match in _SUSPECT.finditer(text):
        letter = match.group()
        if letter not in told and _invisible(text, match.start(), right_to_left=mixed):
            told.add(letter)
            yield f"an invisible character (U+{ord(letter):04X})"
        if len(told) == _NAMED:
            return


def _misdirected(text: str) -> bool:
    """Whether letters are shown in another order than they are stored, for no honest reason."""
    if _OVERRIDES & set(text):
        return True
    mixed = bool(_RIGHT_TO_LEFT.search(text))
    waiting: list[str] = []
    for letter in text if mixed else "":
        if letter in _OPENS:
            waiting.append(_OPENS[letter])
        elif letter in _CLOSES and (not waiting or waiting.pop() != letter):
            return True
    if mixed:
        return bool(waiting)
    return any(letter in text for letter in (*_OPENS, *_CLOSES))


def _invisible(text: str, at: int, *, right_to_left: bool) -> bool:
    """Whether the suspect character there has no honest use there."""
    letter = text[at]
    if _CONTROL.match(letter) or letter in _OVERRIDES or letter in _OPENS or letter in _CLOSES:
        return False  # said elsewhere
    if letter in _MARKS:
        return not right_to_left
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if _selector(letter):
        return not before or not _selectable(before)
    if "\U000e0020" <= letter <= "\U000e007f":
        return _FLAG not in text[max(0, at - 8) : at]
    return not _spelled(before, letter, after)


def _spelled(before: str, letter: str, after: str) -> bool:
    """Whether an invisible character belongs to how its neighbours are written."""
    if letter in _JOINERS:
        return bool(_JOINED.match(before)) or _pictorial(before, after)
    if letter == "\u200b":
        return bool(_SPACELESS.match(before) or _SPACELESS.match(after))
    return letter in "\u115f\u1160" and "\u1100" <= (after or " ") <= "\u11ff"


def _selector(letter: str) -> bool:
    """Whether it chooses between forms of the character before it."""
    return "\ufe00" <= letter <= "\ufe0f" or letter >= "\U000e0100"


def _selectable(before: str) -> bool:
    """Whether a character may have several forms: no letter of ASCII, no space, no selector."""
    plain = before.isascii() and before.isalpha()
    return not (plain or before.isspace() or _SUSPECT.match(before))


def _pictorial(before: str, after: str) -> bool:
    """Whether a joiner stands between two pictures, as in pictures of families."""
    if not before or not after:
        return False
    left = before == "\ufe0f" or unicodedata.category(before) in _PICTURES
    return left and unicodedata.category(after) in _PICTURES


_PICTURES = frozenset(("So", "Sk"))
"""Categories of pictures and of the colours of their skin."""


def _mixture(text: str) -> str:
    """The first word whose letters of one script pass for those of another."""
    for count, seam in enumerate(_SEAM.finditer(text)):
        if count == _WORDS:
            break
        word = _word(text, seam.start())
        parts = {name: spot.findall(word) for name, spot in _LETTER.items() if spot.search(word)}
        if _disguised(word, parts):
            return f"a word of {' and '.join(sorted(parts))} letters that look alike"
    return ""


def _word(text: str, at: int) -> str:
    """The word around a place, at most 64 characters to either side."""
    start = max(0, at - 64)
    for match in _WORD.finditer(text, start, at + 64):
        if match.end() > at:
            return match.group()
    return ""


def _disguised(word: str, parts: dict[str, list[str]]) -> bool:
    if len(parts) < 2:
        return False
    if "styled" in parts:
        return True
    latin = parts.get("Latin", [])
    if latin and "Cyrillic" in parts and set(latin) <= _RUSSIAN:
        return True
    return any(
        all(ord(letter) in LOOKALIKES for letter in letters) and not _symbol(word, letters)
        for name, letters in parts.items()
        if name != "Latin"
    )


def _symbol(word: str, letters: list[str]) -> bool:
    """Whether the only foreign letter is a Greek symbol at an end of the word."""
    return len(letters) == 1 and letters[0] in _SYMBOLS and letters[0] in (word[0], word[-1])
