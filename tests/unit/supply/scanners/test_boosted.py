"""XGBoost: files of the library are clean, trees that the library would walk blindly are told."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from bartizan.supply.scanners.boosted import SCANNER
from model_files import ubj
from scanned import is_clean, scanned


@pytest.fixture(scope="module")
def trained() -> Any:
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 5)), rng.integers(0, 3, 200)
    return xgboost.train(
        {"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(x, y), num_boost_round=4
    )


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_files_of_the_library_are_clean(trained: Any, form: str) -> None:
    raw = bytes(trained.save_raw(form))
    assert is_clean(scanned(SCANNER, raw), raw)


@pytest.mark.parametrize("booster", ["gblinear", "dart"])
def test_other_boosters_are_clean(booster: str) -> None:
    xgboost = pytest.importorskip("xgboost")
    rng = np.random.default_rng(0)
    data = xgboost.DMatrix(rng.normal(size=(100, 3)), rng.integers(0, 2, 100))
    raw = bytes(xgboost.train({"booster": booster}, data, num_boost_round=2).save_raw("json"))
    assert is_clean(scanned(SCANNER, raw), raw)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("left_children", 0),
        ("left_children", 1 << 30),
        ("right_children", -7),
        ("split_indices", 99),
    ],
)
@pytest.mark.parametrize("form", ["json", "ubj"])
def test_circles_and_places_out_of_bounds_are_suspicious(
    trained: Any, key: str, value: int, form: str
) -> None:
    model = json.loads(trained.save_raw("json"))
    model["learner"]["gradient_booster"]["model"]["trees"][2][key][0] = value
    raw = json.dumps(model).encode() if form == "json" else ubj(model)
    found = scanned(SCANNER, raw)
    assert (found.verdict, found.rules) == ("suspicious", {"xgboost.structure"})
    assert "tree 2" in found.notices[0].why


def test_a_count_of_trees_that_is_not_theirs_is_suspicious(trained: Any) -> None:
    model = json.loads(trained.save_raw("json"))
    inner = model["learner"]["gradient_booster"]["model"]
    inner["gbtree_model_param"]["num_trees"] = "1000000000"
    assert scanned(SCANNER, json.dumps(model).encode()).verdict == "suspicious"


@pytest.mark.parametrize(
    "raw",
    [
        b'{"learner": ',
        b'{"learner": {"learner_model_param": {}}}',
        b'{"learner": {"gradient_booster": {"model": {"trees": [1, 2]}}}}',
        b'{"learner": {"a": {"model": {"trees": [{}]}}, "b": {"model": {"trees": [{}]}}}}',
        b'{"learner": ' + b"[" * 1000,
        b'{"learner": "' + b"x" * (5 << 20),
        b"{L" + struct.pack(">q", 1 << 62) + b"learner",
        b"{i\x07learner[$d#L" + struct.pack(">q", 1 << 40) + b"}",
        b"{i\x07learner" + b"[" * 1000,
    ],
)
def test_lengths_and_nesting_that_cannot_be_true_are_inconclusive(raw: bytes) -> None:
    assert scanned(SCANNER, raw).verdict == "inconclusive"


@pytest.mark.parametrize(
    "inner",
    [
        b"SL" + struct.pack(">q", 1_500_000) + b"[" * 1_500_000,
        b"[$i#l" + struct.pack(">i", 8_000_000) + bytes(8_000_000),
        b"{i\x05model{i\x05trees[{i\x01a[$i#l"
        + struct.pack(">i", 6_000_000)
        + bytes(6_000_000)
        + b"}]}}",
    ],
)
def test_lists_that_grow_when_they_are_decoded_are_refused(inner: bytes) -> None:
    assert "MiB" in scanned(SCANNER, b"{i\x07learner" + inner + b"}").fault


@pytest.mark.parametrize(
    "raw",
    [
        b'{"note": "learner"}',
        b'{"learner": [1]}',
        b'{"learner": {"rate": 1}}',
        b'{"text": "a learner"}\n{"text": 2}',
        b"{% if learner %}",
    ],
)
def test_another_object_is_left_to_others(raw: bytes) -> None:
    assert (scanned(SCANNER, raw).covered, scanned(SCANNER, raw).verdict) == (0, "clean")


def test_a_model_that_is_cut_off_or_named_twice_is_inconclusive(trained: Any) -> None:
    for kind in ("json", "ubj"):
        raw = bytes(trained.save_raw(kind))
        assert scanned(SCANNER, raw[:-40]).verdict == "inconclusive"
    raw = bytes(trained.save_raw("json"))
    doubled = b'{"learner":{},' + raw.lstrip()[1:]
    assert scanned(SCANNER, doubled).verdict == "inconclusive"


def test_a_count_without_end_is_inconclusive(trained: Any) -> None:
    """`int` of infinity raises something that damaged numbers usually do not."""
    model = json.loads(trained.save_raw("json"))
    tree = model["learner"]["gradient_booster"]["model"]["trees"][0]
    tree["tree_param"]["num_nodes"] = float("inf")
    assert scanned(SCANNER, json.dumps(model).encode()).verdict == "inconclusive"
