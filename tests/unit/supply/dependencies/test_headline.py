from bartizan.core.finding import Finding, Outcome
from bartizan.supply.dependencies.headline import headline


def found(name: str, outcome: Outcome) -> Finding:
    return Finding(
        id=f"a.b@{name}",
        entry="a.b",
        title="t",
        subject=name,
        outcome=outcome,
        severity="high" if outcome == "fail" else "none",
        reason=f"why {name}",
    )


def test_nobody_asked_and_nothing_is_said() -> None:
    assert headline([]) == ""


def test_what_is_vulnerable_is_told_before_what_is_open() -> None:
    said = headline([found("a", "inconclusive"), found("b", "fail"), found("c", "pass")])
    assert said.startswith(
        "Known to be vulnerable: lines in 1 of 3 lists of dependencies. b: why b"
    )
    assert said.endswith("1 could not be looked up to the end.")


def test_open_lists_keep_the_sentence_from_saying_that_nothing_is_known() -> None:
    said = headline([found("a", "inconclusive"), found("c", "pass")])
    assert said.startswith("No verdict on 1 of 2 lists of dependencies. a: why a")
    assert headline([found("c", "pass")]).startswith("1 list of dependencies looked up: nothing")
