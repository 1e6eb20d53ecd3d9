"""Keys of dicts and items of sets: what Python obeys, and what computes a hash.

A dict may become the state of an object, and its keys the attributes. Some of these Python, the
unpickler or a class of a library looks up on the object itself, and calls or follows.
"""

from collections.abc import Sequence
from typing import cast

from bartizan.formats.pickles.memory.grades import grade, grade_of
from bartizan.formats.pickles.memory.unpickling import Unpickling
from bartizan.formats.pickles.memory.values import FROZENSET, TEXT, Container, Value
from bartizan.formats.pickles.memory.watched import OBEYED, OWN, READ_FIRST, is_own
from bartizan.formats.pickles.trace import Keys, Made, Name

HOOK = "an attribute that changes what an object does"
READ = "an attribute that is read while its object gets its state"
HASHED = "a key that computes its own hash"
_TEXTS = frozenset((str,))
_MAY_RUN = 2
"""The grade of what is more than data."""


def tell_hooks(it: Unpickling, items: Sequence[Value]) -> None:
    """Tell of a text such as ``__setstate__`` with something beside it that may be called.

    As an attribute of one object it is called or obeyed where nobody expects it: by the next
    BUILD, by a copy, by whoever pickles the object again. No pickler writes such a pair; words in
    a vocabulary stand beside numbers.

    Cost:
        60 nanoseconds an item, and next to nothing where all are constants.
    """
    if grade_of(items) < _MAY_RUN:
        return
    for place, one in enumerate(items[:-1]):
        if type(one) is str and (one[:1] == "_" or one in OBEYED or one in READ_FIRST):
            _tell(it, one, items[place + 1])


def _tell(it: Unpickling, key: str, value: Value) -> None:
    """Tell of one pair."""
    if (
        (is_own(key) or key in OBEYED)
        and isinstance(value, Made | Name)
        and grade(value) >= _MAY_RUN
    ):
        it.odd(HOOK, offset=it.tape.offset)
    elif key in READ_FIRST and grade(value) >= _MAY_RUN:
        it.odd(READ, offset=it.tape.offset)


def kept_keys(before: Keys, keys: Sequence[Value]) -> Keys:
    """What is known of the keys of a dict that gets more of them."""
    if before == "computed":
        return before
    if not _TEXTS.issuperset(map(type, keys)):
        if any(one is not TEXT for one in keys if type(one) is not str):
            return "computed"
        keys = [key for key in keys if type(key) is str]
    texts = cast("Sequence[str]", keys)
    if OWN not in "".join(texts):  # one look at all of them, ten times as fast as one at each
        return before
    return "hook" if any(map(is_own, texts)) else before


def tell_hashes(it: Unpickling, keys: Sequence[Value]) -> None:
    """Tell of keys of a dict, or items of a set, of which the hash is code of a library."""
    if grade_of(keys) >= _MAY_RUN and any(
        grade(key) >= _MAY_RUN and not _is_known(key) for key in keys
    ):
        it.odd(HASHED, offset=it.tape.offset)


def _is_known(key: Value) -> bool:
    """Whether a key is hashed by its identity, or holds items that were hashed before."""
    if isinstance(key, tuple):
        return all(grade(one) < _MAY_RUN or _is_known(one) for one in key)
    return isinstance(key, Name) or (isinstance(key, Container) and key.kind is FROZENSET)
