"""Wrong types and keys: one change of a sound file, one message with line, path and reason."""

from collections.abc import Callable
from datetime import date

import pytest

from bartizan.config import Config

CASES = {
    "unknown key": (
        "eps = 0.1",
        "eps = 0.1\nepss = 0.2",
        "32: attacker[0].epss: unknown key; did you mean 'eps'?",
    ),
    "unknown section": (
        "[policy]",
        "[polcy]",
        "36: polcy: unknown key; did you mean 'policy'?",
    ),
    "unknown key of a feature": (
        "identifier = true",
        "idenifier = true",
        "26: schema.test.id.idenifier: unknown key; did you mean 'identifier'?",
    ),
    "feature name with a dot, not quoted": (
        "[schema.test.amount]",
        "[schema.test.amount.eur]",
        "15: schema.test.amount.eur: unknown key; known: type, min",
    ),
    "unknown key of a reach": (
        'direction = "up"',
        'drection = "up"',
        "34: attacker[0].feature.amount.drection: unknown key; did you mean 'direction'?",
    ),
    "missing key": (
        'path = "fraud.onnx"\n',
        "",
        "4: model[0].path: missing; expected text without control characters",
    ),
    "missing section": (
        '[project]\nname = "demo"\n',
        "",
        "1: project: missing; expected a table",
    ),
    "text for a number": (
        "eps = 0.1",
        'eps = "0.1"',
        "31: attacker[0].eps: expected a finite number > 0, got the text '0.1'",
    ),
    "boolean for a number": (
        "max = 100.0",
        "max = true",
        "18: schema.test.amount.max: expected a finite number, got true",
    ),
    "fraction for a whole number": (
        'name = "demo"',
        'name = "demo"\nseed = 1.5',
        "3: project.seed: expected a whole number >= 0 and <= 9007199254740991, got 1.5",
    ),
    "number for text": (
        'name = "demo"',
        "name = 5",
        "2: project.name: expected a name without @, # and *, got 5",
    ),
    "number for a boolean": (
        "identifier = true",
        "identifier = 1",
        "26: schema.test.id.identifier: expected true or false, got 1",
    ),
    "text for a boolean": (
        "identifier = true",
        'identifier = "yes"',
        "26: schema.test.id.identifier: expected true or false, got the text 'yes'",
    ),
    "text for a list": (
        'classes = ["ok", "fraud"]',
        'classes = "ok"',
        "7: model[0].classes: expected a list, got the text 'ok'",
    ),
    "fraction as a class": (
        'classes = ["ok", "fraud"]',
        'classes = ["ok", 0.5]',
        "7: model[0].classes[1]: expected text or a whole number, got 0.5",
    ),
    "number as a category": (
        '["a", "b"]',
        '[\n"a",\n2]',
        "24: schema.test.kind.categories[1]: expected text, got 2",
    ),
    "one bracket for a list of tables": (
        "[[model]]",
        "[model]",
        "4: model: expected a list, got a table; write [[model]], with two brackets",
    ),
    "two brackets for a table": (
        "[policy]",
        "[[policy]]",
        "36: policy: expected a table, got a list; write [policy], with one bracket",
    ),
    "value for a table": (
        "[schema.test.id]\n",
        "[schema.test]\nid = 1\n[schema.test.id2]\n",
        "25: schema.test.id: expected a table, got 1",
    ),
    "word that is not on the list": (
        'norm = "Linf"',
        'norm = "linf"',
        "30: attacker[0].norm: expected one of 'L1', 'L2', 'Linf', got the text 'linf'",
    ),
    "nearly a word of the list": (
        'role = "test"',
        'role = "tests"',
        (
            "11: data[0].role: expected one of 'reference', 'test', 'train', got the text 'tests'; "
            "did you mean 'test'?"
        ),
    ),
    "task of a later stage": (
        'path = "fraud.onnx"',
        'path = "fraud.onnx"\ntask = "regression"',
        "7: model[0].task: expected 'classification', got the text 'regression'",
    ),
    "severity that cannot fail a run": (
        'fail_on = "high"',
        'fail_on = "none"',
        "37: policy.fail_on: expected one of",
    ),
    "threshold above one": (
        'path = "fraud.onnx"',
        'path = "fraud.onnx"\nthreshold = 50',
        "7: model[0].threshold: expected a finite number >= 0 and <= 1, got 50",
    ),
    "zero budget of distance": (
        "eps = 0.1",
        "eps = 0.0",
        "31: attacker[0].eps: expected a finite number > 0, got 0.0",
    ),
    "zero budget of money": (
        'norm = "Linf"\neps = 0.1',
        "money = 0",
        "30: attacker[0].money: expected a finite number > 0, got 0",
    ),
    "no queries": (
        "eps = 0.1",
        "eps = 0.1\nqueries = 0",
        "32: attacker[0].queries: expected a whole number >= 1",
    ),
    "fewer than no categories": (
        "eps = 0.1",
        "eps = 0.1\ncategories = -1",
        "32: attacker[0].categories: expected a whole number >= 0",
    ),
    "negative cost": (
        'direction = "up"',
        "cost = -1",
        "34: attacker[0].feature.amount.cost: expected a finite number >= 0, got -1",
    ),
    "NaN": (
        "min = 0.0",
        "min = nan",
        "17: schema.test.amount.min: expected a finite number, got nan; leave the key out for no",
    ),
    "infinity": (
        "max = 100.0",
        "max = -inf",
        "18: schema.test.amount.max: expected a finite number, got -inf",
    ),
    "infinite budget": (
        "eps = 0.1",
        "eps = inf",
        "31: attacker[0].eps: expected a finite number > 0, got inf",
    ),
    "whole number beyond floats": (
        "max = 100.0",
        "max = " + "9" * 400,
        "18: schema.test.amount.max: expected a finite number, got 999",
    ),
    "entry id without quotes": (
        'fail_on = "high"',
        'fail_on = "high"\nthreshold.evasion.feature = 0.1',
        "38: policy.threshold.evasion: expected a finite number >= 0 and <= 1, got a table; a name",
    ),
    "text for a date": (
        "expires = 2027-01-31",
        'expires = "soon"',
        "43: waiver[0].expires: expected a date such as 2027-01-31, got the text 'soon'",
    ),
    "no such day as text": (
        "expires = 2027-01-31",
        'expires = "2027-02-30"',
        "43: waiver[0].expires: expected a date",
    ),
    "time for a date": (
        "expires = 2027-01-31",
        "expires = 2027-01-31T10:00:00Z",
        "43: waiver[0].expires: expected a date such as 2027-01-31, got 2027-01-31 10:00:00",
    ),
    "waiver for many findings": (
        '"evasion.feature@fraud#thief"',
        '"evasion.*@fraud"',
        "40: waiver[0].finding: expected the exact id of one finding",
    ),
    "waiver for no finding": (
        '"evasion.feature@fraud#thief"',
        '"all"',
        "40: waiver[0].finding: expected the exact id of one finding",
    ),
    "waiver without an owner": (
        'owner = "Ada"',
        'owner = ""',
        "41: waiver[0].owner: expected text without control characters, got the text ''",
    ),
    "name that breaks finding ids": (
        'name = "thief"',
        'name = "thief@night"',
        "29: attacker[0].name: expected a name without @, # and *",
    ),
    "name with a line end": (
        'name = "thief"',
        'name = "thief\\n"',
        "29: attacker[0].name: expected a name without @, # and *",
    ),
    "Windows path that TOML reads as a line end": (
        'path = "fraud.onnx"',
        'path = "C:\\new.onnx"',
        "6: model[0].path: expected text without control characters",
    ),
    "empty group": (
        "identifier = true",
        'group = ""',
        "26: schema.test.id.group: expected text that is not empty",
    ),
}


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES.keys())
def test_a_mistake_is_told_with_line_path_and_reason(
    old: str, new: str, expected: str, refusal_of_change: Callable[[str, str], str]
) -> None:
    assert refusal_of_change(old, new).startswith(f"bartizan.toml:{expected}")


def test_a_table_under_a_feature_hints_at_quotes(
    refusal_of_change: Callable[[str, str], str],
) -> None:
    message = refusal_of_change("[schema.test.amount]", "[schema.test.amount.eur]")
    assert message.endswith('a name with a dot needs quotes: "amount.eur"')


def test_a_long_text_is_cut_in_the_message(refusal_of_change: Callable[[str, str], str]) -> None:
    assert len(refusal_of_change("eps = 0.1", f'eps = "{"x" * 9000}"')) < 200


def test_whole_numbers_serve_as_numbers(read: Callable[[str], Config], sound: str) -> None:
    config = read(sound.replace("max = 100.0", "max = 100"))
    assert config.schema["test"]["amount"].max == 100.0


def test_a_date_may_be_quoted(read: Callable[[str], Config], sound: str) -> None:
    config = read(sound.replace("2027-01-31", '"2027-01-31"'))
    assert config.waiver[0].expires == date(2027, 1, 31)


def test_classes_may_be_whole_numbers(read: Callable[[str], Config], sound: str) -> None:
    config = read(sound.replace('["ok", "fraud"]', "[0, 1]"))
    assert config.model[0].classes == (0, 1)
