import numpy as np
import pytest

from bartizan.core.arrays import Array, Ints
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import ConfigError, UnknownEntryError
from bartizan.testing import assert_robust

SEARCH = ("evasion.coordinate",)


def rows(n: int = 200) -> tuple[Array, Ints]:
    x = np.random.default_rng(2).uniform(-1, 1, size=(n, 2))
    return x, (x[:, 0] > 0).astype(np.int64)


def model(x: Array) -> Array:
    return x[:, 0] * 50.0


def thief(eps: float) -> Attacker:
    return Attacker(name="thief", norm="Linf", eps=eps, queries=60)


def objection(**options: object) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_robust(model, rows(), **options)  # type: ignore[arg-type]  # forwarded as given
    return str(caught.value)


def test_a_model_that_holds_gives_back_the_assessment() -> None:
    held = assert_robust(model, rows(), attackers=[thief(0.01)], entries=SEARCH)
    assert held.outcome == "pass"
    assert len(held.findings) == 3


def test_a_broken_model_raises_with_headline_findings_examples_and_a_way_out() -> None:
    told = objection(attackers=[thief(0.6)], entries=SEARCH).splitlines()
    assert told[0].startswith("model can be evaded: attacker 'thief'")
    assert told[1].startswith("fail (critical): evasion.coordinate@model#thief: attack success is")
    assert told[2] == "cheapest changes:"
    assert len([line for line in told if line.startswith("  row ")]) == 3
    assert " taken for " in told[3]
    assert " -> " in told[3]
    assert told[-1].startswith("to do: ")


def test_the_cheapest_changes_come_first() -> None:
    told = objection(attackers=[thief(0.6)], entries=SEARCH).splitlines()
    prices = [float(line.split("price ")[1].split(",")[0]) for line in told if "  row " in line]
    assert prices == sorted(prices)


def test_what_is_not_settled_raises_in_words_of_its_own() -> None:
    x, y = rows()
    with pytest.raises(AssertionError, match=r"^not settled, which is no pass: No verdict on"):
        assert_robust(model, (x[:8], y[:8]), attackers=[thief(0.05)], entries=SEARCH)


def test_a_time_budget_that_runs_out_is_no_pass() -> None:
    told = objection(attackers=[thief(0.01)], time_budget_s=1e-6)
    assert told.startswith("not settled, which is no pass: ")
    assert "incomplete: the time budget of 1e-06 s was used up" in told


def test_a_constant_model_is_not_robust() -> None:
    with pytest.raises(AssertionError, match="does not tell the classes apart"):
        assert_robust(lambda x: np.full(len(x), -1.0), rows(), attackers=[thief(0.01)])


def test_the_line_can_be_drawn_for_every_attack_at_once() -> None:
    broken = [thief(0.3)]
    assert_robust(model, rows(), attackers=broken, entries=SEARCH, max_success=0.9)
    told = objection(attackers=broken, entries=SEARCH, max_success=0.05)
    assert "at most 5.0% is accepted" in told


def test_damage_below_the_line_is_let_pass() -> None:
    medium = [thief(0.2)]
    assert_robust(model, rows(), attackers=medium, entries=SEARCH, fail_on="critical")
    assert "fail (medium)" in objection(attackers=medium, entries=SEARCH, fail_on="medium")


def test_the_same_seed_gives_the_same_answer() -> None:
    first, second = (
        assert_robust(model, rows(), attackers=[thief(0.01)], entries=SEARCH, seed=4)
        for _ in range(2)
    )
    assert first.findings == second.findings


@pytest.mark.parametrize("line", [-0.1, 1.0, float("nan")])
def test_a_line_that_is_no_share_is_refused(line: float) -> None:
    with pytest.raises(ConfigError, match="max_success is a share of rows"):
        assert_robust(model, rows(), max_success=line)


def test_an_unknown_entry_or_profile_is_refused() -> None:
    with pytest.raises(UnknownEntryError, match=r"unknown entry 'evasion\.x'; known"):
        assert_robust(model, rows(), entries=["evasion.x"])
    with pytest.raises(ConfigError, match="unknown profile 'fast'; known: quick"):
        assert_robust(model, rows(), profile="fast")


def test_an_attacker_who_can_do_nothing_is_refused() -> None:
    still = {name: Reach(mutable=False) for name in ("x0", "x1")}
    idle = Attacker(name="idle", norm="Linf", eps=0.1, features=still)
    with pytest.raises(ConfigError, match="can change nothing"):
        assert_robust(model, rows(), attackers=[idle])
