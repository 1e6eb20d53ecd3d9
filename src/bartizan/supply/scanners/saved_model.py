"""TensorFlow's SavedModel, frozen graphs and the descriptions that Keras puts beside them."""

from collections.abc import Iterator

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import Window
from bartizan.formats.models.paths import leaves_folder
from bartizan.formats.models.plain_text import text_bytes
from bartizan.formats.models.tensor_graph import (
    GRAPH_DEF,
    KERAS_METADATA,
    SAVED_MODEL,
    Node,
    TensorGraph,
    collect,
)
from bartizan.formats.models.text_proto import MAX_BYTES, texts
from bartizan.formats.models.wire import Fields, Grammar
from bartizan.formats.protobuf import BYTES, VARINT
from bartizan.supply.scanners.held import held, plain
from bartizan.supply.scanners.keras_objects import described_notices
from bartizan.supply.scanners.notice import Notice, Verdict
from bartizan.supply.scanners.scanner import Item, NotMineError, Reading, Scanner, Situation

_READS = "It reads files of the machine on which the model runs."
_WRITES = "It writes files on the machine on which the model runs."
_CALLS = "It calls Python functions of the process in which the model runs."
_SPEAKS = "It speaks to other machines."
_OPERATIONS: dict[str, tuple[Verdict, str]] = {
    "ReadFile": ("malicious", _READS),
    "WriteFile": ("malicious", _WRITES),
    "MatchingFiles": ("suspicious", _READS),
    "WholeFileReader": ("suspicious", _READS),
    "WholeFileReaderV2": ("suspicious", _READS),
    "TextLineReader": ("suspicious", _READS),
    "TextLineReaderV2": ("suspicious", _READS),
    "TFRecordReader": ("suspicious", _READS),
    "TFRecordReaderV2": ("suspicious", _READS),
    "FixedLengthRecordReader": ("suspicious", _READS),
    "FixedLengthRecordReaderV2": ("suspicious", _READS),
    "TextLineDataset": ("suspicious", _READS),
    "TFRecordDataset": ("suspicious", _READS),
    "TFRecordDatasetV2": ("suspicious", _READS),
    "FixedLengthRecordDataset": ("suspicious", _READS),
    "FixedLengthRecordDatasetV2": ("suspicious", _READS),
    "LoadDataset": ("suspicious", _READS),
    "SqlDataset": ("suspicious", _READS),
    "ExperimentalSqlDataset": ("suspicious", _READS),
    "ImmutableConst": ("suspicious", _READS),
    "SaveDataset": ("suspicious", _WRITES),
    "SaveDatasetV2": ("suspicious", _WRITES),
    "DatasetToTFRecord": ("suspicious", _WRITES),
    "CreateSummaryFileWriter": ("suspicious", _WRITES),
    "CreateSummaryDbWriter": ("suspicious", _WRITES),
    "DebugIdentity": ("suspicious", _WRITES),
    "DebugIdentityV2": ("suspicious", _WRITES),
    "PyFunc": ("malicious", _CALLS),
    "PyFuncStateless": ("malicious", _CALLS),
    "EagerPyFunc": ("malicious", _CALLS),
    "RpcCall": ("suspicious", _SPEAKS),
    "RpcClient": ("suspicious", _SPEAKS),
    "RpcServer": ("suspicious", _SPEAKS),
    "DataServiceDataset": ("suspicious", _SPEAKS),
    "DataServiceDatasetV2": ("suspicious", _SPEAKS),
    "BigQueryReader": ("suspicious", _SPEAKS),
    "FileSystemSetConfiguration": ("suspicious", _SPEAKS),
}
"""Operations that reach beyond the numbers (TensorFlow 2.21, ops.pbtxt). Reading and writing
whole files is what the published attacks do, and no predictor needs it."""
_CHECKPOINTS = {"Save", "SaveSlices", "SaveV2", "MergeV2Checkpoints", "Restore", "RestoreV2"}
"""In every honest model: told only where the place is fixed and leads out of the folder."""
_PRINT, _STREAM = "PrintV2", "output_stream"
_WATCHED = frozenset({*_CHECKPOINTS, _PRINT})
_SUFFIXES = (".pb", ".pbtxt")
_LOOKED_AT = 64
"""Fields that decide what kind of message a file is."""


def _plausible(head: bytes, item: Item) -> bool:
    return item.path.lower().endswith(_SUFFIXES) or _grammar(Window.of(head), cut=True) is not None


