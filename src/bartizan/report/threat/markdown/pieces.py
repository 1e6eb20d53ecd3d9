"""Parts of a threat model in Markdown: tables, lists, and ids as code, all of them inert."""

from collections.abc import Iterable, Sequence

from bartizan.core.system import System
from bartizan.report.markdown import row, rule, text
from bartizan.report.threat import terms


def table(columns: Sequence[str], lines: Sequence[str], *, none: str) -> str:
    """A table, or a sentence where it would be empty."""
    return "\n".join([row(*columns), rule(len(columns)), *lines]) if lines else none


def listed(items: Iterable[str]) -> str:
    """A list, or a word where it would be empty."""
    return "\n".join(f"- {ticked(one)}" for one in items) or "None."


def ticked(raw: str) -> str:
    """Text of a rule or a plan, with what stands between backticks as code."""
    return "".join(code(part) if is_code else text(part) for part, is_code in terms.ticked(raw))


def element(system: System, identity: str) -> str:
    """The name of an element; its id where there is none."""
    found = next((one for one in system.elements if one.id == identity), None)
    return text(identity if found is None else terms.name(found))


def code(raw: str) -> str:
    """An id or a command as code; what would end the code or a cell is left to `text`."""
    flat = terms.flat(raw)
    return text(flat) if set(flat) & set("`|\\") or not flat else f"`{flat}`"


def command(raw: str, *, lead: str = "") -> str:
    """A command as code, or nothing."""
    return f"{lead}{code(raw)}" if raw else ""
