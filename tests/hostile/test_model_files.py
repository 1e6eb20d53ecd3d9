"""Files that are made to harm whoever opens them."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
import skops.io
import xgboost
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from bartizan.adapt import load_dataset, load_model
from bartizan.core.errors import InputError, UnsafeFormatError

SOURCE = str(Path(__file__).parents[2] / "src")
X = np.random.default_rng(0).normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)


class Payload:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.trace),))


@pytest.mark.parametrize("name", ["m.pkl", "m.onnx", "m.json", "m.ubj", "m.skops", "m.csv", "m"])
@pytest.mark.parametrize("wrapped", ["bare", "torch zip", "zip named skops"])
def test_code_in_a_pickle_does_not_run_under_any_name(
    tmp_path: Path, name: str, wrapped: str
) -> None:
    trace = tmp_path / "trace"
    raw = pickle.dumps(Payload(trace))
    if wrapped != "bare":
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("archive/data.pkl", raw)
            if wrapped == "zip named skops":
                archive.writestr("schema.json", "{}")
        raw = buffer.getvalue()
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(UnsafeFormatError):
        load_model(path)
    assert not trace.exists()


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.ndjson", "t.csv.gz"])
def test_a_pickle_in_place_of_a_table_is_refused_unopened(tmp_path: Path, name: str) -> None:
    trace = tmp_path / "trace"
    path = tmp_path / name
    path.write_bytes(pickle.dumps(Payload(trace)))
    with pytest.raises(InputError):
        load_dataset(path, target="y")
    assert not trace.exists()


def shout(rows: Any) -> Any:
    return rows


def test_skops_types_outside_the_closed_list_are_named(tmp_path: Path) -> None:
    made = make_pipeline(FunctionTransformer(shout), LogisticRegression()).fit(X, Y)
    path = tmp_path / "m.skops"
    skops.io.dump(made, path)
    with pytest.raises(UnsafeFormatError, match=r"wants to build .*shout"):
        load_model(path)


@pytest.mark.parametrize("target", ["os.system", "builtins.eval", "subprocess.Popen"])
def test_a_forged_skops_file_runs_nothing(tmp_path: Path, target: str) -> None:
    module, _, name = target.rpartition(".")
    path = tmp_path / "m.skops"
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(LogisticRegression().fit(X, Y)))) as archive:
        schema = json.loads(archive.read("schema.json"))
        schema.update({"__module__": module, "__class__": name, "__loader__": "FunctionNode"})
        schema["content"] = {"module_path": module, "function": name}
        with zipfile.ZipFile(path, "w") as forged:
            forged.writestr("schema.json", json.dumps(schema))
    with pytest.raises((UnsafeFormatError, InputError)):
        load_model(path)


def external(tmp_path: Path, *, location: str) -> Path:
    weights = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4, 1])
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=location)
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["out"])],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 4])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 1])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("location", ["w.bin", "/etc/passwd", "../../secret"])
def test_onnx_weights_in_other_files_are_not_followed(
    tmp_path: Path, location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "w.bin").write_bytes(np.ones(4, np.float32).tobytes())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="keeps weights in other files"):
        load_model(external(tmp_path, location=location))


FUZZ = """
import random, sys
import numpy as np
from bartizan.adapt.frameworks.xgboost import open_booster
from bartizan.core.errors import InputError
from bartizan.formats.boosted import checked_boosted
raw, chance = open(sys.argv[1], "rb").read(), random.Random(5)
rows, opened = np.random.default_rng(0).normal(size=(20, 4)), 0
for _ in range(200):
    bad = bytearray(raw)
    for _ in range(chance.choice([1, 1, 3])):
        bad[chance.randrange(len(bad))] = chance.choice([0, 255, 49, chance.randrange(256)])
    try:
        booster = open_booster(checked_boosted(bytes(bad)), where="m")
    except InputError:
        continue
    opened += 1
    booster.inplace_predict(rows, predict_type="margin")
print(opened)
"""


def opened_damaged(script: str, path: Path) -> str:
    """What a process says that opens many damaged copies of a file, and lives to say it."""
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        env={"PYTHONPATH": SOURCE, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-500:]
    return done.stdout


@pytest.mark.parametrize("suffix", ["ubj", "json"])
def test_a_damaged_xgboost_file_never_ends_the_process(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"m.{suffix}"
    xgboost.XGBClassifier(n_estimators=4, n_jobs=1).fit(X, Y).save_model(path)
    said = opened_damaged(FUZZ, path)
    assert int(said) > 2


FUZZ_TEXT = """
import random, sys
import numpy as np
from bartizan.adapt.frameworks.lightgbm import open_lightgbm
from bartizan.core.errors import InputError
from bartizan.formats.lightgbm import checked_lightgbm
raw, chance = open(sys.argv[1], "rb").read(), random.Random(5)
end = raw.index(b"end of trees")
rows, opened = np.random.default_rng(0).normal(size=(20, 4)), 0
for turn in range(400):
    bad = bytearray(raw)
    for _ in range(chance.choice([1, 1, 3])):
        bad[chance.randrange(end)] = chance.choice(b"0123456789- .\\n=e")
    if turn % 10 == 0:
        bad = bad[: chance.randrange(len(bad))]
    try:
        booster = open_lightgbm(checked_lightgbm(bytes(bad)), where="m")
    except InputError:
        continue
    opened += 1
    booster.predict(rows, raw_score=True, num_threads=1)
