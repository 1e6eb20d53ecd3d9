"""The commented project file that `bartizan init` writes.

A line that starts with ``# `` is prose; one that starts with ``#`` and no blank is a setting
that can be switched on by deleting the ``#``.
"""

import re
from collections.abc import Iterable, Iterator

from bartizan.config.records import DataSpec, ModelSpec
from bartizan.config.spelling import boolean, comment, key, listing, number, text
from bartizan.config.write_attacker import attacker_lines
from bartizan.config.write_audit import audit_sections
from bartizan.core.attacker import Attacker
from bartizan.core.groups import AuditColumn
from bartizan.core.schema import Feature, Schema

_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"|`([^`]*)`")

_HEAD = """\
# The project file of Bartizan: what is tested, on which data, against whom.
# Commands such as `bartizan assess` read it; every line may be edited. A line that starts with
# `#` and no blank is a setting that is switched off: delete the `#` to use it.
# Never write passwords or keys into this file.
"""
_SEEN = """\
# Columns were described from the data itself, so read them once: the data cannot say what is
# possible, only what has been seen.
"""

_POLICY = """\
# What is acceptable. `fail_on` is the least severity that makes a run fail:
# low, medium, high or critical.
[policy]
fail_on = "high"
# Model formats that may be loaded (none named = every safe one).
#formats = ["onnx"]
# Where pass ends and fail begins, by entry; `bartizan catalog` lists the entries.
#[policy.threshold]
"""


def write_template(
    *,
    project: str,
    models: tuple[ModelSpec, ...],
    data: DataSpec,
    schema: Schema,
    warnings: tuple[str, ...],
    attackers: tuple[Attacker, ...],
    audits: tuple[AuditColumn, ...] = (),
) -> str:
    """Write the project file for one data set.

    `read_config` gives back the same schema and attackers, these as declared: whoever keeps
    the file has seen them.

    Args:
        project: The project's name.
        models: The models under test, as far as they are known.
        data: The data set that `schema` describes.
        schema: The columns, without the target; or the form of images, which is not written:
            it is read from them each time.
        warnings: What the inference was unsure of; those that quote a column's name stand
            beside the column.
        attackers: Whom to defend against. Features are to be those of the schema.
        audits: Columns whose groups are compared; those apart are not of the schema.

    Returns:
        The text of ``bartizan.toml``.

    Raises:
        ConfigError: a name is not valid Unicode.
    """
    sections: list[Iterable[str]] = [
        [_HEAD] if schema.image is not None else [_HEAD.rstrip(), _SEEN],
        _project(project),
        *(_model(model) for model in models or (None,)),
        _data(data, image=schema.image is not None),
        *(_facts_of(schema, owner=data.name, warnings=warnings)),
        *(attacker_lines(attacker, schema=schema) for attacker in attackers),
        audit_sections(audits, schema=schema),
        [f'{_POLICY}#"{_known(schema)}" = 0.20', ""],
        _waiver(models[0] if models else None, attackers, entry=_known(schema)),
    ]
    return "\n".join(line for section in sections for line in section)


def _known(schema: Schema) -> str:
    """An entry that runs on such data, for the examples."""
    return "evasion.coordinate" if schema.image is None else "evasion.apgd"


def _facts_of(schema: Schema, *, owner: str, warnings: tuple[str, ...]) -> Iterator[Iterable[str]]:
    """Sections about columns; of images only the notes."""
    if schema.image is not None:
        yield [*(comment(f"Note: {warning}") for warning in warnings), ""]
        return
    yield _schema(schema, owner=owner, warnings=warnings)
    yield _relations(schema, owner=owner)


def _project(name: str) -> Iterator[str]:
    yield "# The same seed and the same inputs give the same report."
    yield "# The profile says how much is tried: quick, standard or thorough."
    yield "[project]"
    yield f"name = {text(name)}"
    yield "seed = 0"
    yield 'profile = "standard"'
    yield ""


def _model(model: ModelSpec | None) -> Iterator[str]:
    yield '# The model under test: a file, or "module:factory" where Python code builds it.'
    off = "" if model else "#"
    model = model or ModelSpec(name="model", path="model.onnx")
    yield f"{off}[[model]]"
    yield f"{off}name = {text(model.name)}"
    yield f"{off}path = {text(model.path)}"
    yield f"{off}task = {text(model.task)}"
    if model.weights is not None or (":" in model.path and "://" not in model.path):
        yield "# Weights of the torch module that the function makes: safetensors or a state dict."
        on = "" if model.weights is not None else "#"
        yield f"{on}weights = {text(model.weights or 'model.safetensors')}"
    yield "# Labels of the outputs, in their order, where the model does not say."
    yield f"classes = {listing(model.classes)}" if model.classes else '#classes = ["no", "yes"]'
    yield "# Score of the second class from which on a binary model decides for it."
    yield (
        "#threshold = 0.5" if model.threshold is None else f"threshold = {number(model.threshold)}"
    )
    yield ""


