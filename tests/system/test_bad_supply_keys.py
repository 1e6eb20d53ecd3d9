"""Keys, clocks and disks that are not as they should be, and commands that are stopped half-way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.crypto.safe_file import PRIVATE, create
from system.command import Ran, Run
from unit.crypto.oms.authorities import SIGNS, Authority, issued

LARGE_BYTES = 900_000_000
"""Of a file of holes: it takes more than a second to read, and less than the limit for holes."""
BEGUN_BYTES = 60_000_000
"""Read by a process that has begun with the file: its own libraries are smaller."""
WORDS = "correct horse battery staple"


@pytest.fixture
def model(folder: Path, bartizan: Run) -> str:
    (folder / "m.json").write_text('{"classes": ["ok", "fraud"]}')
    assert bartizan("supply", "key", "--out", "key.pem").code == 0
    (folder / "team.txt").write_text(bartizan("data", "key", "--out", "id.key").out)
    return "m.json"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def refused(ran: Ran, code: int, *, said: str) -> None:
    assert ran.code == code, ran.err
    assert ran.err.count("error: ") == 1
    assert said in " ".join(ran.err.split())


def sealed(bartizan: Run, name: str, folder: Path, *, words: str = WORDS) -> str:
    create(folder / "words", words.encode(), mode=PRIVATE)
    ran = bartizan("supply", "seal", name, "--passphrase", "file:words", "--out", "m.age")
    assert ran.code == 0, ran.err
    return "m.age"


def test_every_wrong_passphrase_is_told_in_the_same_words(
    folder: Path, bartizan: Run, model: str
) -> None:
    """Nobody learns how near they were; and nothing of the content appears."""
    sealed(bartizan, model, folder)
    before = files(folder)
    said = set()
    for number, words in enumerate((WORDS[:-1], WORDS + " ", WORDS.upper(), "x", "é" * 500)):
        create(folder / f"guess{number}", words.encode(), mode=PRIVATE)
        guess = f"file:guess{number}"
        ran = bartizan("supply", "open", "m.age", "--passphrase", guess, "--out", "opened")
        refused(ran, 2, said="passphrase")
        said.add(ran.err)
        (folder / f"guess{number}").unlink()
    assert len(said) == 1
    assert files(folder) == before


def test_the_wrong_kind_of_key_is_told_and_opens_nothing(
    folder: Path, bartizan: Run, model: str
) -> None:
    sealed(bartizan, model, folder)
    refused(bartizan("supply", "open", "m.age", "--identity", "id.key"), 2, said="passphrase")
    assert bartizan("data", "key", "--out", "other.key").code == 0
    seal = ("supply", "seal", model, "--to", "file:team.txt", "--out", "t.age")
    assert bartizan(*seal).code == 0
    ran = bartizan("supply", "open", "t.age", "--identity", "other.key", "--out", "opened")
    refused(ran, 2, said="recipient")
    assert not (folder / "opened").exists()


@pytest.mark.parametrize(
    ("verb", "arguments", "secret"),
    [
        ("sign", ("--key", "key.pem"), "key.pem"),
        ("bom", ("--key", "key.pem"), "key.pem"),
        ("open", ("--identity", "id.key"), "id.key"),
    ],
)
def test_a_key_that_others_can_read_is_not_used(
    folder: Path, bartizan: Run, model: str, verb: str, arguments: tuple[str, ...], secret: str
) -> None:
    assert bartizan("supply", "seal", model, "--to", "file:team.txt").code == 0
    subject = f"{model}.age" if verb == "open" else model
    before = files(folder)
    (folder / secret).chmod(0o644)
    refused(bartizan("supply", verb, subject, *arguments, "--out", "new"), 4, said="chmod")
    assert files(folder) == before


@pytest.mark.parametrize("content", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"\x00" * 200])
def test_a_key_that_is_none_is_told_without_showing_it(
    folder: Path, bartizan: Run, model: str, content: bytes
) -> None:
    create(folder / "bad.pem", content, mode=PRIVATE)
    refused(bartizan("supply", "sign", model, "--key", "bad.pem"), 2, said="bad.pem")
    refused(bartizan("supply", "open", model, "--identity", "bad.pem", "--out", "x"), 2, said="")
    refused(bartizan("supply", "verify", model, "--key", "bad.pem"), 2, said="bad.pem")


def chain(folder: Path, *, begins: datetime, ends: datetime) -> Authority:
    """A root that is valid, and whoever signs, valid for a time; in files."""
    now = datetime.now(UTC)
    root = issued("root", by=None, ends=now + timedelta(days=99))
    leaf = issued("leaf", by=root, extensions=SIGNS, begins=begins, ends=ends)
    (folder / "root.pem").write_bytes(root.pem)
    (folder / "leaf.pem").write_bytes(leaf.pem)
    create(folder / "leaf.key", SigningKey(leaf.key).pem(), mode=PRIVATE)
    return leaf


CERTIFIED = ("--key", "leaf.key", "--certificate", "leaf.pem")
TRUSTING = ("--root", "root.pem", "--identity", "team@bank.example")


@pytest.mark.parametrize(
    ("begins", "ends", "said"), [(-9, -1, "expired"), (1, 9, "valid")], ids=["past", "to come"]
)
def test_a_certificate_out_of_its_time_signs_nothing(
    folder: Path, bartizan: Run, model: str, begins: int, ends: int, said: str
) -> None:
    now = datetime.now(UTC)
    chain(folder, begins=now + timedelta(days=begins), ends=now + timedelta(days=ends))
    refused(bartizan("supply", "sign", model, *CERTIFIED), 4, said=said)
    assert not (folder / "m.json.sig").exists()


@pytest.mark.parametrize(
    ("begins_s", "ends_s", "code"),
    [(200, 9_999, 0), (400, 9_999, 4), (-9_999, -200, 0), (-9_999, -400, 4)],
)
def test_clocks_may_differ_by_five_minutes_and_no_more(
    folder: Path, bartizan: Run, model: str, begins_s: int, ends_s: int, code: int
) -> None:
    now = datetime.now(UTC)
    chain(folder, begins=now + timedelta(seconds=begins_s), ends=now + timedelta(seconds=ends_s))
    assert bartizan("supply", "sign", model, *CERTIFIED).code == code
    if code == 0:
        assert bartizan("supply", "verify", model, *TRUSTING).code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="nobody can write into /proc, not even root")
@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("key", ("--out", "/proc/key.pem")),
        ("sign", ("m.json", "--key", "key.pem", "--out", "/proc/m.sig")),
        ("seal", ("m.json", "--to", "file:team.txt", "--out", "/proc/m.age")),
        ("open", ("m.json.age", "--identity", "id.key", "--out", "/proc/m")),
        ("open", ("f.tar.age", "--identity", "id.key", "--out", "/proc/f")),
        ("bom", ("m.json", "--out", "/proc/bom.json")),
        ("scan", ("m.json", "--out", "/proc/out")),
    ],
)
def test_a_place_that_cannot_be_written_is_told(
    folder: Path, bartizan: Run, model: str, verb: str, arguments: tuple[str, ...]
) -> None:
    assert bartizan("supply", "seal", model, "--to", "file:team.txt").code == 0
    (folder / "f").mkdir()
    (folder / "f" / "a").write_text("a")
    assert bartizan("supply", "seal", "f", "--to", "file:team.txt").code == 0
    before = files(folder)
    refused(bartizan("supply", verb, *arguments), 2, said="cannot write")
    assert files(folder) - before <= {".bartizan"}


@pytest.mark.parametrize("verb", ["scan", "sign", "verify", "seal", "open", "bom", "admit"])
def test_a_name_that_the_system_does_not_take_is_bad_input(
    folder: Path, bartizan: Run, model: str, verb: str
) -> None:
    more = {
        "sign": ("--key", "key.pem"),
        "verify": ("--key", "key.pem.pub"),
        "seal": ("--to", "file:team.txt"),
        "open": ("--identity", "id.key", "--out", "x"),
        "admit": ("--key", "key.pem.pub", "--workspace", "."),
    }
    refused(bartizan("supply", verb, "x" * 300, *more.get(verb, ())), 2, said="too long")


def begun(process: subprocess.Popen[str], count: int) -> None:
    """Wait until it has read so many bytes."""
    place = Path(f"/proc/{process.pid}/io")
    for _ in range(600):
        fields = dict(line.split(": ") for line in place.read_text("ascii").splitlines())
        if int(fields["rchar"]) > count:
            return
        assert process.poll() is None, "it ended before it could be stopped"
        time.sleep(0.02)
    raise AssertionError


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize(
    "arguments",
    [
        ("sign", "large", "--key", "key.pem"),
        ("seal", "large", "--to", "file:team.txt"),
        ("open", "sealed.age", "--identity", "id.key"),
        ("open", "sealed.tar.age", "--identity", "id.key"),
        ("bom", "large"),
    ],
    ids=lambda arguments: "-".join(arguments[:2]),
)
def test_what_is_stopped_half_way_leaves_no_half(
    folder: Path,
    bartizan: Run,
    model: str,
    spawn: Callable[..., subprocess.Popen[str]],
    arguments: tuple[str, ...],
    how: signal.Signals,
) -> None:
    (folder / "large").touch()
    os.truncate(folder / "large", LARGE_BYTES)
    if arguments[0] == "open":
        (folder / "large").unlink()
        source = folder / "sealed"
        if "tar" in arguments[1]:
            source.mkdir()
            source /= "a"
        source.touch()
        os.truncate(source, LARGE_BYTES // 2)
        assert bartizan("supply", "seal", "sealed", "--to", "file:team.txt").code == 0
        (folder / "sealed").rename(folder / "source")
    before = files(folder)
    process = spawn("supply", *arguments)
    begun(process, BEGUN_BYTES)
    process.send_signal(how)
    process.communicate(timeout=60)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    left = files(folder) - before
    killed_folder = how == signal.SIGKILL and "tar" in arguments[1]
    assert all(name.startswith(".") for name in left) if killed_folder else not left
