"""Damaged files of dependencies and advisories: they are read, or refused, and nothing else.

`BARTIZAN_FUZZ_ROUNDS` sets how many mutations of each file are tried; 150 keep the run short.
"""

import json
import os
import random
from pathlib import Path

import pytest

from bartizan.core.errors import InputError
from bartizan.supply.advisories.advisory import read_advisory
from bartizan.supply.advisories.affected import is_affected
from bartizan.supply.advisories.severity import severity_of
from bartizan.supply.dependencies.listings import read_listing
from bartizan.supply.dependencies.tree import Tree
from unit.supply.advisories.osv import events, record

ROUNDS = int(os.environ.get("BARTIZAN_FUZZ_ROUNDS", "150"))
PIECES = (
    b"==",
    b"-r ",
    b"-c ",
    b"[[",
    b"]]",
    b'"',
    b"{",
    b"}",
    b"\\\n",
    b"\x00",
    b"\xff",
    b"(",
    b"0" * 40,
)
FILES = {
    "requirements.txt": b"a==1 \\\n --hash=sha256:aa\n-r other.txt\n-e .\nb[x]>=1; os_name == 'x'",
    "poetry.lock": b'[[package]]\nname = "a"\nversion = "1"\n[package.source]\ntype = "git"\n',
    "uv.lock": b'version = 1\n[[package]]\nname = "a"\nsource = { registry = "x" }\n',
    "pylock.toml": b'lock-version = "1.0"\n[[packages]]\nname = "a"\n[packages.vcs]\nurl = "x"\n',
    "Pipfile.lock": json.dumps(
        {"_meta": {}, "default": {"a": {"version": "==1"}}}, indent=1
    ).encode(),
}
ADVISORY = json.dumps(
    record(
        ranges=[events(("introduced", "0"), ("fixed", "1.5.0"), ("limit", "*"))],
        versions=["1.0", "1.1rc1"],
        severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
        aliases=["CVE-2026-1"],
    )
).encode()


def damaged(raw: bytes, *, rng: random.Random) -> bytes:
    """A copy with a few bytes changed, left out, doubled or put in."""
    found = bytearray(raw)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(found) + 1)
        match rng.randrange(4):
            case 0:
                found[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del found[at : at + rng.randint(1, 9)]
            case 2:
                found[at:at] = rng.choice(PIECES)
            case _:
                found[at:at] = found[at : at + rng.randint(1, 30)]
    return bytes(found)


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_of_dependencies_is_a_listing(tmp_path: Path, name: str) -> None:
    rng, tree = random.Random(name), Tree.of(tmp_path)  # noqa: S311 (damage, no secrets)
    for _ in range(ROUNDS):
        (tmp_path / name).write_bytes(damaged(FILES[name], rng=rng))
        listing = read_listing(tmp_path / name, tree=tree)
        assert all(one.file == name for one in listing.dependencies)
        assert all((one.what + one.why).isprintable() for one in listing.unread)


def test_a_damaged_advisory_is_read_or_refused() -> None:
    rng, read = random.Random(0), 0  # noqa: S311 (damage, no secrets)
    for _ in range(ROUNDS):
        try:
            advisory = read_advisory(damaged(ADVISORY, rng=rng))
        except InputError:
            continue
        for _, affected in advisory.of_pypi():
            read += 1
            assert is_affected("1.2", affected) in ("affected", "not affected", "unclear")
            assert severity_of(advisory, affected)[0] != "none"
    assert read  # some are damaged where it does not matter
