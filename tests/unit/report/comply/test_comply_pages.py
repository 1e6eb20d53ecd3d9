"""The report on clauses in its formats: all of it, inert, the same bytes every time."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from bartizan.core.compliance import ComplianceReport
from bartizan.core.errors import ConfigError
from bartizan.report.comply import COMPLY_FORMATS, render_compliance, save_compliance
from bartizan.report.comply.view import TONES, causes, headline
from unit.comply.worlds import audit, opened
from unit.report.comply.samples import STATUSES, full

EVIL = "<script>alert(1)</script>|\"'&`[x](http://evil.example)\u202e"


class Tags(HTMLParser):
    """Every tag and every address of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        for key, value in attrs:
            if key in ("href", "src", "action", "data"):
                self.addresses.append(value or "")
            if key == "id":
                self.ids.append(value or "")


def tags(report: ComplianceReport) -> Tags:
    found = Tags()
    found.feed(render_compliance(report, fmt="html").decode())
    return found


@pytest.mark.parametrize("fmt", COMPLY_FORMATS)
def test_equal_reports_give_equal_bytes(fmt: str) -> None:
    assert render_compliance(full(), fmt=fmt) == render_compliance(full(), fmt=fmt)


def test_a_page_asks_nobody_for_anything_and_runs_nothing() -> None:
    for report in (full(), full(EVIL)):
        found = tags(report)
        assert "script" not in found.names
        assert all(one.startswith("#") for one in found.addresses)
        assert len(found.ids) == len(set(found.ids))
        assert {one[1:] for one in found.addresses} <= set(found.ids)


def test_text_of_people_stays_text() -> None:
    page = render_compliance(full(EVIL), fmt="html").decode()
    assert "<script>" not in page
    assert "\u202e" not in page
    assert "&lt;script&gt;" in page


def test_markdown_shows_text_of_people_without_markup_and_in_its_cell() -> None:
    written = render_compliance(full(EVIL), fmt="markdown").decode()
    assert "<script>" not in written
    assert "[x](http" not in written
    assert "\u202e" not in written
    for line in written.splitlines():
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) in (4, 5, 6, 7)


@pytest.mark.parametrize("fmt", ["html", "markdown"])
def test_every_status_every_policy_and_what_passed_stand_in_the_report(fmt: str) -> None:
    written = render_compliance(full("Such a word."), fmt=fmt).decode()
    for word in (*STATUSES, "in force", "not signed", "changed", "overdue", "missing", "never"):
        assert word in written
    assert "bartizan assess --entry evasion.x" in written
    assert "2026-08-01" in written
    assert "Waiver".lower() in written.lower()


@pytest.mark.parametrize("fmt", ["html", "markdown"])
def test_what_fails_who_reads_a_clause_so_and_who_did_an_audit_stand_in_every_format(
    fmt: str,
) -> None:
    written = render_compliance(full("Such a word."), fmt=fmt).decode()
    assert "failing" in cells(written)
    assert "tested (subset, as the project reads it): Such a word." in written
    assert "policy retirement (subset): Such a word." in written
    for word in ("never done", "done in time"):
        assert word in cells(written)
    assert "nothing shows it" not in written
    late = replace(full(), audits=(replace(audit(overdue=True), by="G. Hopper, auditor"),))
    shown = cells(render_compliance(late, fmt=fmt).decode())
    assert "overdue" in shown
    assert "never done" not in shown
    assert "G. Hopper, auditor" in shown


def cells(written: str) -> list[str]:
    """What stands between bars or tags."""
    return [one.strip() for one in re.split(r"\||<[^>]*>", written)]


def test_json_is_the_record() -> None:
    raw = render_compliance(full(), fmt="json")
    assert msgspec.json.decode(raw, type=ComplianceReport) == full()
    assert json.loads(raw)["schema"] == "compliancereport/1"


def test_findings_are_grouped_by_the_first_control_that_they_speak_against() -> None:
    other = replace(opened(name="a@b"), controls=("tested", "b"))
    report = replace(full(), findings=(opened(), other, replace(opened(name="c@d"), controls=())))
    found = causes(replace(report, controls=()))
    assert [len(one.findings) for one in found] == [2, 1]
    assert [one.worst for one in found] == ["fail", "fail"]


def test_the_headline_counts_each_clause_once_and_none_that_does_not_apply() -> None:
    said = headline(full())
    assert "present for 1 of 3 clauses" in said
    assert "failing for 1; for 1 there is none" in said
    assert "1 finding failed and is open, 1 of them overdue" in said


def test_each_word_of_a_status_has_an_icon_of_the_page() -> None:
    page = render_compliance(full(), fmt="html").decode()
    for tone in TONES.values():
        assert f'id="icon-{tone}"' in page


def test_a_format_that_there_is_not_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="choose from html, markdown, json"):
        save_compliance(full(), tmp_path, formats=["pdf"])
    assert not list(tmp_path.iterdir())
    written = save_compliance(full(), tmp_path / "new", formats=COMPLY_FORMATS)
    assert [one.name for one in written] == list(COMPLY_FORMATS.values())
