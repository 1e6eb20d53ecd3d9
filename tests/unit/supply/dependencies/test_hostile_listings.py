"""Files of dependencies and advisories that are made to harm whoever reads them."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.core.errors import InputError
from bartizan.supply.advisories.advisory import read_advisory
from bartizan.supply.advisories.affected import is_affected
from bartizan.supply.dependencies.dependency import Listing
from bartizan.supply.dependencies.listings import read_listing
from bartizan.supply.dependencies.tree import Tree
from timing import within
from unit.supply.advisories.osv import events, record

NAMES = ("requirements.txt", "poetry.lock", "pylock.toml", "Pipfile.lock")
SEEDS = (
    b"a==1 \\\n --hash=sha256:aa\n-r other.txt\n-c constraints.txt # why\n-e .\nb>=1; os_name=='x'",
    b'version = 1\n[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "x" }\n',
    b'lock-version = "1.0"\n[[packages]]\nname = "a"\n[packages.vcs]\nurl = "x"\n',
    json.dumps({"_meta": {}, "default": {"a": {"version": "==1"}}}, indent=1).encode(),
)
QUIET = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(folder: Path, name: str, raw: bytes) -> Listing:
    (folder / name).write_bytes(raw)
    return read_listing(folder / name, tree=Tree.of(folder))


@QUIET
@given(st.sampled_from(NAMES), st.binary(max_size=400))
def test_any_bytes_give_a_listing(tmp_path: Path, name: str, raw: bytes) -> None:
    assert isinstance(read(tmp_path, name, raw), Listing)


@QUIET
@given(
    st.sampled_from(NAMES),
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 200), st.binary(max_size=6)), max_size=6),
)
def test_changed_files_give_a_listing(
    tmp_path: Path, name: str, raw: bytes, changes: list[tuple[int, bytes]]
) -> None:
    for place, new in changes:
        raw = raw[:place] + new + raw[place + 1 :]
    listing = read(tmp_path, name, raw)
    assert all(one.line >= 0 for one in listing.dependencies)
    assert all(one.what.isprintable() or not one.what for one in listing.unread)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@QUIET
@given(st.sampled_from(["id", "modified", "aliases", "affected", "severity", "summary"]), JSON)
def test_an_advisory_with_anything_in_a_field_is_read_or_refused(key: str, value: object) -> None:
    raw = json.dumps({**record(ranges=[events(("introduced", "0"))]), key: value}).encode()
    try:
        advisory = read_advisory(raw)
    except InputError:
        return
    for _, affected in advisory.of_pypi():
        assert is_affected("1.0", affected) in ("affected", "not affected", "unclear")


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("requirements.txt", b"a; " + b"(" * 50_000),
        ("requirements.txt", b"a==" + b"1" * 50_000),
        ("requirements.txt", b" " * 2_000_000 + b"x"),
        ("requirements.txt", b"-r" + b" '" * 2_000_000),
        ("requirements.txt", b"a==1\\\n" * 200_000),
        ("requirements.txt", b"#" * 2_000_000),
        ("requirements.txt", b"a[" + b"x," * 20_000),
        ("poetry.lock", b"x = " + b"[" * 100_000),
        ("poetry.lock", b"[[package]]\n" * 20_000),
        ("Pipfile.lock", b'{"_meta": ' + b"[" * 200_000),
        (
            "Pipfile.lock",
            json.dumps(
                {"_meta": {}, "default": {f"p{n}": {"version": "==1"} for n in range(20_000)}},
                indent=1,
            ).encode(),
        ),
    ],
    ids=range(11),
)
def test_what_is_made_to_take_long_does_not(tmp_path: Path, name: str, raw: bytes) -> None:
    assert isinstance(within(5, lambda: read(tmp_path, name, raw)), Listing)


def test_more_lines_than_anybody_needs_are_refused(tmp_path: Path) -> None:
    listing = read(tmp_path, "requirements.txt", b"a==1\n" * 100_001)
    assert not listing.dependencies
    assert "lines in all" in listing.unread[0].why


def test_a_version_of_any_length_is_unclear() -> None:
    advisory = read_advisory(json.dumps(record(ranges=[events(("introduced", "0"))])).encode())
    ((_, affected),) = advisory.of_pypi()
    assert is_affected("1" * 50_000, affected) == "unclear"
