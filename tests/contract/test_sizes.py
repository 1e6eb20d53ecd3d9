"""Small is a budget: modules and functions stay readable in one sitting."""

import ast
from pathlib import Path
from statistics import median

import pytest

from contract.sources import MODULES, dotted

MODULE_LINES = 400
MEDIAN_LINES = 150
FUNCTION_STATEMENTS = 60
EXPORTS = {"__all__", "__version__", "ENTRIES"}
"""What an `__init__` may assign, beside private tables for names that are loaded when used."""
LAZY = {"__getattr__", "__dir__"}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def statements(function: ast.AST) -> int:
    return sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1


def is_export(node: ast.stmt) -> bool:
    """Whether a statement of an `__init__` only passes names on."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name in EXPORTS or name.startswith("_")
        case ast.FunctionDef(name=name):
            return name in LAZY
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return all(isinstance(child, ast.Import | ast.ImportFrom) for child in node.body)
        case _:
            return False


def test_no_module_is_longer_than_400_lines() -> None:
    long = {dotted(path): lines(path) for path in MODULES if lines(path) > MODULE_LINES}
    assert not long


def test_half_of_the_modules_are_at_most_150_lines() -> None:
    assert median(lines(path) for path in MODULES if path.name != "__init__.py") <= MEDIAN_LINES


def test_no_function_has_more_than_60_statements() -> None:
    long = {
        f"{dotted(path)}.{node.name}": statements(node)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and statements(node) > FUNCTION_STATEMENTS
    }
    assert not long


def test_an_init_holds_exports_only() -> None:
    others = {
        f"{dotted(path)}: {ast.unparse(node)}"
        for path in MODULES
        if path.name == "__init__.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if not is_export(node)
    }
    assert not others


@pytest.mark.parametrize(
    "code",
    ["def helper(): ...", "x = 1", "class A: ...", "for i in (): ...", "if True: import os"],
)
def test_the_gate_sees_what_is_no_export(code: str) -> None:
    assert not any(is_export(node) for node in ast.parse(code).body)


def test_the_gate_counts_nested_statements() -> None:
    code = "def f():\n    if a:\n        b = 1\n    def g():\n        return 2\n"
    assert statements(ast.parse(code).body[0]) == 4
