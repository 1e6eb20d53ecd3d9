"""Models of XGBoost, as JSON or as universal binary JSON."""

from collections.abc import Iterator
from typing import Any

from bartizan.core.errors import ForgedError, InputError
from bartizan.formats.boosted import require_sound
from bartizan.formats.content import Window
from bartizan.formats.models import json_parts, ubjson_parts
from bartizan.formats.models.plain_text import mentions
from bartizan.supply.scan.held import held, plain
from bartizan.supply.scan.notice import Notice
from bartizan.supply.scan.scanner import Item, Reading, Scanner, Situation

_WAY = ("model", "trees")
_KEY = b"learner"


def _plausible(head: bytes, item: Item) -> bool:
    """An object; its key may stand behind anything else in it."""
    del item
    return head.lstrip().startswith(b"{")


def _scan(item: Item, situation: Situation) -> Reading:
    if not mentions(item.content, (_KEY,)):
        return 0  # another kind of object
    window = held(item)
    model = _model(window, situation=situation)
    if not isinstance(model, dict) or "learner" not in model:
        return 0
    yield from _judged(model)
    return window.size


def _model(window: Window, *, situation: Situation) -> Any:
    """The model, whose trees are decoded one by one."""
    first = window.at(0, 4096).lstrip()
    textual = first[1:].lstrip()[:1] == b'"'
    load = json_parts.load_parts if textual else ubjson_parts.load_parts
    model, trees = load(window, way=_WAY, budget=situation.budget)
    if trees:
        try:
            booster = model["learner"]["gradient_booster"]
            booster = booster["gbtree"] if booster["name"] == "dart" else booster
            booster["model"]["trees"] = trees
        except (TypeError, LookupError) as error:
            message = "expected a model of XGBoost, its trees lie somewhere else"
            raise InputError(message) from error
    return model


def _judged(model: dict[str, Any]) -> Iterator[Notice]:
    """What the library would read where there is nothing."""
    try:
        require_sound(model)
    except ForgedError as error:
        yield Notice(
            verdict="suspicious",
            rule="xgboost.structure",
            where="",
            what="",
            why=f"The library walks trees without looking, out of bounds or in a circle: "
            f"{plain(str(error))}.",
        )


SCANNER = Scanner(name="xgboost", plausible=_plausible, scan=_scan)
