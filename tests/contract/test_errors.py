"""The tree drawn at the top of `core/errors.py` is the tree of classes."""

import re

from bartizan.core import errors

BRANCH = re.compile(r"^(?P<indent>(?:│   |    )*)[├└]── (?P<name>\w+) +(?P<meaning>\S.*)$")


def drawn() -> dict[str, str]:
    """Child and parent of every line of the drawing."""
    parents = {}
    path = ["Error"]
    for line in (errors.__doc__ or "").splitlines():
        if match := BRANCH.match(line.removeprefix("    ")):
            depth = len(match["indent"]) // 4 + 1
            path[depth:] = [match["name"]]
            parents[match["name"]] = path[depth - 1]
    return parents


def defined() -> dict[str, str]:
    """Child and parent of every class."""
    return {
        name: value.__mro__[1].__name__
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__ and name != "Error"
    }


def test_the_drawing_and_the_classes_are_the_same_tree() -> None:
    assert drawn() == defined()
    assert len(drawn()) > 10


def test_every_error_says_when_it_is_raised() -> None:
    assert all(getattr(errors, name).__doc__ for name in defined())
