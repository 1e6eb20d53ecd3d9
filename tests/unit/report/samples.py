"""A rich report, made up: every outcome, every kind of attacker, hostile corners on request."""

import msgspec

from bartizan.core.attacker import Attacker, Reach, Standing
from bartizan.core.evidence import Evidence, Receipt, Subject
from bartizan.core.finding import (
    Change,
    Example,
    Finding,
    Importance,
    Measure,
    Outcome,
    Series,
    Severity,
    Taxonomy,
    Threshold,
    Views,
    Waived,
    Weakness,
)
from bartizan.core.report import Coverage, Gap, Report, Tool

MODEL = Subject(
    kind="model",
    name="card-fraud.onnx",
    digest="sha256:" + "5f" * 32,
    digest_kind="oms-root",
    detail="ONNX, 214 kB",
)
DATA = Subject(
    kind="data",
    name="holdout.parquet",
    digest="sha256:" + "a7" * 32,
    digest_kind="sha256",
    detail="Parquet, 6,000 rows",
)
CATALOG = "sha256:" + "c3" * 32
LIMIT = Threshold(measure="attack-success", op="<=", value=0.2, source="default")
EVASION = Taxonomy(
    atlas=("AML.T0015", "AML.T0043"), owasp_ml=("ML01:2023",), nist_ai_100_2=("Evasion attack",)
)
UTILITY = Taxonomy(nist_ai_100_2=("Availability",))


def attacker(standing: Standing = "declared") -> Attacker:
    """A fraudster who pays with money; the assumed ones have half or twice as much."""
    money = {"weaker": 15.0, "stronger": 60.0}.get(standing, 30.0)
    return Attacker(
        name="fraudster" if standing == "declared" else f"fraudster-{standing}",
        goal="legitimate",
        protected=("fraud",),
        money=money,
        queries=500,
        features={
            "amount": Reach(cost=0.25),
            "card_age_days": Reach(mutable=False),
            "device": Reach(cost=4.0),
            "distance_km": Reach(direction="down", cost=0.05),
            "merchant_category": Reach(cost=2.5),
        },
        standing=standing,
    )


def share(name: str, value: float, *, spread: float = 0.04, n: int = 300) -> Measure:
    """A share with an interval around it."""
    good = "lower" if name == "attack-success" else "higher"
    return Measure(
        name=name,
        value=value,
        low=round(max(value - spread, 0), 4),
        high=round(min(value + spread, 1), 4),
        n=n,
        better="lower" if good == "lower" else "higher",
    )


def curves(end: float) -> tuple[Series, ...]:
    """Three falling curves over money; recall is `end` at the budget, and falls on."""
    x = tuple(float(5 * i) for i in range(9))
    left = [1.0, 0.78, 0.55, 0.38, 0.27, 0.21, 0.16, 0.14, 0.13]
    recall = tuple(round(end + (0.92 - end) * (v - 0.16) / 0.84, 4) for v in left)
    lines = {
        "robust-accuracy": tuple(round(0.97 - 0.06 * (0.92 - r), 4) for r in recall),
        "robust-recall": recall,
        "robust-precision": tuple(round(0.9 * r / (0.9 * r + 0.08), 4) for r in recall),
    }
    return tuple(
        Series(name=name, x_name="budget", x_unit="money", y_name="share", x=x, y=y)
        for name, y in lines.items()
    )


def attacked(success: float) -> tuple[Measure, ...]:
    """What an attack entry measures."""
    return (
        share("attack-success", success),
        share("robust-recall", round(0.92 * (1 - success), 4)),
        share("robust-accuracy", 0.93, spread=0.01, n=6000),
        share("robust-precision", 0.71, spread=0.06),
        share("clean-recall", 0.92, spread=0.03, n=330),
        share("clean-accuracy", 0.97, spread=0.005, n=6000),
        share("clean-precision", 0.91, spread=0.03),
        Measure(name="median-price", value=9.25, unit="money", n=222),
        Measure(name="median-queries", value=212.0, unit="queries", n=222),
    )


GREY = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCB"
    "d81ytgAAAABJRU5ErkJggg=="
)
"""One grey pixel."""


def roc(name: str, power: float) -> Series:
    """A curve above the diagonal, on logarithmic axes."""
    x = tuple(10 ** (-4 + i / 2) for i in range(9))
    return Series(
        name=name,
        x_name="false positive rate",
        x_unit="",
        y_name="true positive rate",
        x=x,
        y=tuple(round(value**power, 6) for value in x),
        chart="Members told from others",
        x_scale="log",
        y_scale="log",
    )


