"""The Open Inference Protocol, version 2, in JSON: what Triton, KServe, MLServer and others speak.

Source: https://github.com/open-inference/open-inference-protocol, specification/protocol/
inference_rest.md.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import ModelError

_TYPES: dict[str, Any] = {
    "FP64": np.float64,
    "FP32": np.float32,
    "INT64": np.int64,
    "INT32": np.int32,
    "UINT8": np.uint8,
    "BOOL": np.bool_,
    "BYTES": object,
}
"""Types of tensors that rows are sent as."""


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """One input or output as the server describes it."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    """-1 = any length."""

    @classmethod
    def read(cls, described: Any, *, where: str) -> "Tensor":
        """Take it from the metadata.

        Raises:
            ModelError: it is not described as the protocol says, or of a type that cannot be sent.
        """
        try:
            shape = tuple(int(length) for length in described["shape"])
            made = cls(
                name=str(described["name"]), datatype=str(described["datatype"]), shape=shape
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            message = f"{where} describes its inputs not as the protocol says: {described!r}"
            raise ModelError(message) from error
        if made.datatype not in _TYPES:
            message = f"{where} takes {made.datatype}; rows can be sent as {', '.join(_TYPES)}"
            raise ModelError(message)
        return made


def request_of(columns: dict[str, AnyArray], *, inputs: tuple[Tensor, ...]) -> dict[str, Any]:
    """The body of a question.

    Args:
        columns: Values of each input by name, each of shape (n, ...).
        inputs: How the server describes them.
    """
    sent = []
    for tensor in inputs:
        values = _typed(np.asarray(columns[tensor.name]), tensor)
        sent.append(
            {
                "name": tensor.name,
                "shape": list(values.shape),
                "datatype": tensor.datatype,
                "data": values.ravel().tolist(),
            }
        )
    return {"inputs": sent}


def _typed(values: AnyArray, tensor: Tensor) -> AnyArray:
    """Values as the type of a tensor, if nothing is lost.

    Raises:
        ModelError: the endpoint takes whole numbers, and the rows hold others.
    """
    kind = _TYPES[tensor.datatype]
    if values.dtype.kind == "f" and tensor.datatype not in ("FP64", "FP32", "BYTES"):
        whole = np.isfinite(values) & (values == np.round(values))
        if not whole.all():
            message = (
                f"input {tensor.name!r} takes {tensor.datatype}, and a row holds "
                f"{values[~whole].flat[0]}; declare such columns as integer in the schema"
            )
            raise ModelError(message)
    try:
        return values.astype(kind)
    except (TypeError, ValueError) as error:
        message = f"input {tensor.name!r} takes {tensor.datatype}: {error}"
        raise ModelError(message) from error


def scores_of(answer: Any, *, where: str, n: int) -> AnyArray:
    """The scores in an answer: of several outputs the one with most columns.

    Returns:
        Shape (n,) or (n, k).

    Raises:
        ModelError: it is no answer to n rows as the protocol says.
    """
    try:
        found = [_output(output) for output in answer["outputs"]]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        message = f"{where} answered not as the protocol says: {str(answer)[:120]!r}"
        raise ModelError(message) from error
    fitting = [values for values in found if values.ndim in (1, 2) and len(values) == n]
    if not fitting:
        shapes = ", ".join(str(values.shape) for values in found) or "nothing"
        message = f"{where} was asked about {n} rows and answered shapes {shapes}"
        raise ModelError(message)
    numbers = [v for v in fitting if v.dtype.kind == "f"] or fitting
    return max(numbers, key=lambda values: values.size)


def _output(output: Any) -> AnyArray:
    """One tensor of an answer."""
    kind = _TYPES.get(output["datatype"], np.float64)
    return np.asarray(output["data"], dtype=kind).reshape(output["shape"])
