"""Files that TensorFlow writes: honest ones are not flagged, what reaches out of the graph is.

TensorFlow needs libraries that do not fit ours, so it lives in an environment of its own:
``pip install tensorflow-cpu`` there, and BARTIZAN_TENSORFLOW names its Python.
"""

import os
import subprocess
from pathlib import Path

import pytest

from bartizan import Workspace

TENSORFLOW = os.environ.get("BARTIZAN_TENSORFLOW", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not TENSORFLOW, reason="TensorFlow is not here: set BARTIZAN_TENSORFLOW to its Python"
    ),
]

HONEST = """
import keras
from keras import layers as L
class Scaled(tf.Module):
    def __init__(self):
        self.v = tf.Variable(2.0)
    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def __call__(self, x):
        return x * self.v
class Looked(tf.Module):
    def __init__(self):
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
        self.t = tf.lookup.StaticHashTable(pairs, -1)
    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])
    def __call__(self, x):
        return self.t.lookup(x)
tf.saved_model.save(Scaled(), f"{place}/module")
tf.saved_model.save(Looked(), f"{place}/table")
words = L.TextVectorization(max_tokens=20, output_sequence_length=4)
words.adapt(["a b c", "d e"])
models = {
    "dense": [L.Input((8,)), L.Dense(4, activation="relu"), L.BatchNormalization(), L.Dense(2)],
    "texts": [L.Input((1,), dtype="string"), words, L.Embedding(20, 4), L.Flatten(), L.Dense(1)],
    "states": [L.Input((None,)), L.Embedding(50, 8), L.Bidirectional(L.LSTM(4)), L.Dense(1)],
}
for name, parts in models.items():
    model = keras.Sequential(parts)
    model.export(f"{place}/{name}", verbose=False)
    model.save(f"{place}/{name}.keras")
    model.save(f"{place}/{name}.h5")
lite = tf.lite.TFLiteConverter.from_saved_model(f"{place}/dense")
open(f"{place}/dense.tflite", "wb").write(lite.convert())
tf.train.Checkpoint(model=model, step=tf.Variable(1)).save(f"{place}/checkpoint/c")
v1 = tf.compat.v1
with tf.Graph().as_default() as graph, v1.Session() as session:
    x = v1.placeholder(tf.float32, [None, 2], "x")
    y = tf.matmul(x, v1.get_variable("w", [2, 1]), name="y")
    session.run(v1.global_variables_initializer())
    v1.saved_model.simple_save(session, f"{place}/first", {"x": x}, {"y": y})
    frozen = v1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), ["y"])
open(f"{place}/frozen.pb", "wb").write(frozen.SerializeToString())
"""
HOSTILE = """
class Reaching(tf.Module):
    def __init__(self, reach):
        self.reach = tf.function(reach, input_signature=[tf.TensorSpec([], tf.string)])
def write(x):
    tf.io.write_file("/tmp/x", x)
    return x
reaches = {
    "write": write,
    "read": lambda x: tf.io.read_file("/etc/passwd"),
    "python": lambda x: tf.py_function(lambda y: y, [x], tf.string),
}
for name, reach in reaches.items():
    tf.saved_model.save(Reaching(reach), f"{place}/{name}")
"""


def made(place: Path, how: str) -> Path:
    script = f"import sys\nimport tensorflow as tf\nplace = sys.argv[1]\n{how}"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("PYTHONPATH", None)
    command = [TENSORFLOW, "-c", script, str(place)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=500, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return place


def outcomes(folder: Path) -> dict[str, str]:
    with Workspace() as ws:
        found = ws.supply.scan(folder).report.findings
    return {one.subject.partition("/")[2]: one.outcome for one in found}


def test_honest_files_are_not_flagged_and_all_but_tflite_are_clean(tmp_path: Path) -> None:
    found = outcomes(made(tmp_path, HONEST))
    assert len(found) > 25
    assert {name: said for name, said in found.items() if said != "pass"} == {
        "dense.tflite": "inconclusive"
    }


def test_graphs_that_reach_files_or_python_are_flagged(tmp_path: Path) -> None:
    found = outcomes(made(tmp_path, HOSTILE))
    graphs = {name: said for name, said in found.items() if name.endswith("saved_model.pb")}
    assert graphs == dict.fromkeys(
        (f"{name}/saved_model.pb" for name in ("write", "read", "python")), "fail"
    )
