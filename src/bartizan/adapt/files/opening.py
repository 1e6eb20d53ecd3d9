"""Opens the bytes of a model file with the library that they are for."""

from typing import Any

from bartizan.adapt.files.skops import open_skops
from bartizan.adapt.frameworks.lightgbm import open_lightgbm
from bartizan.adapt.frameworks.xgboost import open_booster
from bartizan.adapt.onnx.session import Session
from bartizan.core.errors import InputError

_KNOWN = "skops, ONNX, XGBoost JSON or UBJ, LightGBM text"


def opened(content: bytes, *, kind: str, where: str) -> Any:
    """Open a model file, pickles excepted.

    Args:
        content: Its bytes; those of an XGBoost or LightGBM model already checked.
        kind: The format, from `formats.sniff`.
        where: Its name, for messages.

    Raises:
        InputError: it is damaged or of no known kind.
        UnsafeFormatError: opening it could run code.
        MissingExtraError: the library is not installed.
    """
    if kind == "skops":
        return open_skops(content, where=where)
    if kind == "onnx":
        session = Session(content=content, where=where)
        _ = session.opened  # says at once if the file cannot be opened
        return session
    if kind.startswith("xgboost"):
        return open_booster(content, where=where)
    if kind == "lightgbm":
        return open_lightgbm(content, where=where)
    message = (
        f"{where} is no model file of a known kind ({_KNOWN}); its content looks like "
        f"{'nothing known' if kind == 'unknown' else kind}. Is it damaged, cut off or misnamed?"
    )
    raise InputError(message)
