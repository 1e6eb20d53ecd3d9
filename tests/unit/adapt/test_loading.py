import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from bartizan.adapt import bind, load_model
from bartizan.core.errors import (
    ConfigError,
    InputError,
    ModelError,
    TrustError,
    UnsafeFormatError,
    UsageError,
)
from bartizan.crypto.oms.manifest import Manifest
from unit.adapt import samples
from unit.supply.signing.signed import signed

X, Y = samples.arrays()
MODEL = LogisticRegression().fit(X, Y)
FACTORIES = """
from sklearn.linear_model import LogisticRegression
import numpy as np
def make(): return LogisticRegression().fit(np.eye(4), [0, 1, 0, 1])
def score(x): return x[:, 0]
def scorer(): return score
def broken(): raise KeyError("weights")
def nothing(): return 7
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"factories_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(FACTORIES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name


def test_a_skops_file_is_opened_and_known_by_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    skops.io.dump(MODEL, path)
    model = load_model(path)
    assert (model.name, model.format, model.digest_kind) == ("m", "skops", "oms-root")
    assert model.digest == Manifest.of_content(path.read_bytes()).root
    bound = bind(pickle.loads(pickle.dumps(model)), samples.table())  # noqa: S301 (our own bytes)
    np.testing.assert_array_equal(bound.scores(X)[:, 1], MODEL.decision_function(X))


@pytest.mark.parametrize("suffix", ["pkl", "joblib", "onnx", "json", "skops"])
@pytest.mark.parametrize("protocol", [0, 1, 2, 5])
def test_a_clean_pickle_is_opened_under_any_name(
    tmp_path: Path, suffix: str, protocol: int
) -> None:
    path = tmp_path / f"m.{suffix}"
    path.write_bytes(pickle.dumps(MODEL, protocol=protocol))
    model = load_model(path)
    root = Manifest.of_content(path.read_bytes()).root
    assert (model.format, model.digest) == ("pickle", root)
    assert model.notes == (f"m.{suffix} was opened as a pickle, through the allowlist",)
    np.testing.assert_array_equal(model.open().coef_, MODEL.coef_)


@pytest.mark.parametrize("suffix", ["pkl", "onnx", "skops"])
@pytest.mark.parametrize("protocol", [0, 1, 2, 5])
def test_a_pickle_with_a_name_of_nobody_is_refused_under_any_name(
    tmp_path: Path, suffix: str, protocol: int
) -> None:
    path = tmp_path / f"m.{suffix}"
    path.write_bytes(pickle.dumps([MODEL, subprocess.Popen], protocol=protocol))
    with pytest.raises(UnsafeFormatError, match=r"speaks: subprocess\.Popen: it starts programs"):
        load_model(path)


def test_the_refusal_says_what_to_do_instead(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps([MODEL, print]))
    said = r"skops\.io\.dump or to ONNX.*\[supply\] allow.*last resort.*--unsafe-load"
    with pytest.raises(UnsafeFormatError, match=said):
        load_model(path)


@pytest.mark.parametrize(
    "compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)]
)
def test_joblib_is_opened_through_the_list_and_refused_if_it_is_not_on_it(
    tmp_path: Path, compress: Any
) -> None:
    path = tmp_path / "m.bin"
    joblib.dump(MODEL, path, compress=compress)
    for model in (load_model(path), load_model(path, unsafe_load_pickle=True)):
        assert (model.format, model.digest) == (
            "pickle",
            Manifest.of_content(path.read_bytes()).root,
        )
        np.testing.assert_array_equal(model.open().coef_, MODEL.coef_)
    joblib.dump([MODEL, print], path, compress=compress)
    with pytest.raises(UnsafeFormatError, match=r"speaks: builtins\.print"):
        load_model(path)


def test_a_class_of_your_own_is_opened_if_you_name_it(tmp_path: Path, module: str) -> None:
    (tmp_path / f"{module}.py").write_text(
        "class Always:\n    def predict(self, x):\n        return x[:, 0] > self.limit\n"
    )
    named = f"c{module}\nAlways\n".encode()
    path = tmp_path / "m.pkl"
    path.write_bytes(b"\x80\x02" + named + b")\x81}X\x05\x00\x00\x00limitG?\xe0\0\0\0\0\0\0sb.")
    with pytest.raises(
        UnsafeFormatError, match=rf"speaks: {module}\.Always: it is not on the list"
    ):
        load_model(path)
    assert load_model(path, allow=[f"{module}.Always"]).open().limit == 0.5
    path.write_bytes(path.read_bytes().replace(b"Always", b"Alway"))
    with pytest.raises(UsageError, match="has no 'Alway'"):
        load_model(path, allow=[f"{module}.Alway"])


def test_an_archive_with_a_pickle_in_it_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m.pkl", pickle.dumps(MODEL))
    with pytest.raises(UnsafeFormatError, match=r"m\.pkl is an archive with pickles in it"):
        load_model(path)


def test_a_damaged_pickle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps(MODEL)[:-20])
    with pytest.raises(InputError, match=r"m\.pkl cannot be unpickled"):
        load_model(path, unsafe_load_pickle=True)


def test_a_pickle_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(InputError, match="cannot use dict as a model"):
        load_model(path, unsafe_load_pickle=True)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "is empty"),
        (b"garbage that nobody knows", "no model file of a known kind"),
        (bytes(range(256)) * 9, "no model file of a known kind"),
        (b"PK\x03\x04 not really", "looks like zip"),
        (b"PAR1....", "looks like parquet"),
    ],
)
def test_files_that_are_no_model_are_named(tmp_path: Path, raw: bytes, message: str) -> None:
    path = tmp_path / "m.skops"
    path.write_bytes(raw)
    with pytest.raises(InputError, match=rf"m\.skops.*{message}|{message}"):
        load_model(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_skops_is_named(tmp_path: Path, share: float) -> None:
    path = tmp_path / "m.skops"
    raw = skops.io.dumps(MODEL)
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(InputError, match=r"m\.skops"):
        load_model(path)


def test_a_skops_file_with_a_broken_description_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", '{"protocol": 2}')
    with pytest.raises(InputError, match=r"m\.skops is not a skops file that can be opened"):
        load_model(path)


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "fraud.onnx").write_bytes(b"x")
    with pytest.raises(InputError, match=r"did you mean 'fraud\.onnx'"):
        load_model(tmp_path / "fruad.onnx")


def test_objects_in_process_are_known_by_their_answers() -> None:
    model = load_model(MODEL)
    assert (model.name, model.digest, model.digest_kind) == ("LogisticRegression", "", "probe")
    assert load_model(MODEL, name="mine").name == "mine"
    assert load_model(len).format == "callable"
    assert pickle.loads(pickle.dumps(model)).raw.coef_.shape == (1, 4)  # noqa: S301 (our own)


@pytest.mark.parametrize("thing", [7, None, [MODEL]])
def test_things_that_are_no_model_are_refused(thing: object) -> None:
    with pytest.raises(InputError, match="as a model; expected a path"):
        load_model(thing)


def test_factories_make_estimators_and_functions(module: str) -> None:
    assert load_model(f"{module}:make").format == "factory"
    bound = bind(load_model(f"{module}:scorer"), samples.table())
    np.testing.assert_array_equal(bound.scores(X)[:, 1], X[:, 0])


def test_a_factory_s_model_is_made_again_in_another_process(module: str, tmp_path: Path) -> None:
    (tmp_path / "m.bin").write_bytes(pickle.dumps(load_model(f"{module}:scorer")))
    code = "import pickle; print(pickle.load(open('m.bin', 'rb')).open().__name__)"
    source = str(Path(__file__).parents[3] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "score\n"


def test_missing_module_and_name_are_usage_errors(module: str) -> None:
    with pytest.raises(UsageError, match="cannot import 'no_such_module'"):
        load_model("no_such_module:make")
    with pytest.raises(UsageError, match="did you mean 'make'"):
        load_model(f"{module}:mak")


def test_a_factory_that_fails_is_quoted(module: str) -> None:
    with pytest.raises(ModelError, match="raised KeyError: 'weights'"):
        load_model(f"{module}:broken")
    with pytest.raises(ModelError, match="function without arguments"):
        load_model(f"{module}:score")
    with pytest.raises(InputError, match="cannot use int as a model"):
        load_model(f"{module}:nothing")


def test_a_module_that_fails_is_quoted(module: str, tmp_path: Path) -> None:
    (tmp_path / f"bad_{module}.py").write_text("1 / 0")
    with pytest.raises(ModelError, match="raised ZeroDivisionError"):
        load_model(f"bad_{module}:make")


@pytest.mark.parametrize("classes", [("a",), ("a", "a"), ()])
def test_class_names_must_be_two_or_more_and_different(classes: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="two or more different names"):
        load_model(MODEL, classes=classes)


def test_a_threshold_must_be_a_probability() -> None:
    with pytest.raises(ConfigError, match="between 0 and 1"):
        load_model(MODEL, threshold=1.5)


def test_importing_the_room_loads_no_library() -> None:
    code = (
        "import sys, bartizan.adapt as a; heavy = {'numpy', 'polars', 'pandas', 'sklearn', "
        "'xgboost', 'onnxruntime', 'skops', 'pyarrow', 'scipy', 'torch'}; "
        "print(heavy & set(sys.modules)); "
        "a.load_model, a.bind, a.load_dataset; heavy -= {'numpy', 'polars'}; "
        "print(heavy & set(sys.modules)); print(callable(a.infer), callable(a.bind))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(Path(__file__).parents[3] / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["set()", "set()", "True True"]


def test_a_verified_model_is_loaded_from_the_bytes_that_were_checked(tmp_path: Path) -> None:
    path = tmp_path / "m.skops"
    skops.io.dump(MODEL, path)
    made = signed(tmp_path, make=lambda place: place / "m.skops")
    found = made.check()
    model = load_model(found)
    assert (model.digest, model.path) == (found.artifact.root, str(path))
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(TrustError, match="changed after its signature was checked"):
        load_model(found)
