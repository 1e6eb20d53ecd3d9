"""Schemas of skops: published attacks are found, files of the library are clean."""

import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest

from bartizan.supply.scanners.skops import SCANNER
from scanned import is_clean, scanned


def node(name: str, module: str, loader: str, **rest: Any) -> dict[str, Any]:
    return {"__class__": name, "__module__": module, "__loader__": loader, **rest}


def schema(inner: dict[str, Any]) -> bytes:
    """An estimator with one attribute."""
    content = {"attribute": inner}
    attributes = node("dict", "builtins", "DictNode", content=content, key_types=[])
    top = node("SVC", "sklearn.svm._classes", "ObjectNode", content=attributes)
    return json.dumps({**top, "protocol": 2, "_skops_version": "0.16.0"}).encode()


def of(inner: dict[str, Any], **options: Any) -> Any:
    return scanned(SCANNER, schema(inner), path="m.skops/schema.json", **options)


def test_files_of_the_library_are_clean() -> None:
    skops = pytest.importorskip("skops.io")
    from sklearn.ensemble import (  # noqa: PLC0415 (slow to import)
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
    )
    from sklearn.linear_model import SGDClassifier  # noqa: PLC0415 (slow to import)
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 (slow to import)
    from sklearn.preprocessing import FunctionTransformer  # noqa: PLC0415 (slow to import)

    rng = np.random.default_rng(0)
    x, y = rng.random((60, 4)), rng.integers(0, 2, 60)
    for model in (
        GradientBoostingClassifier(n_estimators=2),
        HistGradientBoostingClassifier(max_iter=2),
        make_pipeline(FunctionTransformer(np.log1p), SGDClassifier()),
    ):
        archive = zipfile.ZipFile(io.BytesIO(skops.dumps(model.fit(x, y))))
        raw = archive.read("schema.json")
        assert is_clean(scanned(SCANNER, raw, path="m.skops/schema.json"), raw), model


@pytest.mark.parametrize(
    ("inner", "rule"),
    [
        # CVE-2025-54412: a node that names another function than it shows
        (node("eval", "builtins", "OperatorFuncNode", attrs={}), "skops.operator"),
        (node("call", "operator", "OperatorFuncNode", attrs={}), "skops.operator"),
        (node("methodcaller", "operator", "OperatorFuncNode", attrs={}), "skops.operator"),
        # CVE-2025-54413: a method of another type than it says
        (
            node(
                "SVC",
                "sklearn.svm._classes",
                "MethodNode",
                content={"func": "exec", "obj": node("Quitter", "_sitebuiltins", "ObjectNode")},
            ),
            "skops.method",
        ),
        (node("system", "os", "FunctionNode"), "skops.name"),
        (node("system", "posix", "TypeNode"), "skops.name"),
        (node("Popen", "subprocess", "ObjectNode"), "skops.name"),
        (node("load", "joblib", "FunctionNode"), "skops.name"),
        (
            node(
                "partial",
                "functools",
                "PartialNode",
                content={"func": node("check_output", "subprocess", "FunctionNode")},
            ),
            "skops.name",
        ),
    ],
)
def test_published_attacks_are_malicious(inner: dict[str, Any], rule: str) -> None:
    found = of(inner)
    assert (found.verdict, rule in found.rules) == ("malicious", True)


def test_a_method_of_an_allowed_type_is_suspicious() -> None:
    owner = node("SVC", "sklearn.svm._classes", "ObjectNode")
    inner = {**owner, "__loader__": "MethodNode", "content": {"func": "fit", "obj": owner}}
    assert of(inner).verdict == "suspicious"
    assert of(inner, allowed=frozenset({"sklearn.svm._classes.SVC"})).verdict == "suspicious"


def test_calling_what_is_only_to_be_looked_up_is_suspicious() -> None:
    inner = node("log1p", "numpy", "ConstructorFromReduceNode", content={})
    assert of({**inner, "__loader__": "FunctionNode"}).verdict == "clean"
    assert of(inner).verdict == "suspicious"


def test_unknown_types_are_suspicious_unless_the_policy_allows_them() -> None:
    inner = node("Mine", "my_code", "ObjectNode")
    assert of(inner).verdict == "suspicious"
    assert of(inner, allowed=frozenset({"my_code.Mine"})).verdict == "clean"


def test_unknown_kinds_of_nodes_are_inconclusive() -> None:
    assert of(node("SVC", "sklearn.svm._classes", "PickleNode")).verdict == "inconclusive"
    assert of({"__class__": "SVC", "__module__": "sklearn.svm._classes"}).verdict == "inconclusive"


@pytest.mark.parametrize(
    "raw", [b'{"__loader__": ', b'{"__loader__":' * 10_000, b'{"__loader__": ' + b"1" * 5000 + b"}"]
)
def test_what_is_no_schema_is_inconclusive(raw: bytes) -> None:
    assert scanned(SCANNER, raw, path="schema.json").verdict == "inconclusive"


@pytest.mark.parametrize("doubled", [("builtins", "os"), ("os", "builtins")])
def test_of_a_key_that_stands_twice_both_values_are_judged(doubled: tuple[str, str]) -> None:
    first, last = doubled
    raw = (
        f'{{"__module__": "{first}", "__module__": "{last}", "__class__": "system", '
        '"__loader__": "TypeNode"}'
    )
    found = scanned(SCANNER, raw.encode(), path="schema.json")
    assert found.verdict == "malicious"
    assert {notice.what for notice in found.notices} >= {"os.system", "__module__"}


@pytest.mark.parametrize(
    "raw", [b"[1] a note about __loader__\n", b'[{"__module__": "os"}]', b"{}{ __loader__"]
)
def test_what_no_reader_takes_for_a_schema_is_left_to_others(raw: bytes) -> None:
    found = scanned(SCANNER, raw)
    assert (found.covered, found.verdict) == (0, "clean")
