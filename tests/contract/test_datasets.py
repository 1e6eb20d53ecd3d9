"""Rows are changed by the data set itself, which knows what belongs to rows."""

import ast

from contract.sources import MODULES, PACKAGE


def swaps(tree: ast.AST) -> list[int]:
    """Lines on which `replace` puts other rows into something."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == "replace"
        and {"x", "ids"} & {word.arg for word in node.keywords}
    ]


def test_the_detector_sees_a_swap() -> None:
    assert swaps(ast.parse("replace(data, x=x, y=y)\ndataclasses.replace(data, ids=i)")) == [1, 2]
    assert not swaps(ast.parse("replace(data, y=y)\ntext.replace('x', 'y')\ndata.holding(x=x)"))


def test_other_rows_come_through_the_data_set_alone() -> None:
    home = PACKAGE / "core" / "dataset.py"
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in MODULES
        if path != home
        for line in swaps(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert not found, f"{found}: use data.take(rows) or data.holding(x=..., y=...)"