def _scan(item: Item, situation: Situation) -> Reading:
    """Walk the file as each kind.

    Fields may come in any order, so that it may be one kind to us and another to its reader.
    """
    window = held(item)
    if item.path.lower().endswith(".pbtxt"):
        return (yield from _scan_text(window, situation=situation))
    likely = _grammar(window, cut=False)
    if likely is None:
        message = "some other protocol buffer, or none"
        raise NotMineError(message)
    fault: InputError | LimitError | None = None
    for grammar in (SAVED_MODEL, GRAPH_DEF, KERAS_METADATA):
        found = TensorGraph()
        try:
            collect(window, found, grammar=grammar, watched=_WATCHED, budget=situation.budget)
        except (InputError, LimitError) as error:
            if isinstance(error, InputError) and text_bytes(window) == window.size:
                message = "plain text that begins like a graph; operations are never text alone"
                raise NotMineError(message) from error
            fault = error if grammar is likely or isinstance(error, LimitError) else fault
        yield from _operations(found)
        yield from _places(found)
        for kind, raw in found.metadata:
            yield from _layer(kind, raw, situation=situation)
    if fault:
        raise fault
    return window.size


def _grammar(window: Window, *, cut: bool) -> Grammar | None:
    """What kind of message this is, by its first fields; none = another one.

    Args:
        window: The file.
        cut: Whether these are only its first bytes, so that the end of a message is missing.
    """
    end = 1 << 62 if cut else window.size
    fields, position = Fields(window), 0
    for _ in range(_LOOKED_AT):
        if position >= window.size:
            return None
        try:
            number, wire, _, start, size = fields.at(position, end)
            inner = _shape(fields, start=start, end=start + size) if wire == BYTES else {}
        except InputError:
            return None
        position = start + size
        if number == 2 and (inner.get(1) == BYTES or inner.get(2) == BYTES):
            return SAVED_MODEL
        if number == 1 and inner.get(1) == inner.get(2) == BYTES:
            return GRAPH_DEF
        if number == 1 and inner.get(4) == BYTES and inner.get(2, VARINT) == VARINT:
            return KERAS_METADATA
    return None


def _shape(fields: Fields, *, start: int, end: int) -> dict[int, int]:
    """Wire types of a message's first fields.

    Raises:
        InputError: it is no message.
    """
    found: dict[int, int] = {}
    position = start
    for _ in range(_LOOKED_AT):
        if position >= min(end, fields.window.size):
            break
        number, wire, _, begin, size = fields.at(position, end)
        found.setdefault(number, wire)
        position = begin + size
    return found


def _scan_text(window: Window, *, situation: Situation) -> Reading:
    """The same as text: operations by name, and layers of Keras."""
    if window.size > MAX_BYTES:
        message = f"text of {window.size:,} bytes where {MAX_BYTES:,} are read at most"
        raise LimitError(message)
    found = TensorGraph()
    for name, value in texts(window.at(0, window.size), budget=situation.budget):
        if name == "op" and value in _OPERATIONS:
            found.operators.setdefault(value, Node(0))
        elif name == "filename":
            found.assets.add(value)
        elif name == "s" and value.startswith("file:"):
            found.watched.append(Node(0, operators={_PRINT}, texts={_STREAM: value}))
        elif name == "metadata":
            yield from _layer("", value.encode(), situation=situation)
    yield from _operations(found)
    yield from _places(found)
    return window.size


def _operations(found: TensorGraph) -> Iterator[Notice]:
    for name, (verdict, why) in _OPERATIONS.items():
        if name in found.operators:
            node = found.operators[name]
            yield Notice(
                verdict=verdict,
                rule="tensorflow.operation",
                where=f"byte {node.offset}, node {plain(node.name)}" if node.name else "",
                what=name,
                why=why,
            )


def _places(found: TensorGraph) -> Iterator[Notice]:
    """Files outside of the model's folder."""
    for name in sorted(filter(leaves_folder, found.assets)):
        yield _place("asset", name, "A file that it brings along lies outside of its folder.")
    for node in found.watched:
        stream = node.texts.get(_STREAM, "")
        if _PRINT in node.operators and stream.startswith("file:"):
            yield _place(node.name, stream, "It prints into a file.")
        fixed = found.constants.get(node.inputs[0].partition(":")[0], "") if node.inputs else ""
        if node.operators & _CHECKPOINTS and leaves_folder(fixed):
            yield _place(node.name, fixed, "It saves to, or restores from, a fixed place.")


def _place(where: str, what: str, why: str) -> Notice:
    return Notice(
        verdict="malicious",
        rule="tensorflow.path",
        where=plain(where),
        what=plain(what),
        why=why,
    )


def _layer(kind: str, raw: bytes, *, situation: Situation) -> Iterator[Notice]:
    """What Keras says of a layer; other objects keep other things there."""
    if raw.lstrip().startswith(b"{"):
        yield from described_notices(raw, where=kind, allowed=situation.allowed)


SCANNER = Scanner(name="tensorflow", plausible=_plausible, scan=_scan)
