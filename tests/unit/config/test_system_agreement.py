"""The description of a system agrees with itself, or the line that does not is named."""

from pathlib import Path

import pytest

from bartizan.config import Config, read_config
from bartizan.core.errors import ConfigError

_BODY = """\
[project]
name = "toy"
[system]
name = "Toy"
[[zone]]
id = "outside"
trust = "untrusted"
[[asset]]
id = "rows"
[[element]]
id = "caller"
kind = "actor"
zone = "outside"
[[element]]
id = "scoring-api"
kind = "api"
zone = "outside"
[[flow]]
source = "caller"
target = "scoring-api"
"""


def _read(folder: Path, *, added: str = "", swap: tuple[str, str] = ("", "")) -> Config:
    place = folder / "bartizan.toml"
    place.write_text(_BODY.replace(*swap) + added if swap[0] else _BODY + added)
    return read_config(place)


def test_a_description_is_read_with_what_it_leaves_out_unknown(tmp_path: Path) -> None:
    system = _read(tmp_path).described()
    assert system.element("scoring-api").auth is None
    assert [flow.id for flow in system.flows] == ["caller->scoring-api"]


@pytest.mark.parametrize(
    ("swap", "said"),
    [
        (
            ('zone = "outside"\n[[element]]', 'zone = "outsid"\n[[element]]'),
            "did you mean 'outside'",
        ),
        (('target = "scoring-api"', 'target = "scoring_api"'), "did you mean 'scoring-api'"),
        (('target = "scoring-api"', 'target = "caller"'), "joins two elements"),
        (('id = "scoring-api"', 'id = "caller"'), "'caller' is taken by element[0]"),
        (('kind = "api"', 'kind = "apis"'), "did you mean 'api'"),
        (('kind = "api"', 'kind = "api"\nmodel = "m"'), "only an element of kind 'model'"),
        (('kind = "api"', 'kind = "api"\nratelimit = "none"'), "did you mean 'rate_limit'"),
        (('kind = "api"', 'kind = "api"\nholds = ["row"]'), "did you mean 'rows'"),
        (('id = "rows"', 'id = "rows"\ndata = "d"'), "no data set 'd'"),
        (('name = "Toy"', 'name = "To\\u0007y"'), "without control characters"),
        (('[system]\nname = "Toy"\n', ""), "say which one in [system]"),
    ],
    ids=lambda one: one if isinstance(one, str) else one[1].strip()[:30],
)
def test_what_does_not_agree_is_refused(swap: tuple[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        _read(tmp_path, swap=swap)
    assert said in str(told.value)
    assert "bartizan.toml:" in str(told.value)  # with its line


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ('[[flow]]\nsource = "caller"\ntarget = "scoring-api"\n', "is flow[0] already"),
        ('[[control]]\nid = "questions-limitd"\nstatus = "absent"\n', "'questions-limited'"),
        ('[[control]]\nid = "questions-limited"\nstatus = "verified"\n', "expected one of"),
        (
            '[[control]]\nid = "questions-limited"\nstatus = "implemented"\ndue = 2027-01-31\n',
            "only a planned control",
        ),
        (
            (
                '[[control]]\nid = "questions-limited"\nstatus = "implemented"\n'
                '[[control]]\nid = "questions-limited"\nstatus = "absent"\n'
            ),
            "says of every element already",
        ),
        ('[[requirement]]\nid = "r"\ntext = "t"\ncontrols = ["x"]\n', "no control 'x'"),
        (
            (
                '[[decision]]\nthreat = "theft.questions@scoring-api"\nchoice = "accept"\n'
                'who = "w"\nwhy = "y"\nexpires = "soon"\n'
            ),
            "a date such as",
        ),
        (
            (
                '[[decision]]\nthreat = "theft"\nchoice = "accept"\nwho = "w"\nwhy = "y"\n'
                "expires = 2027-01-31\n"
            ),
            "such as evasion.decision@scoring-model",
        ),
    ],
    ids=[
        *("flow twice", "unknown control", "verified by hand", "due and done"),
        *("two statuses", "unknown control of a requirement", "no date", "no threat"),
    ],
)
def test_claims_that_cannot_be_are_refused(added: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as told:
        _read(tmp_path, added=added)
    assert said in str(told.value)


def test_a_circle_of_flows_is_a_feedback_loop(tmp_path: Path) -> None:
    found = _read(tmp_path, added='[[flow]]\nsource = "scoring-api"\ntarget = "caller"\n')
    assert len(found.flow) == 2


@pytest.mark.parametrize(
    ("where", "status", "refused"),
    [
        ('elements = ["scoring-api"]', "implemented", True),
        ("", "implemented", True),
        ('elements = ["caller"]', "implemented", False),
        ('elements = ["scoring-api"]', "planned", False),
    ],
)
def test_a_control_does_not_stand_where_the_description_denies_it(
    tmp_path: Path, where: str, status: str, *, refused: bool
) -> None:
    swap = ('kind = "api"', 'kind = "api"\nrate_limit = "none"')
    claim = f'\n[[control]]\nid = "questions-limited"\nstatus = "{status}"\n{where}\n'
    if not refused:
        assert _read(tmp_path, swap=swap, added=claim).control[0].status == status
        return
    with pytest.raises(ConfigError, match=r"control\[0\].status.*which says rate_limit = .none."):
        _read(tmp_path, swap=swap, added=claim)
