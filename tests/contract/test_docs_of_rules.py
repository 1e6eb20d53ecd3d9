"""The page about rules names every field and every word, and what it shows is a rule."""

import re

import msgspec
import pytest
from msgspec.structs import replace

from bartizan.core.system import Element
from bartizan.threat.asking import asked
from bartizan.threat.condition import Condition
from bartizan.threat.reading import read_rules
from bartizan.threat.rule import Adjustment, Proposal, Remedy, Rule
from contract.sources import ROOT
from unit.threat.systems import ATTACKER, MODEL, landscape, line

_PAGE = (ROOT / "docs" / "threat-rules.md").read_text(encoding="utf-8")
_PARTS: dict[type[msgspec.Struct], str] = {
    Rule: "## Fields of a rule",
    Condition: "## The language of conditions",
    Adjustment: "## Adjustments",
    Remedy: "## Remedies",
    Proposal: "## Proposals",
}
_FIELDS = [
    (record, field.encode_name) for record in _PARTS for field in msgspec.structs.fields(record)
]


@pytest.mark.parametrize(("record", "field"), _FIELDS)
def test_every_field_is_explained_in_its_section(record: type[msgspec.Struct], field: str) -> None:
    section = _PAGE.split(_PARTS[record])[1].split("\n## ")[0]
    rows = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    assert any(re.search(rf"(`|, ){field}\b", row) for row in rows)


def test_every_value_of_a_field_of_words_is_named() -> None:
    section = _PAGE.split(_PARTS[Rule])[1].split("\n## ")[0]
    hints = msgspec.json.schema(Rule)["$defs"]["Rule"]["properties"]
    for name in ("family", "layer", "phase", "stride", "harms", "applies_to"):
        said = hints[name].get("items", hints[name])["enum"]
        assert not [one for one in said if f"`{one}`" not in section], name


def test_the_rule_that_is_shown_answers_as_the_page_says() -> None:
    shown = re.findall(r"```toml\n(.*?)```", _PAGE, re.DOTALL)
    text = next(code for code in shown if "schema" in code)
    (rule,) = read_rules(text, file="threat-rules.md")

    def answer(api: Element, *names: str) -> str:
        there = landscape(ATTACKER, api, MODEL, flows=line(*names))
        return asked(rule.when, api, landscape=there).truth

    api = Element(id="api", kind="api", zone="inside")
    way = ("somebody", "api", "model")
    assert answer(api, *way) == "unknown"
    assert answer(replace(api, monitored=False), *way) == "yes"
    assert answer(replace(api, monitored=True), *way) == "no"
    assert answer(replace(api, monitored=False), "somebody", "api") == "no"
