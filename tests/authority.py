"""A time-stamping authority of one's own: openssl behind a small HTTP server on the loopback."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OPENSSL = shutil.which("openssl")
"""None where the command line is not installed."""

_CONFIG = """
[tsa]
default_tsa = this
[this]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
[purpose]
extendedKeyUsage = critical,timeStamping
[ca]
default_ca = mine
[mine]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
[any]
commonName = supplied
"""


@dataclass(frozen=True)
class Authority:
    """Keys and certificates in a folder."""

    folder: Path

    @property
    def roots(self) -> bytes:
        return (self.folder / "root.pem").read_bytes()

    def reply(self, query: bytes, *, signer: str = "tsa") -> bytes:
        """The answer to a request, as openssl makes it."""
        (self.folder / "query").write_bytes(query)
        _openssl(
            *("ts", "-reply", "-config", "config", "-section", "this", "-queryfile", "query"),
            *("-signer", f"{signer}.pem", "-inkey", "tsa.key", "-out", "reply"),
            folder=self.folder,
        )
        return (self.folder / "reply").read_bytes()

    def issue(self, name: str, *, dates: tuple[str, str] | None = None) -> None:
        """A certificate for the authority's key; dates as YYMMDDHHMMSSZ."""
        span = () if dates is None else ("-startdate", dates[0], "-enddate", dates[1])
        (self.folder / "index").write_text("")
        given = "-config config -in tsa.csr -cert root.pem -keyfile root.key -extensions purpose"
        words = ("ca", "-batch", "-notext", *given.split(), "-days", "20", *span)
        _openssl(*words, "-out", f"{name}.pem", folder=self.folder)


def make(folder: Path) -> Authority:
    """A root, and below it a certificate for time stamps."""
    (folder / "config").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    curve = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(
        *("req", "-x509", "-newkey", *curve, "-keyout", "root.key", "-out", "root.pem"),
        *("-days", "30", "-subj", "/CN=root"),
        folder=folder,
    )
    _openssl(
        *("req", "-newkey", *curve, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=tsa"),
        folder=folder,
    )
    authority = Authority(folder)
    authority.issue("tsa")
    return authority


def _openssl(*words: str, folder: Path) -> None:
    subprocess.run([str(OPENSSL), *words], cwd=folder, check=True, capture_output=True, timeout=20)


@contextmanager
def served(answer: Callable[[bytes], tuple[int, str, bytes]]) -> Iterator[str]:
    """An HTTP server that answers posts; yields its address.

    Args:
        answer: From the body to status, content type and body.
    """

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status, kind, raw = answer(body)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
