"""Rows that were parted are put together again only as they were."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bartizan.adapt.rows.file import read_rows
from bartizan.core.errors import InputError
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


def test_another_salt_gives_another_root_and_another_order_too() -> None:
    rows = [b"one", b"two", b"two"]
    first = root(rows, salt=b"a" * 16)
    assert first != root(rows, salt=b"b" * 16)
    assert first != root(rows[::-1], salt=b"a" * 16)
    assert first == root(list(rows), salt=b"a" * 16)
