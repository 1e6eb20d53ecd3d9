"""Threat models made by hand, and the worked example."""

from functools import cache
from itertools import cycle
from pathlib import Path
from typing import Any, TypeVar

import msgspec

import bartizan
from bartizan.config import read_described
from bartizan.core.finding import Taxonomy
from bartizan.core.known import Proof
from bartizan.core.report import Tool
from bartizan.core.risk import Factors
from bartizan.core.system import Asset, Element, ElementKind, Flow, System, SystemSpec, Zone
from bartizan.core.threat import (
    Clock,
    Countermeasure,
    IncidentPlan,
    Need,
    Orphan,
    PlanStep,
    Playbook,
    ProposedAttacker,
    Question,
    Ruling,
    Threat,
    ThreatModel,
)
from bartizan.report.threat import Sheet
from bartizan.workspace import Workspace

Record = TypeVar("Record", bound=msgspec.Struct)

KINDS: tuple[ElementKind, ...] = (
    "actor",
    "process",
    "store",
    "model",
    "pipeline",
    "api",
    "registry",
    "third-party",
)
ZONES = (
    Zone(id="inside", title="House", trust="restricted"),
    Zone(id="outside", title="World", trust="untrusted"),
    Zone(id="partners", trust="partner"),
)
SYSTEM = System(
    system=SystemSpec(name="Small shop", owner="Ann", purpose="Sells", stakes="moderate"),
    zones=ZONES,
    assets=(Asset(id="orders", title="Orders", classification="internal", personal=True),),
    elements=(
        Element(id="api", kind="api", zone="inside", title="Shop API", owner="Web team"),
        Element(id="buyer", kind="actor", zone="outside", title="Buyer"),
        Element(id="model", kind="model", zone="inside", title="Order model"),
        Element(id="orders-db", kind="store", zone="inside", title="Orders", holds=("orders",)),
    ),
    flows=(
        Flow(source="api", target="model", encrypted=False),
        Flow(source="api", target="orders-db", encrypted=None, carries=("orders",)),
        Flow(source="buyer", target="api", title="orders", encrypted=True, auth="password"),
        Flow(source="model", target="api", encrypted=True),
    ),
)
PROOF = Proof(
    finding="evasion.pgd@order/buyer",
    outcome="fail",
    evidence="sha256:aa",
    when="2026-05-01T10:00:00Z",
)


def control(name: str, **changed: Any) -> Countermeasure:
    """A control that nobody has begun with."""
    plain = Countermeasure(
        control=name,
        title=f"Control {name} stands",
        status="absent",
        owner="Web team",
        stage="gateway",
        command="bartizan assess",
        lowers="likelihood",
        by=1,
    )
    return msgspec.structs.replace(plain, **changed)


def threat(rule: str, element: str, **changed: Any) -> Threat:
    """An open threat of high priority."""
    plain = Threat(
        id=f"{rule}@{element}",
        rule=rule,
        element=element,
        title=f"Threat {rule}",
        about="Somebody does it.",
        consequence="Harm is done.",
        family=rule.partition(".")[0],
        layer="model",
        phase="deployment",
        stride=("tampering",),
        harms=("integrity",),
        taxonomy=Taxonomy(
            atlas=("AML.T0015",), nist_ai_100_2=("Evasion",), owasp_ml=("ML01:2023",)
        ),
        inherent=Factors(likelihood=4, impact=4, detection=4),
        residual=Factors(likelihood=4, impact=4, detection=4),
        countermeasures=(control("limits"),),
        tested_by=("evasion.*",),
        detect="Somebody looks.",
        references=("A book, page 1",),
    )
    return msgspec.structs.replace(plain, **changed)


