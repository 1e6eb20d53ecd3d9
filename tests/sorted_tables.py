"""Indexes of checkpoints, byte by byte as the formats describe them (table_format of LevelDB)."""

from model_files import pb


def number(value: int) -> bytes:
    """A number of variable length."""
    found = b""
    while value > 127:
        found, value = found + bytes([value & 127 | 128]), value >> 7
    return found + bytes([value])


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """Entries, each sharing what it can with the one before, one restart, and a trailer."""
    raw, last = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(key), len(last)) and key[shared] == last[shared]:
            shared += 1
        raw += number(shared) + number(len(key) - shared) + number(len(value))
        raw += key[shared:] + value
        last = key
    return raw + bytes(4) + (1).to_bytes(4, "little") + bytes(5)


def table(*blocks: list[tuple[bytes, bytes]]) -> bytes:
    """A table of blocks."""
    raw, places = b"", []
    for entries in blocks:
        made = block(entries)
        places.append((entries[-1][0], number(len(raw)) + number(len(made) - 5)))
        raw += made
    ends = b""
    for made in (block([]), block(places)):
        ends += number(len(raw)) + number(len(made) - 5)
        raw += made
    return raw + ends.ljust(40, b"\0") + (0xDB4775248B80FB57).to_bytes(8, "little")


def tensor(*, shard: int, offset: int, size: int) -> bytes:
    """Where a tensor lies (tensor_bundle.proto); what is zero is not written."""
    fields = ((1, 1), (3, shard), (4, offset), (5, size))
    return b"".join(pb(field, value) for field, value in fields if value)


def index(*sizes: int) -> bytes:
    """Of shards with two tensors in each."""
    entries = [(b"", pb(1, len(sizes)))]
    for shard, size in enumerate(sizes):
        half = size // 2
        entries.append((b"w/%03d/a" % shard, tensor(shard=shard, offset=0, size=half)))
        entries.append((b"w/%03d/b" % shard, tensor(shard=shard, offset=half, size=size - half)))
    return table(*(part for part in (entries[:2], entries[2:]) if part))
