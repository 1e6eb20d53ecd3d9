"""`bartizan data clean`: what leaves, what comes back, and what is refused."""

import csv
import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from bartizan.adapt.loading import load_model
from bartizan.adapt.tables.reading import read_table
from bartizan.core.fact import Quarantined, Registered, Relabelled, Restored
from bartizan.workspace import Workspace
from system.command import Ran, Run
from system.poisoned import FLIPPED, ROWS, labels, save_check, save_table

RECIPE = """
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.compose import make_column_transformer

def train(x, y, seed):
    keep = make_column_transformer(("passthrough", ["a", "b"]))
    return make_pipeline(keep, LogisticRegression()).fit(x, y)

def columns(x, y, seed):
    raise ValueError(str(list(x.columns)))

calls = []

def tired(x, y, seed):
    calls.append(seed)
    if len(calls) > 4:
        raise ValueError("too tired")
    return train(x, y, seed)

def lucky(x, y, seed):
    import numpy as np
    noisy = LogisticRegression(C=float(np.random.default_rng().uniform(0.01, 10)))
    return make_pipeline(make_column_transformer(("passthrough", ["a", "b"])), noisy).fit(x, y)
"""


@pytest.fixture
def checked(folder: Path) -> tuple[Path, Path]:
    """A table with wrong labels, and a check that has found them."""
    data = save_table(folder)
    return data, save_check(folder / "out", data)


@pytest.fixture
def clean(bartizan: Run, checked: tuple[Path, Path]) -> Run:
    """Clean it from what the check has found."""

    def run(*arguments: object) -> Ran:
        known = ("--data", "shop.csv", "--target", "fraud", "--from", "out", "--quiet")
        return bartizan("data", "clean", *known, *arguments)

    return run


def lines(path: Path) -> list[bytes]:
    """The lines of a file, with their ends."""
    return path.read_bytes().splitlines(keepends=True)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def approve(path: Path, words: dict[int, str]) -> Path:
    """Write into the last column of a file of suggestions, by row."""
    found = table(path)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "approve": words.get(int(row["row"]), "")} for row in found)
    return path


def test_flagged_rows_leave_and_every_other_row_is_the_same_to_the_byte(clean: Run) -> None:
    before = lines(Path("shop.csv"))
    ran = clean()
    assert ran.code == 0, ran.err
    rows = set(FLIPPED.tolist())
    kept = [line for row, line in enumerate(before[1:]) if row not in rows]
    assert lines(Path("clean/shop.csv")) == [before[0], *kept]
    assert lines(Path("clean/aside-shop.csv")) == [before[0], *(before[1 + r] for r in FLIPPED)]
    assert lines(Path("shop.csv")) == before
    told = table(Path("clean/quarantine.csv"))
    assert [int(row["row"]) for row in told] == FLIPPED.tolist()
    assert {(row["detectors"], row["p"]) for row in told} == {("poison.labels", "0.001")}


def test_without_a_recipe_it_says_that_nothing_was_retrained(clean: Run) -> None:
    ran = clean()
    assert "nothing was retrained, because no recipe was named" in ran.out
    report = json.loads(Path("clean/report.json").read_text())
    assert "nothing was retrained" in report["headline"]