EXAMPLES = (
    Example(
        row=5121,
        price=6.5,
        queries=143,
        label="fraud",
        decision="legitimate",
        changes=(
            Change(feature="merchant_category", before="electronics", after="grocery"),
            Change(feature="device", before="new phone", after="known laptop"),
        ),
    ),
    Example(
        row=18,
        price=2.5,
        queries=61,
        label="fraud",
        decision="legitimate",
        changes=(Change(feature="merchant_category", before="gift cards", after="grocery"),),
    ),
    Example(
        row=977,
        price=8.75,
        queries=388,
        label="fraud",
        decision="legitimate",
        changes=(
            Change(feature="amount", before="412.00", after="387.50"),
            Change(feature="distance_km", before="842.0", after="790.0"),
            Change(feature="holder_name", before="(personal)", after="(personal)"),
        ),
    ),
    Example(
        row=44,
        price=29.0,
        queries=490,
        label="fraud",
        decision="legitimate",
        changes=(Change(feature="amount", before="950.00", after="834.00"),),
    ),
)


def attack(  # one line for each thing that differs
    entry: str,
    title: str,
    *,
    outcome: Outcome,
    severity: Severity = "none",
    success: float | None = None,
    reason: str,
    standing: Standing = "declared",
    examples: tuple[Example, ...] = (),
    waived: Waived | None = None,
) -> Finding:
    """One finding of an attack."""
    who = attacker(standing).name
    identity = f"evasion.{entry}@{MODEL.name}#{who}"
    none = Measure(name="attack-success", value=None, why=reason)
    return Finding(
        id=identity,
        entry=f"evasion.{entry}",
        title=title,
        subject=MODEL.name,
        attacker=who,
        standing=standing,
        outcome=outcome,
        severity=severity,
        reason=reason,
        measures=(none,) if success is None else attacked(success),
        series=() if success is None else curves(round(0.92 * (1 - success), 4)),
        threshold=LIMIT,
        taxonomy=EVASION,
        examples=examples,
        weaknesses=(
            Weakness(feature="merchant_category", share=0.81, spent=0.44),
            Weakness(feature="device", share=0.37, spent=0.31),
            Weakness(feature="amount", share=0.22, spent=0.19),
            Weakness(feature="distance_km", share=0.12, spent=0.06),
        )
        if examples
        else (),
        evidence="sha256:" + f"{len(identity):02x}" * 32,
        fix="Train with such changes added to the data (bartizan harden), do not let one cheap "
        "feature decide alone, and limit how often one card may ask.",
        reproduce=f"bartizan assess --config bartizan.toml --only evasion.{entry} --seed 7",
        waived=waived,
    )


def findings() -> tuple[Finding, ...]:
    """One of each kind."""
    coordinate = "Coordinate search"
    return (
        attack(
            "hop-skip-jump",
            "HopSkipJump: decision-based evasion",
            outcome="fail",
            severity="high",
            success=0.74,
            reason="74.0 % of the frauds that the model caught pass as legitimate within the "
            "budget; at most 20 % are allowed.",
            examples=EXAMPLES,
        ),
        attack(
            "coordinate",
            coordinate,
            outcome="fail",
            severity="medium",
            success=0.31,
            reason="31.0 % of the frauds pass after one feature at a time is changed.",
            examples=EXAMPLES[:1],
        ),
        attack(
            "coordinate",
            coordinate,
            outcome="pass",
            success=0.11,
            reason="11.0 % of the frauds pass.",
            standing="weaker",
        ),
        attack(
            "coordinate",
            coordinate,
            outcome="fail",
            severity="critical",
            success=0.88,
            reason="88.0 % of the frauds pass.",
            standing="stronger",
        ),
        attack(
            "square",
            "Square search",
            outcome="inconclusive",
            reason="The entry broke off: the model answered with NaN for row 17.",
        ),
        attack(
            "transfer",
            "Transfer from a stolen copy",
            outcome="not-run",
            reason="It needs scores, and the attacker sees labels only.",
        ),
        attack(
            "random-walk",
            "Random walk",
            outcome="fail",
            severity="medium",
            success=0.28,
            reason="28.0 % of the frauds pass; at most 20 % are allowed.",
            waived=Waived(
                owner="R. Novak",
                reason="Accepted until the model of May is live.",
                expires="2026-05-31",
            ),
        ),
        Finding(
            id=f"integrity.utility@{MODEL.name}",
            entry="integrity.utility",
            title="The model is better than chance",
            subject=MODEL.name,
            outcome="pass",
            reason="Balanced accuracy 0.945 is above 0.5, with its whole interval.",
            measures=(
                share("balanced-accuracy", 0.945, spread=0.016, n=6000),
                share("clean-accuracy", 0.97, spread=0.005, n=6000),
                Measure(name="calls-per-second", value=48210.0, unit="rows/s", better="higher"),
            ),
            threshold=Threshold(measure="balanced-accuracy", op=">=", value=0.5, source="default"),
            taxonomy=UTILITY,
            evidence="sha256:" + "ee" * 32,
            fix="Train again; a model no better than chance protects nothing.",
            reproduce="bartizan assess --config bartizan.toml --only integrity.utility --seed 7",
        ),
    )


