"""Data that belongs into a model's folder is accounted for to its last byte, and no further."""

import io

import numpy as np
import pytest

from bartizan.supply.scanners.inert import SCANNER
from scanned import is_clean, scanned


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("README.md", "# Modèle\n\nÜber alles.\n".encode()),
        ("requirements.txt", b"numpy==2\n"),
        (".gitignore", b"*.pyc\n"),
        ("config.json", b'{"hidden": 3}'),
        ("rows.csv", b"a,b\r\n1,2\r\n" * 100_000),
    ],
)
def test_plain_text_is_accounted_for(path: str, raw: bytes) -> None:
    assert is_clean(scanned(SCANNER, raw, path=path), raw)


def test_a_sign_across_two_chunks_is_text() -> None:
    raw = b"x" * ((1 << 18) - 1) + "é".encode() * 4
    assert is_clean(scanned(SCANNER, raw), raw)


@pytest.mark.parametrize("raw", [b"text\x00", b"\x80\x04.", b"text\xff", b"text\xc3", b"a\x1b[0m"])
def test_what_is_no_text_is_not_accounted_for(raw: bytes) -> None:
    assert scanned(SCANNER, raw).covered == 0


@pytest.mark.parametrize("path", ["modeling.py", "run.sh", "x.ipynb", "page.html"])
def test_code_and_pages_are_not_accounted_for(path: str) -> None:
    assert scanned(SCANNER, b"import os\n", path=path).covered == 0
    assert scanned(SCANNER, b"#!/bin/sh\n", path="run").covered == 0


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_pictures_are_accounted_for_up_to_their_end(form: str) -> None:
    pillow = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    pillow.fromarray(np.zeros((8, 8, 3), np.uint8)).save(buffer, form)
    raw = buffer.getvalue()
    assert is_clean(scanned(SCANNER, raw), raw)
    assert scanned(SCANNER, raw + b"PK\x03\x04").covered == len(raw)


def test_tables_are_accounted_for() -> None:
    polars = pytest.importorskip("polars")
    buffer = io.BytesIO()
    polars.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "z"]}).write_parquet(buffer)
    raw = buffer.getvalue()
    assert is_clean(scanned(SCANNER, raw), raw)
    assert scanned(SCANNER, raw[:-8]).verdict == "inconclusive"
