"""Every way to change a log behind its back, and that the full check names what was changed.

The list is that of the research notes, section 4e. Signatures are stood in for by a keyed hash:
whoever changes the folder does not have the key, unless the test says so.
"""

import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger import tile
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import Head, leaf_hash, node_hash, verify_inclusion
from bartizan.ledger.reader import Tiles
from unit.ledger.signing import publish, read, signed
from unit.ledger.trees import numbered, tree_hash

SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 511, 512, 513]
SIZE = 600
ENTRIES = numbered(SIZE)


def filled(root: Path, entries: list[bytes]) -> Head:
    with Log.open(root, publish=publish, read=read) as log:
        log.append(entries)
        return log.head


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 600 entries that grew in three batches: full and partial tiles, and older ones."""
    root = tmp_path_factory.mktemp("whole") / "log"
    for start in (0, 200, 580):
        end = {0: 200, 200: 580, 580: 600}[start]
        filled(root, ENTRIES[start:end])
    return root


@pytest.fixture
def root(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "log")
    return tmp_path / "log"


def files(root: Path) -> list[str]:
    paths = [p for p in root.rglob("*") if p.is_file() and not p.name.startswith(".")]
    return sorted(str(p.relative_to(root)) for p in paths)


def flip(path: Path, at: int, mask: int = 1) -> None:
    raw = bytearray(path.read_bytes())
    raw[at] ^= mask
    path.write_bytes(bytes(raw))


def bundles(root: Path) -> dict[str, list[bytes]]:
    """All entries, by the bundle of the newest size that they stand in."""
    found = {}
    for place in (p for p in tile.tiles(SIZE) if p.level == tile.ENTRIES):
        raw = (root / place.path).read_bytes()
        stops = tile.ends(raw, tile=place)
        found[place.path] = [raw[a + 2 : b] for a, b in pairwise(stops)]
    return found


def relay(root: Path, change: Callable[[list[bytes]], list[bytes]]) -> list[bytes]:
    """Rewrite bundles and tiles for changed entries, as they would be in an honest log.

    Everything fits afterwards but the signed root, which stays what it was.
    """
    checkpoint = (root / "checkpoint").read_bytes()
    entries = change(list(ENTRIES))
    shutil.rmtree(root)
    filled(root, entries)
    (root / "checkpoint").write_bytes(checkpoint)
    return entries


def test_the_whole_log_is_whole(whole: Path) -> None:
    checked = fsck(whole, read=read)
    assert checked.head == (SIZE, tree_hash(ENTRIES))
    assert checked.partial > 0
    assert (checked.ahead, checked.strange) == (0, ())


@pytest.mark.parametrize("size", SIZES)
def test_a_flipped_byte_anywhere_is_caught_and_its_file_named(tmp_path: Path, size: int) -> None:
    root = tmp_path / "log"
    filled(root, ENTRIES[: size // 2])
    filled(root, ENTRIES[size // 2 : size])
    for path in files(root):
        raw = (root / path).read_bytes()
        for at in {0, 1, 2, len(raw) // 3, len(raw) // 2, len(raw) - 2, len(raw) - 1}:
            flip(root / path, at)
            with pytest.raises(LedgerError) as caught:
                fsck(root, read=read)
            named = path in str(caught.value) or path == "checkpoint"
            # a tile at the right edge is compared with the root only, and both are named
            assert named or "right edge" in str(caught.value)
            flip(root / path, at)
    assert fsck(root, read=read).head.size == size


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537])
def test_a_flipped_byte_of_a_log_with_three_levels_is_caught(tmp_path: Path, size: int) -> None:
    entries = numbered(size)
    filled(tmp_path, entries)
    last = [tile.at(level, tile.count(level, size) - 1 >> 8, size=size) for level in (0, 1)]
    places = [tile.Tile(0, 0), tile.Tile(0, 128), tile.Tile(tile.ENTRIES, 100), *last]
    for path in ["checkpoint", *[place.path for place in places]]:
        flip(tmp_path / path, 30)
        with pytest.raises(LedgerError, match=rf"{path}|right edge|not signed by the key"):
            fsck(tmp_path, read=read)
        flip(tmp_path / path, 30)
    assert fsck(tmp_path, read=read).head == (size, tree_hash(entries))


def test_every_single_bit_of_a_small_log_counts(tmp_path: Path) -> None:
    filled(tmp_path, [b"a", b"bc"])
    for path in files(tmp_path):
        for at in range((tmp_path / path).stat().st_size):
            for bit in range(8):
                flip(tmp_path / path, at, 1 << bit)
                with pytest.raises(LedgerError):
                    fsck(tmp_path, read=read)
                flip(tmp_path / path, at, 1 << bit)
    fsck(tmp_path, read=read)


@pytest.mark.parametrize("position", [0, 1, 255, 256, 300, 511, 512, 599])
def test_a_changed_entry_is_named_by_its_position(root: Path, position: int) -> None:
    place = tile.at(tile.ENTRIES, position // 256, size=SIZE)
    entries = bundles(root)[place.path]
    entries[position % 256] = entries[position % 256].replace(b"e", b"E", 1)
    (root / place.path).write_bytes(tile.pack(entries))
    with pytest.raises(LedgerError, match=f"^{place.path}: entry {position} was changed"):
        fsck(root, read=read)
    with pytest.raises(LedgerError, match=f"entry {position} in .* was changed"):
        Tiles(root, size=SIZE).entry(position)


@pytest.mark.parametrize("position", [0, 255, 256, 300, 511, 599])
def test_a_leaf_hash_changed_together_with_its_entry_is_caught(root: Path, position: int) -> None:
    place = tile.at(tile.ENTRIES, position // 256, size=SIZE)
    entries = bundles(root)[place.path]
    entries[position % 256] = b"another entry"
    (root / place.path).write_bytes(tile.pack(entries))
    hashes = root / tile.at(0, position // 256, size=SIZE).path
    hashes.write_bytes(b"".join(map(leaf_hash, entries)))
    with pytest.raises(LedgerError, match=r"tile/0/00.* was changed|right edge"):
        fsck(root, read=read)


def swap(entries: list[bytes], a: int, b: int) -> list[bytes]:
    entries[a], entries[b] = entries[b], entries[a]
    return entries


@pytest.mark.parametrize(
    "change",
    [
        lambda e: [*e[:300], *e[301:], b"new"],
        lambda e: [*e[:300], b"new", *e[300:-1]],
        lambda e: swap(e, 10, 11),
        lambda e: swap(e, 0, 599),
        lambda e: [*e[:300], e[299], *e[301:]],
        lambda e: [*e[:-1], e[-2]],
        lambda e: [e[-1], *e[:-1]],
    ],
    ids=["delete", "insert", "swap", "swap ends", "duplicate", "duplicate last", "rotate"],
)
def test_leaves_deleted_inserted_swapped_or_duplicated_are_caught(
    root: Path, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    """All bundles and tiles are laid anew, so that only the signed root tells."""
    relay(root, change)
    with pytest.raises(LedgerError, match="right edge of the log do not lead to the root"):
        fsck(root, read=read)
    with pytest.raises(LedgerError, match="right edge"):
        Log.open(root, publish=publish, read=read)


@pytest.mark.parametrize("left", [0, 1, 511, 512, 599])
def test_a_tail_that_was_cut_off_is_caught(root: Path, left: int) -> None:
    relay(root, lambda e: e[:left])
    with pytest.raises(LedgerError, match=r"missing|right edge"):
        fsck(root, read=read)


@pytest.mark.parametrize("more", [1, 256])
def test_a_tail_that_was_added_is_not_shown_and_counted(root: Path, more: int) -> None:
    """Whoever has no key can only add files that nobody looks at."""
    relay(root, lambda e: [*e, *numbered(more)])
    with pytest.raises(LedgerError, match=r"missing|right edge"):
        fsck(root, read=read)


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/0/001", "tile/entries/001", "tile/0/002.p/88"]
)
@pytest.mark.parametrize("cut", [1, 32, 100])
def test_a_file_that_was_cut_is_named(root: Path, path: str, cut: int) -> None:
    raw = (root / path).read_bytes()
    (root / path).write_bytes(raw[:-cut])
    with pytest.raises(LedgerError, match=f"^{path}: "):
        fsck(root, read=read)
    (root / path).write_bytes(b"")
    with pytest.raises(LedgerError, match=f"^{path}: "):
        fsck(root, read=read)


@pytest.mark.parametrize(
    "path", ["tile/0/000", "tile/entries/001", "tile/0/002.p/88", "tile/entries/002.p/88"]
)
def test_bytes_at_the_end_of_a_file_are_named(root: Path, path: str) -> None:
    with (root / path).open("ab") as file:
        file.write(b"\0" * 32)
    with pytest.raises(LedgerError, match=f"^{path}: .*(bytes|follow)"):
        fsck(root, read=read)


def test_every_file_that_is_missing_is_named(root: Path) -> None:
    for place in tile.tiles(SIZE):
        path = root / place.path
        raw = path.read_bytes()
        path.unlink()
        with pytest.raises(LedgerError, match=f"^{place.path} is missing"):
            fsck(root, read=read)
        path.write_bytes(raw)
    (root / "checkpoint").unlink()
    with pytest.raises(LedgerError, match="no file `checkpoint`"):
        fsck(root, read=read)


def link(path: Path) -> None:
    path.rename(path.parent / "moved")
    path.symlink_to("moved")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("make", [link, folder, pipe])
@pytest.mark.parametrize("path", ["checkpoint", "tile/0/001", "tile/entries/000", "tile/1/000.p/2"])
def test_what_is_no_file_is_named(root: Path, path: str, make: Callable[[Path], None]) -> None:
    make(root / path)
    with pytest.raises(LedgerError, match=f"^{path}: expected"):
        fsck(root, read=read)


@pytest.mark.parametrize("path", ["tile", "tile/0", "tile/entries", "tile/1/000.p"])
def test_a_folder_that_is_a_link_is_named(root: Path, path: str) -> None:
    place = root / path
    place.rename(root / "moved")
    place.symlink_to(root / "moved")
    with pytest.raises(LedgerError, match=f"^{path}"):
        fsck(root, read=read)


def test_a_file_that_grows_without_end_is_not_read(root: Path) -> None:
    for path in ("checkpoint", "tile/0/000", "tile/entries/000"):
        with (root / path).open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.truncate(1 << 40)  # a hole: takes no room
        with pytest.raises(LedgerError, match=f"^{path}: expected at most .* bytes"):
            fsck(root, read=read)
        with (root / path).open("r+b") as file:
            file.truncate(size)


@pytest.mark.parametrize("size", [1, 256, 580])
def test_an_older_checkpoint_is_caught_by_whoever_remembers_a_newer_one(
    whole: Path, root: Path, size: int
) -> None:
    newest = fsck(whole, read=read).head
    (root / "checkpoint").write_bytes(publish(size, Tiles(whole, size=SIZE).root(size)))
    with pytest.raises(
        LedgerError, match=f"rolled back: it had 600 entries before and shows {size}"
    ):
        fsck(root, read=read, known=newest)


def test_an_older_checkpoint_leaves_files_beyond_it(root: Path) -> None:
    """Nobody remembers, but the newer files are still there: the full check counts them."""
    (root / "checkpoint").write_bytes(publish(580, Tiles(root, size=SIZE).root(580)))
    checked = fsck(root, read=read)
    assert (checked.head.size, checked.ahead) == (580, 2)


def test_a_fork_signed_by_the_real_key_is_caught_by_whoever_remembers(root: Path) -> None:
    remembered = fsck(root, read=read).head
    shutil.rmtree(root)
    entries = [*ENTRIES[:400], b"rewritten", *ENTRIES[401:]]
    filled(root, entries)
    assert fsck(root, read=read).head.size == SIZE, "in itself it is whole"
    with pytest.raises(LedgerError, match="forked"):
        fsck(root, read=read, known=remembered)
    filled(root, [b"and longer"])
    with pytest.raises(LedgerError, match="rewritten"):
        fsck(root, read=read, known=remembered)


def test_a_checkpoint_signed_with_another_key_is_refused(root: Path) -> None:
    (root / "checkpoint").write_bytes(
        signed(SIZE, tree_hash(ENTRIES), key=b"stolen from elsewhere")
    )
    with pytest.raises(LedgerError, match="not signed by the key of the log"):
        fsck(root, read=read)


def test_a_signed_checkpoint_of_another_log_is_refused(root: Path, tmp_path: Path) -> None:
    filled(tmp_path / "other", [*numbered(SIZE - 1), b"x"])
    shutil.copy(tmp_path / "other" / "checkpoint", root / "checkpoint")
    with pytest.raises(LedgerError, match="right edge"):
        fsck(root, read=read)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_an_inner_node_is_never_a_leaf(tmp_path: Path, level: int) -> None:
    """A log whose entries are the inner nodes of another has another root."""
    nodes = [leaf_hash(entry) for entry in ENTRIES[:16]]
    for _ in range(level):
        nodes = [node_hash(a, b) for a, b in zip(nodes[::2], nodes[1::2], strict=True)]
    pairs = [a + b for a, b in zip(nodes[::2], nodes[1::2], strict=True)]
    head = filled(tmp_path, pairs)
    assert head.root != tree_hash(ENTRIES[:16])
    with pytest.raises(LedgerError, match="another root"):
        verify_inclusion(
            leaf_hash(pairs[0]),
            index=0,
            size=len(pairs),
            path=Tiles(tmp_path, size=len(pairs)).inclusion_path(0),
            root=tree_hash(ENTRIES[:16]),
        )


def test_an_older_partial_tile_that_was_changed_is_named(root: Path) -> None:
    for path in ("tile/0/002.p/68", "tile/entries/002.p/68", "tile/1/000.p/2"):
        flip(root / path, -1)
        with pytest.raises(LedgerError, match=f"^{path} was changed|right edge"):
            fsck(root, read=read)
        flip(root / path, -1)
    (root / "tile/0/000.p").mkdir()
    (root / "tile/0/000.p/3").write_bytes(sha256(b"").digest() * 3)
    with pytest.raises(LedgerError, match=r"^tile/0/000.p/3 was changed: it is not the beginning"):
        fsck(root, read=read)


def test_strange_files_mean_nothing_and_are_listed(root: Path) -> None:
    (root / "tile" / "0" / "README").write_text("hello")
    (root / "tile" / "0" / "999.tmp").write_text("hello")
    checked = fsck(root, read=read)
    assert checked.strange == ("tile/0/999.tmp", "tile/0/README")


def test_garbage_beyond_the_checkpoint_is_counted_and_changes_nothing(root: Path) -> None:
    for path in ("tile/0/002", "tile/0/003.p/5", "tile/entries/002.p/89", "tile/2/000.p/1"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"garbage")
    checked = fsck(root, read=read)
    assert checked.ahead == 4
    assert checked.head.size == SIZE


@pytest.mark.parametrize(("before", "after"), [(10, 5), (250, 10), (256, 300), (600, 1)])
def test_a_copy_made_while_the_log_is_written_is_whole(
    tmp_path: Path, before: int, after: int
) -> None:
    """The checkpoint is copied first, the tiles afterwards, as the page on storage says."""
    filled(tmp_path / "log", numbered(before))
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / "log" / "checkpoint", tmp_path / "copy" / "checkpoint")
    newest = filled(tmp_path / "log", ENTRIES[:after])
    shutil.copytree(tmp_path / "log" / "tile", tmp_path / "copy" / "tile")
    checked = fsck(tmp_path / "copy", read=read)
    assert checked.head == (before, tree_hash(numbered(before)))
    assert checked.ahead > 0
    with pytest.raises(LedgerError, match="rolled back"):
        Log.open(tmp_path / "copy", publish=publish, read=read, known=newest)