def test_undo_gives_the_registered_data_back(bartizan: Run, clean: Run) -> None:
    register = ("data", "register", "--target", "fraud", "--from", "a test", "--quiet")
    assert bartizan(*register, "--data", "shop.csv").code == 0
    assert clean().code == 0
    Path("back").mkdir()
    ran = bartizan("data", "clean", "--undo", "clean", "--out", "back", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert told["identical"]
    assert told["known"]
    assert Path("back/shop.csv").read_bytes() == Path("shop.csv").read_bytes()
    again = bartizan(*register, "--data", "back/shop.csv", "--json")
    assert json.loads(again.out)["change"] == "same"
    with Workspace(".bartizan") as ws:
        assert ws.ledger is not None
        facts = [fact for _, fact in ws.ledger.facts()]
    first, taken, restored, second = facts
    assert isinstance(first, Registered)
    assert isinstance(taken, Quarantined)
    assert isinstance(restored, Restored)
    assert isinstance(second, Registered)
    assert first.root == second.root == taken.registered
    assert (taken.rows, taken.taken) == (ROWS, len(FLIPPED))
    assert (restored.before, restored.after) == (taken.after, taken.before)
    assert bartizan("ledger", "verify").code == 0


def test_the_ledger_holds_no_content_of_a_row(clean: Run) -> None:
    assert clean().code == 0
    with Workspace(".bartizan") as ws:
        assert ws.ledger is not None
        ((index, _),) = ws.ledger.facts()
        raw = ws.ledger.entry(index).decode()
    values = [cell for line in lines(Path("shop.csv"))[1:] for cell in line.decode().split(",")[:2]]
    assert not [value for value in values if value in raw]


def test_only_approved_labels_change_and_undo_leads_to_the_original(
    bartizan: Run, clean: Run
) -> None:
    clean()
    before = labels(Path("shop.csv"))
    first, second, third = FLIPPED[:3].tolist()
    path = approve(Path("clean/suggestions.csv"), {first: "yes", second: "no", third: " YES "})
    ran = bartizan("data", "clean", "--apply", path, "--out", "better", "--quiet", "--json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["changed"] == 2
    gone = sorted({*FLIPPED.tolist()} - {first, third})
    kept = [row for row in range(ROWS) if row not in gone]
    after = dict(zip(kept, labels(Path("better/shop.csv")), strict=True))
    moved = {row for row in kept if after[row] != before[row]}
    assert moved == {first, third}
    Path("back").mkdir()
    assert bartizan("data", "clean", "--undo", "better", "--out", "back").code == 0
    assert Path("back/shop.csv").read_bytes() == Path("shop.csv").read_bytes()
    with Workspace(".bartizan") as ws:
        assert ws.ledger is not None
        kinds = [type(fact) for _, fact in ws.ledger.facts()]
    assert kinds == [Quarantined, Quarantined, Relabelled, Restored]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (b"\n5,", b"\n6,", "row '6' was not flagged"),
        (b"\n29,", b"\n5,", "row 5 stands there twice"),
        (b",0.999000,\n", b",0.999000,maybe\n", "approve is 'maybe'; expected yes, no or nothing"),
        (b"row,label", b"line,label", "expected the columns row, label, suggested"),
        (b",0.999000,\n", b",0.999000,,yes\n", "expected 5 fields, got 6"),
        (b"suggested,oddness", b"oddness,suggested", "expected the columns"),
        (b"suggested,oddness", b"suggested,confidence", "expected the columns"),
        (b"\n5,", b"\n" + 5000 * b"9" + b",", "row '9999999999999999999...' was not flagged"),
        (b"\n5,", "\n\u0665,".encode(), "row '\u0665' was not flagged"),
    ],
)
def test_suggestions_that_were_edited_wrongly_are_refused(
    bartizan: Run, clean: Run, old: bytes, new: bytes, told: str
) -> None:
    clean()
    path = Path("clean/suggestions.csv")
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    ran = bartizan("data", "clean", "--apply", path, "--out", "better", "--quiet")
    assert ran.code == 2
    assert told in ran.err
    assert not Path("better").exists()


def test_on_a_full_disk_no_approved_label_is_applied(
    bartizan: Run, clean: Run, folder: Path
) -> None:
    clean()
    path = approve(Path("clean/suggestions.csv"), {5: "yes"})
    before = sorted(one.name for one in folder.iterdir())
    with cramped(2_000):
        ran = bartizan("data", "clean", "--apply", path, "--out", "better", "--quiet")
    assert ran.code == 2
    assert "cannot write better: File too large; nothing was kept" in ran.err
    assert sorted(one.name for one in folder.iterdir()) == before


def test_a_label_that_no_row_has_is_refused(bartizan: Run, clean: Run) -> None:
    clean()
    path = approve(Path("clean/suggestions.csv"), {5: "yes"})
    first = table(path)[0]
    words = f"{first['label']},{first['suggested']},"
    path.write_text(path.read_text().replace(words, f"{first['label']},perhaps,", 1))
    ran = bartizan("data", "clean", "--apply", path, "--out", "better", "--quiet")
    assert (ran.code, Path("better").exists()) == (2, False)
    assert "no row has the label 'perhaps'; expected one of no, yes" in ran.err


