"""Asks one HTTP address, patiently and with limits: time, retries, rate, size of the answer."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bartizan.adapt.remote.address import require_address
from bartizan.adapt.remote.credentials import is_secret, require_references, resolved, secret_of
from bartizan.adapt.remote.metered_line import Allowance, metered_pool
from bartizan.adapt.remote.reply import ANSWER_BYTES, blacked, read_reply
from bartizan.core.errors import ConfigError, ModelError

_PAUSE_S = 0.5
"""Before the first retry; doubled each time."""
_LONGEST_S = 60.0
"""Longest pause, whatever the server asks for."""
_LEFT_BEHIND = ("_allowance", "_pool", "_sent", "_secrets")
"""What does not travel to another process."""
_TOO_SLOW = b"the answer took longer than timeout_s"
_BUSY = (429, 502, 503, 504)
"""Answers that mean: ask again later."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How long to wait, how often to try, how fast to ask."""

    timeout_s: float = 30.0
    """For one answer."""
    retries: int = 4
    """Further tries after a lost connection, a timeout, or an answer that means later."""
    per_second: float | None = None
    """Most calls a second; none = as fast as answers come."""

    def __post_init__(self) -> None:
        """Refuse limits that mean nothing."""
        if not 0 < self.timeout_s < float("inf") or self.retries < 0:
            message = f"expected timeout_s > 0 and retries >= 0, got {self}"
            raise ConfigError(message)
        if self.per_second is not None and not 0 < self.per_second < float("inf"):
            message = f"expected per_second > 0, got {self.per_second}; leave it out for no limit"
            raise ConfigError(message)


@dataclass(kw_only=True)
class Transport:
    """Posts JSON to one server. Can be sent to another process; connections stay behind."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)
    """Values may refer to credentials: ``env:NAME`` or ``file:PATH`` at the end."""
    limits: Limits = field(default_factory=Limits)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _free_at: float = 0.0
    """When the next call may begin, on the clock."""

    def __post_init__(self) -> None:
        """Refuse addresses that cannot be used, and credentials over open lines."""
        require_references(self.headers)
        require_address(self.url, secret=any(is_secret(name) for name in self.headers))

    def __getstate__(self) -> dict[str, Any]:
        """Everything but open connections and resolved credentials."""
        return {k: v for k, v in vars(self).items() if k not in _LEFT_BEHIND}

    @cached_property
    def _allowance(self) -> Allowance:
        return Allowance(where=self.url)

    @cached_property
    def _pool(self) -> Any:
        return metered_pool(self._allowance, timeout_s=self.limits.timeout_s)

    @cached_property
    def _sent(self) -> dict[str, str]:
        return {name: resolved(name, value) for name, value in self.headers.items()}

    @cached_property
    def _secrets(self) -> list[str]:
        return [secret_of(name, value) for name, value in self.headers.items()]

    def get(self, path: str = "") -> Any:
        """Fetch a JSON document; as for `post`."""
        return self._asked("GET", path, body=None)

    def post(self, body: Any, path: str = "") -> Any:
        """Send a JSON document and read the JSON answer.

        Args:
            body: What to send.
            path: Added to the address.

        Raises:
            ModelError: no answer after all retries, a refusal, or an answer that is no JSON.
            UsageError: a credential that a header refers to is not there.
        """
        try:
            raw = json.dumps(body, allow_nan=False).encode()
        except ValueError as error:
            message = (
                f"{self.url} is asked in JSON, which has no word for missing or infinite numbers, "
                'and a row holds one; fill them in, or send null with protocol = "json"'
            )
            raise ModelError(message) from error
        return self._asked("POST", path, body=raw)

    def _asked(self, method: str, path: str, *, body: bytes | None) -> Any:
        last = ""
        for attempt in range(self.limits.retries + 1):
            self._wait_turn()
            status, raw, pause_s = self._once(method, path, body=body)
            if status == 200:
                return _parsed(raw, url=self.url)
            last = raw.decode("utf-8", "replace") if status == 0 else f"status {status}"
            if status not in (0, *_BUSY):
                text = " ".join(raw[:200].decode("utf-8", "replace").split())
                message = f"{self.url} refused the question with status {status}: {text!r}"
                raise ModelError(message)
            if attempt < self.limits.retries:
                wanted = _PAUSE_S * 2**attempt if pause_s is None else pause_s
                self.sleep(min(wanted, _LONGEST_S))
        message = (
            f"{self.url} gave no answer after {self.limits.retries + 1} tries ({last}); is it "
            "running, is the rate too high, or timeout_s too short?"
        )
        raise ModelError(message)

    def _once(
        self, method: str, path: str, *, body: bytes | None
    ) -> tuple[int, bytes, float | None]:
        """One call: status (0 = no answer), body or reason, and the pause that is asked for."""
        import urllib3  # noqa: PLC0415 (only where there is an endpoint)

        headers = {"content-type": "application/json", "accept": "application/json", **self._sent}
        until = self.clock() + self.limits.timeout_s
        self._allowance.begin(timeout_s=self.limits.timeout_s, size_bytes=ANSWER_BYTES)
        try:
            answer = self._pool.request(
                method,
                self.url + path,
                body=body,
                headers=headers,
                redirect=False,  # credentials must not follow to another host
                preload_content=False,
            )
            try:
                raw = read_reply(answer, where=self.url, late=lambda: self.clock() > until)
            except ModelError:
                answer.close()
                raise
            if raw is None:
                answer.close()  # what is still to come belongs to no question
                return 0, _TOO_SLOW, None
            answer.release_conn()
        except urllib3.exceptions.SSLError as error:
            raise ModelError(_untrusted(self.url, error)) from error
        except urllib3.exceptions.HTTPError as error:
            return 0, _why_none(error), None
        pause_s = _retry_after(answer.headers.get("retry-after"))
        return answer.status, blacked(raw, secrets=self._secrets), pause_s

    def _wait_turn(self) -> None:
        """Keep the rate: calls are spaced evenly."""
        if self.limits.per_second is None:
            return
        now = self.clock()
        if self._free_at > now:
            self.sleep(self._free_at - now)
        self._free_at = max(now, self._free_at) + 1 / self.limits.per_second


def _why_none(error: Exception) -> bytes:
    """Why no answer came. A refused connection and an unknown name are timeouts to urllib3 too."""
    import urllib3  # noqa: PLC0415 (only where there is an endpoint)

    slow = isinstance(error, urllib3.exceptions.TimeoutError)
    if slow and not isinstance(error, urllib3.exceptions.NewConnectionError):
        return _TOO_SLOW
    return f"{type(error).__name__}: {error}".encode()


def _untrusted(url: str, error: Exception) -> str:
    return (
        f"{url} does not prove who it is ({error}); if its certificate is of your own authority, "
        "name that authority's file in the environment variable SSL_CERT_FILE"
    )


def _retry_after(value: str | None) -> float | None:
    """Seconds that a server asks to wait; dates are not understood, and the usual pause serves."""
    try:
        seconds = float(value) if value is not None else -1.0
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _parsed(raw: bytes, *, url: str) -> Any:
    try:
        return json.loads(raw, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        text = raw[:80].decode("utf-8", "replace")
        message = f"{url} answered with something that is no JSON ({error}): {text!r}"
        raise ModelError(message) from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: of two, every reader would choose its own."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        message = f"{next(n for n in made if names.count(n) > 1)!r} is there twice"
        raise ValueError(message)
    return made
