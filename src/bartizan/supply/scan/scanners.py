"""The one list of scanners."""

from bartizan.supply.scan import (
    arrays,
    boosted,
    compressed,
    gguf,
    hdf5,
    keras,
    lightgbm,
    onnx,
    safetensors,
    saved_model,
    tars,
    torch_files,
    unread_files,
    zips,
)
from bartizan.supply.scan.scanner import Scanner

SCANNERS: tuple[Scanner, ...] = (
    zips.SCANNER,
    tars.SCANNER,
    compressed.SCANNER,
    unread_files.SCANNER,
    arrays.SCANNER,
    torch_files.SCANNER,
    safetensors.SCANNER,
    gguf.SCANNER,
    onnx.SCANNER,
    saved_model.SCANNER,
    keras.SCANNER,
    hdf5.SCANNER,
    boosted.SCANNER,
    lightgbm.SCANNER,
)
"""Their order decides nothing: all plausible ones read, and the worst verdict wins."""