def evidence(finding: Finding) -> Evidence:
    """How that finding came to be."""
    return Evidence(
        finding=finding.id,
        subjects=(MODEL, DATA),
        attacker=attacker(finding.standing) if finding.attacker else None,
        params={"steps": 40, "restarts": 2, "adaptive": True},
        seed=7,
        block_rows=256,
        rows=300,
        versions={"bartizan": "0.1.0", "numpy": "2.4.0", "onnxruntime": "1.24.0"},
        catalog=CATALOG,
        control="Found 20 of 20 planted cases on a linear twin.",
        results=("sha256:" + "1b" * 32, "sha256:" + "2c" * 32),
    )


def sample_report() -> Report:
    """The card-fraud model with everything a report can hold."""
    found = findings()
    ran = [one for one in found if one.outcome in ("pass", "fail")]
    return Report(
        tool=Tool(name="Bartizan", version="0.1.0", catalog=CATALOG),
        subjects=(MODEL, DATA),
        attackers=(attacker(), attacker("weaker"), attacker("stronger")),
        outcome="fail",
        headline="A fraudster who sees only accept or decline gets 74 % of caught frauds through "
        "for a median of 9.25 in money. The category of the merchant carries most of it. One "
        "check broke off and one did not run.",
        findings=found,
        evidence=tuple(evidence(one) for one in ran),
        coverage=Coverage(
            profile="quick",
            seed=7,
            rows=300,
            rows_total=6000,
            rows_protected=304,
            planned=(*(one.id for one in found), f"evasion.boundary@{MODEL.name}#fraudster"),
            gaps=(
                Gap(what="Poisoning of the training data", why="No training data was given."),
                Gap(what="Theft of the model", why="Not part of the profile quick."),
            ),
        ),
        warnings=("The budget of fraudster is a quarter of what one fraud earns; is it enough?",),
        receipts=tuple(
            Receipt(
                finding=one.id,
                evidence=one.evidence or "",
                finished="2026-03-02T09:41:07Z",
                wall_s=12.25,
                model_s=4.5,
                calls=1204,
                queries=63600,
                workers=2,
            )
            for one in ran
        ),
    )


def membership() -> Finding:
    """One finding with everything that attacks on single rows do not have."""
    return Finding(
        id=f"privacy.membership@{MODEL.name}",
        entry="privacy.membership",
        title="Membership inference",
        subject=MODEL.name,
        outcome="fail",
        severity="medium",
        reason="7.0 % of the members are told at 1 % false alarms; at most 5 % are allowed.",
        measures=(share("membership-tpr-at-1-percent-fpr", 0.07, spread=0.01),),
        series=(roc("likelihood-ratio", 0.6), roc("loss", 0.8), roc("guessing", 1.0)),
        threshold=Threshold(
            measure="membership-tpr-at-1-percent-fpr", op="<=", value=0.05, source="default"
        ),
        importances=(
            Importance(
                feature="amount",
                value=0.21,
                low=0.18,
                high=0.24,
                contribution=0.8,
                attacked=0.19,
            ),
            Importance(feature="device", value=0.04, low=-0.01, high=0.09),
        ),
        remarks=("64 shadow models of 2,000 rows each were trained.",),
        fix="Train with less weight on single rows.",
    )


def deep_report() -> Report:
    """The sample with an attack on images and a check of the whole model."""
    report = sample_report()
    pictured = msgspec.structs.replace(
        EXAMPLES[0], views=Views(original=GREY, altered=GREY, difference=GREY, amplified=32.0)
    )
    first = msgspec.structs.replace(report.findings[0], examples=(pictured,))
    return msgspec.structs.replace(report, findings=(first, *report.findings[1:], membership()))
