"""Which members of a zip archive PyTorch reads as what, by their names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

TorchRole: TypeAlias = Literal["pickle", "tensor", "label", "other"]
_LABELS = frozenset(
    [
        "version",
        "byteorder",
        "archive_format",
        "archive_version",
        ".format_version",
        ".storage_alignment",
        ".data/serialization_id",
        ".data/version",
    ]
)
"""Members of a few characters that say how the others are written."""
_TENSORS = ("data/", "constants/", "data/weights/weight_", "data/constants/tensor_")
"""What stands before the number of a tensor in its name."""
_PICKLES = (".pkl", ".debug_pkl")
LABEL_BYTES = 64
"""Longest content of a label: a serialization id has 40 digits."""


@dataclass(frozen=True, kw_only=True)
class TorchLayout:
    """What PyTorch takes an archive for."""

    tops: frozenset[str]
    """Folders at the top, in lower case, that PyTorch would read."""
    several: bool
    """Whether more than one pickle stands where one is read."""
    script: bool
    """Whether it holds code of TorchScript."""
    export: bool
    """Whether it holds a graph of torch.export."""
    package: bool
    """Whether it holds Python modules of torch.package, which run when it is opened."""

    def role(self, name: str) -> TorchRole:
        """What a member is. PyTorch looks names up without regard to case, and so does this."""
        top, _, rest = name.lower().partition("/")
        if top not in self.tops:
            return "other"
        if rest.endswith(_PICKLES):
            return "pickle"
        if rest in _LABELS:
            return "label"
        for beginning in _TENSORS:
            own = rest.removeprefix(beginning)
            if rest.startswith(beginning) and own.isascii() and own.isdigit():
                return "tensor"
        return "other"


def is_torchscript(names: Iterable[str]) -> bool:
    """Whether `torch.load` hands an archive over to `torch.jit.load`, whoever reads it.

    Everything else that PyTorch finds in an archive goes to Python's unpickler. So this is strict:
    one folder, and the two members in it by their exact names.

    Args:
        names: Of all members, as they are spelled.

    Example:
        >>> is_torchscript(["m/data.pkl", "m/constants.pkl"]), is_torchscript(["m/data.pkl"])
        (True, False)

    Source:
        PyTorch 2.13, `_is_torchscript_zip` in torch/serialization.py.
    """
    known = set(names)
    tops = {name.partition("/")[0] for name in known}
    return len(tops) == 1 and all(
        known >= {f"{top}/data.pkl", f"{top}/constants.pkl"} for top in tops
    )


def torch_layout(names: Iterable[str]) -> TorchLayout | None:
    """What PyTorch takes an archive for; none if it takes it for nothing.

    Args:
        names: Of all members.

    Example:
        >>> layout = torch_layout(["m/data.pkl", "m/data/0", "m/version"])
        >>> layout.role("m/data.pkl"), layout.role("m/data/0"), layout.role("x.npy")
        ('pickle', 'tensor', 'other')

    Source:
        PyTorch 2.13, caffe2/serialize/inline_container.h and torch/serialization.py.
    """
    inside = [name.lower().partition("/") for name in names]
    rests = {(top, rest) for top, _, rest in inside}
    pickled = {top for top, rest in rests if rest == "data.pkl"}
    exported = {top for top, rest in rests if rest == "archive_format"}
    packaged = {top for top, rest in rests if rest == ".data/extern_modules"}
    tops = frozenset(pickled | exported | packaged)
    older = any(f"{top}/{rest}".endswith("serialized_exported_program.json") for top, rest in rests)
    if not tops and not older:
        return None
    return TorchLayout(
        tops=tops,
        several=sum(rest == "data.pkl" for _, _, rest in inside) > 1,
        script=any(rest == "constants.pkl" or rest.startswith("code/") for _, rest in rests),
        export=bool(exported) or older,
        package=bool(packaged),
    )
