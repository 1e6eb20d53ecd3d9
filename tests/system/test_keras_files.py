"""Files that Keras and h5py write, as they write them: honest ones pass, code in them does not."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bartizan import Workspace

Make = Callable[[Any], Any]


def dense(keras: Any) -> Any:
    layers = keras.layers
    parts = [layers.Input((8,)), layers.Dense(4, activation="relu"), layers.Dropout(0.1)]
    return keras.Sequential([*parts, layers.BatchNormalization(), layers.Dense(2)])


def two_inputs(keras: Any) -> Any:
    layers = keras.layers
    one, other = layers.Input((8,)), layers.Input((4,))
    both = layers.Concatenate()([layers.Dense(4)(one), layers.Dense(4)(other)])
    return keras.Model([one, other], layers.Dense(1, activation="sigmoid")(both + 1.0))


def pictures(keras: Any) -> Any:
    layers = keras.layers
    parts = [layers.Rescaling(1 / 255.0), layers.Conv2D(4, 3), layers.MaxPooling2D()]
    return keras.Sequential([layers.Input((16, 16, 1)), *parts, layers.Flatten(), layers.Dense(3)])


def sequences(keras: Any) -> Any:
    layers = keras.layers
    parts = [layers.Embedding(50, 8), layers.Bidirectional(layers.LSTM(4)), layers.Dense(1)]
    return keras.Sequential([layers.Input((6,)), *parts])


def attention(keras: Any) -> Any:
    layers = keras.layers
    start = layers.Input((6, 8))
    summed = layers.LayerNormalization()(start + layers.MultiHeadAttention(2, 4)(start, start))
    return keras.Model(start, layers.GlobalAveragePooling1D()(summed))


def regularised(keras: Any) -> Any:
    layers = keras.layers
    how = {
        "kernel_regularizer": keras.regularizers.L1L2(1e-4, 1e-3),
        "kernel_constraint": keras.constraints.MaxNorm(2),
    }
    model = keras.Sequential([layers.Input((8,)), layers.Dense(4, **how), layers.LeakyReLU()])
    model.compile("adam", "mse", metrics=["mae"])
    return model


HONEST: tuple[Make, ...] = (dense, two_inputs, pictures, sequences, attention, regularised)


@pytest.fixture
def keras(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    pytest.importorskip("torch", reason="not installed: torch (extra `torch`)")
    return pytest.importorskip("keras", reason="not installed: keras (extra `oracle`)")


def outcomes(folder: Path) -> dict[str, tuple[str, str]]:
    with Workspace() as ws:
        found = ws.supply.scan(folder).report.findings
    return {one.subject.rpartition("/")[2]: (one.outcome, one.severity) for one in found}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Keras warns of its own format from before
def test_models_of_keras_are_clean_in_every_format(keras: Any, tmp_path: Path) -> None:
    for make in HONEST:
        keras.utils.set_random_seed(0)
        model = make(keras)
        for ending in (".keras", ".h5"):
            model.save(tmp_path / f"{make.__name__}{ending}")
        model.save_weights(tmp_path / f"{make.__name__}.weights.h5")
        (tmp_path / f"{make.__name__}.json").write_text(model.to_json())
    found = outcomes(tmp_path)
    assert len(found) == 4 * len(HONEST)
    assert set(found.values()) == {("pass", "none")}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_function_in_a_layer_is_malicious_in_every_format(keras: Any, tmp_path: Path) -> None:
    layers = keras.layers
    parts = [layers.Input((3,)), layers.Lambda(lambda x: x + 1), layers.Dense(1)]
    model = keras.Sequential(parts)
    model.save(tmp_path / "model.keras")
    model.save(tmp_path / "model.h5")
    (tmp_path / "model.json").write_text(model.to_json())
    assert set(outcomes(tmp_path).values()) == {("fail", "critical")}


def test_files_of_h5py_are_clean(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="not installed: h5py (extra `oracle`)")
    for version, groups in (("earliest", 100), ("latest", 6)):  # more are stored densely: unread
        with h5py.File(tmp_path / f"{version}.h5", "w", libver=version) as file:
            file.create_dataset("x", (100, 10), dtype="f4", chunks=True, compression="gzip")
            file.create_dataset("growing", (10,), dtype="i8", maxshape=(None,), chunks=(5,))
            file.create_dataset("texts", data=["a", "b"], dtype=h5py.string_dtype())
            file.create_group("deep/er").attrs["names"] = [b"a", b"b"]
            file["soft"] = h5py.SoftLink("/x")
            file["hard"] = file["x"]
            for number in range(groups):
                file.create_dataset(f"layers/{number}", data=[1.0])
    assert set(outcomes(tmp_path).values()) == {("pass", "none")}
