"""Zip archives, those of PyTorch and NumPy among them."""

from collections.abc import Generator, Iterator
from dataclasses import replace

from bartizan.core.errors import LimitError
from bartizan.formats.archives.member_names import shown
from bartizan.formats.archives.spending import is_bomb
from bartizan.formats.archives.tar_headers import is_tar
from bartizan.formats.archives.unpacking import Unpacked
from bartizan.formats.archives.zip_facts import Member, Oddity, ZipFacts
from bartizan.formats.archives.zip_records import CLOSING, LOCAL, central_entry, closings
from bartizan.formats.archives.zip_walk import zip_facts
from bartizan.formats.content import Content, Window, head, windowed
from bartizan.formats.torch_archive import (
    LABEL_BYTES,
    TorchLayout,
    is_torchscript,
    torch_layout,
)
from bartizan.supply.scanners.hidden_pickles import code_in
from bartizan.supply.scanners.inside import inner, odd, unread
from bartizan.supply.scanners.notice import Notice
from bartizan.supply.scanners.scanner import Item, Reading, Scanner, Situation
from bartizan.supply.scanners.zip_members import (
    hides_archive,
    judged_data,
    judged_header,
    member_content,
)

_KEPT_BYTES = 128 << 20
"""Of an archive inside of something compressed, kept in memory: half of it at the first level,
and half of that at each further one, so that all together stay below it."""
_UNREAD: frozenset[Oddity] = frozenset(("broken", "spanned"))
_BOXES = (
    b"PK\3\4",
    b"7z\xbc\xaf\x27\x1c",
    b"\xfd7zXZ\0",
    b"\x93NUMPY",
    b"\x7fELF",
    b"\x89HDF",
    b"\x80\2c",
    b"\x80\3c",
    b"\x80\2}q",
    b"\x80\3}q",
    b"\x80\2]q",
    b"\x80\3]q",
    b"\x80\4\x95",
    b"\x80\5\x95",
)
"""How files begin that are no tensors, pickles among them; one tensor in four million does so."""


def _plausible(beginning: bytes, item: Item) -> bool:
    """By its first bytes, or by a directory at its end that is really there."""
    if beginning.startswith((LOCAL, CLOSING)):
        return True
    window = item.content
    if not isinstance(window, Window):
        return False
    return any(
        central_entry(window, record.offset - record.directory_bytes) is not None
        for record in closings(window)[:1]
        if 0 < record.directory_bytes <= record.offset
    )


def _scan(item: Item, situation: Situation) -> Reading:
    budget = situation.budget
    budget.require_depth(item.depth + 1)
    limit = _KEPT_BYTES >> max(item.depth, 1)
    window = windowed(item.content, limit_bytes=limit)
    left = max(budget.entries - budget.spent.get("entries", 0), 0)
    facts = zip_facts(window, budget=budget, most=left)
    yield from _judged(facts, window)
    layout = torch_layout(name for member in facts.members for name in member.entry.names())
    if layout is not None:
        yield from _judged_torch(layout)
    seen: set[str] = set()
    script = _is_script(facts)
    for member in facts.members:
        yield from _repeated(member, seen, layout=layout)
        for found in _read(item, situation, window=window, member=member, layout=layout):
            if script and isinstance(found, Item) and found.inside == "torch":
                yield replace(found, inside="script")
            else:
                yield found
    yield from _trailing(item, situation, window=window, facts=facts)
    yield from _commented(window, situation)
    if facts.cut:
        message = f"the archive has more than {budget.entries:,} members"
        raise LimitError(message)
    return max(window.size - facts.unread, 0)


def _trailing(
    item: Item, situation: Situation, *, window: Window, facts: ZipFacts
) -> Iterator[Item]:
    """Whatever follows after the end, if it is not the rest of a tar archive."""
    trailing = next((fact for fact in facts.odd if fact.kind == "trailing"), None)
    if trailing is not None and not is_tar(window.at(0, 512)):
        rest = window.part(trailing.offset, window.size - trailing.offset)
        yield inner(item, situation, content=rest, name="(after its end)")


