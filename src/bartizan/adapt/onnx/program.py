"""Makes a program of torch functions out of an ONNX graph of a feed-forward network.

The graph is data: each node is looked up in a table of functions, and one that is not there, or
that says something about itself which is not known, ends the translation with its name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bartizan.adapt.onnx.layers import LAYERS
from bartizan.adapt.onnx.logarithm import LOG
from bartizan.adapt.onnx.node import HALF, Builder, Function, Node, Room, array_of, naming
from bartizan.adapt.onnx.pieces import PIECES
from bartizan.adapt.onnx.pointwise import POINTWISE
from bartizan.adapt.onnx.scores import LOGARITHMS, PIPELINES, SCORES
from bartizan.adapt.onnx.shapes import SHAPES
from bartizan.core.errors import ModelError
from bartizan.formats.onnx_graph import OnnxGraph, OnnxNode, read_tensor

_TABLES: dict[str, Mapping[str, Builder]] = {
    "": {**POINTWISE, **LAYERS, **PIECES, **SHAPES, **SCORES},
    "ai.onnx.ml": PIPELINES,
    LOG: LOGARITHMS,
}
_OPSETS = {"": range(7, 27), "ai.onnx.ml": range(1, 6)}
"""Versions whose operators are known. Before 7 shapes were stretched in another way."""


@dataclass(frozen=True, kw_only=True)
class _Step:
    label: str
    function: Function
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def __call__(self, values: Mapping[str, Any], *, room: Room) -> tuple[Any, ...]:
        """The values that this step makes.

        Raises:
            ModelError: it does not work on its values, or makes too many numbers.
        """
        with naming(self.label):
            made = self.function(*(values[name] if name else None for name in self.inputs))
            made = made if isinstance(made, tuple) else (made,)
            for value in made:
                room.require(() if value is None else value.shape)
        return made


@dataclass(kw_only=True)
class Program:
    """What a graph computes, in torch."""

    outputs: tuple[str, ...]
    constants: dict[str, Any] = field(default_factory=dict)
    _steps: list[_Step] = field(default_factory=list)
    _room: Room = field(default_factory=Room)

    @classmethod
    def of(cls, graph: OnnxGraph, *, inputs: Sequence[str], outputs: tuple[str, ...]) -> "Program":
        """Translate the part of a graph that makes some values.

        Args:
            graph: As read.
            inputs: What it is given.
            outputs: What is wanted of it.

        Raises:
            ModelError: there is no such program; the message names the node.
        """
        import torch  # noqa: PLC0415 (an extra)

        nodes = needed(graph, outputs)
        made = cls(outputs=outputs)
        given, known = set(inputs), set(inputs)
        for name in {name for node in nodes for name in node.inputs} | set(outputs):
            if name in graph.tensors and name not in given:
                with naming(f"value {name!r}"):
                    tensor = read_tensor(graph.tensors[name])
                    made._room.half |= tensor.kind == HALF
                    made.constants[name] = torch.from_numpy(array_of(tensor))
        known |= set(made.constants)
        for node in nodes:
            step = _step(node, opset=_opset(graph, node), torch=torch, room=made._room)
            made._add(step, known)
        missing = [name for name in outputs if name not in known]
        if missing:
            message = f"nothing in the graph makes {missing[0]!r}"
            raise ModelError(message)
        return made

    @property
    def half(self) -> bool:
        """Whether the graph counts in half precision somewhere; the program does so in single."""
        return self._room.half

    def __call__(self, values: Mapping[str, Any], *, rows: int) -> list[Any]:
        """Run it.

        Args:
            values: Tensors by name.
            rows: How many rows they are of; more may need more room.

        Returns:
            The values that are wanted of it.

        Raises:
            ModelError: a step does not work; the message names it.
        """
        self._room.rows = max(1, rows)
        found = {**self.constants, **values}
        for step, done in zip(self._steps, self._done, strict=True):
            found.update(zip(step.outputs, step(found, room=self._room), strict=False))
            for name in done:
                found.pop(name, None)
        return [found[name] for name in self.outputs]

    @cached_property
    def _done(self) -> list[set[str]]:
        """What is not needed any more after each step."""
        later, found = set(self.outputs), []
        for step in reversed(self._steps):
            names = {*step.inputs, *step.outputs}
            found.append(names - later)
            later |= names
        return found[::-1]

    def _add(self, step: _Step, known: set[str]) -> None:
        """A step, or what it makes if that is always the same."""
        unknown = [name for name in step.inputs if name and name not in known]
        if unknown or known & set(step.outputs):
            said = f"uses {unknown[0]!r} before it is made" if unknown else "makes a value again"
            message = f"{step.label} {said}"
            raise ModelError(message)
        if all(name in self.constants for name in step.inputs if name):
            made = step(self.constants, room=self._room)
            self.constants.update(zip(step.outputs, made, strict=False))
        else:
            self._steps.append(step)
        known |= {name for name in step.outputs if name}


def known_operators() -> tuple[str, ...]:
    """Operators that a file may use, of both domains, in alphabetical order."""
    return tuple(sorted({*_TABLES[""], *_TABLES["ai.onnx.ml"]}))


def needed(graph: OnnxGraph, outputs: Sequence[str]) -> list[OnnxNode]:
    """The nodes on the way to some values, in the order of the file.

    Raises:
        ModelError: an operator is not known; the message names it.
    """
    wanted, found = set(outputs), []
    for node in reversed(graph.nodes):  # each value is made before it is used
        if not wanted.isdisjoint(name for name in node.outputs if name):
            if node.operator not in _TABLES.get(node.domain, {}) or graph.functions:
                message = f"operator {node.operator!r} of the graph is not known"
                raise ModelError(message)
            wanted.update(node.inputs)
            found.append(node)
    return found[::-1]


def _opset(graph: OnnxGraph, node: OnnxNode) -> int:
    domain = "" if node.domain == LOG else node.domain
    opset = graph.opsets.get(domain, 1 if domain else 0)
    if opset not in _OPSETS[domain]:
        message = f"operators of version {opset} (opset {domain or 'ai.onnx'}) are not known"
        raise ModelError(message)
    return opset


def _step(node: OnnxNode, *, opset: int, torch: Any, room: Room) -> _Step:
    label = f"operator {node.operator!r}"
    with naming(label):
        made = Node(
            operator=node.operator,
            opset=opset,
            attributes=node.attributes(),
            torch=torch,
            made=len(node.outputs),
            room=room,
        )
        function = _TABLES[node.domain][node.operator](made)
        made.require_read()
    return _Step(label=label, function=function, inputs=node.inputs, outputs=node.outputs)
