"""Models that are described by names, in places and encodings where few look for one."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from hostile_artifacts.archives import Entry, zipped
from hostile_artifacts.case import FORMAT, Build, Case, Least
from hostile_artifacts.keras_files import hdf5
from hostile_artifacts.opcodes import COMMAND, PLACE, URL

_SYSTEM = {
    "module": "os",
    "class_name": "function",
    "config": "system",
    "registered_name": "system",
}
_DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 1}}
Named = dict[str, tuple[str, Build]]


def _model(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "m", "layers": list(layers)},
        **more,
    }


def _layer(name: str, **config: Any) -> dict[str, Any]:
    return {"module": "keras.layers", "class_name": name, "config": config}


def _keras(raw: bytes) -> bytes:
    about = Entry(name="metadata.json", raw=b'{"keras_version": "3.8.0"}')
    return zipped((about, Entry(name="config.json", raw=raw)))


def _configs() -> dict[str, tuple[str, Any]]:
    """Places of a configuration besides its layers."""
    loss = {"optimizer": "adam", "loss": _SYSTEM, "metrics": []}
    nested = _layer("Dense", units=1, kernel_initializer={**_SYSTEM, "class_name": "system"})
    return {
        "keras-function-for-a-loss": ("keras-module", _model(compile_config=loss)),
        "keras-class-for-an-initialiser": ("keras-module", _model(nested)),
        "keras-function-in-a-build": (
            "keras-module",
            _model({**_DENSE, "build_config": {"input_shape": _SYSTEM}}),
        ),
        "keras-function-in-an-argument": (
            "keras-module",
            _model({**_DENSE, "inbound_nodes": [{"args": [_SYSTEM], "kwargs": {}}]}),
        ),
        "keras-loads-another-model": (
            "keras-get-file",
            _model(
                _layer(
                    "Lambda",
                    function={
                        "module": "keras.src.saving.saving_api",
                        "class_name": "function",
                        "config": "load_model",
                        "registered_name": "load_model",
                    },
                )
            ),
        ),
        "keras-file-of-its-older-name": (
            "keras-get-file",
            _model(
                _layer(
                    "Lambda",
                    function={
                        "module": "keras._tf_keras.keras.utils",
                        "class_name": "function",
                        "config": "get_file",
                        "registered_name": "get_file",
                    },
                    arguments={"origin": URL, "fname": "x"},
                )
            ),
        ),
        "keras-words-in-a-file": (
            "keras-file",
            _model(_layer("StringLookup", vocabulary="/etc/passwd")),
        ),
        "keras-layer-of-another-folder": (
            "keras-file",
            _model(_layer("TFSMLayer", filepath=PLACE, call_endpoint="serve")),
        ),
        "keras-lambda-within-a-wrapper-twice": (
            "keras-lambda",
            _model(
                _layer(
                    "TimeDistributed",
                    layer=_layer(
                        "Bidirectional",
                        layer=_layer(
                            "Lambda",
                            function={"class_name": "__lambda__", "config": {"code": "4w=="}},
                        ),
                    ),
                )
            ),
        ),
        "keras-submodule-of-a-known-package": (
            "keras-module",
            _model(
                {"module": "keras.src.utils.file_utils.os", "class_name": "system", "config": {}}
            ),
        ),
        "keras-torch-wrapper-by-its-source": (
            "keras-torch-wrapper",
            _model(
                {
                    "module": "keras.src.utils.torch_utils",
                    "class_name": "TorchModuleWrapper",
                    "config": {"module": {"class_name": "__bytes__", "value": "gAJOLg=="}},
                }
            ),
        ),
    }


def _spelled() -> Named:
    """The same JSON, spelled so that a search for words does not find it."""
    config = json.dumps(_model({**_SYSTEM, "class_name": "system", "config": {"command": COMMAND}}))
    escaped = config.replace("system", "\\u0073ystem").replace("class_name", "cl\\u0061ss_name")
    twice = config[:-1] + ', "config": {"name": "m", "layers": []}}'
    return {
        "keras-config-in-escapes": ("keras-module", lambda: _keras(escaped.encode())),
        "keras-config-in-utf-16": ("keras-module", lambda: _keras(config.encode("utf-16"))),
        "keras-config-in-utf-32": ("keras-module", lambda: _keras(config.encode("utf-32-le"))),
        "keras-config-with-a-key-twice": ("keras-module", lambda: _keras(twice.encode())),
        "keras-config-behind-spaces": (
            "keras-module",
            lambda: _keras(b" " * 10_000 + config.encode()),
        ),
    }


def _node(loader: str, module: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, **rest}


def _schema(raw: bytes) -> bytes:
    return zipped((Entry(name="schema.json", raw=raw),))


def _partial(module: str, name: str) -> bytes:
    """A function that is applied in part, in an older protocol of skops."""
    function = _node(
        "FunctionNode", module, name, content={"module_path": module, "function": name}
    )
    arguments = _node("TupleNode", "builtins", "tuple", content=[])
    content = {"func": function, "args": arguments}
    node = _node("PartialNode", "functools", "partial", content=content, protocol=0)
    return _schema(json.dumps(node).encode())


def _skops() -> Named:
    """Nodes below others, and schemas in other spellings."""
    system = _node("FunctionNode", "posix", "system")
    listed = _node("ListNode", "builtins", "list", content=[system])
    field = _node("ObjectNode", "sklearn.svm._classes", "SVC", content={"attrs": listed})
    seeded = _node("RandomGeneratorNode", "os", "system", content={"bit_generator": {}})
    rebuilt = _node("ConstructorFromReduceNode", "joblib", "load", content=[])
    text = json.dumps(system)
    partials: Named = {
        f"skops-partial-of-{module}-{name}": ("skops-nodes", partial(_partial, module, name))
        for module, name in (("numpy", "load"), ("numpy", "fromfile"), ("builtins", "exec"))
    }
    return partials | {
        "skops-function-in-a-list": ("skops-nodes", lambda: _schema(json.dumps(listed).encode())),
        "skops-function-in-a-field": ("skops-nodes", lambda: _schema(json.dumps(field).encode())),
        "skops-generator-of-numbers": ("skops-nodes", lambda: _schema(json.dumps(seeded).encode())),
        "skops-rebuilt-by-a-loader": ("skops-nodes", lambda: _schema(json.dumps(rebuilt).encode())),
        "skops-schema-with-a-key-twice": (
            "skops-nodes",
            lambda: _schema(text[:-1].encode() + b', "z": 1, "z": 2}'),
        ),
        "skops-schema-in-utf-16": ("skops-nodes", lambda: _schema(text.encode("utf-16"))),
        "skops-schema-in-escapes": (
            "skops-nodes",
            lambda: _schema(text.replace("system", "syste\\u006d").encode()),
        ),
    }


_LEAST: dict[str, Least] = {
    "keras-words-in-a-file": "suspicious",
    "keras-layer-of-another-folder": "suspicious",
    "keras-submodule-of-a-known-package": "suspicious",
}


def cases() -> Iterator[Case]:
    """Every description."""
    for name, (weakness, config) in _configs().items():
        raw = json.dumps(config).encode()
        yield _case(name, weakness, ".keras", partial(_keras, raw))
    for name in ("keras-function-for-a-loss", "keras-class-for-an-initialiser"):
        weakness, config = _configs()[name]
        raw = json.dumps(config).encode()
        yield _case(f"{name}-in-hdf5", weakness, ".h5", partial(hdf5, "model_config", raw))
    for ending, group in ((".keras", _spelled()), (".skops", _skops())):
        for name, (weakness, build) in group.items():
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
