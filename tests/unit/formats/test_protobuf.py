import pytest

from bartizan.core.errors import InputError
from bartizan.formats.protobuf import fields, inspect_onnx, is_onnx


def varint(value: int) -> bytes:
    out = b""
    value &= (1 << 64) - 1
    while value >= 128:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


def number(place: int, value: int) -> bytes:
    return varint(place << 3) + varint(value)


def message(place: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return varint(place << 3 | 2) + varint(len(body)) + body


def model(*graph: bytes) -> bytes:
    return number(1, 8) + message(7, *graph) + message(8, number(2, 17))


def test_fields_are_split() -> None:
    raw = number(1, 300) + message(2, b"ab") + b"\x19" + b"8bytes.." + b"\x25" + b"four"
    assert list(fields(raw)) == [(1, 300), (2, b"ab"), (3, b"8bytes.."), (4, b"four")]


@pytest.mark.parametrize("raw", [b"\x08", b"\x12\x05ab", b"\x0b", b"\x08" + b"\xff" * 11, b"\x02"])
def test_damage_is_refused(raw: bytes) -> None:
    with pytest.raises(InputError):
        list(fields(raw))
    assert not is_onnx(raw)


def test_a_model_has_a_version_a_graph_and_operator_sets() -> None:
    assert is_onnx(model())
    assert not is_onnx(number(1, 8))
    assert not is_onnx(model()[:-1])


TENSOR = message(13, message(1, b"location"), message(2, b"weights.bin")) + number(14, 1)


@pytest.mark.parametrize(
    "part",
    [
        message(5, TENSOR),
        message(15, message(1, TENSOR)),
        message(1, message(5, message(5, TENSOR))),
        message(1, message(5, message(6, message(5, TENSOR)))),
        message(1, message(5, message(10, TENSOR))),
    ],
    ids=["initializer", "sparse", "constant", "inner graph", "list of tensors"],
)
def test_weights_in_other_files_are_found_wherever_they_hide(part: bytes) -> None:
    assert inspect_onnx(model(part)).external


def test_the_word_location_alone_is_no_other_file() -> None:
    assert not inspect_onnx(model(message(5, message(8, b"location")))).external


def test_labels_are_read_as_text_or_signed_numbers() -> None:
    texts = message(5, message(1, b"classlabels_strings"), message(9, b"a"), message(9, b"b"))
    whole = message(5, message(1, b"classlabels_ints"), number(8, 0), number(8, -1))
    packed = message(5, message(1, b"classlabels_int64s"), message(8, varint(0), varint(-1)))
    assert inspect_onnx(model(message(1, texts))).labels == ("a", "b")
    assert inspect_onnx(model(message(1, whole))).labels == (0, -1)
    assert inspect_onnx(model(message(1, packed))).labels == (0, -1)
    assert inspect_onnx(model(message(1, texts), message(1, whole))).labels is None
    assert inspect_onnx(model()).labels is None


def test_graphs_nested_without_end_are_refused() -> None:
    part = message(5, TENSOR)
    for _ in range(80):
        part = message(1, message(5, message(6, part)))
    with pytest.raises(InputError, match="nested"):
        inspect_onnx(model(part))
