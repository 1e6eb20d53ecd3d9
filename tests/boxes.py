"""Boxes for tests: what is in them by scanners alone, without those of other rooms."""

import io
import tarfile
import zipfile
from dataclasses import dataclass, field
from typing import Any

from bartizan.core.errors import InputError, LimitError
from bartizan.formats.content import CHUNK_BYTES, Budget, Content, Window, head
from bartizan.supply.scanners import (
    arrays,
    compressed,
    seven_zips,
    tars,
    torch_files,
    unread_files,
    zips,
)
from bartizan.supply.scanners.notice import Notice, Verdict, worst
from bartizan.supply.scanners.scanner import HEAD_BYTES, Item, Scanner, Situation

SCANNERS = (
    zips.SCANNER,
    tars.SCANNER,
    seven_zips.SCANNER,
    compressed.SCANNER,
    arrays.SCANNER,
    torch_files.SCANNER,
    unread_files.SCANNER,
)


@dataclass
class Opened:
    """What came out of a box."""

    notices: list[Notice] = field(default_factory=list)
    leaves: dict[str, bytes] = field(default_factory=dict)
    """What none of the scanners takes for its own, by path; the first `kept_bytes` of it.
    A second thing of one path has ` again` and a number behind it."""
    inside: dict[str, str] = field(default_factory=dict)
    stopped: list[str] = field(default_factory=list)
    kept_bytes: int = 0
    walked: dict[str, int] = field(default_factory=dict)
    """Bytes accounted for, by scanner and path."""

    @property
    def rules(self) -> set[str]:
        return {notice.rule for notice in self.notices}

    @property
    def verdict(self) -> Verdict:
        said: list[Verdict] = ["inconclusive" for _ in self.stopped]
        return worst(said + [notice.verdict for notice in self.notices])


def opened(
    content: Content | bytes,
    *,
    path: str = "box",
    budget: Budget | None = None,
    kept_bytes: int = 64 << 20,
) -> Opened:
    """Open a box and the boxes in it, as the scan does it: the worst verdict wins."""
    held = Window.of(content) if isinstance(content, bytes) else content
    size = held.size if isinstance(held, Window) else 0
    situation = Situation(budget=budget or Budget.for_file(size))
    found = Opened(kept_bytes=kept_bytes)
    _open(Item(content=held, path=path), situation, found)
    return found


def _open(item: Item, situation: Situation, found: Opened) -> None:
    try:
        beginning = head(item.content, HEAD_BYTES)
        plausible = [one for one in SCANNERS if one.plausible(beginning, item)]
        if not plausible:
            path = item.path
            if path in found.leaves:
                path = f"{path} again {len(found.leaves)}"
            found.leaves[path] = read_all(item.content, kept_bytes=found.kept_bytes)
            found.inside[path] = item.inside
    except LimitError as error:
        found.stopped.append(str(error))
        return
    for scanner in plausible:
        _scan(scanner, item, situation, found)


def _scan(scanner: Scanner, item: Item, situation: Situation, found: Opened) -> None:
    reading = scanner.scan(item, situation)
    while True:
        try:
            one = next(reading)
        except StopIteration as end:
            found.walked[f"{scanner.name} {item.path}"] = end.value
            return
        except (InputError, LimitError) as error:
            found.stopped.append(str(error))
            return
        if isinstance(one, Notice):
            found.notices.append(one)
        else:
            _open(one, situation, found)


def read_all(content: Content, *, kept_bytes: int) -> bytes:
    """Read to the end. Returns: the first bytes."""
    stream, parts = content.open(), []
    while piece := stream.read(CHUNK_BYTES):
        if stream.position <= kept_bytes:
            parts.append(piece)
    return b"".join(parts)


def zip_of(members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> bytes:
    """An honest archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, raw in members.items():
            archive.writestr(zipfile.ZipInfo(name), raw, compress_type=compression)
    return target.getvalue()


def tar_of(members: dict[str, bytes], *, form: int = tarfile.PAX_FORMAT, mode: Any = "w") -> bytes:
    """An honest archive."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode, format=form) as archive:
        for name, raw in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(raw)
            archive.addfile(info, io.BytesIO(raw))
    return target.getvalue()
