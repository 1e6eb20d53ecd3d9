"""The one list of planted files, by the scanner that must not miss them."""

from collections.abc import Mapping
from functools import cache

from bartizan.supply.planted import (
    archives,
    described,
    graphs,
    pickled,
    tensors,
    texts,
    trees,
)
from bartizan.supply.planted.case import Planted


@cache
def planted() -> Mapping[str, tuple[Planted, ...]]:
    """By the name of each scanner, hostile files and honest ones.

    Cost: 3 ms of CPU, once in a process.
    """
    return {
        "pickle": pickled.pickles(),
        "zip": archives.zips(),
        "tar": archives.tars(),
        "compressed": pickled.compressed(),
        "7z": archives.seven_zips(),
        "unread": archives.unread_files(),
        "npy": pickled.arrays(),
        "torch-legacy": pickled.torch_files(),
        "safetensors": tensors.safetensors(),
        "gguf": tensors.gguf(),
        "onnx": graphs.onnx(),
        "tensorflow": graphs.tensorflow(),
        "checkpoint": graphs.checkpoint(),
        "keras": described.keras(),
        "hdf5": described.hdf5(),
        "skops": described.skops(),
        "xgboost": trees.xgboost(),
        "lightgbm": trees.lightgbm(),
        "xml": texts.markup(),
        "yaml": texts.yaml(),
        "code": texts.code(),
        "page": texts.pages(),
        "log": texts.log(),
        "data": texts.data(),
    }
