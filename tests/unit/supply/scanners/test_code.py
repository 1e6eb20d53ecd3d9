"""Code is never clean, whoever asks for it."""

import pytest

from bartizan.supply.scanners.code import RULE, SCANNER
from boxes import zip_of
from scanned import judged, scanned


@pytest.mark.parametrize("path", ["train.py", "run.sh", "x.ipynb", "app.js"])
def test_source_code_is_inconclusive_and_told_as_such(path: str) -> None:
    found = judged(b"import os\n", path=path)
    assert (found.verdict, found.rules) == ("inconclusive", {RULE})
    assert judged(b"#!/bin/sh\necho\n", path="run").rules == {RULE}


def test_source_code_in_an_archive_is_inconclusive() -> None:
    assert judged(zip_of({"handler.py": b"import os\n"})).rules == {RULE}


def test_what_is_no_text_is_no_code() -> None:
    for raw in (b"import os\xff\n", b"import\0os\n"):
        assert not scanned(SCANNER, raw, path="train.py").notices
        assert judged(raw, path="train.py").verdict == "inconclusive"


def test_a_pickle_with_the_name_of_code_is_malicious() -> None:
    assert judged(b"cos\nsystem\n(S'true'\ntR.", path="train.py").verdict == "malicious"


def test_a_model_that_asks_for_code_is_inconclusive() -> None:
    raw = b'{"model_type": "x", "auto_map": {"AutoModel": "modeling_x.Model"}}'
    found = judged(raw, path="config.json")
    assert (found.verdict, found.rules) == ("inconclusive", {"file.asks-for-code"})
    hidden = raw.replace(b"auto_map", b"\\u0061uto_map")
    assert "file.asks-for-code" in judged(hidden, path="config.json").rules
    assert judged(b'{"model_type": "x"}', path="config.json").verdict == "clean"
