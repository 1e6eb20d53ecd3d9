"""`bartizan assess` from the first flag to the last file."""

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import polars as pl
import pytest

from bartizan.report import FORMATS
from system import shop
from system.command import Run

ROOT = Path(__file__).parents[2]
SEARCH = ("--entry", "evasion.coordinate")
ID = "evasion.coordinate@shop#anyone"


def loaded(out: str = "out") -> Any:
    return json.loads(Path(out, "report.json").read_bytes())


def without_receipts(out: str) -> Any:
    report = loaded(out)
    report["receipts"] = None
    return report


def found(report: Any, identity: str = ID) -> Any:
    (finding,) = (f for f in report["findings"] if f["id"] == identity)
    return finding


def measure(finding: Any, name: str) -> Any:
    (value,) = (m["value"] for m in finding["measures"] if m["name"] == name)
    return value


def test_the_quick_profile_on_200_rows_writes_everything(assess: Run, folder: Path) -> None:
    ran = assess(n=200)
    assert ran.code == 3, ran.err  # 100 rows do not settle how good a stolen copy is
    names = {path.name for path in Path("out").iterdir()}
    assert names == {*FORMATS.values(), "examples"}
    report = loaded()
    jsonschema.validate(report, json.loads((ROOT / "docs/schema/report-1.json").read_bytes()))
    sarif = json.loads(Path("out/report.sarif").read_bytes())
    rules = (ROOT / "tests/vectors/sarif/sarif-2.1.0.json").read_bytes()
    jsonschema.validate(sarif, json.loads(rules))
    assert {f["standing"] for f in report["findings"]} >= {"assumed", "weaker", "stronger"}
    assert report["headline"] in ran.out
    for private in (Path("out/examples"), Path(".bartizan")):
        assert private.stat().st_mode & 0o777 == 0o700
        assert (private / ".gitignore").read_text() == "*\n"
    the_pairs_flip_the_decision_and_are_the_claim(report)


def the_pairs_flip_the_decision_and_are_the_claim(report: Any) -> None:
    """With nothing but polars and the model itself."""
    union = "evasion.union"  # its rows are those of the attacks
    attacks = [f for f in report["findings"] if f["attacker"] and f["entry"] != union]
    assert len(attacks) == 13  # three by labels, thrice; four more up the stronger one's gradient
    truth = shop.frame(200)
    for finding in attacks:
        name = finding["id"].replace("@", "_").replace("#", "_")
        pairs = pl.read_parquet(f"out/examples/{name}.parquet")
        before = pairs.filter(pl.col("version") == "original")
        after = pairs.filter(pl.col("version") == "changed")
        assert before["row"].to_list() == after["row"].to_list()
        original = truth.drop("fraud")[before["row"]]
        np.testing.assert_array_equal(before.select(shop.NAMES).to_numpy(), original.to_numpy())
        labels = truth["fraud"].to_numpy()[before["row"].to_numpy()]
        decided = shop.logistic().predict(original.to_numpy())
        changed = shop.logistic().predict(after.select(shop.NAMES).to_numpy())
        np.testing.assert_array_equal(decided, labels)
        assert (changed != labels).all()
        attacker = next(a for a in report["attackers"] if a["name"] == finding["attacker"])
        cheap = int((after["price"] <= attacker["eps"] * (1 + 1e-9)).sum())
        rows = next(m["n"] for m in finding["measures"] if m["name"] == "attack-success")
        assert cheap == round(measure(finding, "attack-success") * rows)


def test_a_project_file_from_init_is_enough(project: Callable[..., None], bartizan: Run) -> None:
    project()
    ran = bartizan("assess", *SEARCH, "--workers", 1)
    assert ran.code == 0, ran.err
    report = loaded()
    assert found(report)["standing"] == "declared"
    assert found(report)["threshold"]["source"] == "default"
    assert report["coverage"]["profile"] == "quick"
    assert "nobody declared" not in ran.out


