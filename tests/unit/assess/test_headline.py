from typing import Any

import msgspec
import pytest

from bartizan.assess.headline import _TOLD, headline
from bartizan.catalog import ENTRIES
from bartizan.core.attacker import Attacker
from bartizan.core.finding import Example, Finding, Measure, Outcome, Views, Waived, Weakness

EVE = Attacker(name="eve", norm="Linf", eps=0.1, protected=("fraud",))
WAIVED = Waived(owner="o", reason="r", expires="2030-01-01")


def finding(outcome: Outcome, *, success: float = 0.5, **more: Any) -> Finding:
    measures = (
        Measure(name="attack-success", value=success),
        Measure(name="median-price", value=0.0432, unit="Linf"),
        Measure(name="median-queries", value=61.0, unit="queries"),
    )
    parts: dict[str, Any] = {
        "id": "e@m#eve", "entry": "e", "title": "The attack", "subject": "m", "attacker": "eve",
        "reason": "ROC of x is odd", "severity": "high" if outcome == "fail" else "none",
        "measures": measures, "weaknesses": (Weakness(feature="amount", share=1, spent=1),),
    }  # fmt: skip
    return Finding(outcome=outcome, **{**parts, **more})


def said(*findings: Finding, outcome: Outcome, attackers: tuple[Attacker, ...] = (EVE,)) -> str:
    return headline(findings, attackers, subject="fraud.onnx", outcome=outcome)


def test_a_broken_model_is_told_with_who_how_much_and_where() -> None:
    assert said(finding("fail", success=0.97), outcome="fail") == (
        "fraud.onnx can be evaded: attacker 'eve', who sees only its decisions and has room to "
        "change each value by 0.1 of its usual range, gets 97% of the rows of class 'fraud' that "
        "it judges correctly past it. Half of these fall within 61 questions to the model; after "
        "all questions, half cost no more than 0.0432 (Linf). The weakness sits mostly in amount."
    )


def test_the_worst_of_several_is_told() -> None:
    text = said(finding("fail", success=0.3), finding("fail", success=0.9), outcome="fail")
    assert "gets 90% of" in text


@pytest.mark.parametrize(
    ("better", "words"),
    [
        (Measure(name="median-price", value=0.0017, unit="Linf"), "no more than 0.0017 (Linf)"),
        (Measure(name="median-queries", value=7.0, unit="queries"), "within 7 questions"),
    ],
)
def test_of_two_that_break_as_many_rows_the_cheaper_and_quicker_one_is_told(
    better: Measure, words: str
) -> None:
    worse = finding("fail")
    measures = tuple(better if m.name == better.name else m for m in worse.measures)
    for order in (1, -1):
        both = (worse, msgspec.structs.replace(worse, measures=measures))[::order]
        assert words in said(*both, outcome="fail")


def test_what_is_open_beside_a_failure_is_counted() -> None:
    text = said(finding("fail"), finding("inconclusive"), finding("not-run"), outcome="fail")
    assert text.endswith("2 of 3 checks are open.")
    text = said(finding("fail"), finding("pass"), finding("not-run"), outcome="fail")
    assert text.endswith("1 of 3 checks is open.")


@pytest.mark.parametrize(
    ("budget", "words"),
    [
        ({"money": 50.0}, "50 to spend per row"),
        ({"norm": "L2", "eps": 0.5}, "by 0.5 of their usual range in all (L2)"),
        ({"norm": "Linf", "eps": 0.5}, "each value by 0.5 of its usual range"),
    ],
)
def test_a_budget_is_told_in_words(budget: dict[str, Any], words: str) -> None:
    assert words in said(
        finding("fail"), outcome="fail", attackers=(Attacker(name="eve", **budget),)
    )


@pytest.mark.parametrize(
    ("access", "words"),
    [("labels", "sees only its decisions"), ("scores", "sees its scores"),
     ("gradients", "sees inside it"), ("structure", "sees inside it")],
)  # fmt: skip
def test_what_the_attacker_sees_is_told_in_words(access: Any, words: str) -> None:
    eve = Attacker(name="eve", norm="L2", eps=1.0, access=access)
    assert words in said(finding("fail"), outcome="fail", attackers=(eve,))


def test_without_protected_classes_the_rows_are_those_judged_correctly() -> None:
    eve = Attacker(name="eve", norm="L2", eps=1.0)
    assert "of the rows it judges correctly past it" in said(
        finding("fail"), outcome="fail", attackers=(eve,)
    )