def test_suggestions_in_which_nobody_says_yes_are_refused(bartizan: Run, clean: Run) -> None:
    clean()
    ran = bartizan("data", "clean", "--apply", "clean/suggestions.csv", "--out", "b", "--quiet")
    assert ran.code == 2
    assert "approves no label" in ran.err


def test_where_no_row_is_flagged_nothing_is_written(bartizan: Run, folder: Path) -> None:
    data = save_table(folder)
    save_check(folder / "out", data, rows=np.empty(0, np.int64))
    ran = bartizan("data", "clean", "--data", data, "--target", "fraud", "--from", "out", "--quiet")
    assert ran.code == 0
    assert "no row is flagged: nothing was changed" in ran.out
    assert not Path("clean").exists()
    assert not Path(".bartizan/ledger").exists()


def test_a_class_is_never_emptied(bartizan: Run, folder: Path) -> None:
    data = save_table(folder)
    rows = np.flatnonzero(np.array(labels(data)) == "yes")
    save_check(folder / "out", data, rows=rows)
    ran = bartizan("data", "clean", "--data", data, "--target", "fraud", "--from", "out", "--quiet")
    assert ran.code == 2
    assert f"all {len(rows)} rows of class 'yes' are flagged" in ran.err
    assert not Path("clean").exists()


def test_data_that_changed_since_the_check_is_refused(clean: Run) -> None:
    with Path("shop.csv").open("a") as file:
        file.write("1,1,f,no\n")
    ran = clean()
    assert ran.code == 2
    assert "the data changed since the check" in ran.err
    assert not Path("clean").exists()


def test_a_folder_that_exists_is_never_written_over(clean: Run) -> None:
    Path("clean").mkdir()
    Path("clean/mine").write_text("mine")
    ran = clean()
    assert ran.code == 2
    assert "clean exists already, and quarantined rows are never overwritten" in ran.err
    assert [path.name for path in Path("clean").iterdir()] == ["mine"]


