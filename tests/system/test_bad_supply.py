"""What is no model, for every verb of `supply`: one clear sentence, the right code, nothing left.

The model is called `m` here. It was signed when it was well; then somebody put the bad thing in
its place, with the old signature beside it.
"""

import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from system.command import Ran, Run

GOOD = b'{"classes": ["ok", "fraud"]}'
LINKED = "is a link"
SPECIAL = "neither a file nor a folder"
UNREAD = "only regular files can be scanned"
CHANGED = "not what was signed"
HOLES = "it consists of holes"
NO_AGE = "expected a file that was sealed"
NO_FILE = "not a regular file"
NAMED = "is refused"


def empty(place: Path) -> None:
    place.write_bytes(b"")


def cut(place: Path) -> None:
    place.write_bytes(b"\x80\x04\x95\xff\x00\x00\x00\x00\x00\x00\x00]\x94(K\x01K")


def holes(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(1 << 40)


def missing(place: Path) -> None:
    """Nothing."""


def pipe(place: Path) -> None:
    os.mkfifo(place)


def listening(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(place.name)  # names of sockets are short


def linked(place: Path) -> None:
    place.symlink_to("good.json")


def nowhere(place: Path) -> None:
    place.symlink_to("nowhere")


def itself(place: Path) -> None:
    place.symlink_to(place.name)


def hollow(place: Path) -> None:
    place.mkdir()


def leaving(place: Path) -> None:
    place.mkdir()
    (place / "a.json").write_bytes(GOOD)
    (place / "out").symlink_to("/etc/hostname")


def piped(place: Path) -> None:
    place.mkdir()
    (place / "a.json").write_bytes(GOOD)
    os.mkfifo(place / "pipe")


def broken_line(place: Path) -> None:
    place.mkdir()
    (place / "a\nb.json").write_bytes(GOOD)


def turned(place: Path) -> None:
    place.mkdir()
    (place / "a\u202enosj.json").write_bytes(GOOD)


def no_text(place: Path) -> None:
    place.mkdir()
    os.close(os.open(os.fsencode(place) + b"/\xff.json", os.O_CREAT | os.O_WRONLY))


Ends = Mapping[str, tuple[int, str]]
"""By verb: the exit code, and what is said."""
_GONE = (2, "No such file")
_SPECIAL: Ends = {
    **dict.fromkeys(("sign", "verify", "seal", "bom"), (2, SPECIAL)),
    "admit": (3, SPECIAL),
    "scan": (3, UNREAD),
    "open": (2, NO_FILE),
}
_LINK: Ends = {
    **dict.fromkeys(("sign", "verify", "seal", "bom", "admit"), (4, LINKED)),
    "scan": (3, UNREAD),
    "open": (2, NO_AGE),
}
_NAME: Ends = {
    **dict.fromkeys(("sign", "verify", "seal", "bom", "admit"), (4, NAMED)),
    "scan": (0, "%"),
    "open": (2, NO_FILE),
}
BAD: Mapping[Callable[[Path], None], Ends] = {
    empty: {
        "scan": (3, "it is empty"),
        "sign": (0, ""),
        "verify": (4, CHANGED),
        "seal": (0, "sealed"),
        "open": (2, NO_AGE),
        "bom": (0, ""),
        "admit": (4, CHANGED),
    },
    cut: {
        "scan": (3, "inconclusive"),
        "sign": (0, ""),
        "verify": (4, CHANGED),
        "seal": (0, "sealed"),
        "open": (2, NO_AGE),
        "bom": (0, ""),
        "admit": (4, CHANGED),
    },
    holes: {
        **dict.fromkeys(("sign", "verify", "seal", "bom"), (2, HOLES)),
        "admit": (3, HOLES),
        "scan": (3, HOLES),
        "open": (2, HOLES),
    },
    missing: dict.fromkeys(("scan", "sign", "verify", "seal", "open", "bom", "admit"), _GONE),
    pipe: _SPECIAL,
    listening: {**_SPECIAL, "open": (2, "cannot read")},
    linked: _LINK,
    nowhere: {**_LINK, "open": _GONE},
    itself: {**_LINK, "open": (2, "Too many levels")},
    hollow: {
        **dict.fromkeys(("sign", "bom"), (2, "at least one file")),
        "verify": (4, CHANGED),
        "admit": (2, "holds no file"),
        "scan": (2, "holds no file"),
        "seal": (2, "holds no file"),
        "open": (2, NO_FILE),
    },
    leaving: {**_LINK, "open": (2, NO_FILE)},
    piped: {**_SPECIAL, "open": (2, NO_FILE)},
    broken_line: {**_NAME, "scan": (0, "a%0Ab.json")},
    turned: _NAME,
    no_text: {**_NAME, "scan": (3, "it is empty")},
}


@pytest.fixture
def signed(folder: Path, bartizan: Run) -> Path:
    """A good model, and everything that verbs need, in a workspace that remembers it."""
    (folder / "good.json").write_bytes(GOOD)
    assert bartizan("supply", "key", "--out", "key.pem").code == 0
    ran = bartizan("data", "key", "--out", "id.key")
    (folder / "team.txt").write_text(ran.out)
    keep = ("--workspace", ".bartizan", "--quiet")
    arguments = ("good.json", "--key", "key.pem", "--out", "old.sig", "--name", "m")
    assert bartizan("supply", "sign", *arguments, *keep).code == 0
    return folder


def verbs(model: str) -> dict[str, tuple[object, ...]]:
    trust = ("--key", "key.pem.pub", "--signature", "old.sig", "--quiet")
    keep = ("--workspace", ".bartizan")
    return {
        "scan": (model, "--out", "scanned", "--quiet"),
        "sign": (model, "--key", "key.pem", "--out", "new.sig", "--quiet"),
        "verify": (model, *trust),
        "seal": (model, "--to", "file:team.txt", "--out", "new.age"),
        "open": (model, "--identity", "id.key", "--out", "opened"),
        "bom": (model, "--out", "bom.json"),
        "admit": (model, *trust, *keep, "--out", "admitted"),
    }


def said(ran: Ran) -> str:
    return " ".join((ran.out + ran.err).split())


@pytest.mark.slow
@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_every_verb_says_what_is_wrong(
    make: Callable[[Path], None], signed: Path, bartizan: Run
) -> None:
    make(signed / "m")
    wrong = {}
    for verb, arguments in verbs("m").items():
        ran = bartizan("supply", verb, *arguments)
        code, message = BAD[make][verb]
        errors = [line for line in ran.err.splitlines() if line.startswith("error: ")]
        one = len(errors) == (code == 2 or (code == 4 and verb != "admit"))
        clean = not any(mark in ran.out + ran.err for mark in ("Traceback", "\u202e", "internal"))
        if (ran.code, message in said(ran), one, clean) != (code, True, True, True):
            wrong[verb] = (ran.code, said(ran)[-400:])
        for name in ("new.sig", "new.age", "opened", "bom.json"):
            there = (signed / name).exists()
            mine = {"sign": "new.sig", "seal": "new.age", "bom": "bom.json"}.get(verb) == name
            if there and not (mine and code == 0):
                wrong[f"{verb} left"] = (ran.code, name)
            (signed / name).unlink(missing_ok=True)
    assert wrong == {}
