import itertools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from bartizan.core.report import Report
from bartizan.report import html, render
from unit.report.hostile import PAYLOAD, hostile_report
from unit.report.samples import sample_report

VOID = {"meta", "br", "path", "use", "img", "link", "input", "hr"}
LOADS = {"src", "href", "xlink:href", "action", "data", "poster", "srcset", "background", "ping"}


class Page(HTMLParser):
    """Elements in order, each with the elements around it, and the text in it."""

    def __init__(self, raw: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.words: list[tuple[tuple[str, ...], str]] = []
        self._open: list[str] = []
        self.feed(raw)
        assert self._open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {k: v or "" for k, v in attrs}, tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append((tuple(self._open), data))

    def all(self, tag: str) -> Iterator[dict[str, str]]:
        return (attributes for name, attributes, _ in self.elements if name == tag)

    def text(self, *within: str) -> str:
        inside = (data for around, data in self.words if set(within) <= set(around))
        return re.sub(r"\s+", " ", " ".join(inside).replace("\N{NO-BREAK SPACE}", " "))


def page(report: Report) -> Page:
    return Page(render(report, fmt="html").decode())


@pytest.fixture(scope="module")
def sample() -> Page:
    return page(sample_report())


@pytest.fixture(scope="module")
def hostile() -> Page:
    return page(hostile_report())


def bare() -> Report:
    report = sample_report()
    coverage = msgspec.structs.replace(report.coverage, planned=(), gaps=())
    return msgspec.structs.replace(
        report,
        findings=(),
        evidence=(),
        receipts=(),
        attackers=(),
        warnings=(),
        outcome="pass",
        coverage=coverage,
    )


@pytest.mark.parametrize("which", ["sample", "hostile"])
def test_nothing_is_loaded_from_anywhere(which: str, request: pytest.FixtureRequest) -> None:
    found: Page = request.getfixturevalue(which)
    for tag, attributes, _ in found.elements:
        for name in LOADS & attributes.keys():
            inside = "data:image/png;base64," if tag == "img" else "#"
            assert attributes[name].startswith(inside), (tag, attributes)
        assert not re.search(r"url\((?!#)", attributes.get("style", "")), attributes
    css = found.text("style")
    assert "url(" not in css
    assert "@import" not in css
    assert not {"link", "iframe", "object", "embed", "base", "form"} & {
        tag for tag, _, _ in found.elements
    }


@pytest.mark.parametrize("which", ["sample", "hostile"])
def test_there_is_no_script(which: str, request: pytest.FixtureRequest) -> None:
    found: Page = request.getfixturevalue(which)
    assert not list(found.all("script"))
    assert not [a for _, a, _ in found.elements if any(name.startswith("on") for name in a)]


def test_a_policy_forbids_scripts_and_requests(sample: Page) -> None:
    (policy,) = (m["content"] for m in sample.all("meta") if "http-equiv" in m)
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_hostile_text_changes_no_structure_and_is_shown_as_it_is(hostile: Page) -> None:
    calm = page(sample_report())
    assert {t for t, _, _ in hostile.elements} <= {t for t, _, _ in calm.elements}
    flat = re.sub(r"\s+", " ", PAYLOAD)
    for place in ("h1", "h3", "dd", "td", "th", "li", "caption", "pre", "code", "text"):
        assert flat in hostile.text(place), place
    assert hostile.text("title").startswith("Fail: card-fraud.onnx</title>")


@pytest.mark.parametrize("which", ["sample", "hostile"])
def test_ids_are_unique_and_every_reference_leads_somewhere(
    which: str, request: pytest.FixtureRequest
) -> None:
    found: Page = request.getfixturevalue(which)
    ids = [a["id"] for _, a, _ in found.elements if "id" in a]
    assert len(set(ids)) == len(ids)
    wanted = {a["href"][1:] for _, a, _ in found.elements if "href" in a}
    wanted |= {i for _, a, _ in found.elements for i in a.get("aria-labelledby", "").split()}
    wanted |= {
        i
        for _, a, _ in found.elements
        for i in re.findall(r"url\(#([^)]+)\)", a.get("clip-path", ""))
    }
    assert wanted <= set(ids)


def test_headings_descend_one_step_at_a_time(sample: Page) -> None:
    levels = [int(tag[1]) for tag, _, _ in sample.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_sections_come_in_the_agreed_order(sample: Page) -> None:
    order = [d for around, d in sample.words if "h2" in around and d.strip()]
    assert [words.strip() for words in order] == [
        "Fail",
        "Findings",
        "If the attacker were weaker or stronger",
        "Checked and passed",
        "What this report does not cover",
        "Attackers",
        "Evidence and receipts",
        "How to read this report",
    ]


def test_tables_have_captions_and_scopes(sample: Page) -> None:
    tables = len(list(sample.all("table")))
    assert tables > 0
    assert len(list(sample.all("caption"))) == tables
    assert {a.get("scope") for a in sample.all("th")} == {"row", "col"}


def test_charts_have_a_role_a_title_and_a_description(sample: Page) -> None:
    charts = [a for a in sample.all("svg") if a.get("class") == "chart"]
    assert len(charts) == 3
    assert {a["role"] for a in charts} == {"img"}
    assert sample.text("desc").count("Recall must be at least 73.6 %") == 3


def test_status_is_a_word_and_an_icon(sample: Page) -> None:
    badges = [a for a in sample.all("span") if a.get("class", "").startswith("badge")]
    icons = {a["href"] for tag, a, around in sample.elements if tag == "use" and "span" in around}
    assert len(badges) == 6
    assert {
        "#icon-fail",
        "#icon-inconclusive",
        "#icon-not-run",
        "#icon-pass",
        "#icon-waived",
    } <= icons
    text = sample.text("article")
    for word in ("Fail, high", "Fail, medium", "Inconclusive", "Not run", "Fail, medium, waived"):
        assert word in text


def test_the_verdict_and_the_tiles_say_it_all_at_the_top(sample: Page) -> None:
    text = sample.text("main")
    head = text[: text.index("What failed, what could not be decided")]
    assert "A fraudster who sees only accept or decline" in head
    for tile in (
        "2 Fail",
        "1 Inconclusive",
        "1 Not run",
        "1 Pass",
        "High worst severity; 1 waived",
    ):
        assert tile in head
    assert "300 rows attacked at most, of 304" in head


def test_a_run_of_checks_alone_does_not_speak_of_attacks() -> None:
    report = sample_report()
    coverage = msgspec.structs.replace(report.coverage, rows=0, rows_protected=0)
    bare = msgspec.structs.replace(report, attackers=(), coverage=coverage)
    text = page(bare).text("main")
    assert "rows in the data; none was attacked" in text
    assert "no attack was planned" in text
    assert "rows attacked at most" not in text


def test_a_failure_shows_everything_one_needs(sample: Page) -> None:
    text = sample.text("article")
    for words in (
        "Attack success (decides)",
        "70.0 to 78.0 %",
        "Required: Attack success at most 20.0 % (the default)",
        "Median price of a success 9.25 in money",
        "Row 18: fraud taken for legitimate , for 2.50 in money and 61 queries.",
        "merchant_category 81.0 %",
        "What to do Train with such changes",
        "bartizan assess --config bartizan.toml --only evasion.hop-skip-jump --seed 7",
        "AML.T0015",
        "Evidence sha256:2f2f",
    ):
        assert words in text, words


def test_one_query_is_no_queries() -> None:
    report = sample_report()
    asked_once = [
        msgspec.structs.replace(
            one, examples=tuple(msgspec.structs.replace(e, queries=1) for e in one.examples)
        )
        for one in report.findings
    ]
    shown = page(msgspec.structs.replace(report, findings=tuple(asked_once))).text("article")
    assert "and 1 query." in shown
    assert "1 queries" not in shown


def test_a_fix_is_offered_for_failures_only(sample: Page) -> None:
    assert sample.text("article").count("What to do") == 3


def test_assumed_attackers_are_marked_and_stand_apart(sample: Page) -> None:
    text = sample.text("main")
    part = text[text.index("If the attacker were") : text.index("Checked and passed")]
    assert "Assumed, does not decide." in part
    assert "assumed, stronger than declared" in part
    assert "fraudster-stronger" not in sample.text("article")


def test_gaps_and_missing_findings_are_named(sample: Page) -> None:
    text = sample.text("main")
    assert "Planned, no finding: evasion.boundary@card-fraud.onnx#fraudster" in text
    assert "Theft of the model Not part of the profile quick." in text


def test_times_are_in_the_receipts_only(sample: Page) -> None:
    assert "2026-03-02T09:41:07Z" in sample.text("details", "td")
    head = sample.text("body").split("Evidence and receipts")[0]
    assert "2026-03-02" not in head


def test_an_interrupted_run_says_so() -> None:
    report = sample_report()
    coverage = msgspec.structs.replace(report.coverage, interrupted="stopped by the user")
    text = page(msgspec.structs.replace(report, coverage=coverage)).text("main")
    assert text.count("stopped by the user") == 2


def test_an_empty_report_is_a_page_too() -> None:
    found = page(bare())
    for words in ("No check ran.", "Nothing passed.", "No gap was recorded."):
        assert words in found.text("main")
    assert "weaker or stronger" not in found.text("main")
    assert found.text("body").count("None") == 1, "the worst severity, and no forgotten value"


def test_the_glossary_has_eight_lines() -> None:
    assert len(html.GLOSSARY) == 8


def _scheme(css: str, *, dark: bool) -> dict[str, str]:
    block = css[css.index("prefers-color-scheme: dark") :] if dark else css
    root = block[block.index(":root") : block.index("}", block.index(":root"))]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", root))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio: 1 = none, 21 = black on white."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


TONES = ("fail", "inconclusive", "pass", "not-run", "waived")
PAIRS = [
    *((tone, f"{tone}-tint") for tone in TONES),
    *(("ink", f"{tone}-tint") for tone in TONES),
    *((text, ground) for text in ("ink", "muted", "accent") for ground in ("paper", "sheet")),
    ("band-ink", "band"),
    ("band-muted", "band"),
    ("fail", "sheet"),
    *((f"curve-{n}", ground) for n in (1, 2, 3) for ground in ("sheet", "fail-tint")),
]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out_by_the_ratio_that_wcag_aa_asks(
    text: str, ground: str, *, dark: bool
) -> None:
    css = (Path(html.__file__).parent / "templates" / "report.css").read_text("utf-8")
    colours = _scheme(css, dark=dark)
    assert contrast(colours[text], colours[ground]) >= 4.5


def test_contrast_is_the_known_ratio_for_black_on_white() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
