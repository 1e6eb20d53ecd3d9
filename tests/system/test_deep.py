"""`bartizan data check --deep` as somebody types it: what it refuses, says and writes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image

from system.command import Ran, Run

RECIPES = """
import numpy as np
from sklearn.tree import DecisionTreeClassifier


def steady(x, y, seed):
    return DecisionTreeClassifier(max_depth=3, random_state=seed).fit(x.to_numpy(), y)


def gamble(x, y, seed):
    return steady(x, np.random.default_rng().permutation(y), seed)


def refuse(x, y, seed):
    raise ValueError(f"no more than {len(y)} rows")
"""
FAST = ("--entry", "poison.sources")
"""One detector, which says at once that nobody told who contributed what."""


def rows(n: int = 120, *, classes: int = 2, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.permutation(np.arange(n) % classes)
    return pl.DataFrame({"a": np.round(rng.normal(size=n) + 2 * (y % 7), 3), "b": y * 0.0, "y": y})


def deep(bartizan: Run, data: str, *words: object, target: str | None = "y") -> Ran:
    given = () if target is None else ("--target", target)
    return bartizan("data", "check", "--data", data, *given, "--deep", "--quiet", *words)


def told(ran: Ran) -> Any:
    assert ran.code in (0, 1, 3), ran.err
    return json.loads(ran.out)


def error(ran: Ran) -> str:
    """The one line that a refused command says."""
    assert ran.code == 2, ran.out + ran.err
    (line,) = [line for line in ran.err.splitlines() if line.strip()]
    return line


@pytest.mark.usefixtures("folder")
class TestRefusals:
    def test_no_target(self, bartizan: Run) -> None:
        rows().write_csv("t.csv")
        assert "add --target" in error(deep(bartizan, "t.csv", target=None))

    def test_a_recipe_that_is_not_there(self, bartizan: Run) -> None:
        Path("recipes.py").write_text(RECIPES)
        rows().write_csv("t.csv")
        assert "stedy" in error(deep(bartizan, "t.csv", "--recipe", "recipes:stedy"))

    def test_settings_of_a_look_that_nobody_asked_for(self, bartizan: Run) -> None:
        rows().write_csv("t.csv")
        ran = bartizan("data", "check", "--data", "t.csv", "--target", "y", "--sample", 50)
        assert "add --deep" in error(ran)

    def test_a_column_of_sources_that_is_not_there(self, bartizan: Run) -> None:
        rows().write_csv("t.csv")
        assert "'who'" in error(deep(bartizan, "t.csv", "--source", "who"))

    def test_an_array_that_holds_no_pictures(self, bartizan: Run) -> None:
        np.savez("t.npz", x=np.zeros((9, 4)), y=np.arange(9))
        assert "expected pictures" in error(deep(bartizan, "t.npz"))


@pytest.mark.usefixtures("folder")
class TestRefusalsOnTheWay:
    """What only the rows show takes the verdict from detectors, and from nobody else."""

    def said(self, bartizan: Run, *words: object) -> str:
        """Why no detector looked; what inspections found stands beside it."""
        ran = deep(bartizan, "t.csv", "--json", *words)
        assert ran.code == 3, ran.err
        report = told(ran)
        seen = {one["entry"]: one for one in report["findings"]}
        assert seen["data.missing"]["outcome"] == "pass"
        reasons = {one["reason"] for name, one in seen.items() if name.startswith("poison.")}
        (why,) = reasons
        assert f"no detector looked at the rows: {why}" in report["warnings"]
        assert Path("out", "report.json").exists()
        return str(why)

    def test_one_class(self, bartizan: Run) -> None:
        rows().with_columns(y=pl.lit(1)).write_csv("t.csv")
        assert "all have the label '1'" in self.said(bartizan)

    def test_more_than_a_thousand_classes(self, bartizan: Run) -> None:
        rows(2100, classes=1050).write_csv("t.csv")
        assert "more than 1000 classes" in self.said(bartizan)

    def test_memory(self, bartizan: Run) -> None:
        rows(3000).write_csv("t.csv")
        said = self.said(bartizan, "--memory", 0.001)
        assert "needs about 0.4 GiB of memory, and 0.0 GiB may be used" in said
        assert "--memory 0.5" in said
        assert "--sample" in self.said(bartizan, "--memory", 0.395)

    def test_a_recipe_that_raises(self, bartizan: Run) -> None:
        Path("recipes.py").write_text(RECIPES)
        rows().write_csv("t.csv")
        said = self.said(bartizan, "--recipe", "recipes:refuse")
        assert "recipes:refuse" in said
        assert "ValueError: no more than 120 rows" in said


@pytest.mark.usefixtures("folder")
class TestOddData:
    """Every detector that there is, on data that has little to say."""

    def judged(self, bartizan: Run, *words: object) -> list[Any]:
        """What detectors said; none of them may have crashed."""
        report = told(deep(bartizan, "t.csv", "--json", *words))
        found = [one for one in report["findings"] if one["entry"].startswith("poison.")]
        for one in found:
            assert "crashed" not in one["reason"], one
        return found

    @pytest.mark.slow
    def test_rows_that_are_all_the_same(self, bartizan: Run) -> None:
        frame = pl.DataFrame({"a": [1.5] * 200, "b": ["x"] * 200, "y": [0, 1] * 100})
        frame.write_csv("t.csv")
        assert all(one["outcome"] != "fail" for one in self.judged(bartizan))

    def test_columns_without_variance_change_nothing(self, bartizan: Run) -> None:
        rows(200).with_columns(c=pl.lit(7), d=pl.lit(None, dtype=pl.Float64)).write_csv("t.csv")
        assert all(one["outcome"] != "fail" for one in self.judged(bartizan))

    def test_two_rows_of_a_class(self, bartizan: Run) -> None:
        rows(200).with_columns(y=(pl.int_range(200) < 2).cast(pl.Int64)).write_csv("t.csv")
        self.judged(bartizan)

    @pytest.mark.slow
    def test_a_thousand_classes(self, bartizan: Run) -> None:
        rows(2000, classes=1000).write_csv("t.csv")
        assert all(one["outcome"] != "fail" for one in self.judged(bartizan))

    def test_sources_that_are_missing_everywhere(self, bartizan: Run) -> None:
        rows(200).with_columns(who=pl.lit(None, dtype=pl.String)).write_csv("t.csv")
        assert all(one["outcome"] != "fail" for one in self.judged(bartizan, "--source", "who"))

    def test_sources_that_are_missing_in_some_rows(self, bartizan: Run) -> None:
        who = pl.Series("who", ["p", "q", None, "r"] * 50)
        rows(200).with_columns(who).write_csv("t.csv")
        assert all(one["outcome"] != "fail" for one in self.judged(bartizan, "--source", "who"))

    def test_fewer_rows_than_a_planted_case_needs_are_no_pass(self, bartizan: Run) -> None:
        rows(16).write_csv("t.csv")
        found = self.judged(bartizan)
        assert all(one["outcome"] == "inconclusive" for one in found), found


@pytest.mark.usefixtures("folder")
class TestReports:
    def test_without_it_the_report_says_what_was_not_looked_at(self, bartizan: Run) -> None:
        rows().write_csv("t.csv")
        words = ("--entry", "data.types", "--json", "--quiet")
        report = told(bartizan("data", "check", "--data", "t.csv", "--target", "y", *words))
        (gap,) = report["coverage"]["gaps"]
        assert "--deep" in gap["why"]

    def test_a_sample_is_told(self, bartizan: Run) -> None:
        rows().write_csv("t.csv")
        ran = deep(bartizan, "t.csv", "--sample", 40, "--json", *FAST)
        notes = " ".join(told(ran)["warnings"])
        assert "a sample of 40 of 120 rows" in notes
        assert "the 80 others were not looked at" in notes

    def test_a_recipe_that_is_not_deterministic_is_told(self, bartizan: Run) -> None:
        Path("recipes.py").write_text(RECIPES)
        rows(400).write_csv("t.csv")
        flags = ("--recipe", "recipes:gamble", "--json", *FAST)
        assert any(
            "not deterministic" in w for w in told(deep(bartizan, "t.csv", *flags))["warnings"]
        )
        flags = ("--recipe", "recipes:steady", "--json", *FAST)
        notes = told(deep(bartizan, "t.csv", *flags))["warnings"]
        assert not any("not deterministic" in w or "models of ours" in w for w in notes)

    def test_pictures_of_several_sizes_are_left_out_and_told(self, bartizan: Run) -> None:
        rng = np.random.default_rng(0)
        for number in range(40):
            home = Path("pictures", "cat" if number % 2 else "dog")
            home.mkdir(parents=True, exist_ok=True)
            side = 12 if number == 7 else 8
            pixels = rng.integers(0, 255, (side, side), dtype=np.uint8)
            Image.fromarray(pixels).save(home / f"{number:02d}.png")
        ran = deep(bartizan, "pictures", "--json", *FAST, target="folder")
        assert any("left 1 of 40 rows out" in note for note in told(ran)["warnings"])

    @pytest.mark.parametrize("form", ["npz", "npy", "idx"])
    def test_arrays_of_pictures_are_checked(self, bartizan: Run, form: str) -> None:
        rng = np.random.default_rng(0)
        pixels = rng.integers(0, 255, (60, 8, 8), dtype=np.uint8)
        labels = (np.arange(60) % 3).astype(np.uint8)
        pixels[8] = pixels[4]  # of another label
        name, target = saved(pixels, labels, form=form)
        words = ("--entry", "data.duplicates", "--json", "--quiet")
        ran = bartizan("data", "check", "--data", name, *target, *words)
        (finding,) = told(ran)["findings"]
        assert finding["outcome"] == "fail"
        ran = bartizan("data", "check", "--data", name, *target, *words[2:], "--deep", *FAST)
        assert told(ran)["coverage"]["rows_total"] == 60

    def test_the_project_file_may_ask_for_it(self, bartizan: Run) -> None:
        Path("recipes.py").write_text(RECIPES)
        rows().write_csv("t.csv")
        Path("bartizan.toml").write_text(
            '[project]\nname = "p"\n[[data]]\nname = "t"\nrole = "train"\npath = "t.csv"\n'
            'target = "y"\n[check.t]\ndeep = true\nsample = 60\nrecipe = "recipes:steady"\n'
        )
        report = told(bartizan("data", "check", "--json", "--quiet"))
        assert any("a sample of 60 of 120 rows" in note for note in report["warnings"])
        assert not any("models of ours" in note for note in report["warnings"])


def saved(pixels: Any, labels: Any, *, form: str) -> tuple[str, tuple[object, ...]]:
    """Write pictures and labels; what to type."""
    if form == "npz":
        np.savez("digits.npz", x_train=pixels, y_train=labels)
        return "digits.npz", ("--target", "y_train")
    if form == "npy":
        np.save("digits.npy", pixels)
        np.save("classes.npy", labels)
        return "digits.npy", ("--target", "classes.npy")
    for name, values in (("images-idx3-ubyte", pixels), ("labels-idx1-ubyte", labels)):
        head = bytes([0, 0, 8, values.ndim])
        sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
        Path(f"d-{name}").write_bytes(head + sizes + values.tobytes())
    return "d-images-idx3-ubyte", ()
