"""Honest artefacts of the installed libraries are clean, and walked to their ends."""

import pytest

from bartizan.adapt.files.unpacked import unpacked
from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.judged import judged
from benign_artifacts import artefacts


@pytest.mark.slow
def test_no_honest_artefact_is_flagged() -> None:
    pytest.importorskip("xgboost")
    pytest.importorskip("lightgbm")
    pytest.importorskip("pandas")
    count, flagged, unread = 0, {}, []
    for name, raw in artefacts():
        count += 1
        if name.endswith((".npy", ".npz", ".lz4.joblib")):
            continue  # read by other scanners, or with a library that need not be there
        plain = unpacked(raw, where=name, limit_bytes=1 << 30)
        found = judged(Window.of(plain), budget=Budget.for_file(len(plain)))
        if found.objections:
            flagged[name] = found.objections[0]
        if found.size_bytes != len(plain):
            unread.append(name)
    assert count >= 229
    assert not flagged
    assert not unread