LOW = Factors(likelihood=1, impact=2, detection=1)
MIDDLE = Factors(likelihood=3, impact=3, detection=3)
THREATS = (
    threat("evasion.decision", "model", proofs=(PROOF,), because=("a finding failed",)),
    threat(
        "access.open-door",
        "api",
        ruling=Ruling(choice="accept", who="Ann", why="=cheap", expires="2026-01-31", holds=False),
    ),
    threat(
        "theft.questions",
        "api",
        residual=MIDDLE,
        countermeasures=(
            control("limits", status="planned", due="2026-12-01"),
            control("watching", command=""),
        ),
    ),
    threat(
        "privacy.logs",
        "orders-db",
        standing="accepted",
        ruling=Ruling(choice="accept", who="Bob", why="small", expires="2027-01-31", holds=True),
    ),
    threat(
        "record.altered",
        "orders-db",
        residual=LOW,
        standing="mitigated",
        countermeasures=(
            control(
                "log", status="verified", proofs=(msgspec.structs.replace(PROOF, outcome="pass"),)
            ),
        ),
    ),
)
PLAN = IncidentPlan(
    roles=(("incident lead", "leads"),),
    severities=(("high", "bad", "1 hour"),),
    playbooks=(
        Playbook(
            family="evasion",
            title="Somebody gets past",
            threats=("evasion.decision@model",),
            triggers=("`bartizan assess` fails",),
            severity="high",
            steps=(
                PlanStep(phase="contain", role="operations", text="Stop it.", command="stop now"),
            ),
            keep=("the inputs",),
        ),
    ),
    clocks=(
        Clock(
            clause="GDPR 33(1)",
            about="A breach is told.",
            within="72 hours",
            begins="awareness",
            tell="authority",
            applies="personal data",
        ),
    ),
    exercises=(("once a year", "at a table"),),
)
MODEL = ThreatModel(
    tool=Tool(name="bartizan", version="1.0", catalog="sha256:cc"),
    rules="sha256:0123456789abcdef",
    catalogues=(("MITRE ATLAS", "2026.06"),),
    system=SYSTEM,
    threats=THREATS,
    questions=(
        Question(
            owner="element api",
            attribute="rate_limit",
            text="What limits how often Shop API can be asked?",
            threats=("availability.flood@api",),
        ),
        Question(
            owner="flow buyer->api", attribute="auth", text="Who is it?", threats=("a.b@api",)
        ),
        Question(
            owner="system", attribute="stakes", text="What is at stake?", threats=("c.d@api",)
        ),
    ),
    needs=(Need(id="r1", text="It is safe", owner="Ann", status="planned", controls=("limits",)),),
    attackers=(
        ProposedAttacker(
            models=("order",),
            name="buyer",
            access="scores",
            threats=("evasion.decision@model",),
            why=("asks freely",),
        ),
    ),
    plan=PLAN,
    orphans=(Orphan(what="decision on x.y@gone", why="the system has no such threat"),),
    notes=("A law says something.",),
)
SHEET = Sheet(
    model=MODEL,
    lines={"api": 12, "model": 30, "buyer": 5},
    file="bartizan.toml",
    names={"AML.T0015": "Evade ML Model"},
)
EXAMPLE = Path(bartizan.__file__).parent / "examples" / "systems" / "card-fraud.toml"


def sheet_of(model: ThreatModel) -> Sheet:
    """With the lines and names of the small one."""
    return Sheet(model=model, lines=SHEET.lines, file=SHEET.file, names=SHEET.names)


def drawn_system(system: System) -> ThreatModel:
    """The small model about another system, with no threats."""
    return msgspec.structs.replace(MODEL, system=system, threats=())


def chain(amount: int, *, zones: int = 3, jumps: tuple[int, ...] = (1,)) -> System:
    """Elements in a row, each with flows to some of those after (or before) it."""
    kinds = cycle(KINDS)
    elements = tuple(
        Element(id=f"e{at:03}", kind=next(kinds), zone=ZONES[at % zones].id, title=f"Part {at}")
        for at in range(amount)
    )
    flows = tuple(
        Flow(source=f"e{at:03}", target=f"e{at + jump:03}", encrypted=True)
        for at in range(amount)
        for jump in jumps
        if 0 <= at + jump < amount
    )
    return System(system=SystemSpec(name="Row"), zones=ZONES, elements=elements, flows=flows)


EXAMPLES = tuple(sorted(EXAMPLE.parent.glob("*.toml")))
"""All that ship."""


@cache
def worked(place: Path) -> Sheet:
    """A worked example, with an empty ledger."""
    described = read_described(place)
    with Workspace(None) as ws:
        found = ws.threat.model(
            described.config, folder=place.parent, lines=described.lines, file="bartizan.toml"
        )
    return found.sheet


def card_fraud() -> Sheet:
    """The first of them."""
    return worked(EXAMPLE)


CLOSED = {
    *("access", "auth", "carries", "choice", "classification", "control", "element", "family"),
    *("format", "holds", "id", "kind", "lowers", "model", "outcome", "phase", "rate_limit", "role"),
    *("rule", "severity", "source", "stage", "stakes", "standing", "status", "target", "threat"),
    *("trust", "zone"),
}
"""Fields that take ids, records of ids, or one of a few words only."""


def poisoned(record: Record, payload: str) -> Record:
    """The same with a payload after each text that is free."""
    return msgspec.structs.replace(
        record,
        **{
            name: _poisoned(getattr(record, name), payload)
            for name in record.__struct_fields__
            if name not in CLOSED
        },
    )


def _poisoned(value: Any, payload: str) -> Any:
    if isinstance(value, msgspec.Struct):
        return poisoned(value, payload)
    if isinstance(value, tuple):
        return tuple(_poisoned(one, payload) for one in value)
    return value + payload if isinstance(value, str) else value
