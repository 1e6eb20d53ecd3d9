"""Nothing unfinished lands, and no module has a name that says nothing."""

import re
from pathlib import Path

from contract.sources import MODULES, ROOT, dotted

# Written in two halves so that this file does not find itself.
UNFINISHED = re.compile(
    r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b"
)
EMPTY_WORDS = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "manager",
    "managers",
    "engine",
    "handler",
    "handlers",
    "tools",
    "stuff",
}
FOLDERS = ("src", "tests", "docs", "benchmarks", "scripts", ".ci")
TEXTS = {".py", ".md", ".toml", ".html", ".css", ".yml", ".sh", ""}


def texts() -> list[Path]:
    """Every text file that people write here."""
    deep = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    flat = [*ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.txt"), ROOT / "Makefile"]
    return [
        path
        for path in (*deep, *flat)
        if path.is_file() and path.suffix in TEXTS and "__pycache__" not in path.parts
    ]


def test_nothing_unfinished_is_left_in_the_text() -> None:
    found = {
        str(path.relative_to(ROOT)): match.group()
        for path in texts()
        if (match := UNFINISHED.search(path.read_text(encoding="utf-8")))
    }
    assert not found


def test_module_names_say_what_is_inside() -> None:
    empty = {
        dotted(path)
        for path in MODULES
        if EMPTY_WORDS & {word for part in dotted(path).split(".") for word in part.split("_")}
    }
    assert not empty


def test_the_search_finds_what_it_looks_for() -> None:
    assert UNFINISHED.search("# TO" + "DO: later")
    assert not UNFINISHED.search("to do, todos and hackers are fine")
    assert len(texts()) > 20
