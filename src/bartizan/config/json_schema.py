"""The JSON Schema of the project file, for editors that complete and check while one types."""

import json

import msgspec

from bartizan.config.project import Config


def config_json_schema() -> bytes:
    """The schema as it is committed: JSON Schema 2020-12, indented, ending in a line feed."""
    schema = msgspec.json.schema(Config)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bartizan project file",
        **schema,
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
