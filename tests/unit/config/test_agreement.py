"""Sections that contradict each other or themselves."""

from collections.abc import Callable

import pytest

from bartizan.config import Config

ONE_HOT = """\
[schema.test.red]
type = "integer"
group = "colour"
[schema.test.blue]
type = "integer"
group = "colour"
"""
CASES = {
    "two attackers of one name": (
        "[policy]",
        '[[attacker]]\nname = "thief"\nmoney = 5\n[policy]',
        "37: attacker[1].name: 'thief' is taken by attacker[0]; each must be unique",
    ),
    "demands on a data set that there is not": (
        "[policy]",
        "[check.tset]\nquota = 0.5\n[policy]",
        "36: check.tset: no such data set; did you mean 'test'?",
    ),
    "demands on a column that there is not": (
        "[policy]",
        '[check.test]\ntime = "amnt"\n[policy]',
        "37: check.test.time: no column 'amnt' in the schema; did you mean 'amount'?",
    ),
    "a demand on the age of what nobody witnesses": (
        "[policy]",
        "[ledger]\nmax_age_h = 24\n[policy]",
        "37: ledger.max_age_h: only witnesses can say when they saw the log",
    ),
    "two models of one name": (
        "[[data]]",
        '[[model]]\nname = "fraud"\npath = "b"\n[[data]]',
        "10: model[1].name: 'fraud' is taken by model[0]",
    ),
    "an endpoint without an address": (
        "[[data]]",
        '[[model]]\nname = "b"\npath = "b.onnx"\n[model.endpoint]\nbatch_rows = 8\n[[data]]',
        "12: model[1].endpoint: only a model with an address (https://...)",
    ),
    "weights without a module": (
        "[[data]]",
        '[[model]]\nname = "b"\npath = "b.onnx"\nweights = "b.safetensors"\n[[data]]',
        "12: model[1].weights: weights belong to a torch module",
    ),
    "a recipe that is a file": (
        "[[data]]",
        '[[model]]\nname = "b"\npath = "b.onnx"\nrecipe = "train.py"\n[[data]]',
        "12: model[1].recipe: expected module:function, got 'train.py'",
    ),
    "two data sets of one name": (
        "[schema.test.amount]",
        '[[data]]\nname = "test"\nrole = "train"\npath = "b"\ntarget = "y"\n[schema.test.amount]',
        "16: data[1].name: 'test' is taken by data[0]",
    ),
    "two waivers of one finding": (
        "expires = 2027-01-31",
        (
            "expires = 2027-01-31\n[[waiver]]\n"
            'finding = "evasion.feature@fraud#thief"\nowner = "B"\nreason = "c"\nexpires=2028-01-01'
        ),
        "45: waiver[1].finding: 'evasion.feature@fraud#thief' is taken by waiver[0]",
    ),
    "schema for a data set that is not declared": (
        "[schema.test.id]",
        "[schema.tets.id]",
        "24: schema.tets: no such data set; did you mean 'test'?",
    ),
    "target among the features": (
        "[schema.test.id]",
        "[schema.test.is_fraud]\n[schema.test.id]",
        "24: schema.test.is_fraud: the target of data set 'test' is no feature; remove this table",
    ),
    "min above max": (
        "min = 0.0",
        "min = 200.0",
        "17: schema.test.amount.min: feature 'amount': min 200.0 is above max 100.0; swap them",
    ),
    "categories missing": (
        'categories = ["a", "b"]\n',
        "",
        "20: schema.test.kind.categories: feature 'kind' is categorical but has no categories",
    ),
    "a category twice": (
        '["a", "b"]',
        '["a", "a"]',
        "22: schema.test.kind.categories: feature 'kind' lists a category twice",
    ),
    "categories of a number": (
        "min = 0.0",
        'categories = ["a", "b"]',
        "17: schema.test.amount.categories: a feature of type 'number' has no categories",
    ),
    "limits of categories": (
        'categories = ["a", "b"]',
        'categories = ["a", "b"]\nmax = 3',
        "23: schema.test.kind.max: a feature of type 'categorical' has categories, not limits",
    ),
    "group with one column": (
        "identifier = true",
        'group = "colour"',
        "26: schema.test.id.group: group 'colour' has one column; a one-hot group has two or more",
    ),
    "group with a typing error": (
        "[schema.test.id]",
        ONE_HOT + '[schema.test.green]\ngroup = "color"\n[schema.test.id]',
        (
            "31: schema.test.green.group: group 'color' has one column; a one-hot group has two or "
            "more; did you mean 'colour'?"
        ),
    ),
    "group named like a column": (
        "[schema.test.id]",
        ONE_HOT.replace("colour", "kind") + "[schema.test.id]",
        "26: schema.test.red.group: a group cannot have the name of a column, 'kind'; rename it",
    ),
    "relation of an unknown data set": (
        "[policy]",
        '[[relation]]\ndata = "tset"\nrule = "amount >= 0"\n[policy]',
        "37: relation[0].data: no data set 'tset'; did you mean 'test'?",
    ),
    "relation of an unknown column": (
        "[policy]",
        '[[relation]]\ndata = "test"\nrule = "amout >= 0"\n[policy]',
        (
            "38: relation[0].rule: relation 'amout >= 0' names 'amout', which is no column; "
            "did you mean 'amount'?"
        ),
    ),
    "relation that is a program": (
        "[policy]",
        '[[relation]]\ndata = "test"\nrule = "amount >= id()"\n[policy]',
        "38: relation[0].rule: relation 'amount >= id()' uses Call; only column names",
    ),
    "no budget": (
        'norm = "Linf"\neps = 0.1\n',
        "",
        "28: attacker[0]: attacker 'thief' needs a budget: either `eps` (with `norm`) or `money`",
    ),
    "two budgets": (
        "eps = 0.1",
        "eps = 0.1\nmoney = 5",
        "31: attacker[0].eps: attacker 'thief' needs a budget: either",
    ),
    "norm without eps": (
        "eps = 0.1\n",
        "",
        "30: attacker[0].norm: attacker 'thief' needs a budget: either `eps` (with `norm`)",
    ),
    "norm with money": (
        "eps = 0.1",
        "money = 5",
        "30: attacker[0].norm: attacker 'thief': `eps` and `norm` go together",
    ),
    "eps without norm": (
        'norm = "Linf"\n',
        "",
        "30: attacker[0].eps: attacker 'thief': `eps` and `norm` go together",
    ),
    "immutable with a cost": (
        'direction = "up"',
        "mutable = false\ncost = 2",
        "35: attacker[0].feature.amount.cost: a feature with mutable = false can have neither",
    ),
    "immutable with a direction": (
        'direction = "up"',
        'mutable = false\ndirection = "up"',
        "35: attacker[0].feature.amount.direction: a feature with mutable = false can have neither",
    ),
    "direction of a category": (
        "[attacker.feature.amount]",
        "[attacker.feature.kind]",
        "34: attacker[0].feature.kind.direction: a direction needs a number or an ordered feature",
    ),
    "attacker of an unknown feature": (
        "[attacker.feature.amount]",
        "[attacker.feature.amout]",
        "33: attacker[0].feature.amout: no such feature in the schema; did you mean 'amount'?",
    ),
    "identifier that an attacker moves": (
        "[attacker.feature.amount]",
        "[attacker.feature.id]\nmutable = true\n[attacker.feature.amount]",
        "34: attacker[0].feature.id.mutable: the schema says that this is an identifier",
    ),
    "identifier with a price": (
        "[attacker.feature.amount]",
        "[attacker.feature.id]\ncost = 1\n[attacker.feature.amount]",
        "34: attacker[0].feature.id.cost: the schema says that this is an identifier",
    ),
    "goal that is no class": (
        'norm = "Linf"',
        'norm = "Linf"\ngoal = "okay"',
        (
            "31: attacker[0].goal: expected 'any' or a class of the model, got 'okay'; "
            "did you mean 'ok'?"
        ),
    ),
    "protected class that is none": (
        'norm = "Linf"',
        'norm = "Linf"\nprotected = [\n"fraud",\n"frod"]',
        "33: attacker[0].protected[1]: no model has a class 'frod'; did you mean 'fraud'?",
    ),
    "goal that is the protected class": (
        'norm = "Linf"',
        'norm = "Linf"\ngoal = "fraud"\nprotected = ["fraud"]',
        "31: attacker[0].goal: rows of class 'fraud' are the only ones protected",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES.keys())
def test_a_contradiction_is_told_with_line_path_and_reason(
    old: str, new: str, expected: str, refusal_of_change: Callable[[str, str], str]
) -> None:
    assert refusal_of_change(old, new).startswith(f"bartizan.toml:{expected}")


def with_group(sound: str, *, reach: str) -> str:
    one_hot = sound.replace("[schema.test.id]", ONE_HOT + "[schema.test.id]")
    return one_hot.replace('[attacker.feature.amount]\ndirection = "up"', reach)


def test_a_column_of_a_group_is_moved_by_the_name_of_the_group(
    sound: str, refusal: Callable[[str], str], read: Callable[[str], Config]
) -> None:
    told = refusal(with_group(sound, reach="[attacker.feature.red]\nmutable = false"))
    assert told.startswith(
        "bartizan.toml:39: attacker[0].feature.red: is a column of the one-hot group 'colour'"
    )
    read(with_group(sound, reach="[attacker.feature.colour]\nmutable = false"))


def test_a_group_has_no_direction(sound: str, refusal: Callable[[str], str]) -> None:
    told = refusal(with_group(sound, reach='[attacker.feature.colour]\ndirection = "up"'))
    assert "attacker[0].feature.colour.direction: a direction needs a number" in told


def test_without_a_schema_attackers_may_name_any_feature(
    read: Callable[[str], Config],
) -> None:
    config = read(
        '[project]\nname = "x"\n[[attacker]]\nname = "a"\nmoney = 2\n'
        "[attacker.feature.whatever]\ncost = 1\n"
    )
    assert config.attackers()[0].reach("whatever").cost == 1


def test_goals_are_free_where_a_model_does_not_say_its_classes(
    read: Callable[[str], Config], sound: str
) -> None:
    text = sound.replace('classes = ["ok", "fraud"]\n', "").replace(
        "eps = 0.1", 'eps = 0.1\ngoal = "anything"'
    )
    assert read(text).attackers()[0].goal == "anything"


def test_relations_of_train_are_judged_by_the_only_schema(
    refusal_of_change: Callable[[str, str], str],
) -> None:
    more = '[[data]]\nname = "train"\nrole = "train"\npath = "t"\ntarget = "is_fraud"\n'
    rule = '[[relation]]\ndata = "train"\nrule = "nothing >= 0"\n'
    told = refusal_of_change("[schema.test.amount]", more + rule + "[schema.test.amount]")
    assert "relation[0].rule: relation 'nothing >= 0' names 'nothing'" in told


@pytest.mark.parametrize(
    ("table", "hint"),
    [
        ('[supply.card.frud]\nversion = "1"\n', "did you mean 'fraud'?"),
        ('[supply.data.train]\nowner = "Ada"\n', "no such data set; known: test"),
    ],
)
def test_a_card_is_of_something_that_is_declared(
    refusal: Callable[[str], str], sound: str, table: str, hint: str
) -> None:
    assert hint in refusal(sound + table)


def test_what_is_said_of_artefacts_is_read(read: Callable[[str], Config], sound: str) -> None:
    config = read(
        sound
        + '[supply.system]\nname = "cards"\nhardware = ["a box"]\n'
        + '[supply.card.fraud]\nusers = ["analysts"]\n'
        + '[[supply.card.fraud.risk]]\nname = "people are blocked"\n'
        + '[supply.data.test]\nowner = "Ada"\n'
    )
    assert config.supply.system.hardware == ("a box",)
    assert config.supply.card["fraud"].risk[0].name == "people are blocked"
    assert config.supply.data["test"].owner == "Ada"


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "http://bank.example", "https://a b", 'https://a"b', "x"]
)
def test_an_address_is_one_that_can_be_shown_as_a_link(
    refusal: Callable[[str], str], sound: str, value: str
) -> None:
    table = f"[supply.system]\nsecurity_policy = '{value}'\n"
    assert "expected an address" in refusal(sound + table)
