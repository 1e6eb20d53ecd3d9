"""Whoever knows a name is told what to write, and nobody else is told anything."""

import shlex

import pytest

from bartizan.supply.scan.allowing import briefly, flags, in_full, suffices, unknown_names
from bartizan.supply.scanners.notice import Notice, Verdict


def notice(rule: str, what: str, verdict: Verdict = "malicious") -> Notice:
    return Notice(verdict=verdict, rule=rule, where="byte 3", what=what, why="because")


def unknown(*names: str) -> list[Notice]:
    found = [notice("pickle.import", name, "suspicious") for name in names]
    return [*found, *(notice("pickle.call", name) for name in names)]


def test_all_unknown_names_are_told_at_once_as_a_command_and_as_a_line() -> None:
    names = [f"shop.features.Ratio{one}" for one in range(40)]
    command, line, enough = in_full(unknown(*names))
    words = shlex.split(command.rpartition("scan: ")[2])
    assert words == [word for name in names for word in ("--allow", name)]
    assert line.endswith("[supply] allow = [" + ", ".join(f'"{name}"' for name in names) + "]")
    assert enough.startswith("With all of them allowed, nothing speaks")


def test_a_few_stand_in_the_reason_and_many_are_counted() -> None:
    assert briefly(unknown("shop.Ratio", "shop.Sum")).endswith(flags(["shop.Ratio", "shop.Sum"]))
    assert briefly(unknown(*(f"shop.R{one}" for one in range(9)))).startswith("; 9 names")


@pytest.mark.parametrize(
    "other",
    [
        notice("pickle.danger", "os.system"),
        notice("pickle.computed", ""),
        notice("pickle.call", "copyreg._reconstructor"),
        notice("pickle.odd", "a hook", "suspicious"),
    ],
)
def test_names_are_no_excuse_for_anything_else(other: Notice) -> None:
    found = [*unknown("shop.Ratio"), other]
    assert not suffices(found)
    assert briefly(found) == ""
    assert in_full(found)[-1].startswith("That is not enough")
    assert unknown_names(found) == ("shop.Ratio",)


@pytest.mark.parametrize(
    "name",
    ["shop.Ratio; rm -rf /", "shop.$(id)", "shop", "shop.Ra\ntio", "shop.R\u0430tio", "<x>.y"],
)
def test_what_is_no_plain_name_is_never_put_into_a_command(name: str) -> None:
    assert unknown_names(unknown(name)) == ()
    assert in_full(unknown(name)) == ()


def test_what_was_not_read_hinders_nobody() -> None:
    assert suffices([*unknown("shop.Ratio"), notice("scan.unread", "", "inconclusive")])
    assert not suffices([notice("scan.unread", "", "inconclusive")])


def test_files_that_carry_code_say_so() -> None:
    found = unknown("cloudpickle.cloudpickle._make_function")
    assert "carries functions as code" in in_full(found)[-1]
