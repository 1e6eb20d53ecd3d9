"""Honest files that look like what attacks use: none of them is flagged."""

import io
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bartizan.formats.content import Window
from bartizan.supply.scan.answer import Ask
from bartizan.supply.scan.confined import Confined
from bartizan.supply.scan.reader import answered
from bartizan.supply.scanners.notice import Notice
from model_files import gguf


def noticed(raw: bytes, *, path: str, allowed: frozenset[str] = frozenset()) -> list[Notice]:
    return list(answered(Window.of(raw), Ask(path=path), allowed=allowed).read.notices)


def zipped(raw: bytes, *, name: str = "data.bin", comment: bytes = b"") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, raw)
        archive.comment = comment
    return buffer.getvalue()


def schema(node: str) -> bytes:
    argument = (
        '{"__class__":"str","__module__":"builtins","__loader__":"JsonNode","content":"\\"O\\""}'
    )
    content = (
        '{"__class__":"tuple","__module__":"builtins","__loader__":"TupleNode","content":[%s]}'
    )
    return zipped((node % (content % argument)).encode(), name="schema.json")


_REBUILT = (
    '{"__class__":"%s","__module__":"%s","__loader__":"ConstructorFromReduceNode","content":%%s}'
)
FILES: dict[str, bytes] = {
    "graph.pbtxt": b'node {\n name: "a"\n op: "Add"\n}\n',
    "model.pmml": b'<?xml version="1.0"?><PMML version="4.4"></PMML>\n',
    "config.json": b'{"module":"keras","class_name":"Sequential","config":{"layers":[]}}',
    "blank.json": b" " * 10_000 + b'{"rate": 0.1}\n',
    "settings.yaml": b"rate: 0.1\n",
    "dtype.skops": schema(_REBUILT % ("dtype", "numpy")),
    "words.skops": schema(_REBUILT % ("CountVectorizer", "sklearn.feature_extraction.text")),
    "type.pkl": pickle.dumps(np.dtype("V8")),
    "large.pkl": pickle.dumps(np.zeros((100, 1000))),
    "range.pkl": pickle.dumps(range(10**6)),
    "zone.pkl": pickle.dumps(["dateutil/Europe/Berlin", "dateutil//usr/share/zoneinfo/UTC"]),
    "prose.pkl": pickle.dumps("see https://github.com/dateutil/dateutil/../issues"),
    "said.zip": zipped(b"text\n", name="a.txt", comment=b"made by hand, see README.md"),
    "chat.gguf": gguf({"tokenizer.chat_template": "{{ '<|im_start|>' + role }} __init__ '__'"}),
}


@pytest.mark.parametrize("name", FILES)
def test_an_honest_file_is_clean(name: str) -> None:
    assert noticed(FILES[name], path=name) == []


@pytest.mark.parametrize(
    "encoding",
    ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "utf-32", "utf-32-be", "utf-32-le"],
)
def test_a_confined_process_reads_json_in_every_encoding_of_its_readers(
    encoding: str, tmp_path: Path
) -> None:
    text = '{"module": "os", "class_name": "system", "config": {"command": "true"}}'
    path = tmp_path / "config.json"
    path.write_bytes(text.encode(encoding))
    with Confined() as process, path.open("rb") as file:
        found = process.read(file.fileno(), path=path.name).read
    assert "keras.module" in {notice.rule for notice in found.notices}


def test_a_large_array_of_python_2_is_clean() -> None:
    class Old:
        def __reduce__(self) -> Any:
            return bytes, ()

    raw = pickle.dumps([Old()], protocol=2)
    assert noticed(raw, path="old.pkl") == []


def test_a_compiled_pattern_passes() -> None:
    raw = pickle.dumps({"pattern": re.compile("x")})
    assert noticed(raw, path="m.pkl") == []
