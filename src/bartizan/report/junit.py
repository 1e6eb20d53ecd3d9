"""The report as JUnit XML, for test summaries of CI systems.

The dialect of Ant, Surefire and Jenkins, standard elements only: one test case a finding.
"""

import re
from xml.etree import ElementTree as ET  # writes only; nothing untrusted is parsed here

from bartizan.core.finding import Finding
from bartizan.core.report import Report
from bartizan.report import words

_INVALID = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped (section 2.2, Char)."""


def render(report: Report) -> bytes:
    """Write one suite. Equal reports give equal bytes; times are left to the receipts.

    Only declared attackers can fail a test case: findings of assumed weaker and stronger ones
    pass, with what was seen as their output. Waived findings count as skipped.
    """
    suite = ET.Element("testsuite", name="bartizan")
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", name=name, value=clean(value))
    for finding in report.findings:
        _case(suite, finding)
    if report.coverage.interrupted:
        note = ET.SubElement(suite, "system-err")
        note.text = clean(f"The run ended early: {report.coverage.interrupted}")
    counts = {
        "tests": len(report.findings),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    root = ET.Element("testsuites")
    for key, count in counts.items():
        suite.set(key, str(count))
        if key != "skipped":  # the dialect knows it on a suite only
            root.set(key, str(count))
    root.append(suite)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def clean(text: str) -> str:
    r"""Replace what XML cannot hold.

    Example:
        >>> clean("a\x00b")
        'a\ufffdb'
    """
    return words.visible(_INVALID.sub("\N{REPLACEMENT CHARACTER}", text))


def _properties(report: Report) -> list[tuple[str, str]]:
    """Facts about the whole run."""
    facts = [
        ("outcome", report.outcome),
        ("headline", report.headline),
        ("version", report.tool.version),
        ("seed", str(report.coverage.seed)),
    ]
    return facts + [
        (subject.kind, f"{subject.name} {subject.digest}") for subject in report.subjects
    ]


def _case(suite: ET.Element, finding: Finding) -> None:
    """Add one test case."""
    case = ET.SubElement(suite, "testcase", classname=clean(finding.entry), name=clean(finding.id))
    if finding.standing not in ("declared", "assumed"):
        standing = words.STANDINGS[finding.standing]
        seen = f"{standing}: shown, does not decide.\n{words.state(finding)}: {details(finding)}"
        ET.SubElement(case, "system-out").text = clean(seen)
    elif finding.waived is not None:
        ET.SubElement(case, "skipped", message=clean(words.waiver(finding)))
    elif finding.outcome == "not-run":
        ET.SubElement(case, "skipped", message=clean(finding.reason))
    elif finding.outcome == "fail":
        _problem(case, finding, tag="failure", kind=finding.severity)
    elif finding.outcome == "inconclusive":
        _problem(case, finding, tag="error", kind="inconclusive")


def _problem(case: ET.Element, finding: Finding, *, tag: str, kind: str) -> None:
    """Say what went wrong, shortly and at length."""
    problem = ET.SubElement(case, tag, type=kind, message=clean(finding.reason))
    problem.text = clean(details(finding))


def details(finding: Finding) -> str:
    """A finding in lines of plain text."""
    lines = [finding.reason]
    for one in finding.measures:
        span = f" (95 % interval {words.interval(one)})" if words.interval(one) else ""
        lines.append(f"{words.measure(one.name)}: {words.value(one)}{span}")
    lines += [
        f"Suspected mark: {mark.mark} -> {mark.target}, in {mark.carriers:,} rows"
        for mark in finding.suspects
    ]
    for group in finding.groups:
        rates = ", ".join(f"{words.measure(r.name)} {words.value(r)}" for r in group.rates)
        lines.append(f"{group.column} = {group.group} ({group.n:,} rows): {rates}")
    for flagged in finding.flagged:
        row = words.place(flagged) if flagged.row is None else f"row {flagged.row:,}"
        place = ", ".join(part for part in (row, flagged.column) if part)
        lines.append(f"{place}: {flagged.why}" + (f" ({flagged.value})" if flagged.value else ""))
    if finding.threshold is not None:
        lines.append(f"Required: {words.line(finding.threshold)}")
    if finding.fix and finding.outcome == "fail":
        lines.append(f"What to do: {finding.fix}")
    if finding.reproduce:
        lines.append(f"Repeat with: {finding.reproduce}")
    return "\n".join(lines)
