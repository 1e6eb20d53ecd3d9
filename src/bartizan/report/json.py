"""The report as JSON: the record itself, and the schema it keeps to."""

from inspect import cleandoc

import msgspec

from bartizan.core.report import Report
from bartizan.report.indented import indented, indented_record

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
"""The dialect that msgspec writes."""
_ID = "urn:bartizan:schema:report:1"
"""A name, not an address: the schema is in the repository and in the wheel's documentation."""


def render(report: Report) -> bytes:
    """Write the record with two spaces of indent; equal reports give equal bytes.

    The top-level `schema` says which version of the record it is.
    """
    return indented_record(report)


def json_schema() -> bytes:
    """Write the JSON Schema that every `report.json` of this version keeps to.

    Unknown fields are allowed, because a newer version may add some.

    Example:
        >>> json_schema().startswith(b'{')
        True
    """
    (root,), parts = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for part in parts.values():
        # Python 3.13 takes the indent out of docstrings, earlier versions do not.
        part["description"] = cleandoc(part["description"])
    schema = {
        "$schema": _DIALECT,
        "$id": _ID,
        "title": "Bartizan report",
        **root,
        "$defs": dict(sorted(parts.items())),
    }
    return indented(schema)