def test_a_project_file_is_found_from_a_folder_below(
    project: Callable[..., None], bartizan: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    project()
    Path("below").mkdir()
    monkeypatch.chdir("below")
    assert bartizan("assess", "--entry", "utility.balanced-accuracy").code == 0
    assert Path("../.bartizan/store.sqlite").exists()


def test_no_rows_are_written_without_examples(assess: Run) -> None:
    assess(*SEARCH, "--no-examples")
    assert not Path("out/examples").exists()
    assert Path("out/report.html").exists()


def test_json_is_all_there_is_on_standard_output(assess: Run) -> None:
    ran = assess(*SEARCH, "--json")
    assert json.loads(ran.out) == loaded()
    assert "control of" in ran.err


def test_only_the_entry_and_the_format_that_were_asked_for(assess: Run) -> None:
    ran = assess("--entry", "utility.balanced-accuracy", "--format", "json", "--format", "sarif")
    assert {f["entry"] for f in loaded()["findings"]} == {"utility.balanced-accuracy"}
    assert {p.name for p in Path("out").iterdir()} == {"report.json", "report.sarif", "examples"}
    assert "no attack decided, so nothing is known of more" in ran.out


def test_quiet_says_nothing_but_the_result(assess: Run) -> None:
    ran = assess(*SEARCH, "--quiet")
    assert ran.err == ""
    assert "report: out/report.html" in ran.out


def test_without_a_terminal_progress_is_a_few_plain_lines(assess: Run) -> None:
    ran = assess(*SEARCH)
    assert 3 <= len(ran.err.splitlines()) <= 20
    assert "\x1b" not in ran.err + ran.out


def test_fail_on_and_policy_and_waivers_move_the_verdict(
    project: Callable[..., None], bartizan: Run
) -> None:
    """One project, its blocks done once and taken over with --resume."""
    command = ("assess", *SEARCH, "--workers", 1, "--quiet", "--resume")
    both = (*command, "--entry", "utility.balanced-accuracy")
    project()
    assert bartizan(*command).code == 0
    assert found(loaded())["severity"] == "medium"
    assert bartizan(*command, "--fail-on", "medium").code == 1

    project(("[policy]", '[policy]\nthreshold = { "evasion.coordinate" = 0.99 }'))
    assert bartizan(*command, "--fail-on", "low").code == 0
    line = found(loaded())["threshold"]
    assert (line["value"], line["source"]) == (0.99, "policy")

    waiver = f'[[waiver]]\nfinding = "{ID}"\nowner = "Ada"\nreason = "rebuilt"\nexpires = '
    project(("[policy]", f"{waiver}2999-01-01\n[policy]"))
    ran = bartizan(*both, "--fail-on", "low")
    assert ran.code == 0
    assert "(waived)" in ran.out
    assert found(loaded())["waived"]["owner"] == "Ada"
    ran = bartizan(*command, "--fail-on", "low")
    assert ran.code == 3
    assert "all findings that could decide are waived" in ran.out

    project(("[policy]", f"{waiver}2020-01-01\n[policy]"))
    ran = bartizan(*both, "--fail-on", "low")
    assert ran.code == 1
    assert "expired on 2020-01-01 and is ignored; renew it or fix the finding" in ran.out


def test_a_policy_of_utility_is_kept(project: Callable[..., None], bartizan: Run) -> None:
    project(("[policy]", '[policy]\nthreshold = { "utility.balanced-accuracy" = 0.999 }'))
    ran = bartizan("assess", "--entry", "utility.balanced-accuracy", "--quiet")
    assert ran.code == 1
    (finding,) = loaded()["findings"]
    assert (finding["threshold"]["value"], finding["threshold"]["source"]) == (0.999, "policy")


def test_a_policy_cannot_accept_a_model_no_better_than_chance(
    project: Callable[..., None], bartizan: Run, folder: Path
) -> None:
    project(
        ("shop.skops", shop.save_skops(folder, shop.constant(), name="c.skops").name),
        ("[policy]", '[policy]\nthreshold = { "utility.balanced-accuracy" = 0 }'),
    )
    assert bartizan("assess", "--entry", "utility.balanced-accuracy", "--quiet").code == 1
    (finding,) = loaded()["findings"]
    assert (finding["threshold"]["value"], finding["outcome"]) == (0.5, "fail")


def test_a_constant_model_is_not_called_robust(assess: Run, folder: Path) -> None:
    ran = assess("--model", shop.save_skops(folder, shop.constant(), name="c.skops"))
    assert ran.code == 1
    assert "c does not tell the classes apart on this data" in ran.out
    assert "held" not in loaded()["headline"]
    assert {f["outcome"] for f in loaded()["findings"] if f["attacker"]} <= {"inconclusive", "pass"}


def test_a_run_twice_spread_and_resumed_is_the_same_to_the_byte(assess: Run) -> None:
    shop.save_csv(Path(), n=60)
    given = ("--data", "holdout.csv", *SEARCH, "--quiet")
    assess(*given, "--out", "one", "--workspace", "w1")
    assess(*given, "--out", "two", "--workers", 2, "--workspace", "w2")
    assess(*given, "--out", "three", "--resume", "--workspace", "w1")
    texts = [json.dumps(without_receipts(out)) for out in ("one", "two", "three")]
    assert texts[0] == texts[1] == texts[2]
    assert sum(receipt["calls"] for receipt in loaded("three")["receipts"]) == 0


def test_another_seed_is_another_run(assess: Run) -> None:
    assess(*SEARCH, "--out", "one")
    assess(*SEARCH, "--out", "two", "--seed", 1, "--resume")
    assert found(loaded("one"))["evidence"] != found(loaded("two"))["evidence"]


def test_the_printed_command_repeats_the_finding(assess: Run, bartizan: Run) -> None:
    assess("--entry", "evasion.coordinate", "--entry", "utility.balanced-accuracy", "--seed", 3)
    first = found(loaded())
    program, *arguments = shlex.split(first["reproduce"])
    assert program == "bartizan"
    assert bartizan(*arguments, "--out", "again", "--workers", 1).code == 0
    again = found(loaded("again"))
    assert [f["entry"] for f in loaded("again")["findings"]] == ["evasion.coordinate"] * 3
    for name in ("measures", "examples", "series", "outcome", "reason"):
        assert again[name] == first[name], name


def test_the_command_of_a_union_names_the_attacks_that_it_joins(assess: Run, bartizan: Run) -> None:
    names = ["evasion.coordinate", "evasion.rays", "evasion.union"]
    assess(*(part for name in names for part in ("--entry", name)))
    (first,) = (f for f in loaded()["findings"] if f["id"] == "evasion.union@shop#anyone")
    _, *arguments = shlex.split(first["reproduce"])
    bartizan(*arguments, "--out", "again", "--workers", 1)
    (again,) = (f for f in loaded("again")["findings"] if f["id"] == first["id"])
    assert again["measures"] == first["measures"]


def test_a_time_budget_ends_the_run_and_never_makes_it_pass(assess: Run) -> None:
    ran = assess("--profile", "thorough", "--time-budget", 0.2, n=200)
    assert ran.code in (1, 3)
    assert "incomplete: the time budget of 0.2 s was used up" in ran.out
    attacks = [f for f in loaded()["findings"] if f["attacker"]]
    assert {f["outcome"] for f in attacks} <= {"fail", "inconclusive", "not-run"}
    assert "not-run" in {f["outcome"] for f in attacks}


def test_one_and_two_outputs_of_the_same_model_give_the_same_findings(
    assess: Run, folder: Path
) -> None:
    shop.save_onnx(folder, name="shop.onnx")
    Path("single").mkdir()
    shop.save_single_output(folder, name="single/shop.onnx")
    assess(*SEARCH, "--model", "shop.onnx", "--out", "two")
    assess(*SEARCH, "--model", "single/shop.onnx", "--out", "one")
    two, one = (loaded(out)["findings"] for out in ("two", "one"))
    assert len(two) == 3
    for name in ("id", "outcome", "severity", "measures", "series", "examples", "weaknesses"):
        assert [f[name] for f in one] == [f[name] for f in two], name


def test_an_xgboost_model_is_assessed(assess: Run, folder: Path) -> None:
    ran = assess(*SEARCH, "--model", shop.save_xgboost(folder).name)
    assert ran.code in (0, 1)
    assert measure(found(loaded()), "attack-success") > 0


def test_personal_values_are_in_no_report(
    project: Callable[..., None], bartizan: Run, folder: Path
) -> None:
    head = "[schema.holdout.amount]\n"
    project((head, f"{head}personal = true\n"))
    ran = bartizan("assess", *SEARCH, "--workers", 1)
    assert ran.code == 0, ran.err
    pairs = pl.read_parquet(f"out/examples/{ID.replace('@', '_').replace('#', '_')}.parquet")
    changed = [c for e in found(loaded())["examples"] for c in e["changes"]]
    assert any(c["feature"] == "amount" for c in changed)
    values = {f"{value:.6g}" for value in pairs["amount"]}
    for path in Path("out").glob("*.*"):
        text = path.read_text("utf-8")
        assert "(personal)" in text or path.suffix in (".sarif", ".xml"), path
        shown = {c["before"] for c in changed if c["feature"] != "amount"}
        assert not [v for v in values - shown if f'"{v}"' in text or f">{v}<" in text], path
    assert not [v for v in values if v in ran.out]