def _data(data: DataSpec, *, image: bool) -> Iterator[str]:
    yield "# The data. Claims are made about the role `test`; `reference` says what is usual;"
    yield "# `train` is what the model learnt from. `target` is the column with the classes; of"
    yield "# images, the array or file of labels, or `folder` where each class has a sub-folder."
    yield "[[data]]"
    yield f"name = {text(data.name)}"
    yield f"role = {text(data.role)}"
    yield f"path = {text(data.path)}"
    yield f"target = {text(data.target)}"
    if not image:
        yield f"header = {boolean(value=data.header)}"
    yield "# Where the data came from, in words."
    yield f"source = {text(data.source)}" if data.source else '#source = "export of 31 January"'
    yield ""


def _schema(schema: Schema, *, owner: str, warnings: tuple[str, ...]) -> Iterator[str]:
    beside, general = _placed(warnings, schema.names)
    yield "# The columns, as facts: what can occur, not what an attacker may do (that is below)."
    yield "# type: number, integer, ordered (grades: `categories` from low to high), categorical."
    yield "# min, max: limits that no row can pass; leave them out where there are none."
    yield "# missing: values may be missing. group: name of the one-hot group of a 0/1 column."
    yield "# personal: hidden in reports. identifier: names a row; no attacker can move it."
    yield from (comment(f"Note: {warning}") for warning in general)
    yield ""
    if not schema.features:
        yield f"[schema.{key(owner)}]"
    for feature in schema.features:
        yield from (comment(f"Note: {warning}") for warning in beside.get(feature.name, ()))
        yield f"[schema.{key(owner)}.{key(feature.name)}]"
        yield from _facts(feature)
        yield ""


def _facts(feature: Feature) -> Iterator[str]:
    yield f"type = {text(feature.type)}"
    if feature.min is not None:
        yield f"min = {number(feature.min)}"
    if feature.max is not None:
        yield f"max = {number(feature.max)}"
    if feature.categories:
        yield f"categories = {listing(feature.categories)}"
    if feature.group is not None:
        yield f"group = {text(feature.group)}"
    for fact in ("missing", "personal", "identifier"):
        if getattr(feature, fact):
            yield f"{fact} = true"


def _placed(
    warnings: tuple[str, ...], names: tuple[str, ...]
) -> tuple[dict[str, list[str]], list[str]]:
    """Warnings by the columns whose names they quote, and those that quote none."""
    spelt = {name: name for name in names} | {repr(name)[1:-1]: name for name in names}
    beside: dict[str, list[str]] = {}
    general = []
    for warning in warnings:
        quoted = ["".join(parts) for parts in _QUOTED.findall(warning)]
        said = [spelt[word] for word in (*quoted, warning.partition(":")[0]) if word in spelt]
        for name in dict.fromkeys(said):
            beside.setdefault(name, []).append(warning)
        if not said:
            general.append(warning)
    return beside, general


def _relations(schema: Schema, *, owner: str) -> Iterator[str]:
    yield "# Rules that hold in every row. An attacker's row has to keep them too, so each one"
    yield "# makes the verdict more real. Names with blanks or signs stand in `backquotes`."
    for rule in schema.relations:
        yield "[[relation]]"
        yield f"data = {text(owner)}"
        yield f"rule = {text(rule)}"
        yield ""
    example = _example_rule(schema)
    if example and not schema.relations:
        yield "# The form of a rule, not a true one:"
        yield "#[[relation]]"
        yield f"#data = {text(owner)}"
        yield f"#rule = {text(example)}"
    yield ""


def _example_rule(schema: Schema) -> str:
    """A rule of the right form over real columns; whether it is true is for a person to say."""
    numbers = [
        f"`{feature.name}`"
        for feature in schema.features
        if feature.type in ("number", "integer") and feature.group is None
        if feature.name and "`" not in feature.name and not feature.identifier
    ]
    if not numbers:
        return ""
    return f"{numbers[0]} <= {numbers[1]}" if len(numbers) > 1 else f"{numbers[0]} >= 0"


def _waiver(
    model: ModelSpec | None, attackers: tuple[Attacker, ...], *, entry: str
) -> Iterator[str]:
    subject = model.name if model else "model"
    attacker = attackers[0].name if attackers else "anyone"
    yield "# A finding that somebody accepts for a time: its exact id, as the report has it."
    yield "# After the last day it counts again."
    yield "#[[waiver]]"
    yield f"#finding = {text(f'{entry}@{subject}#{attacker}')}"
    yield '#owner = "Name of a person"'
    yield '#reason = "Why this is acceptable, and until what is done"'
    yield "#expires = 2027-01-31"
    yield ""
