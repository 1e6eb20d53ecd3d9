"""The file that is cleaned: read once, so that what leaves is what was looked at."""

from bartizan.adapt.rows.file import RowFile, raw_rows, rows_of
from bartizan.core.dataset import Dataset
from bartizan.core.errors import InputError
from bartizan.core.record import digest
from bartizan.workspace.clean_order import CleanOrder


def read_source(order: CleanOrder) -> tuple[RowFile, str]:
    """The rows of the source, and the digest of the very bytes that hold them.

    Raises:
        InputError: it cannot be read, or is a folder.
    """
    raw = raw_rows(order.data)
    rows = rows_of(raw, where=str(order.data), target=order.target, has_header=order.header)
    return rows, digest(raw)


def require_seen(data: Dataset, *, then: str) -> None:
    """Refuse rows other than those of which some are to leave: their numbers mean others.

    Args:
        data: The rows that detectors looked at, now or in an earlier check.
        then: Digest of the source when it was read.

    Raises:
        InputError: the file was written in between.
    """
    if data.digest != then:
        message = (
            f"{data.name} changed while it was read; nothing can be said about it. Wait until it "
            "is written, or clean a copy"
        )
        raise InputError(message)
