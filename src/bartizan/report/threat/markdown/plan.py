"""The incident plan of a threat model as Markdown."""

from collections.abc import Iterator, Mapping

from bartizan.core.threat import Playbook, ThreatModel
from bartizan.report.markdown import row, text
from bartizan.report.threat.markdown.pieces import command, listed, table, ticked


def plan_parts(model: ThreatModel, numbers: Mapping[str, int]) -> Iterator[str]:
    """The incident plan.

    Args:
        model: With the plan.
        numbers: Of threats, by id.
    """
    plan = model.plan
    yield table(("Role", "Does"), [row(text(a), text(b)) for a, b in plan.roles], none="No roles.")
    severities = [row(*map(text, one)) for one in plan.severities]
    yield table(("Severity", "Means", "Begin within"), severities, none="No severities.")
    for one in plan.playbooks:
        yield from _playbook(one, numbers)
    yield "### Duties to tell somebody"
    clocks = [
        row(*map(text, (one.clause, one.within, one.begins, one.tell, one.applies)))
        for one in plan.clocks
    ]
    columns = ("Clause", "Within", "From", "Tell", "Why it stands here")
    yield table(columns, clocks, none="None follows from the description.")
    yield "### Exercises"
    yield listed(f"{often}: {what}" for often, what in plan.exercises)


def _playbook(one: Playbook, numbers: Mapping[str, int]) -> Iterator[str]:
    at = ", ".join(str(numbers.get(name, name)) for name in one.threats)
    yield f"### {text(one.title)}"
    yield f"Begins as {one.severity}; threats {text(at)}."
    yield "Noticed by:"
    yield listed(one.triggers)
    yield "Evidence to keep before anything is changed:"
    yield listed(one.keep)
    lines = [
        row(two.phase, text(two.role), ticked(two.text), command(two.command)) for two in one.steps
    ]
    yield table(("Phase", "Who", "What", "Command"), lines, none="No steps.")
