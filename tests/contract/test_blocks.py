"""The runner of documentation blocks finds what it should, and fails where it should."""

from pathlib import Path

import pytest

from contract import blocks
from contract.blocks import Block

TEXT = """
Text with `inline` code.

```python
x = 1
```

<!-- not run: needs a model of your own -->
```python
x = undefined
```

```toml
[project]
```

1. A list:

    ```python
    assert x == 1
    ```

<!-- exits: 3 -->

```console
$ pip install bartizan
$ bartizan assess --model m.onnx \\
    --data "my data.csv"   # a comment
some output of it
$ bartizan init
```
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "page.md"
    path.write_text(text, encoding="utf-8")
    return path


def test_blocks_are_found_with_language_place_and_notes() -> None:
    found = blocks.blocks(TEXT)
    assert [(b.language, b.line, b.skip, b.exits) for b in found] == [
        ("python", 5, "", 0),
        ("python", 10, "needs a model of your own", 0),
        ("python", 20, "", 0),
        ("console", 26, "", 3),
    ]
    assert found[2].code == "assert x == 1\n"


def test_only_our_own_commands_are_taken_from_a_console_block() -> None:
    assert blocks.blocks(TEXT)[-1].commands == [
        ["assess", "--model", "m.onnx", "--data", "my data.csv"],
        ["init"],
    ]


def test_a_block_without_a_command_of_ours_is_not_runnable() -> None:
    assert blocks.runnable("```bash\nmake demo\n$ make test\n```\n") == []


def test_a_note_excuses_only_the_block_that_follows_it() -> None:
    text = "<!-- not run: reason -->\n```python\nx\n```\n\n```python\ny\n```\n"
    assert blocks.runnable(text) == [Block(line=7, language="python", code="y\n")]


def test_an_excuse_needs_a_reason() -> None:
    text = "<!-- not run: -->\n```python\nx = 1\n```\n"
    assert len(blocks.runnable(text)) == 1


def test_python_blocks_share_names_and_run_in_order(tmp_path: Path) -> None:
    text = "```python\nx = [1]\n```\n```python\nx.append(2)\nassert x == [1, 2]\n```\n"
    blocks.run(write(tmp_path, text), cwd=tmp_path)


def test_a_failing_python_block_names_the_line_of_the_page(tmp_path: Path) -> None:
    path = write(tmp_path, "# Title\n\n```python\nx = 1\nassert x == 2\n```\n")
    with pytest.raises(AssertionError) as caught:
        blocks.run(path, cwd=tmp_path)
    assert [entry.lineno for entry in caught.traceback if str(entry.path) == str(path)] == [4]


def test_a_command_that_ends_otherwise_than_the_text_says_fails(tmp_path: Path) -> None:
    path = write(tmp_path, "<!-- exits: 77 -->\n```console\n$ bartizan no-such-verb\n```\n")
    with pytest.raises(AssertionError, match=r"page.md:3: `bartizan no-such-verb` ended with"):
        blocks.run(path, cwd=tmp_path)


def test_what_a_reader_adds_to_a_file_is_added(tmp_path: Path) -> None:
    text = "```toml\nx = 1\n```\n<!-- added to: a.toml -->\n```toml\n[b]\n```\n"
    blocks.run(write(tmp_path, text), cwd=tmp_path)
    assert (tmp_path / "a.toml").read_text() == "\n[b]\n"


def test_a_page_says_which_packages_its_code_needs() -> None:
    assert blocks.needed("a\n<!-- needs: torch -->\n\n<!-- needs: xgboost -->\n") == [
        "torch",
        "xgboost",
    ]
    assert blocks.needed("<!-- not run: it needs torch -->") == []
