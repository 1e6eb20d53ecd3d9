"""What README and docs show works as shown."""

import os
import sys
from pathlib import Path

import pytest

from contract import blocks
from contract.sources import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if blocks.runnable(page.read_text(encoding="utf-8"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_the_code_on_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in blocks.needed(page.read_text(encoding="utf-8")):
        pytest.importorskip(package, reason=f"the code on {page.name} needs {package}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    # on one core, no command starts processes that load every library once more
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    blocks.run(page, cwd=tmp_path, alone=page.name == "README.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_fence_is_closed(page: Path) -> None:
    assert page.read_text(encoding="utf-8").count("```") % 2 == 0


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    docs = ROOT / "docs"
    missing = [
        str(page.relative_to(docs))
        for page in docs.rglob("*.md")
        if str(page.relative_to(docs)) not in navigation
    ]
    assert not missing
