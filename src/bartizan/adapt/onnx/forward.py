"""ONNX graphs as questions to torch."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from bartizan.adapt.onnx.logarithm import LOG, in_logarithms
from bartizan.adapt.onnx.program import Program, needed
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import Error, ModelError
from bartizan.formats.onnx_graph import OnnxGraph, read_graph

_SINGLE = ("tensor(float)", "tensor(float16)")
"""Inputs that torch is given in single precision; others, whole numbers too, in double."""


@dataclass(kw_only=True)
class GraphForward:
    """A graph as a question to torch; translated once in each process that asks."""

    content: bytes
    inputs: tuple[str, ...]
    """Names of what it is given: one value for all columns, or one a column."""
    types: tuple[str, ...]
    """Their types, as the runtime calls them. Whole numbers are followed as fractions."""
    output: str
    batch: int | None
    """Rows that a call must have; none = any number."""
    logarithms: bool = False
    """Whether logarithms are wanted of what it answers."""
    column: bool = False
    """Whether it answers one column, which stands for the second of two classes."""
    _program: Program | None = field(default=None, init=False, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the program, which is made of functions."""
        return {**self.__dict__, "_program": None}

    @property
    def program(self) -> Program:
        """The graph in torch.

        Raises:
            ModelError: it cannot be translated; the message says why.
        """
        if self._program is None:
            graph = known_graph(self.content)
            outputs: tuple[str, ...] = (self.output,)
            if self.logarithms:
                found = in_logarithms(graph, self.output, single=self.column)
                if found is None:
                    message = f"{self.output!r} is not made like a probability"
                    raise ModelError(message)
                graph, outputs = found
            self._program = Program.of(graph, inputs=self.inputs, outputs=outputs)
        return self._program

    def require_known(self) -> None:
        """Refuse a graph of other operators, and only then load torch.

        Raises:
            ModelError: which operator, or what else is missing.
        """
        if "tensor(string)" in self.types:
            message = "it takes text"
            raise ModelError(message)
        needed(known_graph(self.content), (self.output,))
        try:
            import torch  # noqa: F401, PLC0415 (an extra)
        except Exception as error:  # broken ones raise all kinds of things
            message = "it needs PyTorch: pip install 'bartizan[torch]'"
            raise ModelError(message) from error

    @property
    def dtype(self) -> str:
        """Of the rows that it is given."""
        return "float32" if all(kind in _SINGLE for kind in self.types) else "float64"

    @property
    def half(self) -> bool:
        """Whether the graph counts in half precision somewhere."""
        return "tensor(float16)" in self.types or self.program.half

    def still(self) -> AbstractContextManager[None]:
        """Nothing in a program changes while it is asked."""
        return nullcontext()

    def tensor(self, rows: AnyArray) -> Any:
        """Rows as torch takes them; half precision in single."""
        import torch  # noqa: PLC0415 (an extra, loaded when the graph was translated)

        made = torch.from_numpy(rows)
        return made.to(torch.float32) if made.dtype == torch.float16 else made

    def answer(self, tensor: Any) -> Any:
        """Scores, or their logarithms, of rows: (n, ...) -> (n, k).

        Raises:
            ModelError: a step does not work; the message names it.
        """
        import torch  # noqa: PLC0415 (as above)

        if self.batch is None:
            return self._answered(tensor)
        n, made = len(tensor), []
        for start in range(0, n, self.batch):
            rows = torch.arange(start, start + self.batch).clamp(max=n - 1)
            made.append(self._answered(tensor[rows])[: n - start])
        return torch.cat(made)

    def _answered(self, tensor: Any) -> Any:
        import torch  # noqa: PLC0415 (as above)

        types = [torch.float32 if kind in _SINGLE else torch.float64 for kind in self.types]
        if len(self.inputs) == 1:
            values = {self.inputs[0]: tensor.to(types[0])}
        else:
            values = {
                name: tensor[:, place : place + 1].to(types[place])
                for place, name in enumerate(self.inputs)
            }
        parts = [part.reshape(len(tensor), -1) for part in self.program(values, rows=len(tensor))]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


def known_graph(content: bytes) -> OnnxGraph:
    """The graph of a file, without operators of its own making.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        graph = read_graph(content)
    except Error as error:
        raise ModelError(str(error)) from error
    if any(node.domain == LOG for node in graph.nodes):
        message = f"operators of {LOG!r} are not known"
        raise ModelError(message)
    return graph
