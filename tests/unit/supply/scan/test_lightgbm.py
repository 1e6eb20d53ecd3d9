"""LightGBM: files of the library are clean, trees that it would walk blindly are told."""

import re

import numpy as np
import pytest

from bartizan.supply.scan.lightgbm import SCANNER
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
    "raw", [b"tree\n", b"tree\nversion=v4\nTree=0\nend of trees\n", b"tree\n\xff"]
)
def test_what_is_cut_off_is_not_clean(raw: bytes) -> None:
    assert scanned(SCANNER, raw).verdict in ("inconclusive", "suspicious")


def test_lists_that_grow_when_they_are_parsed_are_refused() -> None:
    assert "MiB" in scanned(SCANNER, b"tree\n" + b"1 " * 10_000_000).fault
