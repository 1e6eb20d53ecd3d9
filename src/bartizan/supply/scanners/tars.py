"""Tar archives, the oldest files of PyTorch among them."""

from collections.abc import Generator, Iterator
from dataclasses import replace

from bartizan.formats.archives.member_names import shown
from bartizan.formats.archives.stretch import stretch
from bartizan.formats.archives.tar_headers import BLOCK, is_tar
from bartizan.formats.archives.tar_walk import TarEnd, TarMember, tar_members
from bartizan.formats.content import ENDLESS, Content, Stream, Window
from bartizan.formats.torch_tar import TORCH_MEMBERS, TORCH_OBJECT, torch_tar_parts
from bartizan.supply.scanners.archive_names import judged_link, judged_names
from bartizan.supply.scanners.inside import inner, odd, unread
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation

_KEPT_BYTES = 8 << 20
"""Of a member of a compressed archive, kept in memory; for larger ones, everything before them is
unpacked once more."""
_LARGE_BYTES = 8 << 30
"""From this size on a plain header has no room for it."""


def _plausible(beginning: bytes, item: Item) -> bool:
    """By the checksum of the first header."""
    del item
    return is_tar(beginning[:BLOCK])


def _scan(item: Item, situation: Situation) -> Reading:
    stream = item.content.open()
    accounted = 0
    for found in tar_members(stream):
        if isinstance(found, TarEnd):
            accounted = found.position
            yield from _ended(item, situation, found)
        else:
            yield from _judged(found)
            yield from _read(item, situation, found, stream=stream)
    return accounted


def _ended(item: Item, situation: Situation, end: TarEnd) -> Generator[Notice | Item, None, None]:
    where = f"byte {end.position}"
    if end.problem:
        yield unread("tar.broken", where=where, why=end.problem)
    if not end.trailing:
        return
    why = "something stands after the end of the archive, where only some readers look"
    yield odd("tar.trailing", where=where, why=why)
    rest = stretch(item.content, end.position, ENDLESS)
    yield inner(item, situation, content=rest, name="(after its end)")


def _judged(member: TarMember) -> Iterator[Notice]:
    """What is wrong with a member before its bytes are read."""
    where = shown(member.name)
    yield from judged_names({member.name}, family="tar")
    if member.kind == "symbolic link":
        yield judged_link(member.name, target=member.target, family="tar")
    elif member.kind == "hard link":  # its target counts from the folder that is unpacked into
        linked = judged_link("", target=member.target, family="tar")
        yield replace(linked, where=where)
    elif member.kind in {"device", "pipe"}:
        yield odd("tar.special", where=where, why=f"a {member.kind} in an archive")
    elif member.kind == "sparse":
        why = "it has holes that are not filled here: its bytes are read without them"
        yield unread("tar.sparse", where=where, why=why)
    elif member.kind == "unknown":
        why = "it is of a kind that readers treat differently; its bytes are read as a file's"
        yield unread("tar.kind", where=where, why=why)
    if member.size != member.plain_size and not _overflows(member):
        why = (
            f"its two headers give {member.size:,} and {member.plain_size:,} bytes: readers "
            "differ in where the next member begins"
        )
        yield odd("tar.disagreement", where=where, why=why)


def _overflows(member: TarMember) -> bool:
    """Whether an honest writer leaves the plain size empty, because it has no room for it."""
    return member.size >= _LARGE_BYTES and not member.plain_size


def _read(
    item: Item, situation: Situation, member: TarMember, *, stream: Stream
) -> Generator[Notice | Item, None, None]:
    """The bytes of a member."""
    is_folder = member.name.endswith("/") and not member.size  # before POSIX had a kind for them
    if is_folder or member.kind not in {"file", "sparse", "unknown"}:
        situation.budget.spend("entries", 1)
        return
    content: Content = stretch(item.content, member.offset, member.size)
    if not isinstance(content, Window) and member.size <= _KEPT_BYTES:
        content = Window.of(stream.read(member.size))
    inside = inner(item, situation, content=content, name=member.name)
    name = member.name.removeprefix("./")
    if name not in TORCH_MEMBERS:
        yield replace(inside, size_bytes=member.size)
        return
    for number, (part, problem) in enumerate(
        torch_tar_parts(name, content, budget=situation.budget)
    ):
        if problem:
            yield unread("torch.tar", where=inside.path, why=problem)
        yield replace(
            inside,
            content=part,
            path=f"{inside.path}[{number}]" if number else inside.path,
            inside="torch" if name == TORCH_OBJECT else "torch-keys",
            size_bytes=part.size if isinstance(part, Window) else None,
        )


SCANNER = Scanner(name="tar", plausible=_plausible, scan=_scan)
