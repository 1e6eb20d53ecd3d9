"""Drafts: each paragraph says from where it is, and what nobody knows is a gap."""

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from bartizan.core.evidence import Receipt, Subject
from bartizan.core.fact import Registered
from bartizan.core.finding import Finding, Measure, Threshold
from bartizan.core.record import decode
from bartizan.core.report import Coverage, Gap, Report, Tool
from bartizan.core.skeleton import Skeleton
from bartizan.report.comply.documents import Card, DocumentSheet, put_draft, render_documents
from bartizan.report.comply.documents.markdown import GAP, render
from bartizan.report.comply.documents.save import skeletons
from unit.report.oscal.oscal_samples import HOSTILE, described, opened
from unit.report.oscal.oscal_samples import sheet as oscal_sheet

MODEL = Subject(kind="model", name="fraud", digest="sha256:" + "1" * 64, digest_kind="oms-root")
FOUND = Finding(
    id="utility.balanced-accuracy@fraud",
    entry="utility.balanced-accuracy",
    title="Better than chance",
    subject="fraud",
    outcome="pass",
    reason="It is.",
    measures=(Measure(name="balanced-accuracy", value=0.93, low=0.91, high=0.95, n=600),),
    threshold=Threshold(measure="balanced-accuracy", op=">=", value=0.6, source="default"),
    evidence="sha256:" + "2" * 64,
)
ATTACK = msgspec.structs.replace(
    FOUND, id="evasion.x@fraud#a", entry="evasion.x", title="Evasion", measures=()
)
RUN = Report(
    tool=Tool(name="bartizan", version="1", catalog="c"),
    subjects=(MODEL,),
    attackers=(),
    outcome="pass",
    headline="It held.",
    findings=(FOUND, ATTACK),
    evidence=(),
    coverage=Coverage(
        profile="quick",
        seed=0,
        rows=1,
        rows_total=1,
        rows_protected=1,
        planned=(),
        gaps=(Gap(what="theft", why="no budget"),),
    ),
    receipts=(
        Receipt(
            finding=FOUND.id,
            evidence="",
            finished=datetime(2026, 11, 20, tzinfo=UTC).isoformat(),
            wall_s=1.0,
            model_s=1.0,
            calls=1,
            queries=1,
            workers=1,
        ),
    ),
)
DATA = Registered(
    data="purchases",
    version=3,
    rows=12000,
    root="sha256:" + "3" * 64,
    columns="c",
    file="f",
    source="warehouse",
    change="appended",
    changed=400,
    by="ann",
    when="2026-11-02T00:00:00Z",
)


def full() -> DocumentSheet:
    """Something of each kind."""
    used = oscal_sheet(findings=(opened(),))
    report = msgspec.structs.replace(used.report, subjects=(MODEL,))
    said = (("description", "Scores <b>payments</b>."), ("limitations", "One country."))
    return DocumentSheet(
        report=report,
        model=used.model,
        runs=(RUN,),
        registered=(DATA,),
        cards=(Card(model="fraud", said=said),),
    )


def bare() -> DocumentSheet:
    """A described system without any evidence."""
    report, model = described()
    return DocumentSheet(report=report, model=model)


def kind(sheet: DocumentSheet, name: str) -> Skeleton:
    return next(one for one in skeletons(sheet) if one.kind == name)


def test_the_impact_assessment_has_the_four_parts_of_the_law() -> None:
    ids = [one.id for one in kind(bare(), "dpia").sections]
    assert ids == [f"35(7)({letter})" for letter in "abcd"]


def test_the_technical_documentation_has_nine_parts() -> None:
    assert [one.id for one in kind(bare(), "annex-iv").sections] == [str(n) for n in range(1, 10)]


@pytest.mark.parametrize("name", ["dpia", "annex-iv"])
def test_every_part_leaves_something_to_a_person(name: str) -> None:
    for sheet in (bare(), full()):
        assert all(one.gaps for one in kind(sheet, name).sections)


def test_every_paragraph_says_from_where_it_is_and_every_gap_is_marked() -> None:
    for one in skeletons(full()):
        text = render(one).decode()
        filled = [two for part in one.sections for two in part.filled]
        assert all(two.source and two.text for two in filled)
        assert text.count("*(from: ") == len(filled)
        assert text.count(f"**{GAP}:**") == sum(len(part.gaps) for part in one.sections)


