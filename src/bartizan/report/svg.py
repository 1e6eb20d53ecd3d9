"""Charts inside a page: an SVG file turned into an element that minds its surroundings."""

import re
from html import escape
from typing import Final

COLOURS: Final = {
    "#a10001": "var(--curve-1)",
    "#a10002": "var(--curve-2)",
    "#a10003": "var(--curve-3)",
    "#a10004": "var(--fail)",
    "#a10005": "var(--ink)",
    "#a10006": "var(--muted)",
    "#a10007": "var(--line)",
    "#a10008": "var(--fail-tint)",
    "#a10009": "var(--curve-4)",
    "#a10010": "var(--curve-5)",
    "#a10011": "var(--curve-6)",
    "#a10012": "var(--curve-7)",
}
"""Stand-ins that the chart is drawn with -> what the page's style sheet decides. No chart uses
such colours for themselves, so that the exchange is safe."""

_NOISE = (
    re.compile(r"<metadata>.*?</metadata>", re.DOTALL),
    re.compile(r"<style\b.*?</style>", re.DOTALL),  # its rule would hold for the whole page
    re.compile(r"<!--.*?-->", re.DOTALL),
)
_ID = re.compile(r'\bid="([^"]+)"')
_REFERENCE = re.compile(r'(?:xlink:)?href="#([^"]+)"')
_CLIP = re.compile(r"url\(#([^)]+)\)")
_FONT = re.compile(r"(font: (?:\w+ )*[\d.]+px|font-family:) [^;\"]*")
_BLANK = re.compile(r"\n\s*\n+")


def inline(drawing: str, *, prefix: str, title: str, desc: str) -> str:
    """Turn an SVG document into an element of a page.

    Two charts in one page must not share ids, colours follow the page's light or dark scheme,
    text is in the page's font, and a screen reader hears the title and the description.

    Args:
        drawing: SVG document, drawn with the stand-ins of `COLOURS`.
        prefix: Unique in the page; letters, digits and hyphens.
        title: What the chart shows.
        desc: What it says, in a sentence.

    Returns:
        One ``<svg>`` element, safe to put into HTML.
    """
    view = re.search(r'viewBox="([^"]+)"', drawing)
    body = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    for noise in _NOISE:
        body = noise.sub("", body)
    body = _ID.sub(rf'id="{prefix}-\1"', body)
    body = _REFERENCE.sub(rf'href="#{prefix}-\1"', body)
    body = _CLIP.sub(rf"url(#{prefix}-\1)", body)
    body = _FONT.sub(r"\1 var(--sans)", body)
    for stand_in, variable in COLOURS.items():
        body = body.replace(stand_in, variable)
    return (
        f'<svg class="chart" viewBox="{view[1] if view else "0 0 1 1"}" role="img" '
        f'aria-labelledby="{prefix}-title {prefix}-desc">'
        f'<title id="{prefix}-title">{escape(title)}</title>'
        f'<desc id="{prefix}-desc">{escape(desc)}</desc>'
        f"{_BLANK.sub(chr(10), body)}</svg>"
    )
