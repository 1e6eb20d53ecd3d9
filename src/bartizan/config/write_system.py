"""The commented description of a system that `bartizan init --system` writes.

What is known of the project is filled in; every attribute that a rule asks for stands there as a
line that is switched off, with its values. What stays switched off is asked for in the report.
"""

from collections.abc import Iterator
from typing import get_args, get_type_hints

from bartizan.config.project import Config
from bartizan.config.spelling import text
from bartizan.core.system import Element, ElementKind
from bartizan.threat.questions import asked_of
from bartizan.threat.relevant import relevant

_HEAD = """\

# The system around the model, for `bartizan threat`: who and what takes part, where it stands,
# and what flows. Change it until it is your system. A line that starts with `#` and no blank is
# switched off; what is left so is not known, and the report asks for it. Nothing is taken for safe
# because nobody wrote it.
"""
_SYSTEM = """\
#domain = "payments"
#owner = "Name of whoever answers for it"
# What a wrong decision costs at worst: low, moderate, high, severe.
#stakes = "high"
# Whether its decisions have an effect on single persons; what the laws ask depends on these.
#decides_about_people = true
#creditworthiness = false
#health_data = false
#financial_entity = false
#essential_entity = false
#high_risk = false
#medical_device = false
#product_with_digital_elements = false

# Zones: parts of the world with one degree of trust: untrusted, partner, internal, restricted.
[[zone]]
id = "outside"
trust = "untrusted"
[[zone]]
id = "development"
trust = "internal"
[[zone]]
id = "production"
trust = "restricted"

# Assets: data that is worth something. classification: public, internal, confidential, restricted.
"""
_CONTROLS = """\

# What is done already: absent, planned (with a day under `due`) or implemented. Nobody writes
# `verified`: findings in the ledger say so. `bartizan threat` lists the ids of the controls.
#[[control]]
#id = "questions-limited"
#status = "implemented"
#elements = ["api"]

# What the system must fulfil, and what somebody decided about a threat, until which day.
#[[requirement]]
#id = "r1"
#text = "No client can copy the model"
#controls = ["questions-limited", "extraction-tested"]
#[[decision]]
#threat = "theft.questions@api"
#choice = "accept"
#who = "Name of a person"
#why = "Why this is acceptable"
#expires = 2027-01-31
"""


def system_template(config: Config) -> str:
    """The tables of a system around the models and data of a project.

    `read_config` accepts them as they are.

    Args:
        config: With its models and data sets.
    """
    lines = [_HEAD, "[system]", f"name = {text(config.project.name)}", _SYSTEM]
    return "\n".join((*lines, *_assets(config), *_elements(config), *_flows(config), _CONTROLS))


def _assets(config: Config) -> Iterator[str]:
    for position, data in enumerate(config.data, start=1):
        owner = config.schema_owner(data.name)
        columns = config.schema[owner].values() if owner is not None else ()
        known = any(one.personal for one in columns)
        yield "[[asset]]"
        yield f'id = "data-{position}"'
        yield f"title = {text(data.name)}"
        yield f"data = {text(data.name)}"
        yield "personal = true" if known else "#personal = true"
        yield "#special = false"
        yield '#classification = "confidential"'
        yield "#retention_days = 365"
        yield ""


def _elements(config: Config) -> Iterator[str]:
    yield "# Elements: actor, process, store, model, pipeline, api, registry, third-party."
    yield from _element("caller", "actor", zone="outside", title="Caller")
    yield from _element("api", "api", zone="production", title="Scoring API")
    for position, model in enumerate(config.model, start=1):
        lines = (f"model = {text(model.name)}",)
        yield from _element(
            f"model-{position}", "model", zone="production", title=model.name, lines=lines
        )
    if not config.model:
        yield from _element("model-1", "model", zone="production", title="Scoring model")
    for position, data in enumerate(config.data, start=1):
        holds = (f'holds = ["data-{position}"]',)
        yield from _element(
            f"store-{position}", "store", zone="development", title=data.name, lines=holds
        )
    yield from _element("training", "pipeline", zone="development", title="Training")
    yield from _element("registry", "registry", zone="development", title="Model registry")
    yield from _element("packages", "third-party", zone="outside", title="Package index")


def _element(
    name: str, kind: ElementKind, *, zone: str, title: str, lines: tuple[str, ...] = ()
) -> Iterator[str]:
    yield "[[element]]"
    yield f"id = {text(name)}"
    yield f"kind = {text(kind)}"
    yield f"zone = {text(zone)}"
    yield f"title = {text(title)}"
    yield from lines
    for attribute in relevant(kind):
        values = _values(attribute)
        yield f"# {asked_of(attribute, 'it')} ({', '.join(values)})"
        yield f"#{attribute} = {values[0]}"
    yield ""


def _values(attribute: str) -> list[str]:
    """What may be written, as TOML."""
    kinds = get_args(get_type_hints(Element)[attribute])
    if bool in kinds:
        return ["true", "false"]
    return [text(str(value)) for one in kinds for value in get_args(one)]


def _flows(config: Config) -> Iterator[str]:
    models = [f"model-{position}" for position in range(1, max(len(config.model), 1) + 1)]
    pairs = [("caller", "api", "")]
    pairs += [("api", model, "") for model in models]
    pairs += [
        (f"store-{position}", "training", f'"data-{position}"')
        for position, data in enumerate(config.data, start=1)
        if data.role == "train" or len(config.data) == 1
    ]
    pairs += [("packages", "training", ""), ("training", "registry", "")]
    pairs += [("registry", model, "") for model in models]
    yield "# Flows: what goes from where to where."
    for source, target, carries in pairs:
        yield "[[flow]]"
        yield f"source = {text(source)}"
        yield f"target = {text(target)}"
        if carries:
            yield f"carries = [{carries}]"
        elif config.data:
            yield '#carries = ["data-1"]'
        yield "#encrypted = true"
        yield ""
