"""What an ONNX file needs beyond itself: other files, operators of others, functions of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bartizan.core.errors import LimitError
from bartizan.formats.content import Budget, Window
from bartizan.formats.models.wire import Event, Grammar, text, walk

_ONNX = Grammar(
    root="model",
    messages={
        "model": {7: "graph", 8: "opset", 20: "training", 25: "function"},
        "training": {1: "graph", 2: "graph"},
        "graph": {1: "node", 5: "tensor", 15: "sparse"},
        "function": {7: "node", 9: "opset", 11: "attribute"},
        "node": {5: "attribute"},
        "attribute": {
            5: "tensor",
            6: "graph",
            10: "tensor",
            11: "graph",
            22: "sparse",
            23: "sparse",
        },
        "sparse": {1: "tensor", 2: "tensor"},
        "tensor": {13: "external"},
    },
    runs={
        "attribute": re.compile(
            rb"(?:(?:\x3d.{4})++|(?:\x40[\x80-\xff]{0,9}[\x00-\x7f])++)++", re.DOTALL
        )
    },
)
"""Which field of which message holds which (onnx.proto, IR version 13). Attributes list numbers
one a field: trees have millions."""
_LOCATION = "location"
_MAX_KEPT = 10_000
"""Different names that are remembered. Models use some dozens, and a few hundred files."""


@dataclass(frozen=True, order=True)
class Operator:
    """What a node computes."""

    domain: str
    """Whose operator it is; empty = ONNX's own."""
    name: str


@dataclass(kw_only=True)
class OnnxReferences:
    """What the walk found; filled while it goes on, so that it holds what came before a fault."""

    graphs: int = 0
    nodes: int = 0
    locations: dict[str, str] = field(default_factory=dict)
    """Other files by name, and where the first tensor that lies there stands."""
    contexts: set[str] = field(default_factory=set)
    """Other files that nodes of compiled code name; empty text = the code is in the node."""
    operators: dict[Operator, int] = field(default_factory=dict)
    """And the offset of the first node."""
    functions: set[Operator] = field(default_factory=set)
    """Operators that the file defines itself, out of others."""
    imported: set[str] = field(default_factory=set)
    """Domains whose operators the file says it uses."""


@dataclass
class _Node:
    """Names of a node, each in every spelling it was given: readers take the last, or all."""

    offset: int
    names: set[str] = field(default_factory=set)
    domains: set[str] = field(default_factory=set)


def collect(window: Window, found: OnnxReferences, *, budget: Budget) -> None:
    """Walk a file and fill in what it refers to.

    Subgraphs are walked where they stand; content of tensors is passed over.

    Args:
        window: The whole file.
        found: Where to put it.
        budget: What the walk may cost.

    Raises:
        InputError: a field is damaged; what came before it is in `found`.
        LimitError: it costs too much.
    """
    _Collector(window, found).run(walk(window, _ONNX, budget=budget))


class _Collector:
    """Puts events together."""

    def __init__(self, window: Window, found: OnnxReferences) -> None:
        self._window = window
        self._found = found
        self._nodes: list[_Node] = []
        self._attribute = ""
        self._entry = ["", ""]
        self._function = ["", ""]

    def run(self, events: Iterator[Event]) -> None:
        """Take every event of a walk."""
        for event in events:
            if event.what == "begin":
                self._begin(event)
            elif event.what == "end":
                self._end(event)
            else:
                self._field(event)

    def _begin(self, event: Event) -> None:
        if event.kind == "node":
            self._found.nodes += 1
            self._nodes.append(_Node(event.start))
        elif event.kind == "graph":
            self._found.graphs += 1
        elif event.kind == "external":
            self._entry = ["", ""]
        elif event.kind == "function":
            self._function = ["", ""]
        elif event.kind == "attribute":
            self._attribute = ""

    def _field(self, event: Event) -> None:
        """Names; a reader takes the last of several, so a node keeps all of them."""
        kind, number = event.kind, event.number
        if kind == "node" and number == 4:
            self._nodes[-1].names.add(self._text(event))
        elif kind == "node" and number == 7:
            self._nodes[-1].domains.add(self._text(event))
        elif kind == "external" and number in (1, 2):
            self._entry[number - 1] = self._text(event)
        elif kind == "function" and number in (1, 10):
            self._function[number == 10] = self._text(event)
        elif kind == "opset" and number == 1:
            self._found.imported.add(_domain(self._text(event)))
        elif kind == "attribute":
            self._of_attribute(event)

    def _of_attribute(self, event: Event) -> None:
        """The file in which a node of compiled code keeps it."""
        if event.number == 1:
            self._attribute = self._text(event)
        elif event.number == 4 and self._attribute == "ep_cache_context":
            self._found.contexts.add(self._text(event))

    def _end(self, event: Event) -> None:
        if event.kind == "node":
            self._node(self._nodes.pop())
        elif event.kind == "function":
            self._found.functions.add(Operator(_domain(self._function[1]), self._function[0]))
        elif event.kind == "external" and self._entry[0] == _LOCATION:
            self._found.locations.setdefault(self._entry[1], f"byte {event.start}")
            _require_few(len(self._found.locations), what="files")

    def _node(self, node: _Node) -> None:
        for domain in node.domains or {""}:
            for name in node.names or {""}:
                self._found.operators.setdefault(Operator(_domain(domain), name), node.offset)
        _require_few(len(self._found.operators), what="operators")

    def _text(self, event: Event) -> str:
        return text(self._window, event)


def _domain(text: str) -> str:
    """A domain; ONNX's own has two names."""
    return "" if text == "ai.onnx" else text


def _require_few(count: int, *, what: str) -> None:
    if count > _MAX_KEPT:
        message = f"it names more than {_MAX_KEPT:,} {what}"
        raise LimitError(message)
