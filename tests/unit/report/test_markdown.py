import msgspec
import pytest

from bartizan.core.finding import Change
from bartizan.core.report import Report
from bartizan.report import render
from bartizan.report.markdown import text
from unit.report.samples import sample_report


def markdown(report: Report) -> str:
    return render(report, fmt="markdown").decode()


def section(name: str) -> str:
    return next(part for part in markdown(sample_report()).split("\n## ") if part.startswith(name))


def test_headline_and_warnings_come_first() -> None:
    lines = markdown(sample_report()).splitlines()
    assert lines[0].endswith("Bartizan: Fail")
    assert lines[2].startswith("A fraudster who sees only accept or decline")
    assert lines[4].startswith("> **Note:** The budget of fraudster")


def test_every_finding_has_a_row_and_rows_have_five_cells() -> None:
    rows = [r for r in section("# ").splitlines() if r.startswith("|")][2:]
    assert len(rows) == len(sample_report().findings)
    assert {row.count(" | ") for row in rows} == {4}


def test_only_deciding_failures_have_details() -> None:
    heads = [line for line in markdown(sample_report()).splitlines() if line.startswith("## ")]
    assert heads == [
        "## HopSkipJump: decision-based evasion (high)",
        "## Coordinate search (medium)",
        "## Coverage",
    ]


def test_an_assumed_attacker_is_marked_as_not_deciding() -> None:
    (row,) = (r for r in markdown(sample_report()).splitlines() if "fraudster-stronger" in r)
    assert "does not decide" in row
    assert "❌" not in row


def test_a_failure_shows_curve_examples_fix_and_command() -> None:
    part = section("HopSkipJump")
    assert "| Money spent | Recall | Accuracy | Precision |" in part
    assert "| 30 | 23.9\N{NO-BREAK SPACE}% |" in part
    assert part.count("| fraud | legitimate |") == 3
    assert "holder\\_name: (personal) → (personal)" in part
    assert "**What to do:** Train" in part
    assert "```sh\nbartizan assess" in part


def test_the_cheapest_examples_come_first() -> None:
    part = section("HopSkipJump")
    assert part.index("| 18 |") < part.index("| 5121 |") < part.index("| 977 |")
    assert "| 44 |" not in part


def test_coverage_names_gaps_and_missing_findings() -> None:
    part = section("Coverage")
    assert "**Not covered: Theft of the model.** Not part" in part
    assert "**Planned, no finding:** evasion.boundary" in part


def test_an_interrupted_run_says_so() -> None:
    report = sample_report()
    coverage = msgspec.structs.replace(report.coverage, interrupted="out of time")
    assert "> **Note:** The run ended early: out of time" in markdown(
        msgspec.structs.replace(report, coverage=coverage)
    )


@pytest.mark.parametrize(
    ("raw", "inert"),
    [
        ("a|b", r"a\|b"),
        ("<img src=x>", r"&lt;img src=x&gt;"),
        ("[x](javascript:1)", r"\[x\](javascript:1)"),
        ("![x](http://h/p.png)", r"\!\[x\](http://h/p.png)"),
        ("a\n## b", r"a \#\# b"),
        ("`code` *b* _i_ ~s~", r"\`code\` \*b\* \_i\_ \~s\~"),
        ("@team", "@<!-- -->team"),
        ("bell\x07", "bell\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_text_is_inert(raw: str, inert: str) -> None:
    assert text(raw) == inert


def test_hostile_features_break_no_table() -> None:
    report = sample_report()
    first = report.findings[0]
    example = msgspec.structs.replace(
        first.examples[0], changes=(Change(feature="a|b\n<script>", before="|", after="`"),)
    )
    finding = msgspec.structs.replace(first, examples=(example,), reproduce="run ```x\n```\n# y")
    out = markdown(msgspec.structs.replace(report, findings=(finding,)))
    assert r"a\|b &lt;script&gt;: \| → \`" in out
    assert "<script>" not in out
    assert "````sh\nrun ```x\n```\n# y\n````" in out


def test_a_comment_that_would_be_refused_is_cut_and_says_so() -> None:
    report = sample_report()
    long = msgspec.structs.replace(report.findings[0], fix="x" * 25_000)
    out = markdown(msgspec.structs.replace(report, findings=(long,) * 5))
    assert len(out) < 65_536
    assert "3 more in `report.html`." in out
    assert "## Coverage" in out
