"""One attacker of the template, with every feature named and the switches beside it."""

from collections.abc import Iterator

from bartizan.config.propose import is_constant
from bartizan.config.spelling import boolean, key, listing, number, text
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.schema import Feature, Schema

_INTRO = """\
# Somebody to defend against; there can be several. What they see of the model (access) is
# labels, scores, gradients or structure. Their goal is "any" wrong class or one class.
# `protected` are the classes whose rows they change; an empty list means all.\
"""
_DISTANCE = """\
# The budget is a distance: `eps` is the largest change in units of each number's usual range
# (1-99 % of the rows), measured by `norm` (Linf: each number by itself, L1: the sum, L2: in
# between), and `categories` is how many choices may change. Or it is money: remove `norm` and
# `eps`, set `money`, and give a `cost` to every feature below that can change.\
"""
_SHADES = """\
# The budget is a distance: `eps` is the largest change in units of the way from dark to bright,
# measured by `norm` (Linf: each value by itself, L1: the sum, L2: in between). The usual budgets
# are Linf 8/255 = 0.0314, L2 0.5 and L1 12 for small colour images.\
"""
_MONEY = """\
# The budget is money, and each feature below says what a change costs. Or it is a distance:
# remove `money`, set `norm` (Linf, L1 or L2) and `eps`, the largest change in units of each
# number's usual range (1-99 % of the rows); `categories` is how many choices may then change.\
"""
_FEATURES = """\
# What this attacker can do to each feature. mutable: can change it at all. direction: up or
# down only. cost: money for one unit of a number, or for one change of a category.
# Set `mutable = false` for what is out of their hands, such as values that others write and
# sums that the system computes.\
"""


def attacker_lines(attacker: Attacker, *, schema: Schema) -> Iterator[str]:
    """Yield the lines of one ``[[attacker]]``.

    Args:
        attacker: Whom to write.
        schema: The features to list; a one-hot group is listed once, under its own name.
    """
    yield _INTRO
    yield "[[attacker]]"
    yield f"name = {text(attacker.name)}"
    yield f"access = {text(attacker.access)}"
    yield f"goal = {text(attacker.goal)}"
    yield f"protected = {listing(attacker.protected)}"
    yield from _budget(attacker) if schema.image is None else _shades(attacker)
    yield "# Questions to the model for each row; leave it out for what the profile says."
    yield "#queries = 1000" if attacker.queries is None else f"queries = {attacker.queries}"
    yield ""
    if schema.image is not None:
        return
    yield _FEATURES
    yield ""
    for name, members in _movable(schema).items():
        yield f"[attacker.feature.{key(name)}]{_why(members)}"
        yield from _reach(attacker.reach(name), members=members)
        yield ""


def _budget(attacker: Attacker) -> Iterator[str]:
    yield _DISTANCE if attacker.money is None else _MONEY
    if attacker.money is None:
        yield f"norm = {text(attacker.norm or 'Linf')}"
        yield f"eps = {number(attacker.eps or 0.0)}"
        yield "#money = 100"
    else:
        yield f"money = {number(attacker.money)}"
        yield '#norm = "Linf"'
        yield "#eps = 0.1"
    yield f"categories = {attacker.categories}"


def _shades(attacker: Attacker) -> Iterator[str]:
    """The budget of somebody who changes images."""
    yield _SHADES
    yield f"norm = {text(attacker.norm or 'Linf')}"
    yield f"eps = {number(attacker.eps or 0.0)}"
    yield f"categories = {attacker.categories}"


def _movable(schema: Schema) -> dict[str, list[Feature]]:
    """What can be moved by itself: a feature, or the columns of a one-hot group."""
    columns: dict[str, list[Feature]] = {}
    for feature in schema.features:
        name = feature.name if feature.group is None else feature.group
        columns.setdefault(name, []).append(feature)
    return columns


def _why(members: list[Feature]) -> str:
    """What a reader should know about it, as the end of a line."""
    if any(feature.identifier for feature in members):
        return "  # identifier: no attacker can move it"
    if all(is_constant(feature) for feature in members):
        return "  # has one value only"
    if members[0].group is not None:
        return f"  # one choice of {len(members)} columns"
    return ""


def _reach(reach: Reach, *, members: list[Feature]) -> Iterator[str]:
    identifier = any(feature.identifier for feature in members)
    mutable = reach.mutable and not identifier
    yield f"mutable = {boolean(value=mutable)}"
    if not mutable:
        return
    if members[0].group is None and members[0].type != "categorical":
        off = "#" if reach.direction == "any" else ""
        yield f"{off}direction = {text('up' if off else reach.direction)}"
    yield "#cost = 1.0" if reach.cost is None else f"cost = {number(reach.cost)}"
