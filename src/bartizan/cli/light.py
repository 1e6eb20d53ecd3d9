"""The verbs that start without libraries for models and tables, and import nothing slow."""

from typing import NamedTuple


class Light(NamedTuple):
    """A group of verbs whose modules are ``<group>_<verb>`` and import nothing slow."""

    about: str
    verbs: tuple[str, ...]
    first: bool = False
    """Whether the first verb is meant where none is named."""


LIGHT = {
    "threat": Light(
        about="What could go wrong with this system?", verbs=("model", "diff"), first=True
    ),
    "supply": Light(
        about="Is the artefact in our hands the one that was approved?",
        verbs=(
            *("scan", "key", "sign", "verify", "seal", "open"),
            *("bom", "provenance", "admit"),
        ),
    ),
}
"""By name."""
