"""No program says that somebody fulfils a law: the word for it is printed nowhere."""

from pathlib import Path

import pytest

from bartizan.comply.gate import Demands, gate_findings
from bartizan.core.report import Coverage, Report
from bartizan.report import FORMATS, render
from bartizan.report.comply import COMPLY_FORMATS, gate_summary, render_compliance
from contract.sources import MODULES, PACKAGE, ROOT
from unit.report.comply.samples import full

WORD = "compliant"
TEXTS = sorted(
    path
    for path in PACKAGE.rglob("*")
    if path.suffix in {".toml", ".html", ".css", ".md", ".txt", ".jinja"}
)


def spoken(raw: bytes | str) -> bool:
    text = raw.decode() if isinstance(raw, bytes) else raw
    return WORD in text.casefold()


@pytest.mark.parametrize("path", [*MODULES, *TEXTS], ids=lambda path: Path(path).name)
def test_no_module_no_template_and_no_catalogue_says_it(path: Path) -> None:
    assert not spoken(path.read_bytes())


def test_there_are_templates_and_catalogues_among_them() -> None:
    assert {".toml", ".html", ".css"} <= {path.suffix for path in TEXTS}


@pytest.mark.parametrize("fmt", COMPLY_FORMATS)
def test_no_format_of_the_report_says_it(fmt: str) -> None:
    assert not spoken(render_compliance(full(), fmt=fmt))


@pytest.mark.parametrize("fmt", [*FORMATS, "summary"])
def test_no_format_of_the_gate_says_it(fmt: str) -> None:
    found = gate_findings(full(), demands=Demands(fail_on="high", fresh={"shop": ()}))
    report = Report(
        tool=full().tool,
        subjects=(),
        attackers=(),
        outcome="fail",
        headline="",
        findings=found,
        evidence=(),
        coverage=Coverage(
            profile="gate", seed=0, rows=0, rows_total=0, rows_protected=0, planned=()
        ),
    )
    raw = gate_summary(report, rests_on=full()) if fmt == "summary" else render(report, fmt=fmt)
    assert not spoken(raw)


def test_no_page_of_the_documentation_calls_anybody_so() -> None:
    """The guide says that the word is never printed, and names it once to say so."""
    allowed = {
        "comply.md": 1,
        "for-compliance-officers.md": 1,
        "CHANGELOG.md": 1,
        "architecture.md": 1,
    }
    for path in sorted((ROOT / "docs").rglob("*.md")):
        count = path.read_text(encoding="utf-8").casefold().count(WORD)
        assert count <= allowed.get(path.name, 0), path
