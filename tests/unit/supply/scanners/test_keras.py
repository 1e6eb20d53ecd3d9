"""Configurations of Keras: each published attack, and configurations as Keras writes them."""

import json
from typing import Any

import pytest

from bartizan.supply.scanners.keras import SCANNER
from scanned import is_clean, scanned


def layer(name: str, config: dict[str, Any], *, module: str = "keras.layers") -> dict[str, Any]:
    return {
        "module": module,
        "class_name": name,
        "config": {"trainable": True, **config},
        "registered_name": None,
        "build_config": {"input_shape": [None, 8]},
    }


def function(name: str, module: str = "builtins") -> dict[str, Any]:
    return {
        "module": module,
        "class_name": "function",
        "config": name,
        "registered_name": "function",
    }


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    policy = {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": {"name": "float32"},
        "registered_name": None,
    }
    start = {
        "module": "keras.initializers",
        "class_name": "GlorotUniform",
        "config": {"seed": None},
        "registered_name": None,
    }
    first = layer("InputLayer", {"batch_shape": [None, 8], "dtype": "float32", "name": "in"})
    dense = layer(
        "Dense", {"units": 4, "dtype": policy, "kernel_initializer": start, "activation": "relu"}
    )
    return {
        **layer("Sequential", {"name": "s", "layers": [first, dense, *layers]}, module="keras"),
        "compile_config": {
            "optimizer": {
                "module": "keras.optimizers",
                "class_name": "Adam",
                "config": {"learning_rate": 0.001},
                "registered_name": None,
            },
            "loss": function("my_loss"),
            "metrics": ["accuracy"],
        },
    }


def functional() -> dict[str, Any]:
    """With an operation, and tensors as arguments."""
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 8], "dtype": "float32", "keras_history": ["in", 0, 0]},
    }
    add = {
        **layer("Add", {"name": "add"}, module="keras.src.ops.numpy"),
        "inbound_nodes": [{"args": [tensor, tensor], "kwargs": {}}],
    }
    return layer("Functional", {"layers": [add]}, module="keras.src.models.functional")


def of(config: Any, **options: Any) -> Any:
    return scanned(SCANNER, json.dumps(config).encode(), path="m.keras/config.json", **options)


@pytest.mark.parametrize(
    "config",
    [
        model(),
        functional(),
        model(
            layer("TextVectorization", {"vocabulary": None}),
            layer("StringLookup", {"vocabulary": ["a", "b"]}),
        ),
        model({**layer("My", {}), "module": None, "registered_name": "mine>My"}),
        {"class_name": "Trainer", "module": "another.framework"},
        {"class_name": "Sequential", "config": {"layers": [{"class_name": "LSTM", "config": {}}]}},
        {"class_name": "Model", "config": {}, "module": "tensorflow.python.keras.engine.training"},
    ],
)
def test_configurations_as_keras_writes_them_are_clean(config: dict[str, Any]) -> None:
    raw = json.dumps(config).encode()
    assert is_clean(scanned(SCANNER, raw, path="m.keras/config.json"), raw)


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        # CVE-2024-3660
        (layer("Lambda", {"function": {"class_name": "__lambda__", "config": {}}}), "keras.lambda"),
        (layer("Custom", {"function": ["4wEAAAAAAAAAAAAAAAEAAAAC", None, None]}), "keras.lambda"),
        # CVE-2025-1550
        (layer("Popen", {}, module="subprocess"), "keras.module"),
        (layer("Dense", {"activation": function("system", "os")}), "keras.module"),
        (layer("Dense", {"activation": function("eval")}), "keras.module"),
        (layer("load", {}, module="joblib"), "keras.module"),
        # CVE-2025-8747
        (layer("Dense", {"activation": function("get_file", "keras.utils")}), "keras.function"),
        (layer("get_file", {}, module="keras.src.utils.file_utils"), "keras.function"),
        # CVE-2025-9906
        (
            layer("X", {"a": function("enable_unsafe_deserialization", "keras.config")}),
            "keras.function",
        ),
        # CVE-2025-49655
        (layer("TorchModuleWrapper", {"module": {}}), "keras.layer"),
        (layer("X", {"activation": function("f", "my_code")}), "keras.module"),
    ],
)
def test_published_attacks_are_malicious(inner: dict[str, Any], rule: str) -> None:
    found = of(model(layer("Bidirectional", {"layer": inner})))
    assert (found.verdict, rule in found.rules) == ("malicious", True)


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        (layer("TFSMLayer", {"filepath": "x"}), "keras.layer"),
        (layer("StringLookup", {"vocabulary": "/etc/passwd"}), "keras.file"),
        (layer("My", {}, module="my_code.layers"), "keras.module"),
        (layer("X", {"f": function("thing", "keras.wrappers")}), "keras.function"),
        (layer("run_it", {}, module="keras.src.legacy.backend"), "keras.function"),
    ],
)
def test_what_reaches_out_is_suspicious(inner: dict[str, Any], rule: str) -> None:
    found = of(model(inner))
    assert (found.verdict, rule in found.rules) == ("suspicious", True)


