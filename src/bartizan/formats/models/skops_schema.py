"""What the schema of a skops file asks for: the types and functions that it would look up."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bartizan.formats.models.json_text import objects

LOADERS = frozenset(
    {
        "BytearrayNode",
        "BytesNode",
        "CachedNode",
        "ConstructorFromReduceNode",
        "DTypeNode",
        "DefaultDictNode",
        "DictNode",
        "FunctionNode",
        "JsonNode",
        "ListNode",
        "LossNode",
        "MaskedArrayNode",
        "MethodNode",
        "NdArrayNode",
        "ObjectNode",
        "OperatorFuncNode",
        "PartialNode",
        "QuantileForestNode",
        "RandomGeneratorNode",
        "RandomStateNode",
        "SetNode",
        "SGDNode",
        "SliceNode",
        "SparseMatrixNode",
        "TreeNode",
        "TupleNode",
        "TypeNode",
        "_DictWithDeprecatedKeysNode",
    }
)
"""All that skops 0.1 to 0.16 knows."""
_MAX_NAME = 300
"""Characters of a name that are kept."""


@dataclass(frozen=True, kw_only=True)
class SkopsNode:
    """One object of the schema."""

    loader: str
    module: str
    name: str
    where: str
    """The way to it, such as `content/content/steps`."""
    method: str = ""
    """Of a bound method, its name."""
    owner: str = ""
    """Of a bound method, the type of its object by that object's own account."""


def nodes(schema: Any) -> Iterator[SkopsNode]:
    """Walk a decoded schema.

    Source: skops 0.16, skops.io: a node names a loader, a module and a class; the loader decides
    what is done with them.
    """
    for where, found in objects(schema):
        if "__loader__" in found or {"__class__", "__module__"} <= set(found):
            yield SkopsNode(
                loader=_word(found.get("__loader__")),
                module=_word(found.get("__module__")),
                name=_word(found.get("__class__")),
                where=where,
                **_method(found),
            )


def _method(found: dict[str, Any]) -> dict[str, str]:
    """Name and owner of a bound method; an operator's arguments are ordinary nodes."""
    content = found.get("content")
    if found.get("__loader__") != "MethodNode" or not isinstance(content, dict):
        return {}
    owner = content.get("obj")
    if not isinstance(owner, dict):
        owner = {}
    spelled = f"{_word(owner.get('__module__'))}.{_word(owner.get('__class__'))}"
    return {"method": _word(content.get("func")), "owner": spelled}


def _word(value: Any) -> str:
    """A name as text; what is none is told as what it is."""
    if value is None:
        return ""
    return value[:_MAX_NAME] if isinstance(value, str) else f"({type(value).__name__})"
