import msgspec

from bartizan.core.risk import Factors
from bartizan.report.threat.summary.evidence import evidence, moved
from bartizan.report.threat.summary.headline import headline
from bartizan.report.threat.summary.matrix import matrices
from bartizan.report.threat.summary.register import controls, first_steps, numbered, ruled
from unit.report.threat.described import MODEL, SYSTEM, control, drawn_system, threat

FOUND = numbered(MODEL)
WANTED = {one.control: one for one in controls(FOUND)}


def test_each_control_is_there_once_with_all_its_threats_and_places() -> None:
    limits = WANTED["limits"]
    assert set(WANTED) == {"limits", "watching", "log"}
    assert [one.number for one in limits.answers] == [1, 2, 3, 4]
    assert {(one.element, one.status) for one in limits.places} == {
        ("api", "absent"),
        ("api", "planned"),
        ("model", "absent"),
        ("orders-db", "absent"),
    }


def test_a_control_is_as_good_as_at_its_weakest_place() -> None:
    assert WANTED["limits"].status == "absent"
    assert WANTED["log"].status == "verified"


def test_what_helps_counts_open_threats_only() -> None:
    assert WANTED["limits"].weight == (2, 1, 0)
    assert WANTED["log"].weight == (0, 0, 0)
    assert [one.control for one in controls(FOUND)] == ["limits", "watching", "log"]
    assert [one.control for one in first_steps(controls(FOUND))] == ["limits", "watching"]


def test_a_control_that_is_verified_there_would_win_nothing() -> None:
    done = threat("a.b", "api", countermeasures=(control("done", status="verified"),))
    (only,) = controls(numbered(msgspec.structs.replace(MODEL, threats=(done,))))
    assert only.weight == (0, 0, 0)


def test_expired_decisions_stand_before_those_that_hold() -> None:
    assert [one.threat.id for one in ruled(FOUND)] == [
        "access.open-door@api",
        "privacy.logs@orders-db",
    ]


def test_evidence_counts_findings_of_the_threat_and_of_its_controls() -> None:
    assert evidence(MODEL.threats[0]) == "1 failed"
    assert evidence(MODEL.threats[4]) == "1 passed"
    assert evidence(MODEL.threats[1]) == "none"


def test_a_factor_that_did_not_move_is_one_number() -> None:
    assert (moved(MODEL.threats[0], "impact"), moved(MODEL.threats[4], "impact")) == ("4", "4 → 2")


def test_each_threat_stands_in_one_cell_of_each_matrix() -> None:
    for one in matrices(FOUND):
        cells = [cell for _, row in one.rows for cell in row]
        numbers = sorted(found.number for cell in cells for found, _ in cell.threats)
        assert numbers == [1, 2, 3, 4, 5]
        assert len(cells) == 25


def test_a_matrix_runs_from_likely_to_not_and_from_harmless_to_bad() -> None:
    before, after = matrices(FOUND)
    assert [likelihood for likelihood, _ in before.rows] == [5, 4, 3, 2, 1]
    where = dict(after.rows)[1][1]
    assert [found.threat.id for found, _ in where.threats] == ["record.altered@orders-db"]
    assert where.tint == Factors(likelihood=1, impact=2, detection=3).priority


def test_one_is_said_of_one_and_many_of_many() -> None:
    one = msgspec.structs.replace(MODEL, threats=MODEL.threats[:1], questions=MODEL.questions[:1])
    assert headline(one).word == "1 threat of high priority is open"
    assert (
        "1 question about the system is not answered; up to 1 threat may" in headline(one).sentence
    )
    assert headline(MODEL).word == "2 threats of high priority are open"


def test_decisions_whose_time_is_over_are_counted() -> None:
    assert "1 decision no longer holds: " in headline(MODEL).sentence
    over = MODEL.threats[1]
    two = msgspec.structs.replace(MODEL, threats=(over, over))
    assert "2 decisions no longer hold: " in headline(two).sentence


def test_a_model_without_threats_is_not_calm() -> None:
    bare = msgspec.structs.replace(drawn_system(SYSTEM), questions=())
    assert headline(bare).tone == "inconclusive"
