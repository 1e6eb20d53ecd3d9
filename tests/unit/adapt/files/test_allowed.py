import io
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bartizan.adapt.files.allowed import open_allowed
from bartizan.core.errors import InputError, MissingExtraError, UnsafeFormatError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.where(X[:, 0] > 0, "yes", "no")
MODELS = {
    "boosted": GradientBoostingClassifier(n_estimators=3),
    "histogram": HistGradientBoostingClassifier(max_iter=3),
    "near": KNeighborsClassifier(algorithm="kd_tree"),
    "composed": make_pipeline(
        make_column_transformer((StandardScaler(), [0, 1]), (OneHotEncoder(), [2])),
        KNeighborsClassifier(),
    ),
}


def opened(raw: bytes, **options: Any) -> Any:
    return open_allowed(raw, where="m.pkl", **options)[0]


def dumped(thing: object, compress: Any = 0) -> bytes:
    target = io.BytesIO()
    joblib.dump(thing, target, compress=compress)
    return target.getvalue()


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("way", [0, 2, 5, "joblib", "zlib"])
def test_an_opened_model_says_what_it_said(name: str, way: Any) -> None:
    model = MODELS[name].fit(X, Y)
    if isinstance(way, int):
        raw = pickle.dumps(model, protocol=way)
    else:
        raw = dumped(model, 3 if way == "zlib" else 0)
    np.testing.assert_array_equal(opened(raw).predict_proba(X), model.predict_proba(X))


@pytest.mark.parametrize(
    "array",
    [
        X,
        np.asfortranarray(X),
        X.astype(">f4"),
        np.array(["a", None, 2], dtype=object),
        np.zeros((0, 3)),
        np.array(7.5),
        np.zeros(2, dtype=[("a", "i4"), ("b", "U3")]),
        np.array(["2026-01-01"], dtype="datetime64[D]"),
    ],
    ids=["C", "F", "swapped", "objects", "empty", "scalar", "records", "dates"],
)
@pytest.mark.parametrize("compress", [0, ("xz", 3)])
def test_arrays_of_joblib_are_read_as_joblib_reads_them(array: Any, compress: Any) -> None:
    raw = dumped([array, "after", array.copy()], compress)
    expected = joblib.load(io.BytesIO(raw))
    found = opened(raw)
    assert found[1] == "after"
    for one, other in ((found[0], expected[0]), (found[2], expected[2])):
        np.testing.assert_array_equal(one, other)
        assert (one.dtype, one.shape) == (other.dtype, other.shape)
        assert one.flags.writeable
        assert one.flags.f_contiguous == other.flags.f_contiguous


def test_what_speaks_against_a_file_is_named_and_nothing_of_it_runs(tmp_path: Path) -> None:
    trace = tmp_path / "it ran"
    raw = f"cpathlib\nPath.touch\n(cpathlib\nPath\n(S'{trace}'\ntRtR.".encode()
    with pytest.raises(UnsafeFormatError, match=r"speaks: pathlib\.Path\.touch: .*1 more obj"):
        opened(raw)
    assert not trace.exists()


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("bz2", 3)])
def test_code_inside_of_an_array_of_objects_is_refused(compress: Any) -> None:
    with pytest.raises(UnsafeFormatError, match=r"speaks: builtins\.eval"):
        opened(dumped(np.array([eval], dtype=object), compress))


@pytest.mark.parametrize(
    "raw",
    [
        b"P1\n.",
        b"\x80\x02\x82\xf0.",
        pickle.dumps({}) + b"rest",
        pickle.dumps([1])[:-1],
        b"csklearn.svm._classes\nSVC.fit\n.",
        b"cjoblib.numpy_pickle_compat\nNDArrayWrapper\n)\x81}b.",
        b"cscipy.stats._continuous_distns\nuniform_gen\n)\x81}b.",
    ],
    ids=["persistent", "extension", "trailing", "cut", "attribute", "other file", "evaluates"],
)
def test_what_a_scan_would_not_call_clean_is_not_opened(raw: bytes) -> None:
    with pytest.raises(UnsafeFormatError):
        opened(raw)


def test_names_of_python_2_are_translated_once() -> None:
    assert opened(b"c__builtin__\nxrange\n(I3\ntR.") == range(3)
    with pytest.raises(UnsafeFormatError, match=r"__builtin__\.xrange"):
        opened(b"\x80\x04c__builtin__\nxrange\n(K\x03tR.")


def test_what_another_release_had_is_said_and_not_guessed() -> None:
    raw = b"csklearn.ensemble._gb_losses\nBinomialDeviance\n)\x81}b."
    with pytest.raises((InputError, MissingExtraError), match=r"sklearn\.ensemble\._gb_losses"):
        opened(raw)


def test_warnings_of_libraries_become_notes() -> None:
    model = StandardScaler().fit(X)
    raw = pickle.dumps(model).replace(b"1.9.1", b"1.8.0")
    if b"1.8.0" not in raw:
        pytest.skip("the installed scikit-learn is not 1.9.1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, notes = open_allowed(raw, where="m.pkl")
    assert "1.8.0" in notes[0]


def test_a_number_that_the_registry_knows_is_refused_all_the_same() -> None:
    import copyreg  # noqa: PLC0415 (for this test only)

    copyreg.add_extension("os", "getcwd", 240)
    try:
        with pytest.raises(UnsafeFormatError, match="extension code 240"):
            opened(b"\x80\x02\x82\xf0)R.")
    finally:
        copyreg.remove_extension("os", "getcwd", 240)


def test_a_module_of_the_users_own_is_imported_only_when_it_is_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_ratio.py").write_text("class Ratio: pass\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    raw = b"cown_ratio\nRatio\n)\x81."
    with pytest.raises(UnsafeFormatError):
        opened(raw)
    assert "own_ratio" not in sys.modules
    assert type(opened(raw, allowed=frozenset({"own_ratio.Ratio"}))).__name__ == "Ratio"