def test_nothing_is_said_of_controls_without_evidence() -> None:
    said = [
        two.text
        for one in skeletons(bare())
        for part in one.sections
        for two in part.filled
        if two.source.startswith("control ")
    ]
    assert said == []
    shown = [
        two.text
        for part in kind(full(), "dpia").sections
        for two in part.filled
        if two.source.startswith("control ")
    ]
    assert sum("shown by evidence" in one for one in shown) == 1
    assert sum(one.startswith("NOT so") for one in shown) == 1


def test_only_the_provider_writes_the_declaration_of_conformity() -> None:
    part = kind(full(), "annex-iv").sections[7]
    assert part.filled == ()
    assert part.gaps


def test_a_card_holds_numbers_with_intervals_declared_words_and_what_was_not_tested() -> None:
    text = render(kind(full(), "model-card")).decode()
    assert "0.93 (0.91 to 0.95)" in text
    assert "n = 600" in text
    assert "Scores &lt;b&gt;payments&lt;/b&gt;." in text
    assert "not tested" in text
    assert "Not tested: theft. no budget" in text
    assert "purchases, version 3: 12,000 rows" in text


def test_a_card_takes_no_run_about_another_model() -> None:
    other = msgspec.structs.replace(MODEL, digest="sha256:" + "9" * 64)
    sheet = full()
    changed = DocumentSheet(
        report=msgspec.structs.replace(sheet.report, subjects=(other,)), runs=sheet.runs
    )
    text = render(kind(changed, "model-card")).decode()
    assert "0.93" not in text
    assert "No assessment of this model as it is now" in text


def test_without_a_description_there_are_cards_and_nothing_else() -> None:
    sheet = full()
    alone = DocumentSheet(report=sheet.report, runs=sheet.runs)
    assert {one.kind for one in skeletons(alone)} == {"model-card"}


def test_equal_days_give_equal_bytes_and_json_gives_the_record_back() -> None:
    files = render_documents(full())
    assert files == render_documents(full())
    again = {decode(raw, kind=Skeleton) for name, raw in files.items() if name.endswith(".json")}
    assert again == set(skeletons(full()))


def test_names_of_models_cannot_lead_elsewhere() -> None:
    sheet = full()
    named = msgspec.structs.replace(MODEL, name="../../etc/\u202epasswd" + "x" * 100)
    changed = DocumentSheet(report=msgspec.structs.replace(sheet.report, subjects=(named,)))
    for name in render_documents(changed):
        assert re.fullmatch(r"model-card-[A-Za-z0-9_.-]{1,40}\.(md|json)", name)


def test_two_models_never_share_a_file() -> None:
    names = ("a" * 50 + "b", "a" * 50 + "c", "a/b", "a_b", "fraud")
    models = tuple(msgspec.structs.replace(MODEL, name=name) for name in names)
    changed = DocumentSheet(report=msgspec.structs.replace(full().report, subjects=models))
    assert len(render_documents(changed)) == 2 * len(names)
    assert "model-card-fraud.md" in render_documents(changed)


def test_nobody_is_called_compliant_and_markup_is_inert() -> None:
    for name, raw in render_documents(full()).items():
        assert b"compliant" not in raw.lower()
        if name.endswith(".md"):
            assert HOSTILE not in raw.decode()
            assert "\u202e" not in raw.decode()
            assert "<b>" not in raw.decode()


def test_a_draft_that_somebody_has_gone_on_with_is_never_overwritten(tmp_path: Path) -> None:
    raw = render_documents(full())["dpia.md"]
    place = tmp_path / "dpia.md"
    assert put_draft(place, raw) == put_draft(place, raw) == place
    mine = place.read_bytes().replace(b"# Data", b"# My data", 1)
    place.write_bytes(mine)
    beside = put_draft(place, raw)
    assert (beside.name, beside.read_bytes(), place.read_bytes()) == ("dpia.new.md", raw, mine)
    place.write_bytes(b"written by hand\n")
    assert put_draft(place, raw) == beside


@pytest.mark.parametrize("name", ["dpia.json", "catalog.json"])
def test_what_programs_read_is_written_anew(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"old")
    assert put_draft(tmp_path / name, b"new").read_bytes() == b"new"
