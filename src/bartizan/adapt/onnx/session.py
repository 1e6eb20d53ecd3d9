"""onnxruntime sessions: one thread, one file, no libraries of its own."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import InputError
from bartizan.formats.protobuf import inspect_onnx


@dataclass(kw_only=True)
class Session:
    """A session that is opened where it is used: it cannot be sent to another process."""

    content: bytes
    where: str
    _opened: Any = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the open session."""
        return {**self.__dict__, "_opened": None}

    @property
    def opened(self) -> Any:
        """The session.

        Raises:
            InputError: the runtime does not accept the file.
        """
        if self._opened is None:
            self._opened = _open(self.content, where=self.where)
        return self._opened


def _open(content: bytes, *, where: str) -> Any:
    import onnxruntime  # noqa: PLC0415 (heavy; only where a model is of this kind)

    if inspect_onnx(content).external:
        message = (
            f"{where} keeps weights in other files, which Bartizan does not follow; save the "
            "model in one file (onnx.save with save_as_external_data=False)"
        )
        raise InputError(message)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # processes share the cores, not threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 4  # errors arrive as exceptions; nothing on the terminal
    try:
        return onnxruntime.InferenceSession(
            content,
            sess_options=options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # it would print, and try the same again
        )
    except Exception as error:
        message = f"{where} is not a model that onnxruntime can open: {str(error)[:200]}"
        raise InputError(message) from error


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output of a session."""

    session: Session
    name: str
    maps: bool
    """Whether a row's answer is a map from label to probability."""
    batch: int | None
    """Rows that a call must have; none = any number."""

    def __call__(self, tensors: dict[str, AnyArray]) -> AnyArray:
        """Tensors by name -> (n,), (n, 1) or (n, k)."""
        if self.batch is None:
            return self._answer(tensors)
        n = len(next(iter(tensors.values())))
        parts = []
        for start in range(0, n, self.batch):
            rows = np.arange(start, start + self.batch).clip(max=n - 1)
            part = self._answer({name: values[rows] for name, values in tensors.items()})
            parts.append(part[: n - start])
        return np.concatenate(parts)

    def _answer(self, tensors: dict[str, AnyArray]) -> AnyArray:
        answer = self.session.opened.run([self.name], tensors)[0]
        if not self.maps:
            return np.asarray(answer)
        keys = list(answer[0])
        return np.array([[row[key] for key in keys] for row in answer], dtype=np.float64)