print(opened)
"""


def test_a_damaged_lightgbm_file_never_ends_the_process(tmp_path: Path) -> None:
    path, rows, y = tmp_path / "m.txt", np.tile(X, (8, 1)), np.tile(Y, 8)
    rows[:, 3] = np.arange(len(rows)) % 5
    made = lightgbm.LGBMClassifier(
        n_estimators=4,
        n_jobs=1,
        verbose=-1,
        min_data_per_group=1,
        cat_smooth=0.1,
        min_child_samples=1,
    )
    made.fit(rows, y ^ (rows[:, 3] == 2), categorical_feature=[3]).booster_.save_model(path)
    assert "cat_threshold=" in path.read_text()
    said = opened_damaged(FUZZ_TEXT, path)
    assert int(said.split()[-1]) > 20


FUZZ_NETWORK = """
import random, sys
import numpy as np
from bartizan.adapt import bind, load_dataset, load_model
from bartizan.core.classifier import offered
from bartizan.core.errors import Error
raw, chance = open(sys.argv[1], "rb").read(), random.Random(5)
x = np.random.default_rng(0).normal(size=(40, 36))
table = load_dataset((x, (x[:, 0] > 0).astype(int)), target=None)
bound, followed = 0, 0
for _ in range(200):
    bad = bytearray(raw)
    for _ in range(chance.choice([1, 1, 3])):
        bad[chance.randrange(len(bad))] = chance.choice([0, 1, 255, chance.randrange(256)])
    open(sys.argv[2], "wb").write(bad)
    try:
        made = bind(load_model(sys.argv[2]), table)
        bound += 1
        if offered(made) == "gradients":
            followed += 1
            made.value_and_grad(x, lambda scores: (scores[:, 0], np.ones_like(scores)))
    except Error:
        continue
print(bound, followed)
"""


def network() -> bytes:
    """A convolution, a pool, and layers; most bytes say what is done, not with what."""
    rng = np.random.default_rng(0)
    tensors = {
        "shape": np.array([-1, 1, 6, 6]),
        "w": rng.normal(size=(2, 1, 3, 3)).astype(np.float32),
        "v": rng.normal(size=(8, 2)).astype(np.float32),
    }
    nodes = [
        helper.make_node("Reshape", ["x", "shape"], ["p"]),
        helper.make_node("Conv", ["p", "w"], ["c"], pads=[1, 0, 1, 0], strides=[2, 1]),
        helper.make_node("LeakyRelu", ["c"], ["r"], alpha=0.1),
        helper.make_node("MaxPool", ["r"], ["m"], kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
        helper.make_node("Flatten", ["m"], ["f"], axis=1),
        helper.make_node("Gemm", ["f", "v"], ["g"], alpha=0.5),
        helper.make_node("Softmax", ["g"], ["out"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 36])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", 2])],
        [numpy_helper.from_array(value, name) for name, value in tensors.items()],
    )
    opsets = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


def test_a_damaged_onnx_network_ends_with_an_error_of_ours_and_prints_nothing(
    tmp_path: Path,
) -> None:
    pytest.importorskip("torch", reason="needs PyTorch; pip install 'bartizan[torch]'")
    path = tmp_path / "m.onnx"
    path.write_bytes(network())
    done = subprocess.run(
        [sys.executable, "-c", FUZZ_NETWORK, str(path), str(tmp_path / "bad.onnx")],
        env={"PYTHONPATH": SOURCE, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-500:]
    bound, followed = map(int, done.stdout.split())  # nothing else is printed
    assert 10 < followed <= bound < 190


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    from bartizan.adapt.files.whole import unpacked  # noqa: PLC0415 (the only user of the limit)

    packed = __import__("gzip").compress(b"0" * 50_000_000)
    assert len(packed) < 100_000
    with pytest.raises(InputError, match="unpacks to more than 1000000 bytes"):
        unpacked(packed, where="bomb.gz", limit_bytes=1_000_000)


def test_a_skops_file_that_unpacks_to_too_much_is_refused_unopened() -> None:
    from bartizan.adapt.files.skops import open_skops  # noqa: PLC0415 (the only user of the limit)

    buffer = io.BytesIO(skops.io.dumps(LogisticRegression().fit(X, Y)))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more.npy", b"0" * 50_000_000)
    assert len(buffer.getvalue()) < 100_000
    with pytest.raises(InputError, match="more than the limit of 1000000"):
        open_skops(buffer.getvalue(), where="bomb.skops", limit_bytes=1_000_000)
