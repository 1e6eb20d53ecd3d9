"""What was declared of a data set when it was registered."""

from bartizan.core.record import Record
from bartizan.core.schema import Schema
from bartizan.data.rules import Rules


class Declared(Record, frozen=True, kw_only=True, tag_field="schema", tag="declared/1"):
    """Columns and demands; the ledger holds the digest, so that neither is altered unnoticed."""

    columns: Schema
    target: str | None = None
    assumed: bool = False
    """Whether the columns were inferred from the data itself."""
    rules: Rules = Rules()
