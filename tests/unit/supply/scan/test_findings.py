"""From what was noticed to a finding: the worst decides, and nothing unread is lost on the way."""

import pytest

from bartizan.core.entry import FLAGGED
from bartizan.core.finding import Finding, Outcome, Severity
from bartizan.core.verdict import has_open_places
from bartizan.supply.scan.dispatch import Read
from bartizan.supply.scan.findings import finding_of, identity, refused
from bartizan.supply.scanners.notice import Notice, Verdict


def notice(verdict: Verdict, *, what: str = "", where: str = "", why: str = "a reason") -> Notice:
    return Notice(verdict=verdict, rule=f"test.{verdict}", where=where, what=what, why=why)


def found(*notices: Notice, walked: int = 10, size: int = 10, streams: int = 1) -> Finding:
    read = Read(
        notices=notices, formats=("zip",), walked_bytes=walked, size_bytes=size, streams=streams
    )
    return finding_of("m/a.pkl", read, reproduce="again")


def value(finding: Finding, name: str) -> float | None:
    measure = finding.measure(name)
    return None if measure is None else measure.value


@pytest.mark.parametrize(
    ("verdicts", "outcome", "severity"),
    [
        ((), "pass", "none"),
        (("inconclusive",), "inconclusive", "none"),
        (("suspicious",), "fail", "high"),
        (("inconclusive", "suspicious"), "fail", "high"),
        (("malicious",), "fail", "critical"),
        (("suspicious", "malicious", "inconclusive"), "fail", "critical"),
    ],
)
def test_the_worst_verdict_decides(
    verdicts: tuple[Verdict, ...], outcome: Outcome, severity: Severity
) -> None:
    finding = found(*map(notice, verdicts))
    assert (finding.outcome, finding.severity) == (outcome, severity)
    assert finding.id == identity("m/a.pkl")
    assert has_open_places(finding) == ("inconclusive" in verdicts)


def test_places_are_counted_by_their_verdict() -> None:
    finding = found(
        notice("malicious", where="1"),
        notice("suspicious", where="2"),
        notice("suspicious", where="3"),
        notice("inconclusive", where="4"),
    )
    names = ("harmful-places", "malicious-places", "open-places")
    assert [value(finding, name) for name in names] == [3, 1, 1]
    assert finding.threshold is not None
    assert finding.threshold.measure == "harmful-places"


def test_it_says_how_much_was_read() -> None:
    finding = found(walked=7, size=10, streams=3)
    assert (value(finding, "bytes-walked"), value(finding, "streams-walked")) == (7, 3)
    assert finding.remarks == ("Read as zip; 7 of 10 bytes, 3 streams.",)


def test_the_worst_place_is_told_first_and_the_others_are_counted() -> None:
    finding = found(
        notice("inconclusive", why="first in the file"),
        notice("malicious", what="os.system", where="byte 3", why="It runs commands."),
        notice("malicious", what="os.popen", where="byte 9"),
    )
    assert finding.reason == (
        "malicious: os.system: It runs commands, at byte 3 (and 1 more malicious places)"
    )
    assert [one.value for one in finding.flagged] == ["os.system", "os.popen", ""]


def test_of_many_places_the_first_are_named_and_the_rest_are_counted() -> None:
    finding = found(*(notice("malicious", where=str(number)) for number in range(FLAGGED + 5)))
    assert len(finding.flagged) == FLAGGED
    assert finding.remarks[-1] == "5 more places are not listed."


def test_names_of_strangers_are_cut() -> None:
    finding = found(notice("malicious", what="x" * 10_000, where="y" * 10_000))
    assert len(finding.reason) < 500
    assert max(len(finding.flagged[0].value), len(finding.flagged[0].column)) <= 200


def test_a_file_that_nobody_read_is_never_a_pass() -> None:
    assert refused("m/a.pkl", "it is a pipe").outcome == "inconclusive"
    assert refused("m/a.pkl", "the run ended", begun=False).outcome == "not-run"
    assert refused("m/a.pkl", "why").measures == ()