def _commented(window: Window, situation: Situation) -> Iterator[Notice]:
    """Code in the comment of the archive, which is room for anything."""
    for record in closings(window)[:1]:
        comment = window.at(record.end - record.comment_bytes, record.comment_bytes)
        for what in code_in(comment.decode("latin-1"), situation=situation):
            why = "its comment is a pickle that runs code as soon as somebody loads it"
            yield odd("zip.comment", where=f"byte {record.end - len(comment)}", what=what, why=why)


def _judged(facts: ZipFacts, window: Window) -> Iterator[Notice]:
    """What is wrong with the archive as a whole; at the end of a tar archive, it is a member."""
    in_tar = is_tar(window.at(0, 512))
    for fact in facts.odd:
        if in_tar and fact.kind in {"prefix", "trailing"}:
            continue
        tell = unread if fact.kind in _UNREAD else odd
        where = shown(fact.name) or f"byte {fact.offset}"
        yield tell(f"zip.{fact.kind}", where=where, why=fact.why)
    claimed = sum(member.entry.size for member in facts.members if member.listed)
    if is_bomb(claimed, packed=window.size):
        why = f"{window.size:,} bytes claim to unpack to {claimed:,}: a decompression bomb"
        yield unread("zip.bomb", why=why)


def _is_script(facts: ZipFacts) -> bool:
    """Whether it is TorchScript to every reader: one they differ about is not."""
    everywhere = not facts.odd and not facts.cut and all(one.listed for one in facts.members)
    names = (name for one in facts.members for name in one.entry.names())
    return everywhere and is_torchscript(names)


def _judged_torch(layout: TorchLayout) -> Iterator[Notice]:
    """What PyTorch runs besides pickles."""
    if layout.several:
        why = "more than one data.pkl: which of them PyTorch reads depends on its version"
        yield odd("torch.several", what="data.pkl", why=why)
    if layout.script:
        yield unread("torch.script", what="TorchScript", why="TorchScript code is not read")
    if layout.export:
        yield unread("torch.export", what="torch.export", why="the exported graph is not read")
    if layout.package:
        why = "Python modules of torch.package run when it is opened, and are not read"
        yield unread("torch.package", what="torch.package", why=why)


def _repeated(member: Member, seen: set[str], *, layout: TorchLayout | None) -> Iterator[Notice]:
    """A name that another member has."""
    name = member.entry.name if layout is None else member.entry.name.lower()
    if member.listed and name in seen:
        why = "two members have this name: readers differ in which of them they take"
        yield odd("zip.duplicate", where=shown(member.entry.name), why=why)
    if member.listed:
        seen.add(name)


def _read(
    item: Item, situation: Situation, *, window: Window, member: Member, layout: TorchLayout | None
) -> Generator[Notice | Item, None, None]:
    """One member: its header, what is in it, and whether that keeps the header's promises."""
    entry = member.entry
    content = member_content(window, entry, budget=situation.budget)
    yield from judged_header(entry, content=content)
    if content is None:
        return
    inside = inner(item, situation, content=content, name=entry.name)
    role = "other" if layout is None else layout.role(entry.name)
    if role == "pickle":
        inside = replace(inside, inside="torch")
    beginning = head(content, LABEL_BYTES + 1)
    is_folder = entry.name.endswith("/") and not beginning
    if not is_folder and not _expected(role, beginning):
        yield inside
    yield from judged_data(member, content)
    yield from _hidden(content, beginning=beginning, name=entry.name)


def _expected(role: str, beginning: bytes) -> bool:
    """Whether a member is what its name promises to PyTorch, and nothing to look into."""
    if role == "tensor":
        return not beginning.startswith(_BOXES)
    if role == "label":
        text = beginning.strip()
        return len(beginning) <= LABEL_BYTES and text.isascii() and text.decode().isprintable()
    return False


def _hidden(content: Content, *, beginning: bytes, name: str) -> Iterator[Notice]:
    """An archive at the end of a compressed member, which only now has been seen."""
    if isinstance(content, Unpacked) and hides_archive(content.finish().tail, beginning=beginning):
        why = "it ends as a zip archive and does not begin as one"
        yield odd("zip.prefix", where=shown(name), why=why)


SCANNER = Scanner(name="zip", plausible=_plausible, scan=_scan)
