"""Models of XGBoost, as JSON or as universal binary JSON."""

from collections.abc import Iterator
from typing import Any

from bartizan.core.errors import ForgedError, InputError
from bartizan.formats.boosted import require_sound
from bartizan.formats.content import Window
from bartizan.formats.models import json_parts, ubjson_parts
from bartizan.formats.models.plain_text import mentions, text_bytes
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_WAY = ("model", "trees")
_KEY = b"learner"
_PARTS = {"gradient_booster", "learner_model_param"}
"""Of a learner; the library refuses one without them, and other programs have learners too."""
_NOT_MINE = "another kind of object"


def _plausible(head: bytes, item: Item) -> bool:
    """An object; its key may stand behind anything else in it."""
    del item
    return head.lstrip().startswith(b"{")


def _scan(item: Item, situation: Situation) -> Reading:
    if not mentions(item.content, (_KEY,)):
        raise NotMineError(_NOT_MINE)
    window = held(item)
    textual = _is_textual(window)
    if textual and not mentions(window, (b'"%s"' % _KEY,)):
        raise NotMineError(_NOT_MINE)
    try:
        model = _model(window, textual=textual, situation=situation)
    except InputError as error:
        if not textual and text_bytes(window) == window.size:  # lengths of keys are no text
            raise NotMineError(_NOT_MINE) from error
        raise
    if not isinstance(model, dict) or "learner" not in model:
        raise NotMineError(_NOT_MINE)
    learner = model["learner"]
    if textual and not (isinstance(learner, dict) and _PARTS & set(learner)):
        raise NotMineError(_NOT_MINE)
    yield from _judged(model)
    return window.size


def _is_textual(window: Window) -> bool:
    """Whether it goes on as JSON does; else it can only be the binary kind."""
    return window.at(0, 4096).lstrip()[1:].lstrip()[:1] in (b'"', b"")


def _model(window: Window, *, textual: bool, situation: Situation) -> Any:
    """The model, whose trees are decoded one by one."""
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
