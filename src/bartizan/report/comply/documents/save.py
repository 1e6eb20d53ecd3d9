"""Skeletons as files: Markdown for people, JSON for programs."""

from collections.abc import Iterator

from bartizan.core.finding import file_name
from bartizan.core.record import digest
from bartizan.core.skeleton import Skeleton
from bartizan.report.comply.documents import annex_iv, dpia, markdown, model_card
from bartizan.report.comply.documents.draft import sealed
from bartizan.report.comply.documents.sheet import DocumentSheet
from bartizan.report.indented import indented_record

_LONGEST = 40
"""Characters of a model's name in a file name: packs hold names of 100 in all."""


def skeletons(sheet: DocumentSheet) -> tuple[Skeleton, ...]:
    """All documents that the sheet gives ground for."""
    return (*dpia.made(sheet), *annex_iv.made(sheet), *model_card.made(sheet))


def render_documents(sheet: DocumentSheet) -> dict[str, bytes]:
    """All files by name. Equal sheets give equal bytes."""
    return {name: raw for one in skeletons(sheet) for name, raw in _files(one)}


def _files(one: Skeleton) -> Iterator[tuple[str, bytes]]:
    name = one.kind if one.kind != "model-card" else f"model-card-{_plain(one.about)}"
    yield f"{name}.md", sealed(markdown.render(one))
    yield f"{name}.json", indented_record(one)


def _plain(name: str) -> str:
    """A model's name as a part of a file name: ASCII, not too long, and no other model's."""
    kept = file_name(name).encode("ascii", "replace").decode().replace("?", "_")
    if kept == name and len(kept) <= _LONGEST:
        return kept
    return f"{kept[: _LONGEST - 9]}-{digest(name.encode())[7:15]}"
