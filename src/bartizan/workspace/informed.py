"""What a check of data learns from what was registered before."""

from dataclasses import replace
from datetime import datetime

from bartizan.core.errors import UsageError
from bartizan.data.rules import Rules
from bartizan.workspace.datasets import DataInputs
from bartizan.workspace.register_verbs import Known, RegisterVerbs


def informed(inputs: DataInputs, register: RegisterVerbs | None) -> DataInputs:
    """The same inputs with columns, demands, profile and labels that stand in the ledger.

    What was said now counts more: a declared schema, demands, a reference.

    Args:
        inputs: What was said now.
        register: Of the workspace; none = it keeps nothing.

    Raises:
        UsageError: the data to compare with is not registered.
        LedgerError: the workspace says something else than the ledger.
    """
    own = None if register is None else register.known(inputs.brief.name)
    like = _compared(inputs.compared, register) if inputs.compared else own
    if own is not None:
        version = own.version
        brief = replace(
            inputs.brief,
            before=version.book(),
            before_rows=version.rows,
            before_at=datetime.fromisoformat(version.fact.when),
        )
        inputs = replace(inputs, brief=brief)
    return inputs if like is None else _alike(inputs, like)


def _compared(name: str, register: RegisterVerbs | None) -> Known:
    found = None if register is None else register.known(name)
    if found is None:
        message = (
            f"the reference {name!r} is neither a file nor a data set that is registered in this "
            "workspace"
        )
        raise UsageError(message)
    return found


def _alike(inputs: DataInputs, like: Known) -> DataInputs:
    """Columns, demands and profile of registered data, where nobody said others."""
    brief, batches, declared = inputs.brief, inputs.batches, like.declared
    if declared is not None and brief.assumed and brief.profile is None:
        batches = batches.with_schema(declared.columns)
        brief = replace(brief, schema=declared.columns, assumed=declared.assumed)
        inputs = replace(inputs, inferred_from=f"{like.version.fact.data}, as registered")
    if declared is not None and brief.rules == Rules():
        brief = replace(brief, rules=declared.rules)
    brief = replace(brief, profile=brief.profile or like.profile)
    return replace(inputs, batches=batches, brief=brief)
