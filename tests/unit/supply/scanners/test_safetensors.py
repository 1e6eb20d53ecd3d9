"""Files of safetensors: what the library refuses is never clean, what hides bytes is told."""

import base64
import json
from typing import Any

import numpy as np
import pytest

from bartizan.supply.scanners.safetensors import SCANNER
from model_files import safetensors
from pickle_corpus import CALL
from scanned import is_clean, scanned

ONE = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def test_files_of_the_library_are_clean() -> None:
    library = pytest.importorskip("safetensors.numpy")
    tensors = {
        "a": np.ones((3, 4), np.float16),
        "b": np.zeros((0, 5)),
        "c": np.arange(7, dtype=np.int8),
    }
    raw = library.save(tensors, metadata={"format": "np", "note": "__import__('os')"})
    assert is_clean(scanned(SCANNER, raw), raw)


def test_an_empty_file_of_the_library_is_clean() -> None:
    raw = pytest.importorskip("safetensors.numpy").save({})
    assert is_clean(scanned(SCANNER, raw), raw)


@pytest.mark.parametrize(
    ("header", "content", "rule"),
    [
        ({"a": ONE, "b": {**ONE, "data_offsets": [4, 12]}}, bytes(12), "safetensors.overlap"),
        ({"a": ONE, "b": {**ONE, "data_offsets": [12, 20]}}, bytes(20), "safetensors.hole"),
        ({"a": {**ONE, "data_offsets": [4, 12]}}, bytes(12), "safetensors.hole"),
        ({"a": ONE}, bytes(8) + b"\x80\x04.", "safetensors.trailing"),
    ],
)
def test_bytes_of_two_tensors_or_of_none_are_suspicious(
    header: Any, content: bytes, rule: str
) -> None:
    found = scanned(SCANNER, safetensors(header, content))
    assert found.verdict == "suspicious"
    assert rule in found.rules


@pytest.mark.parametrize(
    "raw",
    [
        (10**9).to_bytes(8, "little") + b"{}",
        (1 << 63).to_bytes(8, "little") + b"{}",
        b"\x00" * 4,
        safetensors(b"{", b""),
        safetensors(b'{"a": 1, "a": 2}', b""),
        safetensors(b"[1, 2, 3]", b""),
        safetensors(b"{" + b'"a":[' * 5000, b""),
        safetensors({"a": {**ONE, "dtype": "PICKLE"}}, bytes(8)),
        safetensors({"a": {**ONE, "shape": [10**9, 10**9]}}, bytes(8)),
        safetensors({"a": {**ONE, "shape": [-2, -1]}}, bytes(8)),
        safetensors({"a": {**ONE, "data_offsets": [0, True]}}, bytes(8)),
        safetensors({"a": ONE}, bytes(4)),
        safetensors({"a": ONE, "__metadata__": {"x": 1}}, bytes(8)),
        safetensors({"a": ONE, "__metadata__": "x"}, bytes(8)),
    ],
)
def test_what_the_library_refuses_is_not_clean(raw: bytes) -> None:
    library = pytest.importorskip("safetensors")
    with pytest.raises(library.SafetensorError):
        library.deserialize(raw)
    found = scanned(SCANNER, raw, path="m.safetensors")
    assert found.verdict == "inconclusive" or not found.covered


def test_a_name_alone_makes_no_file_of_it() -> None:
    found = scanned(SCANNER, b"version https://git-lfs.github.com/spec/v1\n", path="m.safetensors")
    assert (found.covered, found.verdict) == (0, "clean")


def test_a_header_that_is_cut_off_is_told() -> None:
    assert scanned(SCANNER, (100).to_bytes(8, "little") + b'{"a"').verdict == "inconclusive"


def test_a_long_header_of_lists_is_refused_before_it_is_decoded() -> None:
    raw = safetensors(b"{" + b'"a":[' + b"[]," * 3_000_000 + b"[]]}", b"")
    assert "MiB" in scanned(SCANNER, raw).fault


def test_json_is_not_taken_for_a_header() -> None:
    assert scanned(SCANNER, b'{"abcd":{"x": 1}}').fault == ""


def _with(text: str) -> bytes:
    return safetensors({"__metadata__": {"note": text}, "a": ONE}, bytes(8))


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(CALL + b".").decode(),
        base64.urlsafe_b64encode(b"\x80\x04\x8c\xff" + b"?" * 255 + b"0" + CALL + b".").decode(),
        base64.encodebytes(b"\x80\x04" + CALL + b"0" * 90).decode(),
        (CALL + b".").decode(),
        (b"\x80\x02" + CALL + b".").decode("latin-1"),
    ],
)
def test_a_pickle_in_the_metadata_that_runs_code_is_suspicious(text: str) -> None:
    found = scanned(SCANNER, _with(text))
    assert [(one.verdict, one.what) for one in found.notices] == [("suspicious", "os.system")]
    assert found.notices[0].where == "metadata note"


@pytest.mark.parametrize(
    "text",
    [
        *("", "pt", "np", "None", "true", "c", "config", "0123456789abcdef" * 4),
        "import os; os.system('id')",
        json.dumps({"learning_rate": [0.1] * 2_000, "optimizer": "adam", "code": "cos system"}),
        base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40).decode(),
        base64.b64encode(b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 40).decode(),
        base64.b64encode(b"\x80\x04]\x94(K\x01K\x02e.").decode(),
        "caf\u00e9 \u2603",
    ],
)
def test_any_other_text_in_the_metadata_is_nobodys_business(text: str) -> None:
    raw = _with(text)
    assert is_clean(scanned(SCANNER, raw), raw)


def test_random_bytes_as_base64_are_no_pickle() -> None:
    generator = np.random.default_rng(5)
    texts = [base64.b64encode(generator.bytes(size)).decode() for size in range(1, 1_500)]
    raw = safetensors({"__metadata__": dict(zip(map(str, texts), texts, strict=True))}, b"")
    assert is_clean(scanned(SCANNER, raw), raw)
