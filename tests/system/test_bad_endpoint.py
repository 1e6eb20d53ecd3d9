"""Endpoints that keep one waiting, change their mind or answer nonsense, from the command line."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from system import shop
from system.command import Ran, Run
from unit.adapt.served import Answer, Served, chance, serving

ATTACK = "evasion.coordinate"
"""Asks about many rows at once, so that a run is some dozens of calls."""
LATE = 3
"""Calls after which mischief begins: the model has been looked at, no attack is over."""


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as it:
        it.shape = (-1, len(shop.NAMES))
        yield it


@pytest.fixture
def ask(folder: Path, bartizan: Run, served: Served) -> Callable[..., Ran]:
    """Assess the server's model with one attack, on terms of the project file."""

    def run(*settings: str, retries: int = 0) -> Ran:
        shop.save_csv(folder, n=60)
        lines = [
            *("[project]", 'name = "shop"'),
            *("[[model]]", 'name = "far"', f'path = "{served.url}"'),
            *("[model.endpoint]", f"retries = {retries}", *settings),
            *("[[data]]", 'name = "holdout"', 'role = "test"', 'path = "holdout.csv"'),
            *(f'target = "{shop.TARGET}"',),
            *("[[attacker]]", 'name = "eve"', 'norm = "Linf"', "eps = 0.0001", "queries = 20"),
        ]
        Path("bartizan.toml").write_text("\n".join(lines), "utf-8")
        flags = ("--profile", "quick", "--quiet", "--workers", 1, "--entry", ATTACK)
        return bartizan("assess", *flags)

    return run


def finding() -> dict[str, Any]:
    """What is said about the attacker who decides."""
    report = json.loads(Path("out/report.json").read_text("utf-8"))
    (found,) = [one for one in report["findings"] if one["attacker"] == "eve"]
    assert isinstance(found, dict)
    return found


def test_an_endpoint_that_behaves_and_holds_passes(ask: Callable[..., Ran]) -> None:
    ran = ask()
    assert (ran.code, finding()["outcome"]) == (0, "pass"), ran.err


def test_an_endpoint_that_does_not_answer_in_time_is_refused(
    ask: Callable[..., Ran], served: Served
) -> None:
    def slow(_: int) -> None:
        time.sleep(0.3)

    served.mischief = slow
    ran = ask("timeout_s = 0.05")
    assert (ran.code, ran.out) == (2, "")
    assert "no answer after 1 tries" in ran.err
    assert "timeout_s too short" in ran.err


def after(n: int, answer: Answer) -> Callable[[int], Answer | None]:
    """The same answer to every question past the first few."""
    return lambda question: answer if question > n else None


@pytest.mark.parametrize("status", [429, 503])
def test_an_endpoint_that_stays_busy_leaves_the_attack_open_and_says_so(
    ask: Callable[..., Ran], served: Served, status: int
) -> None:
    served.mischief = after(LATE, (status, {}, {}))
    ran = ask()
    assert (ran.code, finding()["outcome"]) == (3, "inconclusive")
    assert f"no answer after 1 tries (status {status})" in finding()["reason"]


def test_a_limit_is_waited_for_as_long_as_the_server_asks(
    ask: Callable[..., Ran], served: Served
) -> None:
    limited = [0]

    def mischief(n: int) -> Answer | None:
        limited[0] += n % 2
        return (429, {}, {"retry-after": "0"}) if n % 2 else None

    served.mischief = mischief
    assert ask(retries=1).code == 0
    assert limited[0] * 2 == len(served.asked)  # every question was asked twice, and no oftener


def test_an_answer_of_another_shape_leaves_the_attack_open_and_says_so(
    ask: Callable[..., Ran], served: Served
) -> None:
    one = {"name": "y", "shape": [1, 2], "datatype": "FP32", "data": [0.5, 0.5]}
    served.mischief = after(LATE, (200, {"outputs": [one]}, {}))
    assert ask().code == 3
    assert "rows and answered shapes (1, 2)" in finding()["reason"]


def test_a_model_that_is_replaced_under_its_old_name_leaves_the_attack_open(
    ask: Callable[..., Ran], served: Served
) -> None:
    served.version = lambda n: "1" if n <= LATE else "2"
    assert ask().code == 3
    assert "answered with model version 2, not 1" in finding()["reason"]


def test_an_endpoint_that_lies_about_its_version_gets_no_pass(
    ask: Callable[..., Ran], served: Served
) -> None:
    """Another model answers under the same version: only its answers give it away."""

    def another(n: int) -> Answer | None:
        if n <= LATE:
            return None
        rows = np.reshape(served.asked[-1]["inputs"][0]["data"], (-1, len(shop.NAMES)))
        both = [value for pair in chance(3 * rows) for value in pair]
        output = {"name": "p", "shape": [len(rows), 2], "datatype": "FP32", "data": both}
        return 200, {"model_name": "m", "model_version": "1", "outputs": [output]}, {}

    served.mischief = another
    assert ask().code == 3
    assert finding()["outcome"] == "inconclusive"
    assert "fixed rows are answered differently than when the run began" in finding()["reason"]


def test_logits_under_the_name_of_probabilities_are_read_as_logits(
    ask: Callable[..., Ran], served: Served
) -> None:
    def raw(_: int) -> Answer:
        rows = np.reshape(served.asked[-1]["inputs"][0]["data"], (-1, len(shop.NAMES)))
        data = [value for margin in rows.sum(axis=1) for value in (-float(margin), float(margin))]
        output = {"name": "probabilities", "shape": [len(rows), 2], "datatype": "FP32"}
        return 200, {"model_name": "m", "outputs": [{**output, "data": data}]}, {}

    served.mischief = raw
    assert ask().code == 0, "the decision is that of the larger score, as ever"
