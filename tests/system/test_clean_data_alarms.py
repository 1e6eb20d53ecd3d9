"""Detectors of poison on public data as it is: whoever cries wolf is not listened to.

Honest data has wrong labels too, so a detector may name rows; it may not fail data that nobody
poisoned. Where a detector does not find its planted case in some data it is inconclusive there,
which is no alarm; but it must find it, and pass, in most of the data sets that it applies to.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from system.command import Run

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
pytestmark = [pytest.mark.slow, pytest.mark.data]
TABLES: dict[str, tuple[str, str, tuple[object, ...]]] = {
    "credit card payments": ("ulb-creditcard/creditcard_union_sample.csv.gz", "Class", ()),
    "spam": ("spambase/spambase.csv.gz", "result", ()),
    "census": ("adult/adult-train.csv.gz", "c14", ("--no-header", "--sample", 8000)),
    "malware": ("clamp-pe-malware/ClaMP_Integrated-5184.csv.gz", "class", ()),
}


def public(name: str) -> Path:
    """A public file; the test is skipped where it is not."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not in {DATA}; set BARTIZAN_DATA to the folder of public data")
    return path


def findings(bartizan: Run, path: Path, *words: object) -> list[Any]:
    """What the detectors say of a data set; inspections are left out."""
    flags = ("--deep", "--quiet", "--no-examples", "--format", "json")
    ran = bartizan("data", "check", "--data", path, *words, *flags)
    assert ran.code in (0, 1, 3), ran.err
    report = json.loads(Path("out/report.json").read_text("utf-8"))
    return [one for one in report["findings"] if one["entry"].startswith("poison.")]


def require_quiet(found: list[Any]) -> None:
    """No alarm; what is open missed its case or has too few rows; and something passed."""
    assert found
    for one in found:
        assert one["outcome"] in ("pass", "inconclusive"), one
        if one["outcome"] == "inconclusive":
            assert re.search(r"missed the case planted|does not settle it", one["reason"]), one
    assert any(one["outcome"] == "pass" for one in found)


@pytest.mark.parametrize("name", TABLES)
def test_no_detector_fails_a_clean_table(bartizan: Run, name: str) -> None:
    file, target, more = TABLES[name]
    require_quiet(findings(bartizan, public(file), "--target", target, *more))


def test_no_detector_fails_clean_pictures(bartizan: Run) -> None:
    with np.load(public("fashion-mnist/fashion_mnist_20k_10k.npz")) as held:
        np.savez("clothes.npz", x=held["x_test"][:3000], y=held["y_test"][:3000])
    require_quiet(findings(bartizan, Path("clothes.npz"), "--target", "y"))
