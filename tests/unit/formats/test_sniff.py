import bz2
import gzip
import io
import json
import lzma
import pickle
import zipfile
import zlib

import pytest

from bartizan.formats.sniff import Format, sniff


def archive(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name in names:
            made.writestr(name, b"x")
    return buffer.getvalue()


def tensors(pad: int = 0) -> bytes:
    """A safetensors file of one number, its header padded to a length."""
    header = b'{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'.ljust(pad)
    return len(header).to_bytes(8, "little") + header + bytes(4)


LOOSE = {"a": [1, 2.5, "text", (None, True)], "b": b"bytes"}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrap", [bytes, gzip.compress, zlib.compress, bz2.compress, lzma.compress])
def test_pickles_are_recognised_in_any_protocol_and_wrapping(wrap: object, protocol: int) -> None:
    raw = pickle.dumps(LOOSE, protocol=protocol)
    assert callable(wrap)
    assert sniff(wrap(raw)) == "pickle"
    assert sniff(wrap(raw + b"anything after the end")) == "pickle"


def test_a_long_textual_pickle_is_recognised_by_its_beginning() -> None:
    raw = pickle.dumps(list(range(100_000)), protocol=0)
    assert len(raw) > 64 * 1024
    assert sniff(raw) == "pickle"


def test_a_legacy_alone_lzma_file_is_looked_into() -> None:
    raw = lzma.compress(pickle.dumps(LOOSE), format=lzma.FORMAT_ALONE)
    assert sniff(raw) == "pickle"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "empty"),
        (b"PAR1abc", "parquet"),
        (archive("schema.json", "1.npy"), "skops"),
        (archive("archive/data.pkl", "archive/version"), "pickle"),
        (archive("m/data.pkl", "m/byteorder", "m/data/0", "m/version"), "torch"),
        (archive("m/data.pkl", "m/data/0", "m/more.pkl"), "pickle"),
        (archive("m/data.pkl", "m/data/0", "elsewhere"), "pickle"),
        (archive("m/data.pkl", "m/data/0", "m/code/net.py", "m/constants.pkl"), "torchscript"),
        (archive("m/models/model.json", "m/archive_format"), "torch-export"),
        (archive("serialized_exported_program.json", "version"), "torch-export"),
        (tensors(), "safetensors"),
        (tensors(pad=640), "safetensors"),
        (tensors()[:60], "safetensors"),
        (archive("schema.json", "extra.pickle"), "pickle"),
        (archive("a.txt"), "zip"),
        (archive("schema.json")[:30], "zip"),
        (gzip.compress(b"a,b\n1,2\n"), "gzip"),
        (gzip.compress(b"a,b\n1,2\n")[:12], "gzip"),
        (json.dumps({"learner": {}, "version": [3]}).encode(), "xgboost-json"),
        (b'{\n  "version": [3], "learner": {}}', "xgboost-json"),
        (b"{L\0\0\0\0\0\0\0\x07learner{", "xgboost-ubj"),
        (b"\x08\x08\x3a\x02\x0a\x00\x42\x02\x10\x11", "onnx"),
        (b"\x08\x08\x3a\x02\x0a", "unknown"),
        (b"a,b,c\n1,2,3\n", "unknown"),
        (b"0,tcp,http\n", "unknown"),
        (b'{"a": 1}', "unknown"),
        (b"\x89PNG\r\n\x1a\n", "unknown"),
    ],
)
def test_other_content_is_what_it_is(raw: bytes, expected: Format) -> None:
    assert sniff(raw) == expected


def test_a_header_of_640_bytes_begins_like_a_pickle_and_is_none() -> None:
    assert tensors(pad=640)[:2] == b"\x80\x02"


def test_nothing_is_run_while_looking() -> None:
    raw = b"cbuiltins\nexec\n(S'raise SystemExit(7)'\ntR."
    assert sniff(raw) == "pickle"


def test_a_table_that_happens_to_run_is_no_pickle() -> None:
    assert sniff(b"Gender\n1,2.5,Name\n" * 100) == "unknown"
