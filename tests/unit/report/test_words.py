import pytest

from bartizan.core.attacker import Attacker
from bartizan.core.finding import Measure, Threshold
from bartizan.report import words


def flat(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.1234, "share", "12.3 %"),
        (1.0, "share", "100.0 %"),
        (12.5, "money", "12.50 in money"),
        (1500.0, "money", "1,500 in money"),
        (0.1, "Linf", "0.1 (Linf)"),
        (212.0, "queries", "212"),
        (48210.4, "rows/s", "48,210 rows/s"),
        (3.0, "", "3"),
    ],
)
def test_numbers_have_their_units(value: float, unit: str, said: str) -> None:
    assert flat(words.amount(value, unit)) == said


def test_a_measure_without_a_value_says_why() -> None:
    assert words.value(Measure(name="x", value=None, why="no rows")) == "no rows"


def test_a_share_just_below_nothing_is_nothing() -> None:
    lost = Measure(name="m", value=-0.0002, low=-0.0004, high=0.003)
    assert flat(words.interval(lost)) == "0.0 to 0.3 %"
    assert flat(words.value(lost)) == "0.0 %"


@pytest.mark.parametrize(("unit", "said"), [("share", "10.0 to 20.0 %"), ("money", "0.1 to 0.2")])
def test_an_interval_is_written_once_with_its_unit(unit: str, said: str) -> None:
    assert flat(words.interval(Measure(name="x", value=0.1, low=0.1, high=0.2, unit=unit))) == said


def test_half_an_interval_is_none() -> None:
    assert words.interval(Measure(name="x", value=0.1, low=0.1)) == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            Threshold(measure="attack-success", op="<=", value=0.2, source="default"),
            "Attack success at most 20.0 % (the default)",
        ),
        (
            Threshold(measure="mean-rank", op=">=", value=12.0, source="policy"),
            "Mean rank at least 12 (set by the policy)",
        ),
    ],
)
def test_a_threshold_is_a_sentence(line: Threshold, said: str) -> None:
    assert flat(words.line(line)) == said


@pytest.mark.parametrize(
    ("attacker", "said"),
    [
        (Attacker(name="a", money=30.0), "30 in money"),
        (
            Attacker(name="a", norm="Linf", eps=0.1),
            "Linf 0.1 of each value's range, 1 category",
        ),
        (
            Attacker(name="a", norm="L2", eps=0.5, categories=0),
            "L2 0.5 of each value's range",
        ),
    ],
)
def test_a_budget_is_said_in_its_unit(attacker: Attacker, said: str) -> None:
    assert flat(words.budget(attacker)) == said


@pytest.mark.parametrize(
    ("unit", "long", "short"),
    [
        ("money", "Money the attacker spends on one row", "Money spent"),
        ("L2", "Size of the change (L2, in ranges of a value)", "Change (L2)"),
        ("pixels", "Patch size (pixels)", "Patch size (pixels)"),
        ("", "Patch size", "Patch size"),
    ],
)
def test_an_axis_is_named_by_its_unit(unit: str, long: str, short: str) -> None:
    assert (words.axis("patch_size", unit), words.across("patch_size", unit)) == (long, short)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (8 / 255, "8/255"),
        (1 / 255, "1/255"),
        (0.2, "0.2"),  # 51/255, which nobody means
        (0.5, "0.5"),
        (0.03, "0.03"),
        (12.0, "12"),
        (0.0, "0"),
        (1.0, "1"),
    ],
)
def test_a_number_of_shades_is_told_beside_the_length(value: float, told: str) -> None:
    assert words.length(value) == told
    assert words.amount(value, "Linf") == f"{told}\N{NO-BREAK SPACE}(Linf)"
