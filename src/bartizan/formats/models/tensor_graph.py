"""What TensorFlow's graphs do: operations, texts in constants, files they bring along."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.core.errors import LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.wire import Event, Grammar, text, walk

_MESSAGES = {
    "saved": {2: "meta"},
    "meta": {1: "info", 2: "graph", 6: "asset", 7: "objects"},
    "graph": {1: "node", 2: "library"},
    "library": {1: "function"},
    "function": {3: "node", 5: "attribute"},
    "node": {5: "attribute"},
    "attribute": {2: "value"},
    "value": {1: "list", 8: "tensor", 10: "call"},
    "list": {8: "tensor", 9: "call"},
    "call": {2: "attribute"},
    "objects": {1: "object"},
    "object": {4: "user"},
    "metadata": {1: "layer"},
}
"""Which field of which message holds which (saved_model.proto, meta_graph.proto, graph.proto,
function.proto, node_def.proto, attr_value.proto, saved_object_graph.proto, saved_metadata.proto).
`value` is that of an attribute, `call` names a function."""
SAVED_MODEL = Grammar(root="saved", messages=_MESSAGES)
GRAPH_DEF = Grammar(root="graph", messages=_MESSAGES)
KERAS_METADATA = Grammar(root="metadata", messages=_MESSAGES)
_METADATA_FIELD = {"user": 3, "layer": 5}
"""Where Keras keeps what it says of a layer, as JSON."""
_IDENTIFIER_FIELD = {"user": 1, "layer": 4}
_MAX_KEPT = 10_000
"""Different operations, texts and layers that are remembered; real graphs have hundreds."""
_MAX_TEXT_BYTES = 1 << 12
_MAX_METADATA_BYTES = 16 << 20
"""Of all layers: those of networks of a thousand layers take 2 MB."""
_MAX_TEXTS = 32
"""Texts among the attributes of one operation; those that touch files have one or two."""


@dataclass
class Node:
    """One operation of a graph."""

    offset: int
    name: str = ""
    operators: set[str] = field(default_factory=set)
    inputs: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    """Texts among its attributes, by the attribute's name."""


@dataclass(kw_only=True)
class TensorGraph:
    """What the walk found; filled while it goes on, so that it holds what came before a fault."""

    nodes: int = 0
    operators: dict[str, Node] = field(default_factory=dict)
    """The first node of each operation."""
    watched: list[Node] = field(default_factory=list)
    """All nodes of operations that somebody asked for."""
    constants: dict[str, str] = field(default_factory=dict)
    """Texts in constants, by the name of their node."""
    assets: set[str] = field(default_factory=set)
    """Files that the model brings along, as it names them."""
    metadata: list[tuple[str, bytes]] = field(default_factory=list)
    """What Keras says of its layers: kind, and JSON."""


def collect(
    window: Window,
    found: TensorGraph,
    *,
    grammar: Grammar,
    watched: frozenset[str],
    budget: Budget,
) -> None:
    """Walk a graph and fill in what it does; functions in its library are walked like the rest.

    Args:
        window: The whole file.
        found: Where to put it.
        grammar: `SAVED_MODEL`, `GRAPH_DEF` or `KERAS_METADATA`.
        watched: Operations of which every node is kept.
        budget: What the walk may cost.

    Raises:
        InputError: a field is damaged; what came before it is in `found`.
        LimitError: it costs too much.
    """
    _Collector(window, found, watched).run(walk(window, grammar, budget=budget))


class _Collector:
    """Puts events together."""

    def __init__(self, window: Window, found: TensorGraph, watched: frozenset[str]) -> None:
        self._window = window
        self._found = found
        self._watched = watched
        self._node = Node(0)
        self._attribute = ""
        self._identifier = ""
        self._metadata_bytes = 0

    def run(self, events: Iterator[Event]) -> None:
        """Take every event of a walk."""
        for event in events:
            if event.what == "field":
                self._field(event)
            elif event.what == "begin" and event.kind == "node":
                self._found.nodes += 1
                self._node = Node(event.start)
            elif event.what == "end" and event.kind == "node":
                self._ended()
            elif event.what == "begin" and event.kind == "attribute":
                self._attribute = ""

    def _field(self, event: Event) -> None:
        kind, number = event.kind, event.number
        if kind == "node":
            self._of_node(event)
        elif kind == "attribute" and number == 1:
            self._attribute = self._text(event)
        elif (kind, number) in (("value", 2), ("list", 2)):
            self._keep(self._attribute, event)
        elif (kind, number) == ("tensor", 8):
            self._keep("value", event)
        elif (kind, number) == ("asset", 2):
            self._found.assets.add(self._text(event))
            _require_few(len(self._found.assets), what="files")
        elif kind in _METADATA_FIELD:
            self._of_layer(event)

    def _keep(self, name: str, event: Event) -> None:
        """Remember the first text of an attribute."""
        texts = self._node.texts
        if name not in texts and len(texts) < _MAX_TEXTS:
            texts[name] = self._text(event)

    def _of_node(self, event: Event) -> None:
        """Name, operation and inputs; a reader takes the last of several operations."""
        if event.number == 1:
            self._node.name = self._text(event)
        elif event.number == 2:
            self._node.operators.add(self._text(event))
        elif event.number == 3 and len(self._node.inputs) < 8:
            self._node.inputs.append(self._text(event))

    def _of_layer(self, event: Event) -> None:
        """Identifier and JSON of a layer of Keras."""
        if event.number == _IDENTIFIER_FIELD[event.kind]:
            self._identifier = self._text(event)
        elif event.number == _METADATA_FIELD[event.kind] and event.size:
            self._metadata_bytes += event.size
            if self._metadata_bytes > _MAX_METADATA_BYTES:
                message = f"descriptions of layers take more than {_MAX_METADATA_BYTES:,} bytes"
                raise LimitError(message)
            self._found.metadata.append(
                (self._identifier, self._window.at(event.start, event.size))
            )
            _require_few(len(self._found.metadata), what="layers")

    def _ended(self) -> None:
        node, found = self._node, self._found
        for operator in node.operators:
            found.operators.setdefault(operator, node)
        if node.operators & self._watched:
            found.watched.append(node)
        if "Const" in node.operators and "value" in node.texts and node.name:
            found.constants[node.name] = node.texts["value"]
        _require_few(len(found.operators), what="operations")
        _require_few(len(found.watched), what="operations that touch files")
        _require_few(len(found.constants), what="texts")

    def _text(self, event: Event) -> str:
        return text(self._window, event, limit=_MAX_TEXT_BYTES)


def _require_few(count: int, *, what: str) -> None:
    if count > _MAX_KEPT:
        message = f"it has more than {_MAX_KEPT:,} {what}"
        raise LimitError(message)
