"""Source code is known by its name or its first line."""

import pytest

from bartizan.formats.source_code import source_code


@pytest.mark.parametrize(
    ("path", "head", "kind"),
    [
        ("a/b/train.py", b"", "source code in Python"),
        ("RUN.SH", b"echo", "source code in a shell"),
        ("kernel.cu", b"", "source code in C or C++"),
        ("lib.rs", b"", "source code"),
        ("x.ipynb", b"{}", "a notebook, which holds code"),
        ("x.pth", b"import os", "a path file of Python, whose lines may be code"),
        ("run", b"#!/usr/bin/env python", "a script"),
        ("a/Makefile", b"all:", "a script by its name"),
        ("run.bat. ", b"del", "source code in the shell of Windows"),
        ("report.hta", b"<p>", "a page that Windows runs as a program"),
        ("README.md", b"# Model", ""),
        ("py", b"", ""),
        ("models.py/config", b"a: 1", ""),
        ("", b"", ""),
    ],
)
def test_code_is_named_and_nothing_else_is(path: str, head: bytes, kind: str) -> None:
    assert source_code(path, head) == kind
