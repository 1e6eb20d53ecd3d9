"""The worked examples against lists of what a review of such a system must find."""

from datetime import date
from pathlib import Path

import pytest

from bartizan.config import read_config
from bartizan.core.known import Known
from bartizan.frameworks.controls import controls
from bartizan.threat.landscape import surveyed
from bartizan.threat.modelling import Basis, questions_of, threats_of
from bartizan.threat.reading import packaged
from unit.threat.reviewed import EXAMPLES

_FOLDER = Path("src/bartizan/examples/systems")
_examples = pytest.mark.parametrize("name", EXAMPLES)


def _found(name: str) -> set[str]:
    basis = Basis(
        rules=packaged(), controls=controls(), maturity={}, known=Known(), today=date(2026, 1, 1)
    )
    config = read_config(_FOLDER / f"{name}.toml")
    return {one.id for one in threats_of(surveyed(config.described()), basis=basis)}


def test_every_example_that_ships_is_reviewed() -> None:
    assert {place.stem for place in _FOLDER.glob("*.toml")} == set(EXAMPLES)


@_examples
def test_every_expected_threat_is_found(name: str) -> None:
    missed = {why: one for why, one in EXAMPLES[name].must.items() if one not in _found(name)}
    assert not missed


@_examples
def test_nothing_is_found_that_nobody_reviewed(name: str) -> None:
    expected = EXAMPLES[name]
    assert _found(name) == {*expected.must.values(), *expected.beside}


@_examples
def test_an_example_leaves_nothing_to_ask(name: str) -> None:
    config = read_config(_FOLDER / f"{name}.toml")
    assert questions_of(surveyed(config.described()), rules=packaged()) == ()
