"""Who checks signatures makes the signed form of a model; who admits, the form that is served."""

import ast

from contract.sources import MODULES, PACKAGE


def importers(name: str) -> set[str]:
    """Modules that import a name of `core.artifact`, or reach into that module."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            names = [one.name for one in node.names]
            direct = isinstance(node, ast.ImportFrom) and node.module == "bartizan.core.artifact"
            whole = "bartizan.core.artifact" in names or (
                isinstance(node, ast.ImportFrom)
                and node.module == "bartizan.core"
                and "artifact" in names
            )
            if whole or (direct and name in names):
                found.add(path.relative_to(PACKAGE).as_posix())
    return found


def test_supply_alone_vouches() -> None:
    assert importers("vouch") == {"supply/signing/verification.py"}


def test_nobody_approves_but_who_writes_the_admission_into_the_ledger() -> None:
    assert importers("approve") == {"workspace/admitted.py"}


def test_nobody_takes_the_key_that_makes_a_verified_thing() -> None:
    assert importers("_KEY") == set()


def test_the_search_finds_what_it_looks_for() -> None:
    assert "adapt/loading.py" in importers("Vouched")
