from collections.abc import Callable
from datetime import date

import pytest

from bartizan.config import Config
from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import ConfigError, SchemaError
from bartizan.core.finding import Waived
from bartizan.core.schema import Feature

ID = "evasion.feature@fraud#thief"


@pytest.fixture
def config(read: Callable[[str], Config], sound: str) -> Config:
    return read(sound)


def test_the_smallest_file_is_a_name(read: Callable[[str], Config]) -> None:
    config = read('[project]\nname = "x"\n')
    assert (config.project.seed, config.project.profile) == (0, "standard")
    assert config.policy.fail_on == "high"
    assert config.test_data() is None
    assert config.attackers() == ()


def test_the_declared_schema_has_the_order_of_the_file(config: Config) -> None:
    assert config.schema_for("test").features == (
        Feature(name="amount", min=0.0, max=100.0),
        Feature(name="kind", type="categorical", categories=("a", "b")),
        Feature(name="id", type="integer", identifier=True),
    )


def test_the_order_of_the_table_wins(config: Config) -> None:
    assert config.schema_for("test", ("id", "kind", "amount")).names == ("id", "kind", "amount")


def test_a_column_that_is_not_declared_is_told_with_the_nearest(config: Config) -> None:
    with pytest.raises(SchemaError, match=r"'amounts' .*\[schema.test\]; did you mean 'amount'"):
        config.schema_for("test", ("id", "kind", "amounts"))


def test_a_declared_column_that_the_table_lacks_is_told(config: Config) -> None:
    with pytest.raises(SchemaError, match=r"declares 'kind', which is no column of the table"):
        config.schema_for("test", ("id", "amount"))


def test_a_data_set_without_a_schema_has_the_only_one(config: Config) -> None:
    assert config.schema_for("train") == config.schema_for("test")


def test_several_schemas_are_never_guessed_between(
    read: Callable[[str], Config], sound: str
) -> None:
    more = '[[data]]\nname = "old"\nrole = "train"\npath = "t"\ntarget = "y"\n[schema.old.a]\n'
    with pytest.raises(ConfigError, match="declares no schema for data set 'other'"):
        read(sound + more).schema_for("other")


def test_relations_come_with_the_schema_each_once(
    read: Callable[[str], Config], sound: str
) -> None:
    rule = '[[relation]]\ndata = "test"\nrule = "amount <= id"\n'
    config = read(sound + rule + rule)
    assert config.schema_for("test").relations == ("amount <= id",)
    assert config.schema_for("train").relations == ("amount <= id",)
    assert config.rules_for("train") == ("amount <= id",)


def test_an_attacker_cannot_move_an_identifier(config: Config) -> None:
    assert config.attackers() == (
        Attacker(
            name="thief",
            norm="Linf",
            eps=0.1,
            features={"amount": Reach(direction="up"), "id": Reach(mutable=False)},
        ),
    )


def test_everything_about_an_attacker_arrives(read: Callable[[str], Config]) -> None:
    config = read(
        '[project]\nname = "x"\n[[attacker]]\nname = "a"\naccess = "gradients"\ngoal = 0\n'
        "protected = [1, 2]\nmoney = 2.5\ncategories = 3\nqueries = 7\n"
        'feature.b = {mutable = true, direction = "down", cost = 0}\nfeature.c = {}\n'
    )
    assert config.attackers() == (
        Attacker(
            name="a",
            access="gradients",
            goal="0",
            protected=("1", "2"),
            money=2.5,
            categories=3,
            queries=7,
            features={"b": Reach(direction="down", cost=0.0)},
        ),
    )


def test_data_sets_are_found_by_role(read: Callable[[str], Config], sound: str) -> None:
    more = '[[data]]\nname = "ref"\nrole = "reference"\npath = "r"\ntarget = "is_fraud"\n'
    config = read(sound + more)
    test, reference = config.test_data(), config.reference_data()
    assert test is not None
    assert reference is not None
    assert (test.name, reference.name) == ("test", "ref")


def test_two_test_sets_are_never_guessed_between(read: Callable[[str], Config], sound: str) -> None:
    more = '[[data]]\nname = "b"\nrole = "test"\npath = "r"\ntarget = "is_fraud"\n'
    with pytest.raises(ConfigError, match="one data set of role 'test', got 'test', 'b'"):
        read(sound + more).test_data()


def test_a_waiver_holds_up_to_its_last_day(config: Config) -> None:
    waived = Waived(owner="Ada", reason="rebuilt in spring", expires="2027-01-31")
    assert config.waiver_for(ID, date(2027, 1, 31)) == waived
    assert config.expired(date(2027, 1, 31)) == ()
    assert config.expired_warnings(date(2027, 1, 31)) == ()


def test_an_expired_waiver_is_ignored_with_a_warning(config: Config) -> None:
    today = date(2027, 2, 1)
    assert config.waiver_for(ID, today) is None
    assert config.expired(today) == config.waiver
    (warning,) = config.expired_warnings(today)
    assert ID in warning
    assert "2027-01-31" in warning


@pytest.mark.parametrize("near", [ID + "2", ID[:-1], ID.upper(), "evasion.feature@fraud"])
def test_a_waiver_is_for_exactly_one_finding(near: str, config: Config) -> None:
    assert config.waiver_for(near, date(2026, 1, 1)) is None


def test_policy_keys_arrive(read: Callable[[str], Config]) -> None:
    policy = read(
        '[project]\nname = "x"\n[policy]\nfail_on = "low"\nformats = ["onnx"]\n'
        '[policy.threshold]\n"evasion.feature" = 0.1\n'
    ).policy
    assert (policy.fail_on, policy.formats, policy.threshold) == (
        "low",
        ("onnx",),
        {"evasion.feature": 0.1},
    )
