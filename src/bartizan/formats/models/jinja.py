"""What a template of Jinja asks for beyond filling in texts."""

import re

_TEXT = r"""\"(?:\\(?:.|\Z)|[^"\\])*+(?:\"|\Z)|'(?:\\(?:.|\Z)|[^'\\])*+(?:'|\Z)"""
"""One without an end goes on to the last sign, so that nobody looks for its end twice."""
_SPAN = re.compile(rf"\{{[{{%](?:{_TEXT}|(?![}}%]\}}).)*+", re.DOTALL)
"""Where a template computes, texts with braces in them included; the rest is text."""
_LITERAL = re.compile(_TEXT, re.DOTALL)
_ANYWHERE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"__\w+__|\\x5f|\\u005f|\\137", re.IGNORECASE), "an attribute of Python's inside"),
    (
        re.compile(r"['\"](?:__\w*|\w*__)['\"]|['\"]_['\"]\s*[~+*%]|[~+]\s*['\"]_['\"]"),
        "a name put together",
    ),
)
_IN_CODE: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"\|\s*attr\s*\(|\bmap\s*\([^)]{0,200}attribute\s*=\s*[^'\"\s]"),
        "a computed attribute",
    ),
    (re.compile(r"\b(?:lipsum|cycler|joiner|self)\s*[.\[]"), "a way to its globals"),
    (
        re.compile(r"\.\s*(?:popen|func_globals|mro|gi_frame|cr_frame|tb_frame)\b"),
        "the interpreter",
    ),
    (re.compile(r"\{%[-+]?\s*(?:include|import|from|extends)\b"), "another template"),
)
"""Ways from a value to the interpreter (CVE-2024-34359 and its like), those that may stand in a
text, and those that may not. Templates of chats loop, test and fill in: none needs any of these."""


def reaches(template: str) -> tuple[str, ...]:
    """What a template reaches for that no template of a model needs.

    Example:
        >>> reaches("{{ ''.__class__.__mro__ }}"), reaches("{{ bos_token }} __init__")
        (("an attribute of Python's inside",), ())
    """
    spans = [match.group() for match in _SPAN.finditer(template)]
    code = "\n".join(spans)
    bare = _LITERAL.sub("''", code)
    found = [what for pattern, what in _ANYWHERE if pattern.search(code)]
    return tuple(found + [what for pattern, what in _IN_CODE if pattern.search(bare)])
