"""Rewrites the end of an ONNX graph so that it answers logarithms of its probabilities.

A softmax in single precision answers exactly 1 once a class leads by 17, and a loss of that has
no slope. The logits from which it is made still have one. So the last probabilities are replaced
by their logarithms, as far up as the graph only moves, joins and renames them.
"""

from dataclasses import dataclass, field, replace

from bartizan.adapt.onnx.node import array_of
from bartizan.core.errors import InputError
from bartizan.formats.onnx_graph import OnnxGraph, OnnxNode, read_tensor

LOG = "logarithm"
"""Domain of operators that answer logarithms of what those of ONNX answer."""
_FIRST = ("Softmax", "Sigmoid", "LinearClassifier")
_MOVED = (
    "Cast",
    "Flatten",
    "Identity",
    "Reshape",
    "Squeeze",
    "Transpose",
    "Unsqueeze",
    "ZipMap",
)
"""Operators of one value (and settings) that do to logarithms what they do to numbers."""
_DEEP = 32
"""Steps from the end of the graph; real ones take three or four."""


def in_logarithms(
    graph: OnnxGraph, name: str, *, single: bool
) -> tuple[OnnxGraph, tuple[str, ...]] | None:
    """The graph with logarithms added to it.

    Args:
        graph: As read.
        name: The probabilities.
        single: Whether they are one column, that of the second of two classes.

    Returns:
        The graph, and where the logarithms are: of all classes in one value, or of the first and
        of the second class; none if the probabilities are made in another way.
    """
    end = _End(makers={output: node for node in graph.nodes for output in node.outputs})
    wanted = (True, False) if single else (False,)
    found = tuple(end.logarithm(graph, name, other=other, depth=0) for other in wanted)
    if None in found or any(made in end.makers or made in graph.tensors for made in end.made):
        return None
    longer = replace(graph, nodes=(*graph.nodes, *end.added))
    return longer, tuple(made for made in found if made is not None)


@dataclass(kw_only=True)
class _End:
    """What is added to a graph."""

    makers: dict[str, OnnxNode]
    added: list[OnnxNode] = field(default_factory=list)

    @property
    def made(self) -> list[str]:
        """Names of values that are added."""
        return [output for node in self.added for output in node.outputs]

    def logarithm(self, graph: OnnxGraph, name: str, *, other: bool, depth: int) -> str | None:
        """The name of the logarithm of a value, or of 1 less that value."""
        node = self.makers.get(name)
        if node is None or depth > _DEEP:
            return None
        if node.operator in _FIRST:
            return self._first(node, name, other=other)
        if node.operator == "Sub" and _is_one(graph, node.inputs[0]):
            return self.logarithm(graph, node.inputs[1], other=not other, depth=depth + 1)
        joins = node.operator in ("Concat", "Normalizer")
        if not (joins and not other) and node.operator not in _MOVED:
            return None
        count = len(node.inputs) if node.operator == "Concat" else 1
        inner = [
            self.logarithm(graph, part, other=other, depth=depth + 1)
            for part in node.inputs[:count]
        ]
        if None in inner:
            return None
        moved = tuple(part for part in inner if part is not None)
        domain = LOG if node.operator == "Normalizer" else node.domain
        return self._add(
            replace(node, domain=domain, inputs=(*moved, *node.inputs[count:])), name, other=other
        )

    def _first(self, node: OnnxNode, name: str, *, other: bool) -> str | None:
        if other and node.operator != "Sigmoid":
            return None
        operator = "Other" if other else node.operator
        return self._add(replace(node, operator=operator, domain=LOG), name, other=other)

    def _add(self, node: OnnxNode, name: str, *, other: bool) -> str:
        word = "other" if other else "log"
        outputs = tuple(f"{word} {output}" for output in node.outputs)
        made = f"{word} {name}"
        if made not in self.made:
            self.added.append(replace(node, outputs=outputs))
        return made


def _is_one(graph: OnnxGraph, name: str) -> bool:
    """Whether a value is the number 1."""
    if name not in graph.tensors:
        return False
    try:
        return bool((array_of(read_tensor(graph.tensors[name])) == 1).all())
    except InputError:
        return False
