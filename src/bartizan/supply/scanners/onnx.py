"""ONNX files: other files that they name, operators that need code of others."""

from collections.abc import Iterator
from itertools import islice
from posixpath import normpath

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Window
from bartizan.formats.models.onnx_references import OnnxReferences, Operator, collect
from bartizan.formats.models.paths import leaves_folder
from bartizan.formats.models.plain_text import text_bytes
from bartizan.formats.models.wire import Fields
from bartizan.formats.protobuf import BYTES
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_STANDARD = {
    "",
    "ai.onnx.ml",
    "ai.onnx.training",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
    "com.microsoft",
    "com.microsoft.nchwc",
    "com.ms.internal.nhwc",
}
"""Domains whose operators are part of ONNX, or built into its usual runtime."""
_OUTSIDE = {"PythonOp", "PythonOpGrad", "PyOp", "PyCustomOp", "ATen", "EPContext", "ExternalOp"}
"""Operators, of whatever domain, that run code which is not the runtime's own."""
_SUFFIXES = (".onnx", ".onnx_data", ".ort")
_GRAPH, _OF_GRAPH = 7, {1, 2, 5, 10, 11, 12, 13, 14, 15, 16}
"""Field of a model that holds its graph, and the fields of a graph (onnx.proto)."""
_MAX_SHOWN = 100
"""Notices of one kind; more say nothing new."""
_MAX_NAME = 1024
"""Characters of a file's name; longer, it is the compiled code itself."""
_OF_MODEL = {*range(1, 10), 14, 20, 25, 26}
"""Fields of a model (onnx.proto)."""
_OPERATORS, _OF_OPERATORS = 8, {1, 2}
"""Field of a model that names a set of operators, and the fields of such a name."""
_GROUP = 3
"""Wire type of a group, which may go on after any head."""
_LOOKED_AT = 64
"""Fields that decide whether something is a graph."""
_MAX_FIELDS = 100_000
"""Before the graph; functions and notes come to some thousands. A file with more is told by nobody,
and so inconclusive."""


def _plausible(head: bytes, item: Item) -> bool:
    """Any beginning of a protocol buffer: fields may come in any order, unknown ones too."""
    if item.path.lower().endswith(_SUFFIXES) or (head and head[0] & 7 == _GROUP):
        return True
    try:
        Fields(Window.of(head)).at(0, 1 << 62)
    except InputError:
        return False
    return True


def _scan(item: Item, situation: Situation) -> Reading:
    window = held(item)
    if not _has_graph(window):
        message = "expected a model of ONNX, got content without a graph"
        raise NotMineError(message)
    found, fault = OnnxReferences(), None
    try:
        collect(window, found, budget=situation.budget)
    except (InputError, LimitError) as error:
        if isinstance(error, InputError) and text_bytes(window) == window.size:
            message = "plain text that begins like a model; no reader of models takes it"
            raise NotMineError(message) from error
        if isinstance(error, InputError) and _is_chance(item, window):
            message = "bytes that read like a model up to a place where no reader of models goes on"
            raise NotMineError(message) from error
        fault = error
    yield from islice(_files(found, situation=situation), _MAX_SHOWN)
    yield from islice(_contexts(found), _MAX_SHOWN)
    yield from islice(_operators(found), _MAX_SHOWN)
    if fault:
        raise fault
    return window.size


def _is_chance(item: Item, window: Window) -> bool:
    """Whether damaged content is none of a model that somebody damaged.

    Pickles begin with a field that no model has, bzip2 with a set of operators that is none, and
    one of either in thousands reads like a graph after it. What is no message to us is none to
    any reader of models.
    """
    fields = Fields(window)
    number, wire, _value, start, size = fields.at(0, window.size)
    if item.path.lower().endswith(_SUFFIXES):
        return False
    if number == _OPERATORS and wire == BYTES and size:
        try:
            return fields.at(start, start + size)[0] not in _OF_OPERATORS
        except InputError:
            return True
    return number not in _OF_MODEL


def _has_graph(window: Window) -> bool:
    """Whether a reader of ONNX would find a graph; damage behind it is told by the walk."""
    fields, position = Fields(window), 0
    try:
        for _ in range(_MAX_FIELDS):
            if position >= window.size:
                return False
            number, wire, _value, start, size = fields.at(position, window.size)
            if number == _GRAPH and wire == BYTES:
                return _is_graph(fields, position=start, end=start + size)
            position = start + size
    except InputError:
        return False
    return False


def _is_graph(fields: Fields, *, position: int, end: int) -> bool:
    """Whether the first fields are those of a graph.

    Raises:
        InputError: they are none.
    """
    for _ in range(_LOOKED_AT):
        if position >= end:
            break
        number, _wire, _value, start, size = fields.at(position, end)
        if number not in _OF_GRAPH:
            return False
        position = start + size
    return True


def _files(found: OnnxReferences, *, situation: Situation) -> Iterator[Notice]:
    """Weights that a reader takes from other files (CVE-2022-25882, -2024-27318, -2025-51480)."""
    for name, where in found.locations.items():
        if leaves_folder(name):
            yield Notice(
                verdict="malicious",
                rule="onnx.external",
                where=where,
                what=plain(name),
                why="Its weights are read from, or written to, a place outside of its folder.",
            )
        elif situation.beside is None or normpath(name) not in situation.beside:
            unknown = situation.beside is None
            yield Notice(
                verdict="inconclusive",
                rule="onnx.external-file",
                where=where,
                what=plain(name),
                why="Some of its weights lie in this file, which was not looked at together "
                "with it: scan the folder."
                if unknown
                else "Some of its weights lie in this file, which is not there.",
            )


def _contexts(found: OnnxReferences) -> Iterator[Notice]:
    """Code compiled for an accelerator, inside of the file or beside it."""
    for name in sorted(found.contexts):
        if len(name) < _MAX_NAME and name.isprintable() and leaves_folder(name):
            yield Notice(
                verdict="malicious",
                rule="onnx.external",
                where="ep_cache_context",
                what=plain(name),
                why="Compiled code is read from a place outside of its folder.",
            )


def _operators(found: OnnxReferences) -> Iterator[Notice]:
    for operator, offset in found.operators.items():
        if operator in found.functions:
            continue
        if operator.domain not in _STANDARD:
            yield Notice(
                verdict="suspicious",
                rule="onnx.domain",
                where=f"byte {offset}",
                what=plain(_spelled(operator)),
                why="This operator is none of ONNX's or its runtime's: it needs native code that "
                "comes from somewhere else.",
            )
        elif operator.name in _OUTSIDE:
            yield Notice(
                verdict="suspicious",
                rule="onnx.operator",
                where=f"byte {offset}",
                what=plain(_spelled(operator)),
                why="This operator runs code that is not the runtime's own.",
            )


def _spelled(operator: Operator) -> str:
    return f"{operator.domain}.{operator.name}" if operator.domain else operator.name


def external_names(item: Item, situation: Situation) -> frozenset[str]:
    """Names of the files beside a model that hold weights of it: numbers without any form.

    Whoever scans a folder asks this, because such a file alone looks like nothing that is known.

    Returns:
        Relative to the model's folder; none that leads out of it.

    Raises:
        InputError: the model is damaged.
        LimitError: it costs too much.
    """
    window, found = held(item), OnnxReferences()
    if _has_graph(window):
        collect(window, found, budget=situation.budget)
    return frozenset(normpath(name) for name in found.locations if not leaves_folder(name))


SCANNER = Scanner(name="onnx", plausible=_plausible, scan=_scan)