@contextmanager
def cramped(limit: int) -> Iterator[None]:
    """No file may grow beyond so many bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_nothing_is_kept(folder: Path, clean: Run) -> None:
    Workspace(".bartizan").close()  # its store is there, and grows by nothing
    before = sorted(path.name for path in folder.iterdir())
    with cramped(2_000):
        ran = clean()
    assert ran.code == 2
    assert "cannot write clean" in ran.err
    assert "nothing was kept" in ran.err
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_copy_that_was_changed_cannot_be_undone(bartizan: Run, clean: Run) -> None:
    clean()
    with Path("clean/shop.csv").open("a") as file:
        file.write("1,1,f,no\n")
    ran = bartizan("data", "clean", "--undo", "clean")
    assert ran.code == 2
    assert "clean/shop.csv was changed since it was cleaned" in ran.err


def test_a_manifest_that_names_another_folder_is_refused(bartizan: Run, clean: Run) -> None:
    clean()
    path = Path("clean/manifest.json")
    path.write_text(path.read_text().replace('"aside-shop.csv"', '"../shop.csv"'))
    ran = bartizan("data", "clean", "--undo", "clean")
    assert ran.code == 2
    assert "names a file in another folder" in ran.err


@pytest.mark.parametrize(
    ("field", "value"),
    [("salt", "zz"), ("rows", -1), ("rows", 10**13), ("quarantined", [10**30]), ("file", "..")],
)
def test_a_manifest_that_was_edited_ends_in_one_clear_error(
    bartizan: Run, clean: Run, field: str, value: object
) -> None:
    clean()
    path = Path("clean/manifest.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    for order in (("--undo", "clean"), ("--apply", "clean/suggestions.csv", "--out", "better")):
        ran = bartizan("data", "clean", *order, "--quiet")
        assert ran.code == 2, ran.err
        assert "changed" in ran.err or "rows were added or removed since" in ran.err
    assert not Path("better").exists()


def test_a_restored_file_is_never_written_over_another(bartizan: Run, clean: Run) -> None:
    clean()
    assert bartizan("data", "clean", "--undo", "clean").code == 0
    ran = bartizan("data", "clean", "--undo", "clean")
    assert ran.code == 2
    assert "exists already and is never overwritten" in ran.err


def test_a_cleaning_of_another_workspace_is_told(bartizan: Run, clean: Run) -> None:
    clean()
    ran = bartizan("data", "clean", "--undo", "clean", "--workspace", "other")
    assert ran.code == 0
    assert "the ledger of this workspace does not know the cleaning" in ran.out


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ((), "got none of them"),
        (("--undo", "clean", "--apply", "s.csv"), "got --apply and --undo"),
        (("--undo", "clean", "--from", "out"), "--from says what an earlier check found"),
        (("--data", "shop.csv"), "--target is missing"),
        (("--undo", "nowhere"), "holds no manifest.json"),
    ],
)
def test_flags_that_contradict_each_other_are_refused(
    bartizan: Run, folder: Path, flags: tuple[str, ...], told: str
) -> None:
    ran = bartizan("data", "clean", *flags)
    assert ran.code == 2
    assert told in ran.err


def test_with_a_recipe_the_gain_is_measured(clean: Run) -> None:
    Path("mine.py").write_text(RECIPE)
    ran = clean("--recipe", "mine:train", "--group", "group", "--certify", "5", "--json")
    assert ran.code == 0, ran.err
    first, gained, vote = json.loads(ran.out)["findings"]
    assert first["entry"] == "clean.quarantine"
    measures = {one["name"]: one for one in gained["measures"]}
    assert set(measures) >= {
        "accuracy-loss",
        "balanced-accuracy-before",
        "balanced-accuracy-after",
        "selection-rate-gap-before",
        "true-positive-rate-gap-after",
    }
    assert all(one["low"] <= one["value"] <= one["high"] for one in measures.values())
    names = {one["name"]: one["value"] for one in vote["measures"]}
    assert names["certified-at-0"] >= names["certified-at-1"] >= names["certified-at-2"]
    assert names["constant-class"] == pytest.approx(0.5, abs=0.1)


def test_a_recipe_that_is_not_deterministic_gets_no_certificate(clean: Run) -> None:
    Path("mine2.py").write_text(RECIPE)
    ran = clean("--recipe", "mine2:lucky", "--certify", "5", "--json")
    assert ran.code == 3, ran.err
    _, effect, vote = json.loads(ran.out)["findings"]
    assert effect["outcome"] == "pass"
    assert (vote["entry"], vote["outcome"]) == ("clean.certificate", "inconclusive")
    assert "the recipe is not deterministic" in vote["reason"]
    assert len(table(Path("clean/quarantine.csv"))) == len(FLIPPED)


def test_a_recipe_that_fails_loses_no_quarantine(bartizan: Run, clean: Run) -> None:
    Path("mine4.py").write_text(RECIPE)
    ran = clean("--recipe", "mine4:tired", "--certify", "5", "--json")
    assert ran.code == 3, ran.err
    _, *found = json.loads(ran.out)["findings"]
    assert [one["outcome"] for one in found] == ["inconclusive", "inconclusive"]
    assert all("too tired" in one["reason"] for one in found)
    assert len(table(Path("clean/quarantine.csv"))) == len(FLIPPED)
    assert "too tired" in json.loads(Path("clean/report.json").read_text())["headline"]
    assert bartizan("data", "clean", "--undo", "clean").code == 0


@pytest.fixture
def unread(folder: Path) -> Path:
    """A file whose contents are no check: what is refused early is refused before it is read."""
    data = save_table(folder)
    (folder / "out").mkdir()
    (folder / "out/report.json").write_text("no report")
    (folder / "mine5.py").write_text(RECIPE)
    return data


_RECIPE = ("--recipe", "mine5:train")


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--certify", "5"), "--certify needs models, and no recipe was named"),
        (("--group", "group"), "--group needs models, and no recipe was named"),
        ((*_RECIPE, "--group", "grop"), "there is no column 'grop' of groups"),
        ((*_RECIPE, "--group", "group", "--positive", "ok"), "with --positive, got 'ok'"),
        ((*_RECIPE, "--certify", "181"), "more models than the 180 rows"),
        (("--recipe", "mine5:nothing"), "nothing"),
        (("--source", "sender"), "there is no column 'sender' of sources"),
        (("--repair-model", "nowhere.skops"), "nowhere.skops"),
        (("--positive", "yes"), "--positive says nothing without --group"),
        (("--balanced",), "--balanced says nothing without --certify"),
        (("--weights", "w.pt"), "--weights says nothing without --repair-model"),
        (("--sample", "100"), "--sample is about detectors that run now"),
        (("--memory", "-1"), "--memory is about detectors that run now"),
        (("--by", "x" * 1001), "--by has 1,001 characters"),
        (("--reason", "x" * 1001), "--reason has 1,001 characters"),
        (("--out", "x" * 240), "File name too long; choose another --out"),
    ],
)
@pytest.mark.usefixtures("unread")
def test_what_would_fail_at_the_end_is_refused_before_anything_is_looked_at(
    bartizan: Run, flags: tuple[str, ...], told: str
) -> None:
    before = {path.name for path in Path().iterdir()}
    known = ("--data", "shop.csv", "--target", "fraud", "--from", "out", "--quiet")
    ran = bartizan("data", "clean", *known, *flags)
    assert ran.code == 2
    assert told in ran.err
    after = {path.name for path in Path().iterdir()}
    assert after - before <= {".bartizan", "__pycache__"}, "what was tried is gone"


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--undo", "clean", "--recipe", "m:f"), "--recipe says nothing with --undo"),
        (("--undo", "clean", "--entry", "poison.labels"), "--entry says nothing with --undo"),
        (("--apply", "s.csv", "--sample", "100"), "--sample says nothing with --apply"),
        (("--apply", "s.csv", "--no-header"), "--no-header says nothing with --apply"),
        (("--undo", "clean", "--by", "x" * 1001), "--by has 1,001 characters"),
    ],
)
def test_flags_that_would_be_passed_over_are_refused(
    bartizan: Run, folder: Path, flags: tuple[str, ...], told: str
) -> None:
    ran = bartizan("data", "clean", *flags)
    assert (ran.code, told in ran.err) == (2, True), ran.err


def test_half_of_a_class_leaves_only_where_a_person_names_the_detector(
    bartizan: Run, folder: Path
) -> None:
    data = save_table(folder)
    rows = np.flatnonzero(np.array(labels(data)) == "yes")
    half = rows[: (len(rows) + 1) // 2]
    save_check(folder / "out", data, rows=half)
    known = ("--data", data, "--target", "fraud", "--from", "out", "--quiet")
    ran = bartizan("data", "clean", *known)
    assert ran.code == 2
    assert f"{len(half)} of {len(rows)} rows of class 'yes' are flagged" in ran.err
    assert not Path("clean").exists()
    ran = bartizan("data", "clean", *known, "--entry", "poison.labels")
    assert ran.code == 0, ran.err
    path = approve(Path("clean/suggestions.csv"), {int(half[0]): "yes"})
    ran = bartizan("data", "clean", "--apply", path, "--out", "better", "--quiet")
    assert ran.code == 0, ran.err


def test_less_than_half_of_a_class_leaves_unasked(bartizan: Run, folder: Path) -> None:
    data = save_table(folder)
    rows = np.flatnonzero(np.array(labels(data)) == "yes")
    save_check(folder / "out", data, rows=rows[: (len(rows) - 1) // 2])
    ran = bartizan("data", "clean", "--data", data, "--target", "fraud", "--from", "out", "--quiet")
    assert ran.code == 0, ran.err


def test_from_a_column_of_sources_no_model_learns(clean: Run) -> None:
    Path("mine6.py").write_text(RECIPE)
    ran = clean("--recipe", "mine6:columns", "--json")
    assert "['a', 'b', 'group']" in json.loads(ran.out)["findings"][1]["reason"]
    ran = clean("--recipe", "mine6:columns", "--source", "group", "--out", "c", "--json")
    assert "['a', 'b']" in json.loads(ran.out)["findings"][1]["reason"]


def test_training_models_that_vote_is_shown_in_parts(bartizan: Run, clean: Run) -> None:
    Path("mine7.py").write_text(RECIPE)
    del clean
    known = ("--data", "shop.csv", "--target", "fraud", "--from", "out")
    ran = bartizan("data", "clean", *known, "--recipe", "mine7:train", "--certify", "5")
    assert ran.code == 0, ran.err
    assert "0%  training 5 models that vote, each on its part of the rows" in ran.err
    assert "0 rows" not in ran.err


def test_a_network_is_repaired_beside_and_the_old_one_stays(clean: Run) -> None:
    import skops.io  # noqa: PLC0415 (slow to import)
    from sklearn.compose import make_column_transformer  # noqa: PLC0415 (slow to import)
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 (slow to import)
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415 (slow to import)

    frame = read_table(Path("shop.csv"), target="fraud").frame.to_pandas()
    pick = make_column_transformer(("passthrough", ["a", "b"]))
    network = make_pipeline(pick, MLPClassifier((16,), max_iter=400, random_state=0))
    skops.io.dump(network.fit(frame.drop(columns="fraud"), frame["fraud"]), "old.skops")
    old = Path("old.skops").read_bytes()
    ran = clean("--repair-model", "old.skops", "--json")
    assert ran.code == 3, ran.err  # no mark is known, so nothing says that it is gone
    told = json.loads(ran.out)
    assert told["repaired"] == "clean/repaired-old.skops"
    assert Path("old.skops").read_bytes() == old
    measures = {one["name"]: one["value"] for one in told["findings"][1]["measures"]}
    assert measures["balanced-accuracy-after"] > 0.9
    assert load_model("clean/repaired-old.skops").format == "skops"


def test_before_anybody_relies_on_a_pruned_network_it_is_said_what_pruning_leaves(
    bartizan: Run, clean: Run
) -> None:
    import skops.io  # noqa: PLC0415 (slow to import)
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415 (slow to import)

    frame = read_table(Path("shop.csv"), target="fraud").frame
    x, y = frame.select("a", "b").to_numpy(), frame["fraud"].to_numpy()
    frame.drop("group").write_csv("shop.csv")
    save_check(Path("out"), Path("shop.csv"))
    network = MLPClassifier((16,), max_iter=400, tol=1e-3, random_state=0).fit(x, y)
    skops.io.dump(network, "old.skops")
    ran = clean("--repair-model", "old.skops")
    assert ran.code == 3, ran.err
    assert "it left 62 % of marked pictures with the planted answer" in " ".join(ran.out.split())
    told = bartizan("data", "clean", "--help").out
    assert "pruning leaves most of a backdoor" in " ".join(told.replace("│", " ").split())


def test_trees_cannot_be_repaired(clean: Run) -> None:
    import skops.io  # noqa: PLC0415 (slow to import)
    from sklearn.tree import DecisionTreeClassifier  # noqa: PLC0415 (slow to import)

    tree = DecisionTreeClassifier().fit(np.array([[0.0], [1.0]]), [0, 1])
    skops.io.dump(tree, "tree.skops")
    ran = clean("--repair-model", "tree.skops")
    assert ran.code == 2
    assert "DecisionTreeClassifier (skops) cannot be repaired" in ran.err
    assert not Path("clean").exists()


@pytest.mark.slow
def test_detectors_run_where_no_check_is_named(bartizan: Run, folder: Path) -> None:
    data = save_table(folder)
    known = ("--data", data, "--target", "fraud", "--entry", "poison.labels", "--quiet", "--json")
    ran = bartizan("data", "clean", *known)
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    rows = [int(row["row"]) for row in table(Path("clean/quarantine.csv"))]
    assert told["taken"] == len(rows) >= len(FLIPPED) // 2
    assert set(rows) <= set(FLIPPED.tolist())
    Path("back").mkdir()
    assert bartizan("data", "clean", "--undo", "clean", "--out", "back").code == 0
    assert Path("back/shop.csv").read_bytes() == data.read_bytes()


def test_a_detector_without_a_verdict_is_told(bartizan: Run, folder: Path) -> None:
    data = save_table(folder)
    save_check(folder / "out", data, rows=np.empty(0, np.int64), silent=True)
    ran = bartizan("data", "clean", "--data", data, "--target", "fraud", "--from", "out", "--quiet")
    assert ran.code == 3
    assert "open    poison.labels: planted by a test" in ran.out
    assert not Path("clean").exists()


def test_a_cleaning_that_broke_off_after_it_stood_in_the_ledger_is_finished(
    bartizan: Run, clean: Run, folder: Path
) -> None:
    """What a process leaves that dies between the two, and what an undoing makes of it."""
    done, place = folder / ".clean.0123456789abcdef.done", Path("clean")
    assert clean().code == 0
    place.rename(done)
    ran = clean()
    assert ran.code == 2
    assert "an earlier cleaning had broken off after it was written into the ledger" in ran.err
    assert place.is_dir()
    place.rename(done)
    assert bartizan("data", "clean", "--undo", "clean").code == 0
    assert Path("clean/restored-shop.csv").read_bytes() == Path("shop.csv").read_bytes()
    with Workspace(".bartizan") as ws:
        assert ws.ledger is not None
        kinds = [type(fact) for _, fact in ws.ledger.facts()]
    assert kinds == [Quarantined, Restored]


def test_what_broke_off_before_the_ledger_knew_of_it_is_removed_or_named(
    clean: Run, folder: Path
) -> None:
    half, whole = (folder / f".clean.0123456789abcdef.{end}" for end in ("new", "done"))
    half.mkdir()
    assert clean().code == 0
    assert not half.exists()
    Path("clean").rename(whole)
    ran = clean("--workspace", "other")
    assert ran.code == 2
    assert f"{whole.name} was left by a cleaning that ended before the ledger" in ran.err
    assert whole.is_dir()
    assert not Path("clean").exists()


def test_an_undoing_that_broke_off_before_the_ledger_knew_of_it_is_finished(
    bartizan: Run, clean: Run
) -> None:
    assert clean().code == 0
    Path("clean/restored-shop.csv").write_bytes(Path("shop.csv").read_bytes())
    ran = bartizan("data", "clean", "--undo", "clean", "--json")
    assert ran.code == 0, ran.err
    with Workspace(".bartizan") as ws:
        assert ws.ledger is not None
        kinds = [type(fact) for _, fact in ws.ledger.facts()]
    assert kinds == [Quarantined, Restored]
    ran = bartizan("data", "clean", "--undo", "clean")
    assert ran.code == 2
    assert "exists already and is never overwritten" in ran.err


@pytest.mark.slow
def test_who_contributed_a_row_is_asked_where_detectors_run_now(
    bartizan: Run, folder: Path
) -> None:
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 1000)
    x = draws.normal(size=(1000, 2)) + 3.0 * y[:, None]
    wrong = np.arange(3, 1000, 20)  # every second row of one of ten shops
    y[wrong] = 1 - y[wrong]
    rows = [
        f"{a:.4f},{b:.4f},shop {row % 10},{['no', 'yes'][label]}"
        for row, ((a, b), label) in enumerate(zip(x.tolist(), y.tolist(), strict=True))
    ]
    (folder / "t.csv").write_text("\n".join(["a,b,shop,fraud", *rows]) + "\n")
    known = ("--data", "t.csv", "--target", "fraud", "--quiet", "--json", "--seed", "1")
    entry = ("--entry", "poison.sources")
    ran = bartizan("data", "clean", *known, *entry)
    assert json.loads(ran.out)["taken"] == 0
    Path("mine8.py").write_text(RECIPE)
    recipe = ("--recipe", "mine8:train")
    ran = bartizan("data", "clean", *known, *entry, *recipe, "--source", "shop")
    assert ran.code == 0, ran.err
    gone = {int(row["row"]) for row in table(Path("clean/quarantine.csv"))}
    assert gone <= set(range(3, 1000, 10))
    assert len(gone & set(wrong.tolist())) > 40
