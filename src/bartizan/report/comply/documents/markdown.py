"""A skeleton as Markdown: what is filled says from where, what is not is marked."""

from collections.abc import Iterator

from bartizan.core.skeleton import Section, Skeleton
from bartizan.report.markdown import text

GAP = "To be written by a person"


def render(skeleton: Skeleton) -> bytes:
    """Write the document."""
    filled = sum(len(one.filled) for one in skeleton.sections)
    gaps = sum(len(one.gaps) for one in skeleton.sections)
    parts = [
        f"# {text(skeleton.title)}: {text(skeleton.about)}",
        (
            f"As of {skeleton.day}, after {text(skeleton.basis)}. {filled} paragraphs are filled "
            f"from evidence and description, each with its source; {gaps} gaps are left for a "
            "person. It is a draft: nobody has answered for it."
        ),
        *(f"> **Note:** {text(one)}" for one in skeleton.notes),
        *(part for one in skeleton.sections for part in _section(one)),
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _section(one: Section) -> Iterator[str]:
    yield f"## {text(one.id)} {text(one.title)}"
    yield f"*{text(one.asks)}*"
    if not one.filled:
        yield "Nothing in the evidence or the description says anything of this."
    else:
        said = (f"- {text(two.text)} *(from: {text(two.source)})*" for two in one.filled)
        yield "\n".join(said)
    for gap in one.gaps:
        yield f"> **{GAP}:** {text(gap)}"
