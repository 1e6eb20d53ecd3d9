"""Torch modules that a factory makes, and the weights that they take."""

import sys
from typing import Any

from bartizan.adapt.names import listed, nearest
from bartizan.adapt.networks.weights import read_weights
from bartizan.core.errors import InputError

_WRAPPERS = ("module.", "_orig_mod.")
"""What `DataParallel` and `torch.compile` put before the names of a module's tensors."""


def is_module(raw: Any) -> bool:
    """Whether an object is a torch module; does not load torch, which such an object has."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(raw, torch.nn.Module)


def take_weights(module: Any, content: bytes, *, where: str) -> None:
    """Put the tensors of a file into a module.

    Args:
        module: What the factory made; it is changed.
        content: The file.
        where: Its name, for messages.

    Raises:
        InputError: this is no module, the file is damaged, or its tensors do not fit.
        UnsafeFormatError: the file holds more than tensors.
        MissingExtraError: torch is not installed.
    """
    if not is_module(module):
        message = (
            f"weights go into a torch module, the factory made a {type(module).__name__}; leave "
            f"{where} out, or return the module"
        )
        raise InputError(message)
    own = {key: value for key, value in module.state_dict().items() if hasattr(value, "shape")}
    found = _unwrapped(read_weights(content, where=where), own)
    _require_fit(own, found, where=where)
    try:
        module.load_state_dict(found, strict=False)
    except Exception as error:
        message = f"{where} does not fit the factory's module: {str(error)[:300]}"
        raise InputError(message) from error


def _unwrapped(found: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Tensors under the names of the module itself, where it was saved inside a wrapper."""
    for wrapper in _WRAPPERS:
        if all(key.startswith(wrapper) for key in found):
            bare = {key.removeprefix(wrapper): value for key, value in found.items()}
            if bare.keys() == own.keys():
                return bare
    return found


def _require_fit(own: dict[str, Any], found: dict[str, Any], *, where: str) -> None:
    """Refuse tensors that are missing, unknown or of other shapes."""
    unknown = [key for key in found if key not in own]
    shared = {(own[key].data_ptr(), own[key].shape) for key in found if key in own}
    missing = [  # a tensor under two names is kept under one of them
        key
        for key in own
        if key not in found and (own[key].data_ptr(), own[key].shape) not in shared
    ]
    if missing:
        message = (
            f"{where} lacks {len(missing)} of the module's {len(own)} tensors: {listed(missing)}"
            f"{nearest(missing[0], unknown or found)}; is it for another factory?"
        )
        raise InputError(message)
    if unknown:
        message = (
            f"{where} holds {len(unknown)} tensors that the module does not know: "
            f"{listed(unknown)}{nearest(unknown[0], own)}; is it for another factory?"
        )
        raise InputError(message)
    for key, value in found.items():
        if value.shape != own[key].shape:
            message = (
                f"{where} holds {key!r} of shape {tuple(value.shape)}, the module wants "
                f"{tuple(own[key].shape)}; give the factory the sizes it was trained with"
            )
            raise InputError(message)
