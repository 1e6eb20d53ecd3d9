"""Rows that were parted are put together again only as they were."""

import re
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bartizan.adapt.rows.file import read_rows
from bartizan.core.errors import InputError
from bartizan.core.record import decode, encode
from bartizan.core.streams import rng
from bartizan.data.cleaning.manifest import Manifest, Relabel, root
from bartizan.data.cleaning.parting import Parted, parted, whole


def manifest_of(rows: list[bytes], *, gone: list[int], changed: list[int]) -> Manifest:
    """What was done."""
    salt = b"s" * 16
    return Manifest(
        data="data",
        file="rows.csv",
        aside="aside-rows.csv",
        form="delimited",
        target="y",
        header=True,
        rows=len(rows),
        flagged=(),
        quarantined=tuple(gone),
        relabelled=tuple(Relabel(row=row, before="0", after="1") for row in changed),
        salt=salt.hex(),
        before=root(rows, salt=salt),
        after="",
        source_digest="",
        cleaned_digest="",
        aside_digest="",
        by="",
        when="",
    )


def test_any_rows_can_leave_or_change_and_come_back(tmp_path: Path) -> None:
    path, stream = tmp_path / "rows.csv", rng(0, "rows")
    for n in range(1, 40):
        path.write_text("x,y\n" + "".join(f"{row % 5},0\n" for row in range(n)))
        source = read_rows(path, target="y")
        fate = stream.integers(0, 3, n)  # stays, leaves, changes
        gone, changed = np.flatnonzero(fate == 1), np.flatnonzero(fate == 2).tolist()
        parts = parted(source, gone=gone, labels=dict.fromkeys(changed, "1"))
        manifest = manifest_of(source.spelled(), gone=gone.tolist(), changed=changed)
        assert parts.kept.rows == n - len(gone)
        assert [line.endswith(b",1\n") for line in parts.kept.spelled()] == [
            one == 2 for one in fate[fate != 1]
        ]
        assert whole(parts, manifest).content() == path.read_bytes()


def test_rows_that_are_not_those_that_were_cleaned_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n1,0\n2,0\n3,0\n")
    source = read_rows(path, target="y")
    parts = parted(source, gone=np.array([1]), labels={})
    manifest = manifest_of(source.spelled(), gone=[1], changed=[])
    swapped = Parted(kept=parts.kept.take(np.array([1, 0])), aside=parts.aside)
    with pytest.raises(InputError, match="not those that were cleaned"):
        whole(swapped, manifest)
    with pytest.raises(InputError, match="rows were added or removed since"):
        whole(Parted(kept=parts.kept, aside=source), manifest)
    moved = msgspec.structs.replace(manifest, quarantined=(0,))
    with pytest.raises(InputError, match="not those that were cleaned"):
        whole(parts, moved)


def a_manifest(**edited: object) -> dict[str, Any]:
    """What a file says in which fields were edited."""
    rows = [b"1,0", b"2,0", b"3,0", b"4,0"]
    known = msgspec.to_builtins(manifest_of(rows, gone=[1], changed=[2]))
    return {"schema": "manifest/1", **known, **edited}


def flagged(row: int, p: float = 0.5) -> dict[str, Any]:
    return {"row": row, "label": "0", "detectors": [], "p": p}


def changed(row: int) -> dict[str, Any]:
    return {"row": row, "before": "0", "after": "1"}


@pytest.mark.parametrize(
    ("edited", "told"),
    [
        ({"salt": "zz" * 16}, "salt must be 32 digits of 0-9 and a-f"),
        ({"salt": "00" * 15}, "salt must be 32 digits"),
        ({"salt": " " + "00" * 16}, "salt must be 32 digits"),
        ({"rows": 0}, "quarantined must be rows from 0 to -1, ascending"),
        ({"rows": -1}, "quarantined must be rows"),
        ({"quarantined": [-5, 1]}, "quarantined must be rows from 0 to 3, ascending"),
        ({"quarantined": [1, 4]}, "quarantined must be rows"),
        ({"quarantined": [1, 10**30]}, "quarantined must be rows"),
        ({"quarantined": [1, 1]}, "quarantined must be rows"),
        ({"quarantined": [3, 1]}, "quarantined must be rows"),
        ({"quarantined": [0.5]}, "Expected `int`"),
        ({"relabelled": [changed(4)]}, "relabelled must be rows"),
        ({"relabelled": [changed(1)]}, "a row that left has another label"),
        ({"flagged": [flagged(2), flagged(1)]}, "flagged must be rows"),
        ({"flagged": [flagged(1, p=7.0)]}, "p must be from 0 to 1"),
        ({"file": ".."}, "file names a file in another folder, '..'"),
        ({"file": ""}, "file names a file in another folder"),
        ({"aside": "../rows.csv"}, "aside names a file in another folder"),
        ({"aside": "a\0b"}, "aside names a file in another folder"),
    ],
)
def test_a_manifest_that_no_cleaning_wrote_is_refused(edited: dict[str, Any], told: str) -> None:
    assert decode(encode(a_manifest()), kind=Manifest).rows == 4
    with pytest.raises(InputError, match=re.escape(told)):
        decode(encode(a_manifest(**edited)), kind=Manifest)


@pytest.mark.parametrize("rows", [4, 2 * 10**9, 10**13, 10**30])
def test_more_rows_than_the_files_hold_are_refused_before_there_is_an_array_of_them(
    tmp_path: Path, rows: int
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n1,0\n2,0\n3,0\n")
    source = read_rows(path, target="y")
    parts = parted(source, gone=np.array([1]), labels={})
    manifest = manifest_of(source.spelled(), gone=[1], changed=[])
    tracemalloc.start()
    with pytest.raises(InputError, match=f"expected {rows - 1:,} cleaned rows and 1 set aside"):
        whole(parts, msgspec.structs.replace(manifest, rows=rows))
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_another_salt_gives_another_root_and_another_order_too() -> None:
    rows = [b"one", b"two", b"two"]
    first = root(rows, salt=b"a" * 16)
    assert first != root(rows, salt=b"b" * 16)
    assert first != root(rows[::-1], salt=b"a" * 16)
    assert first == root(list(rows), salt=b"a" * 16)
