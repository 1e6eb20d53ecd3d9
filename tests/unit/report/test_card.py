import msgspec

from bartizan.core.finding import Finding, Measure
from bartizan.report.card import Card, cards, missing
from unit.report.samples import sample_report


def card(finding: Finding | None = None) -> Card:
    report = sample_report()
    found = report.findings[0] if finding is None else finding
    return cards(msgspec.structs.replace(report, findings=(found,)))[0]


def test_the_worst_come_first_waived_after_and_passes_last() -> None:
    found = [one for one in cards(sample_report()) if one.decides]
    assert [one.finding.entry.split(".")[1] for one in found] == [
        "hop-skip-jump",
        "coordinate",
        "square",
        "transfer",
        "random-walk",
        "utility",
    ]


def test_a_card_finds_its_attacker_and_its_evidence() -> None:
    found = card()
    assert found.attacker is not None
    assert found.evidence is not None
    assert (found.attacker.name, found.unit) == ("fraudster", "money")
    assert found.evidence.finding == found.finding.id


def test_a_finding_about_nobody_has_neither_unit_nor_facts() -> None:
    found = card(sample_report().findings[-1])
    assert (found.attacker, found.unit, found.facts()) == (None, "", ())


def test_clean_numbers_stand_beside_those_under_attack_and_the_deciding_one_is_first() -> None:
    rows = card().rows()
    assert [(r.label, r.clean is not None, r.deciding) for r in rows] == [
        ("Attack success", False, True),
        ("Recall", True, False),
        ("Accuracy", True, False),
        ("Precision", True, False),
    ]


def test_an_unknown_measure_has_a_row_of_its_own() -> None:
    finding = msgspec.structs.replace(
        sample_report().findings[0],
        measures=(Measure(name="mean-rank", value=3.0, unit=""),),
    )
    (row,) = card(finding).rows()
    assert (row.label, row.clean, row.deciding) == ("Mean rank", None, False)


def test_a_missing_number_is_shown_unless_the_reason_said_it() -> None:
    square = sample_report().findings[4]
    assert card(square).rows() == ()
    other = Measure(name="attack-success", value=None, why="No row could be attacked.")
    assert len(card(msgspec.structs.replace(square, measures=(other,))).rows()) == 1


def test_the_budget_stands_on_an_axis_of_its_own_unit_only() -> None:
    found = card()
    series = found.finding.series
    assert found.budget_on(series) == 30.0
    assert found.budget_on((msgspec.structs.replace(series[0], x_unit="queries"),)) is None
    assert card(sample_report().findings[-1]).budget_on(series) is None


def test_a_planned_finding_that_is_not_there_is_missing() -> None:
    assert missing(sample_report()) == ["evasion.boundary@card-fraud.onnx#fraudster"]
