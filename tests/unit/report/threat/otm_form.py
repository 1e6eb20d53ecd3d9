"""What the schema of Open Threat Model 0.2.0 asks for, as far as our files use it.

Read in `otm_schema.json` (draft 7, Apache-2.0) and the README of iriusrisk/OpenThreatModel on
GitHub, and written down anew: which keys must be there, and what type each has. That schema lets
any other key pass; this one refuses them, so that a misspelt key is found.
"""

from typing import Any

NUMBER = {"type": "integer", "minimum": 0, "maximum": 100}
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
ATTRIBUTES = {"type": "object", "additionalProperties": TEXT}


def form(*needed: str, **keys: Any) -> dict[str, Any]:
    """An object with keys that must be there and keys that may."""
    return {
        "type": "object",
        "required": list(needed),
        "properties": keys,
        "additionalProperties": False,
    }


def many(one: dict[str, Any]) -> dict[str, Any]:
    """A list of them."""
    return {"type": "array", "items": one}


MITIGATED = form("mitigation", "state", mitigation=TEXT, state=TEXT)
INSTANCE = form("threat", "state", threat=TEXT, state=TEXT, mitigations=many(MITIGATED))
OTM = form(
    "otmVersion",
    "project",
    otmVersion={"const": "0.2.0"},
    project=form(
        "name", "id", name=TEXT, id=TEXT, description=TEXT, owner=TEXT, attributes=ATTRIBUTES
    ),
    assets=many(
        form(
            "name",
            "id",
            "risk",
            name=TEXT,
            id=TEXT,
            risk=form(
                "confidentiality",
                "integrity",
                "availability",
                confidentiality=NUMBER,
                integrity=NUMBER,
                availability=NUMBER,
                comment=TEXT,
            ),
            attributes=ATTRIBUTES,
        )
    ),
    trustZones=many(
        form(
            "id",
            "name",
            "risk",
            id=TEXT,
            name=TEXT,
            risk=form("trustRating", trustRating=NUMBER),
            attributes=ATTRIBUTES,
        )
    ),
    components=many(
        form(
            "id",
            "name",
            "type",
            "parent",
            id=TEXT,
            name=TEXT,
            type=TEXT,
            parent=form("trustZone", trustZone=TEXT),
            assets=form("processed", "stored", processed=TEXTS, stored=TEXTS),
            threats=many(INSTANCE),
            tags=TEXTS,
            attributes=ATTRIBUTES,
        )
    ),
    dataflows=many(
        form(
            "id",
            "name",
            "source",
            "destination",
            id=TEXT,
            name=TEXT,
            bidirectional={"type": "boolean"},
            source=TEXT,
            destination=TEXT,
            assets=TEXTS,
            attributes=ATTRIBUTES,
        )
    ),
    threats=many(
        form(
            "id",
            "name",
            "risk",
            id=TEXT,
            name=TEXT,
            description=TEXT,
            categories=TEXTS,
            risk=form(
                "likelihood", "impact", likelihood=NUMBER, impact=NUMBER, likelihoodComment=TEXT
            ),
            tags=TEXTS,
            attributes=ATTRIBUTES,
        )
    ),
    mitigations=many(
        form(
            "id",
            "name",
            "riskReduction",
            id=TEXT,
            name=TEXT,
            riskReduction=NUMBER,
            attributes=ATTRIBUTES,
        )
    ),
)
