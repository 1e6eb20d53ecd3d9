"""A model behind an HTTP address: a function of rows that asks a server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

import numpy as np
import polars as pl

from bartizan.adapt.remote.inference_protocol import Tensor, request_of, scores_of
from bartizan.adapt.remote.template import filled, picked
from bartizan.adapt.remote.transport import Limits, Transport
from bartizan.core.arrays import AnyArray
from bartizan.core.errors import ConfigError, ModelError

Protocol: TypeAlias = Literal["v2", "json"]


@dataclass(frozen=True, kw_only=True)
class EndpointSettings:
    """How to ask an endpoint."""

    protocol: Protocol = "v2"
    """`v2`: the Open Inference Protocol, the address being that of the model, such as
    ``https://host/v2/models/fraud``; `json`: a document made from `request`."""
    request: Any = None
    """The document, in which "$rows" stands for all rows as lists of values, and "$records" for
    all rows as objects."""
    response: str = ""
    """Where the scores stand in the answer: keys and positions with dots between them; ``*`` goes
    through a list, as in ``predictions.*.score``."""
    headers: dict[str, str] = field(default_factory=dict)
    """Credentials by reference only: ``env:NAME``, ``file:PATH``."""
    limits: Limits = field(default_factory=Limits)
    batch_rows: int = 256
    """Most rows of one question."""
    version: str = ""
    """The version of the model that must answer; empty = the one that answers first."""

    def __post_init__(self) -> None:
        """Refuse settings that contradict each other."""
        if self.batch_rows < 1:
            message = f"batch_rows must be 1 or more, got {self.batch_rows}"
            raise ConfigError(message)
        if self.protocol == "json" and self.request is None:
            message = 'protocol "json" needs `request`, such as {"instances": "$rows"}'
            raise ConfigError(message)
        if self.protocol == "v2" and (self.request is not None or self.response):
            message = '`request` and `response` belong to protocol = "json"; v2 has its own form'
            raise ConfigError(message)


@dataclass(kw_only=True)
class Endpoint:
    """Answers rows like any function: an array or a frame in, scores or labels out."""

    url: str
    settings: EndpointSettings
    transport: Transport
    _version: str = ""
    """The version that answered first."""

    @classmethod
    def at(cls, url: str, settings: EndpointSettings | None = None) -> "Endpoint":
        """The endpoint at an address."""
        chosen = settings or EndpointSettings()
        transport = Transport(
            url=url.removesuffix("/").removesuffix("/infer"),
            headers=chosen.headers,
            limits=chosen.limits,
        )
        return cls(url=url, settings=chosen, transport=transport, _version=chosen.version)

    def __call__(self, rows: Any) -> AnyArray:
        """Ask about rows, a batch at a time.

        Args:
            rows: An array of shape (n, ...) or a frame of n rows.

        Returns:
            What the endpoint answered, shape (n,) or (n, k).

        Raises:
            ModelError: no answer, or one that does not fit the question.
        """
        n = len(rows)
        ask: Callable[[Any], AnyArray] = (
            self._ask_v2 if self.settings.protocol == "v2" else self._ask_json
        )
        size = self.settings.batch_rows
        parts = [ask(rows[start : start + size]) for start in range(0, n, size)]
        widths = {part.shape[1:] for part in parts}
        if len(widths) > 1:
            message = f"{self.url} changed the shape of its answers within one run: {widths}"
            raise ModelError(message)
        return np.concatenate(parts)

    def _ask_v2(self, rows: Any) -> AnyArray:
        inputs = self._inputs
        body = request_of(_columns(rows, inputs=inputs, where=self.url), inputs=inputs)
        answer = self.transport.post(body, "/infer")
        self._require_version(answer)
        return scores_of(answer, where=self.url, n=len(rows))

    def _ask_json(self, rows: Any) -> AnyArray:
        answer = self.transport.post(filled(self.settings.request, rows))
        self._require_version(answer)
        found = picked(answer, self.settings.response, where=self.url)
        try:
            values = np.asarray(found)
        except ValueError as error:  # lists of several lengths
            message = f"{self.url} answered rows of several lengths: {str(found)[:80]}"
            raise ModelError(message) from error
        if values.ndim not in (1, 2) or len(values) != len(rows):
            message = (
                f"{self.url} was asked about {len(rows)} rows and answered shape {values.shape} at "
                f"response = {self.settings.response!r}; does it point at the scores?"
            )
            raise ModelError(message)
        return values

    def _require_version(self, answer: Any) -> None:
        """Refuse answers of another version: the finding would be about two models."""
        told = answer.get("model_version") if isinstance(answer, dict) else None
        if told is None:
            return
        if self._version and str(told) != self._version:
            message = (
                f"{self.url} answered with model version {told}, not {self._version}: the model "
                "changed while it was assessed; ask for one version in the address"
            )
            raise ModelError(message)
        self._version = str(told)

    @cached_property
    def _inputs(self) -> tuple[Tensor, ...]:
        """The inputs as the server describes them."""
        described = self.transport.get()
        inputs = described.get("inputs") if isinstance(described, dict) else None
        if not isinstance(inputs, list) or not inputs:
            message = (
                f"{self.url} does not describe its inputs; is it the address of a model, such as "
                "https://host/v2/models/NAME?"
            )
            raise ModelError(message)
        return tuple(Tensor.read(one, where=self.url) for one in inputs)


def _columns(rows: Any, *, inputs: tuple[Tensor, ...], where: str) -> dict[str, AnyArray]:
    """Values of each input, shape (n, ...)."""
    if len(inputs) == 1:
        return {inputs[0].name: _shaped(np.asarray(rows), inputs[0], where=where)}
    if isinstance(rows, pl.DataFrame):
        names = {tensor.name for tensor in inputs}
        missing = sorted(names - set(rows.columns))
        if missing:
            message = f"{where} wants the column {missing[0]!r}, which the table does not have"
            raise ModelError(message)
        return {name: _shaped_column(rows[name].to_numpy(), inputs, name) for name in names}
    values = np.asarray(rows)
    if values.ndim != 2 or values.shape[1] != len(inputs):
        message = f"{where} takes {len(inputs)} inputs, got rows of shape {values.shape[1:]}"
        raise ModelError(message)
    return {
        tensor.name: _shaped_column(values[:, place], inputs, tensor.name)
        for place, tensor in enumerate(inputs)
    }


def _shaped_column(values: AnyArray, inputs: tuple[Tensor, ...], name: str) -> AnyArray:
    """One column as (n,) or (n, 1), as its input wants it."""
    tensor = next(one for one in inputs if one.name == name)
    return values[:, None] if len(tensor.shape) == 2 else values


def _shaped(values: AnyArray, tensor: Tensor, *, where: str) -> AnyArray:
    """Rows in the shape that an input wants; images change between channel last and first."""
    wanted, got = tensor.shape[1:], values.shape[1:]
    if _fits(got, wanted):
        return values
    if values.ndim == 4 and _fits((got[2], got[0], got[1]), wanted):
        return values.transpose(0, 3, 1, 2)
    if int(np.prod(got)) == int(np.prod(wanted)) and min(wanted, default=1) > 0:
        return values.reshape(len(values), *wanted)
    message = f"{where} takes rows of shape {list(wanted)}, the data has {list(got)}"
    raise ModelError(message)


def _fits(got: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(got) == len(wanted) and all(
        length in (-1, have) for have, length in zip(got, wanted, strict=True)
    )
