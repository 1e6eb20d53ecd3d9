"""The one list of scanners."""

from bartizan.supply.scan import (
    arrays,
    boosted,
    compressed,
    gguf,
    hdf5,
    inert,
    keras,
    lightgbm,
    markup,
    onnx,
    pickles,
    safetensors,
    saved_model,
    skops,
    tars,
    torch_files,
    unread_files,
    yaml,
    zips,
)
from bartizan.supply.scan.scanner import Scanner

SCANNERS: tuple[Scanner, ...] = (
    pickles.SCANNER,
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
    skops.SCANNER,
    boosted.SCANNER,
    lightgbm.SCANNER,
    markup.SCANNER,
    yaml.SCANNER,
    inert.SCANNER,
)
"""Their order decides nothing: all plausible ones read, and the worst verdict wins."""
