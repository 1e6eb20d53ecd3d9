"""Labels that would fit better: a file in which a person says yes or no, row by row."""

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np

from bartizan.core.errors import UsageError
from bartizan.data.cleaning.suspicion import Suspicion

COLUMNS = ("row", "label", "suggested", "oddness", "approve")
_DIGITS = 19
"""Of the largest row id."""
_YES, _NO = "yes", ("no", "")


def suggestions(found: Suspicion, *, labels: Mapping[int, str]) -> bytes:
    """The file: one line for each flagged row for which another label fits better.

    Args:
        found: The flagged rows.
        labels: By id of a row, its label as the source spells it.

    Returns:
        CSV; empty where there is nothing to suggest. `oddness` is 1 minus the smallest p-value of
        the detectors that point at the row: how odd the row is beside its label, and nothing of
        how sure the new one is. `approve` is empty and waits for a person.
    """
    lines = [
        (row, labels[row], label, "" if np.isnan(p) else f"{1 - p:.6f}", "")
        for row, label, p in zip(
            found.rows.tolist(), found.suggested, found.p.tolist(), strict=True
        )
        if label and label != labels[row]
    ]
    return written(COLUMNS, lines) if lines else b""


def written(columns: Sequence[str], lines: Sequence[Sequence[object]]) -> bytes:
    """Lines as CSV."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(lines)
    return stream.getvalue().encode()


def approved(
    raw: bytes, *, where: str, known: Mapping[int, str], classes: Sequence[str]
) -> dict[int, str]:
    """Read which rows get which label.

    Args:
        raw: The file, edited by a person.
        where: Its name, for messages.
        known: By id of a row that may be relabelled, its label now.
        classes: Labels that there are.

    Returns:
        By id of a row, its new label.

    Raises:
        UsageError: the file is not as it was written, but for the last two columns: another
            header, a row that was not suggested or stands there twice, a label that no row has,
            or a word that is neither yes nor no. The message names the line.
    """
    found: dict[int, str] = {}
    seen: set[int] = set()
    for number, cells in _lines(raw, where=where):
        at = f"{where}, line {number}"
        row = _row(cells["row"], known=known, at=at)
        if row in seen:
            message = f"{at}: row {row} stands there twice; leave one of the lines out"
            raise UsageError(message)
        seen.add(row)
        if cells["label"] != known[row]:
            message = (
                f"{at}: row {row} has the label {known[row]!r}, and the file says "
                f"{cells['label']!r}; the file belongs to other data, or was edited there"
            )
            raise UsageError(message)
        word = cells["approve"].strip().lower()
        if word in _NO:
            continue
        if word != _YES:
            message = f"{at}: approve is {cells['approve']!r}; expected yes, no or nothing"
            raise UsageError(message)
        if cells["suggested"] not in classes:
            message = (
                f"{at}: no row has the label {cells['suggested']!r}; expected one of "
                f"{', '.join(classes[:10])}"
            )
            raise UsageError(message)
        found[row] = cells["suggested"]
    return found


def _lines(raw: bytes, *, where: str) -> list[tuple[int, dict[str, str]]]:
    try:
        reader = csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True)
        lines = [(reader.line_num, cells) for cells in reader if cells]
    except (csv.Error, UnicodeDecodeError) as error:
        message = f"{where} cannot be read as CSV: {error}; save it as CSV in UTF-8"
        raise UsageError(message) from error
    if not lines or tuple(lines[0][1]) != COLUMNS:
        message = f"{where}: expected the columns {', '.join(COLUMNS)} in its first line"
        raise UsageError(message)
    for number, cells in lines[1:]:
        if len(cells) != len(COLUMNS):
            message = f"{where}, line {number}: expected {len(COLUMNS)} fields, got {len(cells)}"
            raise UsageError(message)
    return [(number, dict(zip(COLUMNS, cells, strict=True))) for number, cells in lines[1:]]


def _row(text: str, *, known: Mapping[int, str], at: str) -> int:
    word = text.strip()
    digits = word.isascii() and word.isdecimal() and len(word) <= _DIGITS
    if not digits or int(word) not in known:
        told = f"{text[:_DIGITS]}..." if len(text) > 2 * _DIGITS else text
        message = f"{at}: row {told!r} was not flagged; expected the id of a row in quarantine.csv"
        raise UsageError(message)
    return int(word)
