"""Opens pickles, for those who asked for it by name."""

import io
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from bartizan.core.errors import InputError, MissingExtraError, UnsafeFormatError


def open_pickle(content: bytes, *, where: str) -> tuple[Any, list[str]]:
    """Open a pickle or joblib file. This runs whatever code is in it.

    Returns:
        The object, and notes on what its library warned about, such as another version.

    Raises:
        MissingExtraError: a library that the object needs is not installed.
        InputError: it cannot be opened.
    """
    # comes with scikit-learn, has no types; only where a pickle is opened
    import joblib  # noqa: PLC0415

    return opened_by(joblib.load, content, where=where)


def open_module(content: bytes, *, where: str) -> tuple[Any, list[str]]:
    """Open a module that torch saved whole. This runs whatever code is in it.

    Returns:
        The object, and notes, as above.

    Raises:
        MissingExtraError: torch, or a library that the object needs, is not installed.
        InputError: it cannot be opened.
    """
    try:
        import torch  # noqa: PLC0415 (an extra)
    except ImportError as error:
        message = f"opening {where} needs PyTorch: pip install 'bartizan[torch]'"
        raise MissingExtraError(message) from error
    load = partial(torch.load, map_location="cpu", weights_only=False)
    return opened_by(load, content, where=where)


def opened_by(
    load: Callable[[io.BytesIO], Any], content: bytes, *, where: str
) -> tuple[Any, list[str]]:
    """What some way to open a pickle makes of it.

    Returns:
        The object, and notes on what its library warned about.

    Raises:
        MissingExtraError: a library that the object needs is not installed.
        UnsafeFormatError: the way refuses.
        InputError: it cannot be opened.
    """
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = load(io.BytesIO(content))
    except ModuleNotFoundError as error:
        message = f"{where} needs the module {error.name!r}, which is not installed"
        raise MissingExtraError(message) from error
    except UnsafeFormatError:
        raise
    except (Exception, SystemExit) as error:  # exit(0) in foreign code is no pass
        message = f"{where} cannot be unpickled: {type(error).__name__}: {str(error)[:200]}"
        raise InputError(message) from error
    return found, sorted({str(warning.message).split(". ")[0] for warning in caught})
