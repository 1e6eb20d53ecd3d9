"""Project files and flags that contradict the data, the catalogue or themselves."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from system import shop
from system.command import Run

Write = Callable[..., None]
ATTACK = ("assess", "--quiet", "--workers", 1, "--entry", "evasion.coordinate")
GLANCE = ("assess", "--quiet", "--workers", 1, "--entry", "utility.balanced-accuracy")


def line_of(text: str) -> int:
    lines = Path("bartizan.toml").read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 0", "sead = 0", "project.sead: unknown key; did you mean 'seed'?"),
        ('profile = "quick"', 'profile = "fast"', "project.profile: expected one of 'quick'"),
        ("eps = 0.1", "eps = 0", "attacker[0].eps: expected a finite number > 0, got 0"),
        ("#queries = 1000", "queries = 0", "attacker[0].queries: expected"),
        ("eps = 0.1", "eps = 0.1\nmoney = 5.0", "either `eps` (with `norm`) or `money`, not both"),
        ('norm = "Linf"', "", "`eps` and `norm` go together"),
        ("[schema.holdout.age]", "[schema.holdout.aeg]", "aeg"),
        (
            "[policy]",
            '[policy]\nthreshold = { "evasion.coordinate" = 10 }',
            'policy.threshold."evasion.coordinate": expected a finite number >= 0 and <= 1, got 10',
        ),
    ],
)
def test_a_wrong_key_or_value_is_refused(
    project: Write, bartizan: Run, old: str, new: str, message: str
) -> None:
    project((old, new))
    ran = bartizan(*GLANCE)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_an_unknown_key_is_named_with_its_line(project: Write, bartizan: Run) -> None:
    project(("seed = 0", "sead = 0"))
    assert f"bartizan.toml:{line_of('sead')}: project.sead" in bartizan(*GLANCE).err


def test_a_minimum_above_the_maximum_is_refused_with_its_line(
    project: Write, bartizan: Run
) -> None:
    project(("[schema.holdout.amount]\n", "[schema.holdout.amount]\n#"))
    text = Path("bartizan.toml").read_text("utf-8")
    low = text.split("[schema.holdout.amount]")[1].split("min = ")[1].splitlines()[0]
    Path("bartizan.toml").write_text(text.replace(f"min = {low}", "min = 99.0", 1), "utf-8")
    ran = bartizan(*GLANCE)
    assert ran.code == 2
    assert f"bartizan.toml:{line_of('min = 99.0')}: schema.holdout.amount" in ran.err
    assert "is above max" in ran.err


def test_a_direction_of_a_category_is_refused(project: Write, bartizan: Run, folder: Path) -> None:
    project()
    text = Path("bartizan.toml").read_text("utf-8")
    cities = pl.Series(["Bonn", "Rome"] * 30)
    shop.frame(60).with_columns(amount=cities).write_csv("holdout.csv")
    start = text.index("[schema.holdout.amount]")
    end = text.index("[schema.holdout.age]")
    words = '[schema.holdout.amount]\ntype = "categorical"\ncategories = ["Bonn", "Rome"]\n'
    text = text[:start] + words + text[end:]
    text = text.replace("#direction", "direction", 1)
    Path("bartizan.toml").write_text(text, "utf-8")
    ran = bartizan(*GLANCE)
    assert ran.code == 2
    assert "direction" in ran.err
    assert "amount" in ran.err


def test_a_relation_that_holds_nowhere_is_refused(project: Write, bartizan: Run) -> None:
    rule = '[[relation]]\ndata = "holdout"\nrule = "amount >= age + 100"\n[policy]'
    project(("[policy]", rule))
    ran = bartizan(*GLANCE)
    assert ran.code == 2
    assert "relation 'amount >= age + 100' holds in no row of 'holdout'" in ran.err
    assert "is it written the right way round?" in ran.err


def test_a_relation_that_holds_in_part_is_told(project: Write, bartizan: Run) -> None:
    project(("[policy]", '[[relation]]\ndata = "holdout"\nrule = "amount >= age"\n[policy]'))
    ran = bartizan(*GLANCE)
    assert ran.code == 0
    assert "relation 'amount >= age' does not hold in" in ran.out


def test_an_attacker_who_can_change_nothing_is_refused(project: Write, bartizan: Run) -> None:
    project(*[("mutable = true", "mutable = false")] * 4)
    ran = bartizan(*ATTACK)
    assert ran.code == 2
    assert "attacker 'anyone' can change nothing in this data" in ran.err
    assert "make at least one feature mutable" in ran.err


def test_a_line_for_an_entry_that_there_is_not_is_refused(project: Write, bartizan: Run) -> None:
    project(("[policy]", '[policy]\nthreshold = { "evasion.coordinat" = 0.9 }'))
    ran = bartizan(*GLANCE)
    assert ran.code == 2
    assert "policy.threshold names the entry 'evasion.coordinat'" in ran.err
    assert "evasion.coordinate" in ran.err


def test_a_format_that_the_policy_does_not_allow_is_refused_with_4(
    project: Write, bartizan: Run, folder: Path
) -> None:
    project(("[policy]", '[policy]\nformats = ["onnx"]'))
    ran = bartizan(*GLANCE)
    assert ran.code == 4
    assert "is of format skops, and the policy allows onnx only" in ran.err
    shop.save_onnx(folder)
    assert bartizan(*GLANCE, "--model", "shop.onnx").code == 0
    assert bartizan(*GLANCE, "--model", "os:getcwd").code == 4
    shop.save_pickle(folder)
    assert bartizan(*GLANCE, "--model", "shop.pkl", "--unsafe-load-pickle").code == 4


@pytest.mark.parametrize("eps", [0, -1, "nan", "inf"])
def test_a_budget_that_says_nothing_is_refused(glance: Run, eps: object) -> None:
    ran = glance("--eps", eps)
    assert (ran.code, ran.out) == (2, "")
    assert "a budget of eps = " in ran.err
    assert "give a finite value above zero" in ran.err


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--entry", "evasion.coordinat", "unknown entry 'evasion.coordinat'"),
        ("--fixed", "amuont", "no such feature; did you mean 'amount'?"),
        ("--protect", "2", "names class '2'; the model's classes are 0, 1"),
        ("--profile", "fast", "'--profile': 'fast' is not one of 'quick', 'standard', 'thorough'"),
        ("--format", "pdf", "'--format': 'pdf' is not one of"),
        ("--fail-on", "none", "'none' is not one of"),
        ("--workers", "0", "expected a value greater than or equal to 1"),
        ("--workers", "x", "'--workers': expected a whole number ("),
        ("--time-budget", "x", "'--time-budget': expected a number ("),
        ("--time-budget", "0", "greater than or equal to 0.1"),
        ("--seed", "-1", "greater than or equal to 0"),
        ("--project", "nope.toml", "nope.toml: no such project file; `bartizan init` writes one"),
        ("--colour", "red", "No such option: --colour"),
    ],
)
def test_a_flag_that_makes_no_sense_is_refused(
    glance: Run, flag: str, value: str, message: str
) -> None:
    ran = glance(flag, value)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


@pytest.mark.parametrize(
    ("given", "lines"),
    [
        (("--eps", 0), "in the table `[[attacker]]` there: `eps = 0`."),
        (("--access", "scores"), 'in the table `[[attacker]]` there: `access = "scores"`.'),
        (("--norm", "L2"), 'in the table `[[attacker]]` there: `norm = "L2"`.'),
        (("--protect", 1, "--protect", "b"), '`[[attacker]]` there: `protected = ["1", "b"]`.'),
        (("--fixed", "age"), "`[attacker.feature.age]` there: `mutable = false`."),
        (("--recipe", "a:b"), 'in the table `[[model]]` there: `recipe = "a:b"`.'),
        (("--target", "x"), 'in the table `[[data]]` there: `target = "x"`.'),
        (("--source", "who"), 'each on a line of its own: `[check.train]`, `source = "who"`.'),
        (("--audit", "age:30,60"), '`[[audit]]`, `column = "age"`, `bands = [30, 60]`.'),
        (("--audit-apart", "sex"), '`[[audit]]`, `column = "sex"`, `apart = true`.'),
        (
            ("--train", "past.csv"),
            '`name = "past"`, `role = "train"`, `path = "past.csv"`, `target = "fraud"`.',
        ),
        (("--train", "other/holdout.csv"), '`name = "train"`, `role = "train"`'),
    ],
    ids=lambda told: told[0] if isinstance(told, tuple) else "",
)
def test_a_flag_against_the_project_file_is_refused_with_the_lines_that_say_the_same(
    project: Write, bartizan: Run, folder: Path, given: tuple[object, ...], lines: str
) -> None:
    project()
    ran = bartizan(*GLANCE, *given)
    assert ran.code == 2
    assert f"{given[0]} and a project file contradict each other; write in {folder}" in ran.err
    assert lines in ran.err


def test_flags_of_a_data_check_beside_the_project_file_say_where_they_belong(
    project: Write, bartizan: Run, folder: Path
) -> None:
    project()
    ran = bartizan("data", "check", "--reference", "past.csv")
    assert ran.code == 2
    assert f"write in {folder / 'bartizan.toml'} the `target` of its [[data]]" in ran.err
    assert '[[data]] with role = "reference" or "train"' in ran.err


def test_training_data_that_are_declared_already_change_their_path(
    project: Write, bartizan: Run
) -> None:
    old = '[[data]]\nname = "old"\nrole = "train"\npath = "old.csv"\ntarget = "t"\n[policy]'
    project(("[policy]", old))
    ran = bartizan(*GLANCE, "--train", "past.csv")
    assert 'in the table `[[data]] with role = "train"` there: `path = "past.csv"`.' in ran.err


def test_lines_that_replace_flags_do_what_the_flags_do(project: Write, bartizan: Run) -> None:
    project()
    shop.frame(60).write_csv("past.csv")
    said = [
        bartizan(*GLANCE, *flag).err for flag in (("--audit", "age:3"), ("--train", "past.csv"))
    ]
    lines = [line for one in said for line in one.split("own: ")[1].split(". Or")[0].split(", `")]
    with Path("bartizan.toml").open("a", encoding="utf-8") as file:
        file.writelines(line.strip("`") + "\n" for line in lines)
    ran = bartizan(*GLANCE)
    assert ran.code == 0, ran.err


@pytest.mark.parametrize("more", [(), ("--model", "shop")])
def test_a_threshold_beside_a_declared_model_is_refused(
    project: Write, bartizan: Run, more: tuple[str, ...]
) -> None:
    project()
    ran = bartizan(*GLANCE, "--threshold", 0.9, *more)
    assert ran.code == 2
    assert "--threshold and a project file contradict each other" in ran.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--model is missing, and there is no bartizan.toml here"),
        (("--model", "m"), "--data is missing"),
        (("--model", "m", "--data", "d"), "--target is missing"),
    ],
)
def test_what_is_missing_is_named(bartizan: Run, arguments: tuple[str, ...], message: str) -> None:
    ran = bartizan("assess", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err


def test_an_unknown_command_is_refused_with_the_nearest(bartizan: Run) -> None:
    ran = bartizan("asess")
    assert (ran.code, ran.out) == (2, "")
    assert "No such command 'asess'. Did you mean 'assess'?" in ran.err


def test_no_command_at_all_is_no_pass(bartizan: Run) -> None:
    assert bartizan().code == 2


def test_several_models_and_none_named_is_refused(project: Write, bartizan: Run) -> None:
    project(("[[data]]", '[[model]]\nname = "other"\npath = "other.skops"\n[[data]]'))
    ran = bartizan(*GLANCE)
    assert ran.code == 2
    assert "several models are declared (shop, other); choose one with --model NAME" in ran.err
    assert bartizan(*GLANCE, "--model", "shop").code == 0
