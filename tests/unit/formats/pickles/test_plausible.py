"""What some unpickler would run is a pickle; tables, texts and other formats are none."""

import io
import json
import pickle
import struct
import zipfile

import joblib
import numpy as np
import pytest

from bartizan.formats.pickles.plausible import plausible
from pickle_corpus import HOSTILE, PROTOCOLS, SYSTEM, dumped

HEAD = 4096


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_pickle_is_plausible(protocol: int) -> None:
    for raw in dumped(protocol):
        assert plausible(raw[:HEAD])


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_files_of_joblib_are_plausible(protocol: int) -> None:
    buffer = io.BytesIO()
    joblib.dump({"a": np.zeros(10_000)}, buffer, protocol=protocol)
    assert plausible(buffer.getvalue()[:HEAD])


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"inst at the end"}))
def test_hostile_streams_are_plausible(name: str) -> None:
    assert plausible(HOSTILE[name][:HEAD])


@pytest.mark.parametrize(
    "raw",
    [
        b"X" + struct.pack("<I", 100_000) + b"x" * 5_000,
        b"V" + b"a" * 5_000,
        b"S'" + b"a" * 5_000,
        b"F1." + b"0" * 5_000,
        b"L" + b"1" * 5_000,
        b"NV" + b"the quick brown fox. " * 300,
        b"N." + b"V" + b"a" * 5_000,
        b"X" + struct.pack("<I", 4_091) + b"x" * 4_091,
        b",".join(b"V%d" % i for i in range(2_000)),  # only what follows can tell
        b"B" + struct.pack("<I", 100_000_000) + bytes(5_000),
        b"(lp0\n" + b"I1\na" * 2_000,
        b"\x80\x04",
        b"\x80\x04\x95",
        SYSTEM + b"0(I1\nt\xff",
    ],
)
def test_so_are_those_of_which_more_is_to_come(raw: bytes) -> None:
    assert plausible(raw[:HEAD])


def test_a_text_as_long_as_its_first_letters_say_is_one_if_the_content_has_so_much() -> None:
    raw = b"X\t\t\t\t" + b"x" * 5_000
    assert not plausible(raw[:HEAD])
    assert not plausible(raw[:HEAD], size_bytes=len(raw))
    assert plausible(raw[:HEAD], size_bytes=200_000_000)


def image() -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr("data.pkl", pickle.dumps(1))
    return buffer.getvalue()


def numbers() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


OTHERS = {
    "nothing": b"",
    "png": image(),
    "zip": archive(),
    "npy": numbers(),
    "json": json.dumps({"a": [1, 2]}).encode(),
    "json list": b"[1, 2, 3]",
    "onnx": b"\x08\x0a\x12\x07skl2onnx\x1a\x062.0" + bytes(50),
    "safetensors": struct.pack("<Q", 0x0480) + b'{"w":{"dtype":"F32"' + b" " * 1_200,
    "safetensors of a certain length": struct.pack("<Q", 0x280480) + b'{"w":{"dtype":"F32"',
    "ubjson": b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner{",
    "lightgbm": b"tree\nversion=v4\nnum_class=1\n",
    "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(100),
    "gguf": b"GGUF\x03\x00\x00\x00" + bytes(100),
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(100),
    "gzip": b"\x1f\x8b\x08" + bytes(100),
    "bzip2": b"BZh91AY&SY" + b"abcd" * 2_000,
    "parquet": b"PAR1\x15\x04\x15" + bytes(100) + b"PAR1",
    "portable bitmap": b"P6\n640 480\n255\n" + bytes(100),
    "words": b"cat\ndog\nfish\n",
    "more words": b"cat\ndog\nNo\nTime\nout\n",
    "one word": b"N",
    "brackets": b"((((((((((((",
    "capital letters": b"Under construction",
    "short first line": b"Text\nand more of it\n" * 300,
    "another": b"Bag\n\nof words\n" * 300,
    "prose": b"It was the best of times, it was the worst of times.\n" * 100,
    "python": b"import os\n\n\ndef main():\n    pass\n" * 50,
    "readme": b"# Title\n\nSome words.\n",
    "yaml": b"name: x\nvalue: 1\n",
    "genes": b"NNNNNNNNNN\nACGTACGT\n" * 400,
}


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_other_formats_are_no_pickles(name: str) -> None:
    assert not plausible(OTHERS[name][:HEAD])


HEADERS = (
    *("Time", "Amount", "Class", "Usage", "Id", "id", "Key", "Month", "Jan", "Gender", "Name"),
    *("Version", "cost", "count", "index", "Store", "Total", "Balance", "X1", "Unit", "label"),
    *("target", "V1", "Income", "I", "F1", "Loan", "Sex", "personal", "group"),
)


@pytest.mark.parametrize("first", HEADERS)
def test_tables_are_no_pickles(first: str) -> None:
    for comma in (",", ";", "\t", "|"):
        header = comma.join([first, "age", "income"])
        rows = "\n".join(comma.join(["1", "2.5", "Name"]) for _ in range(400))
        for table in (
            f"{header}\n{rows}",
            f"{first}\n{rows}",
            f'"{first}"\n{rows}',
            f"{first}\r\n{rows}",
        ):
            assert not plausible(table.encode()[:HEAD])


class Indulgent(pickle.Unpickler):
    """Takes every persistent id."""

    def persistent_load(self, pid: object) -> object:
        return pid


@pytest.mark.parametrize("line", [b"PK\x03\x04\x14\x00\xe9" + b"x" * 5_000, b"P\xc3\xa9\n."])
def test_an_id_that_is_no_ascii_is_read_by_nobody(line: bytes) -> None:
    """Honest zip files begin with one, and often have no line feed for thousands of bytes."""
    with pytest.raises(pickle.UnpicklingError, match="ASCII"):
        Indulgent(io.BytesIO(line + b"\n.")).load()
    assert not plausible(line[:HEAD], size_bytes=1 << 20)
    assert Indulgent(io.BytesIO(b"Pid\n.")).load() == "id"
    assert plausible(b"P" + b"x" * 5_000, size_bytes=1 << 20)
