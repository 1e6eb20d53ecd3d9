"""A small HTTP server with a model behind it, and every way to misbehave."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

from bartizan.core.arrays import AnyArray

Answer = tuple[int, Any, dict[str, str]]
"""Status, document or bytes, headers."""


def chance(rows: AnyArray) -> list[list[float]]:
    """Two columns: a logistic model of the sum of a row."""
    high = 1 / (1 + np.exp(-(np.asarray(rows, dtype=float).reshape(len(rows), -1).sum(axis=1))))
    return [[1 - float(p), float(p)] for p in high]


@dataclass
class Served:
    """What the server does, and what it was asked."""

    url: str = ""
    shape: tuple[int, ...] = (-1, 2)
    datatype: str = "FP32"
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    mischief: Callable[[int], Answer | None] = lambda _: None
    """Given the number of the question, what to answer instead."""
    version: Callable[[int], str] = lambda _: "1"

    def answer(self, body: dict[str, Any]) -> Answer:
        """One answer."""
        self.asked.append(body)
        odd = self.mischief(len(self.asked))
        if odd is not None:
            return odd
        if "inputs" not in body:
            scores = [{"score": p[1]} for p in chance(np.array(body["rows"]))]
            return 200, {"predictions": scores}, {}
        tensor = body["inputs"][0]
        both = chance(np.array(tensor["data"], dtype=float).reshape(tensor["shape"]))
        output = {
            "name": "probabilities",
            "shape": [len(both), 2],
            "datatype": "FP32",
            "data": [p for pair in both for p in pair],
        }
        version = self.version(len(self.asked))
        return 200, {"model_name": "m", "model_version": version, "outputs": [output]}, {}

    @cached_property
    def described(self) -> dict[str, Any]:
        """The metadata; may be changed."""
        return {
            "name": "m",
            "inputs": [{"name": "x", "datatype": self.datatype, "shape": list(self.shape)}],
            "outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [-1, 2]}],
        }


@contextmanager
def serving(what: Served | None = None) -> Iterator[Served]:
    """A server on loopback for as long as the block lasts."""
    served = what or Served()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send((200, served.described, {}))

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            served.headers.append({k.lower(): v for k, v in self.headers.items()})
            self._send(served.answer(json.loads(raw)))

        def _send(self, answer: Answer) -> None:
            status, document, headers = answer
            raw = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"content-length": str(len(raw)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}/v2/models/m"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
