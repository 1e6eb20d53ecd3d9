"""The attackers that a threat model proposes, as tables to copy into the project file."""

from collections.abc import Iterator

from bartizan.core.threat import ProposedAttacker
from bartizan.report.threat.sheet import Sheet

_HEAD = """\
# Attackers that the threats of the described system propose. Copy them into bartizan.toml, and
# say for each what they can change and afford: a description of a system cannot know that.
# The budget below, a tenth of each column's usual range, is what is assumed of strangers.
"""


def render(sheet: Sheet) -> bytes:
    """TOML; a table for each attacker, with the threats it stands for."""
    proposed = sheet.model.attackers
    if not proposed:
        return (_HEAD + _none(sheet)).encode()
    return (_HEAD + "".join(f"\n{line}\n" for one in proposed for line in _table(one))).encode()


def _none(sheet: Sheet) -> str:
    if any(one.access for one in sheet.model.threats):
        return (
            "# Threats propose some, and no element says which [[model]] it is: there is nothing "
            "to\n# run them against. Set `model` on the elements of kind model.\n"
        )
    return "# No threat of this system proposes one.\n"


def _table(one: ProposedAttacker) -> Iterator[str]:
    said = [f"against {', '.join(one.models)}", *one.why, f"for {', '.join(one.threats)}"]
    yield "\n".join(
        (
            *(f"# {line}" for line in said),
            "[[attacker]]",
            f'name = "{one.name}"',
            f'access = "{one.access}"',
            'norm = "Linf"',
            "eps = 0.10",
        )
    )
