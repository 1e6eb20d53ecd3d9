"""LightGBM: files of the library are clean, trees that it would walk blindly are told."""

import re

import numpy as np
import pytest

from bartizan.supply.scanners.lightgbm import SCANNER
from scanned import is_clean, scanned


@pytest.fixture(scope="module")
def text() -> str:
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(0)
    model = lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1)
    model.fit(rng.normal(size=(200, 4)), rng.integers(0, 2, 200))
    return str(model.booster_.model_to_string())


def test_files_of_the_library_are_clean(text: str) -> None:
    assert is_clean(scanned(SCANNER, text.encode()), text.encode())


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"left_child=-?\d+", "left_child=0"),
        (r"right_child=-?\d+", "right_child=99999"),
        (r"num_leaves=\d+", "num_leaves=1000000000"),
        (r"split_feature=\d+", "split_feature=77"),
    ],
)
def test_circles_and_places_out_of_bounds_are_suspicious(
    text: str, pattern: str, replacement: str
) -> None:
    changed = re.sub(pattern, replacement, text, count=1)
    found = scanned(SCANNER, changed.encode())
    assert (found.verdict, found.rules) == ("suspicious", {"lightgbm.structure"})


@pytest.mark.parametrize(
    "raw", [b"tree\nversion=v4\n", b"tree\nversion=v4\nTree=0\nend of trees\n", b"tree\nTree=\xff"]
)
def test_what_is_cut_off_is_not_clean(raw: bytes) -> None:
    assert scanned(SCANNER, raw).verdict in ("inconclusive", "suspicious")


@pytest.mark.parametrize(
    "raw", [b"tree\noak\n", b"\x80\x04\x8c\nnum_class=1\nmax_feature_idx=1\ntree_sizes=9\n."]
)
def test_a_text_about_trees_and_a_pickle_of_a_model_are_left_to_others(raw: bytes) -> None:
    found = scanned(SCANNER, raw)
    assert (found.covered, found.verdict) == (0, "clean")


def test_lists_that_grow_when_they_are_parsed_are_refused() -> None:
    assert "MiB" in scanned(SCANNER, b"tree\nversion=v4\n" + b"1 " * 10_000_000).fault