def test_a_class_that_the_policy_allows_is_clean() -> None:
    config = model(layer("My", {}, module="my_code"))
    assert of(config, allowed=frozenset({"my_code.My"})).verdict == "clean"


def test_other_encodings_are_read_as_python_reads_them() -> None:
    raw = json.dumps(model(layer("Lambda", {}))).encode("utf-16")
    assert scanned(SCANNER, raw, path="config.json").rules == {"keras.lambda"}


@pytest.mark.parametrize(
    "raw",
    [
        b'{"class_name": ',
        b'{"class_name": ' + b"1" * 5000 + b"}",
        b'{"class_name":' + b"[" * 9999,
        b'{"class_name": 1} and more',
    ],
)
def test_what_is_no_json_is_inconclusive(raw: bytes) -> None:
    assert scanned(SCANNER, raw, path="config.json").verdict == "inconclusive"


def test_a_key_that_stands_twice_is_told_and_hides_nothing() -> None:
    raw = b'{"class_name": "Lambda", "config": {"a": 1, "a": 2}}'
    found = scanned(SCANNER, raw, path="config.json")
    assert found.rules == {"keras.lambda", "json.doubled"}
    harmless = b'{"class_name": "Dense", "a": 1, "a": 2}'
    assert scanned(SCANNER, harmless, path="config.json").verdict == "suspicious"


@pytest.mark.parametrize(
    "raw",
    [
        b"[2024-01-01 10:00:00] loading class_name\n",
        b'[1] the key "class_name"\n',
        b'{"class": name} of "class_name"',
    ],
)
def test_text_that_breaks_before_any_key_is_left_to_others(raw: bytes) -> None:
    found = scanned(SCANNER, raw, path="notes.txt")
    assert (found.covered, found.verdict) == (0, "clean")


def test_every_line_of_json_is_judged() -> None:
    honest = b'{"class_name": "dog"}\n{"class_name": "cat"}\n'
    assert is_clean(scanned(SCANNER, honest, path="labels.jsonl"), honest)
    raw = honest + b'{"class_name": "Lambda", "config": {}}\n'
    assert scanned(SCANNER, raw, path="labels.jsonl").verdict == "malicious"


def test_models_of_the_library_are_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras")
    made = keras.Sequential([keras.layers.Input((8,)), keras.layers.Dense(2, activation="relu")])
    raw = json.dumps(keras.saving.serialize_keras_object(made)).encode()
    assert is_clean(scanned(SCANNER, raw), raw)


def test_a_configuration_behind_much_else_is_found_under_any_name() -> None:
    raw = json.dumps({"padding": "x" * 600_000, "inner": model(layer("Lambda", {}))}).encode()
    assert scanned(SCANNER, raw, path="notes.json").rules == {"keras.lambda"}
    spelled = raw.replace(b'"class_name"', b'"cl\\u0061ss_name"')
    assert scanned(SCANNER, spelled, path="notes.json").rules == {"keras.lambda"}


def test_other_json_is_left_to_others() -> None:
    raw = json.dumps({"vocabulary": ["é", "\n"], "learner": 1}).encode()
    assert scanned(SCANNER, raw, path="tokenizer.json").covered == 0