def test_a_useless_model_comes_before_a_broken_one_and_the_reason_keeps_its_capitals() -> None:
    useless = finding("fail", attacker=None, id="u@m", entry="utility.balanced-accuracy")
    assert said(finding("fail"), useless, outcome="fail") == (
        "fraud.onnx does not tell the classes apart on this data, so its robustness means "
        "nothing. ROC of x is odd."
    )


def test_why_a_model_seems_useless_is_told_where_something_is_known_of_it() -> None:
    useless = finding("fail", entry="utility.u", attacker="", remarks=("Classes are mixed up.",))
    assert said(useless, outcome="fail").endswith("ROC of x is odd. Classes are mixed up.")


def test_one_question_is_no_questions() -> None:
    once = (Measure(name="attack-success", value=0.5), Measure(name="median-price", value=0.1),
            Measure(name="median-queries", value=1.0, unit="queries"))  # fmt: skip
    assert "within 1 question to the model" in said(
        msgspec.structs.replace(finding("fail"), measures=once), outcome="fail"
    )


def test_other_checks_that_fail_are_told_after_the_attack() -> None:
    leak = finding("fail", attacker=None, id="p@m", entry="privacy.membership", title="Membership")
    text = said(finding("fail"), leak, outcome="fail")
    assert text.startswith("fraud.onnx can be evaded")
    told = "fraud.onnx gives away which rows it was trained on: ROC of x is odd."
    assert text.endswith(told)
    assert said(leak, outcome="fail") == told


def test_a_check_without_a_sentence_of_its_own_is_told_by_its_title() -> None:
    odd = finding("fail", attacker=None, id="o@m", entry="odd.check", title="Oddity")
    assert said(odd, outcome="fail") == "Oddity: ROC of x is odd."


def test_every_check_has_a_sentence() -> None:
    checks = {e.id for e in ENTRIES if e.kind == "check"}
    assert checks == {*_TOLD, "utility.balanced-accuracy"}


def test_a_robust_model_is_told_with_what_was_waived() -> None:
    text = said(finding("pass"), outcome="pass")
    assert text.startswith("fraud.onnx held against every attacker that was declared. What was")
    text = said(finding("pass"), finding("fail", waived=WAIVED), outcome="pass")
    assert "1 finding(s) are waived." in text


def test_an_open_run_says_how_many_checks_are_open_and_why() -> None:
    text = said(
        finding("pass"), finding("inconclusive"), finding("not-run"), outcome="inconclusive"
    )
    assert text == "No verdict on fraud.onnx: 2 of 3 checks are open. The attack: ROC of x is odd."


def test_a_run_of_nothing_says_so() -> None:
    assert said(outcome="inconclusive") == "No verdict on fraud.onnx: nothing was judged."


def test_attackers_who_decide_nothing_make_no_headline() -> None:
    weak = finding("fail", standing="stronger")
    assert "held against" in said(finding("pass"), weak, outcome="pass")


def test_no_median_and_no_weakness_leave_the_rest_of_the_sentence() -> None:
    bare = finding("fail", measures=(Measure(name="attack-success", value=0.5),), weaknesses=())
    text = said(bare, outcome="fail")
    assert text.endswith("gets 50% of the rows of class 'fraud' that it judges correctly past it.")


def priced(price: float, eps: float, **more: Any) -> str:
    cheap = Measure(name="median-price", value=price, unit="Linf")
    one = finding("fail", **more)
    one = msgspec.structs.replace(one, measures=(one.measures[0], cheap, one.measures[2]))
    return said(one, outcome="fail", attackers=(Attacker(name="eve", norm="Linf", eps=eps),))


def test_budgets_and_prices_of_images_in_shades_are_told_in_shades() -> None:
    png = "data:image/png;base64,iVBORw0KGgo="
    seen = Example(
        row=0, price=0.01, queries=1, label="a", decision="b", changes=(),
        views=Views(original=png, altered=png, difference=png, amplified=1.0),
    )  # fmt: skip
    told = priced(2.5 / 255, 8 / 255, examples=(seen,))
    assert "change each value by 8/255 of the way" in told
    assert "half cost no more than 2.5/255 (Linf)." in told


def test_a_step_in_a_table_is_no_number_of_shades() -> None:
    told = priced(1 / 3, 1 / 15)  # 85/255 and 17/255
    assert "change each value by 0.06667 of its" in told
    assert "half cost no more than 0.3333 (Linf)." in told
