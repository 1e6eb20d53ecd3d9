"""Reads files of tensors, without running anything that is in them.

safetensors files hold nothing else. PyTorch's own files are pickles in a zip archive; torch opens
them with `weights_only=True`, which knows tensors and plain containers and refuses the rest.
"""

import io
import pickle
import zipfile
from typing import Any

from bartizan.adapt.files.whole import LIMIT_BYTES
from bartizan.core.errors import InputError, MissingExtraError, UnsafeFormatError
from bartizan.formats.sniff import sniff

_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How a state dict begins that torch wrote before it used zip archives: a pickled number."""
_INSIDE = ("state_dict", "model_state_dict", "model")
"""Where training scripts keep the weights in a checkpoint."""
_ADVICE = {
    "torch-export": (
        "is an archive of torch.export: to open it, torch evaluates the text of its expressions "
        "and unpickles some constants, both of which can run code"
    ),
    "torchscript": "is a TorchScript archive, which is a program and not only weights",
    "pickle": "is a pickle: opening it runs whatever code its author put there",
    "torch": "holds more than tensors",
}
_INSTEAD = (
    "; save the weights with safetensors.torch.save_file and name the function that makes the "
    'module: load_model("module:factory", weights="model.safetensors")'
)


def require_model(content: bytes, *, kind: str, where: str) -> None:
    """Refuse files of torch that are no model by themselves, or no mere data.

    Args:
        content: The file.
        kind: Its format, from `formats.sniff`.
        where: Its name, for messages.

    Raises:
        InputError: these are weights; the message says how to name what they belong to.
        UnsafeFormatError: opening it could run code.
        MissingExtraError: torch, which can tell one from the other, is not installed.
    """
    if kind in ("torch-export", "torchscript"):
        raise _unsafe(where, kind=kind)
    if kind not in ("safetensors", "torch"):
        return
    read_weights(content, where=where)
    message = (
        f"{where} holds weights only; name the function that makes the module, too: "
        f'load_model("module:factory", weights="{where}")'
    )
    raise InputError(message)


def read_weights(content: bytes, *, where: str, limit_bytes: int = LIMIT_BYTES) -> dict[str, Any]:
    """Read tensors by name.

    Args:
        content: The file.
        where: Its name, for messages.
        limit_bytes: The most that it may unpack to.

    Returns:
        Tensors on the CPU.

    Raises:
        InputError: the file is damaged, of another kind, or holds no tensors.
        UnsafeFormatError: it holds more than tensors.
        MissingExtraError: torch is not installed.
    """
    kind = sniff(content)
    if kind == "safetensors":
        return _safetensors(content, where=where)
    if kind == "torch":
        _require_small(content, where=where, limit_bytes=limit_bytes)
    if kind == "torch" or content.startswith(_LEGACY):
        return _named_tensors(_unpickled(content, where=where), where=where)
    if kind in _ADVICE:
        raise _unsafe(where, kind=kind)
    found = "nothing known" if kind == "unknown" else kind
    message = (
        f"{where} is no file of weights; expected safetensors or a state dict of torch, its "
        f"content looks like {found}. Is it damaged, cut off or misnamed?"
    )
    raise InputError(message)


def _require_small(content: bytes, *, where: str, limit_bytes: int) -> None:
    """Refuse an archive of which little is a lot; no member unpacks to more than it declares."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:  # as `sniff` has done
        size = sum(member.file_size for member in archive.infolist())
    if size > limit_bytes:
        message = f"{where} unpacks to {size} bytes, more than the limit of {limit_bytes}"
        raise InputError(message)


def _safetensors(content: bytes, *, where: str) -> dict[str, Any]:
    try:
        import safetensors.torch  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise _missing(where) from error
    try:
        return safetensors.torch.load(content)
    except Exception as error:
        message = f"{where} is no whole safetensors file: {str(error)[:200]}; fetch it again"
        raise InputError(message) from error


def _unpickled(content: bytes, *, where: str) -> Any:
    try:
        import torch  # noqa: PLC0415 (an extra)
    except ImportError as error:
        raise _missing(where) from error
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _unsafe(where, kind="torch") from error
    except Exception as error:
        message = f"{where} is no whole file of torch: {str(error)[:200]}; fetch it again"
        raise InputError(message) from error


def _named_tensors(found: Any, *, where: str) -> dict[str, Any]:
    """The state dict itself, or inside a checkpoint."""
    inside = next((key for key in _INSIDE if isinstance(found, dict) and key in found), None)
    if inside is not None and isinstance(found[inside], dict):
        found = found[inside]
    if isinstance(found, dict) and found and all(hasattr(v, "shape") for v in found.values()):
        return {str(key): value for key, value in found.items()}
    message = (
        f"{where} holds a {type(found).__name__}, not tensors by name; save "
        "module.state_dict() on its own"
    )
    raise InputError(message)


def _unsafe(where: str, *, kind: str) -> UnsafeFormatError:
    message = f"{where} {_ADVICE[kind]}{_INSTEAD}"
    return UnsafeFormatError(message)


def _missing(where: str) -> MissingExtraError:
    message = f"reading {where} needs PyTorch: pip install 'bartizan[torch]'"
    return MissingExtraError(message)
