"""Plain JSON questions: a document with a place for the rows, and a path to the scores."""

from typing import Any

import numpy as np
import polars as pl

from bartizan.core.errors import ModelError

_ROWS, _RECORDS = "$rows", "$records"


def filled(template: Any, rows: Any) -> Any:
    """The document with the rows in their place; missing values become null.

    Args:
        template: Any JSON document; "$rows" and "$records" stand for the rows.
        rows: An array of shape (n, ...) or a frame of n rows.

    Example:
        >>> filled({"instances": "$rows"}, np.array([[1.0, 2.0]]))
        {'instances': [[1.0, 2.0]]}
    """
    if template == _ROWS:
        return _lists(rows)
    if template == _RECORDS:
        return _records(rows)
    if isinstance(template, dict):
        return {name: filled(part, rows) for name, part in template.items()}
    if isinstance(template, list):
        return [filled(part, rows) for part in template]
    return template


def _lists(rows: Any) -> list[Any]:
    values = rows.rows() if isinstance(rows, pl.DataFrame) else np.asarray(rows).tolist()
    return [_plain(list(row)) if isinstance(row, tuple) else _plain(row) for row in values]


def _records(rows: Any) -> list[dict[str, Any]]:
    frame = rows if isinstance(rows, pl.DataFrame) else pl.DataFrame(np.asarray(rows))
    return [{name: _plain(value) for name, value in row.items()} for row in frame.to_dicts()]


def _plain(value: Any) -> Any:
    """What JSON can say: NaN is null."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def picked(answer: Any, path: str, *, where: str) -> Any:
    """What stands at a path of an answer.

    Args:
        answer: The JSON document.
        path: Keys and positions with dots between them; ``*`` goes through a list; empty = all.
        where: Whose answer, for messages.

    Raises:
        ModelError: there is nothing at the path.

    Example:
        >>> picked({"p": [{"s": 0.1}, {"s": 0.9}]}, "p.*.s", where="it")
        [0.1, 0.9]
    """
    step, _, rest = path.partition(".")
    if not step:
        return answer
    if step == "*" and isinstance(answer, list):
        return [picked(part, rest, where=where) for part in answer]
    if isinstance(answer, dict) and step in answer:
        return picked(answer[step], rest, where=where)
    if isinstance(answer, list) and step.isdigit() and int(step) < len(answer):
        return picked(answer[int(step)], rest, where=where)
    have = sorted(answer)[:8] if isinstance(answer, dict) else type(answer).__name__
    message = f"{where} answered without {step!r} (response path); it has {have}"
    raise ModelError(message)
