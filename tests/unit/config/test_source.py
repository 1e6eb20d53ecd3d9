import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bartizan.config import find_config, read_config
from bartizan.core.errors import ConfigError
from bartizan.core.nearest import nearest


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"bartizan\.toml: no such project file; `bartizan init`"):
        read_config(tmp_path / "bartizan.toml")


def test_a_folder_is_not_a_project_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="got a folder or a device"):
        read_config(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "bartizan.toml"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="got a folder or a device"):
        read_config(pipe)


def test_a_path_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="project file"):
        read_config(tmp_path / ("x" * 5000))


@pytest.mark.parametrize("path", ["a\0b", "\udcff\ud800"])
def test_a_name_no_file_system_knows_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="project file"):
        read_config(Path(path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.toml"
    file.write_text("x = 1")
    file.chmod(0)
    with pytest.raises(ConfigError, match="cannot read the project file"):
        read_config(file)


@pytest.mark.parametrize("text", ["", "\n \t\n", "\ufeff"])
def test_an_empty_file_is_told(text: str, refusal: Callable[[str], str]) -> None:
    assert refusal(text) == "bartizan.toml: the project file is empty; `bartizan init` writes one"


def test_a_byte_order_mark_is_no_mistake(read: Callable[[str], object], sound: str) -> None:
    assert read("\ufeff" + sound) == read(sound)


def test_windows_line_ends_are_no_mistake(read: Callable[[str], object], sound: str) -> None:
    assert read(sound.replace("\n", "\r\n")) == read(sound)


@pytest.mark.parametrize(
    ("raw", "line"),
    [(b'[project]\nname = "caf\xe9"\n', 2), ('name = "x"'.encode("utf-16"), 1)],
    ids=["latin-1", "utf-16"],
)
def test_other_encodings_are_refused_with_the_line(raw: bytes, line: int, tmp_path: Path) -> None:
    file = tmp_path / "bartizan.toml"
    file.write_bytes(raw)
    with pytest.raises(ConfigError, match=rf"toml:{line}: expected UTF-8 text, got the byte 0x"):
        read_config(file)


def test_a_huge_file_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    file = tmp_path / "bartizan.toml"
    file.write_bytes(b"#" * 5_000_001)
    with pytest.raises(ConfigError, match="at most 5,000,000 bytes"):
        read_config(file)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("[project]\nname = demo\n", "bartizan.toml:2: not valid TOML: "),
        ("[project\n", "bartizan.toml:1: not valid TOML: "),
        (
            '[project]\nname = "a"\nname = "b"\n',
            "bartizan.toml:3: the key `name` stands here a second time in its table, after line 2",
        ),
        (
            "[project]\n\n [ project ] # again\n",
            "bartizan.toml:3: the table [ project ] stands here a second time, after line 1; put",
        ),
        ("[[a]]\n[a]\n", "bartizan.toml:2: the table [a] stands here a second time, after line 1"),
        (
            "[a]\n[[a]]\n",
            "bartizan.toml:2: the table [[a]] stands here a second time, after line 1",
        ),
        (
            '[a."x y"]\r\nb = 1\r\n[a."x y"]\r\n',
            'bartizan.toml:3: the table [a."x y"] stands here a second time, after line 1',
        ),
        ("[a]\nb.c = 1\n[a.b]\n", "bartizan.toml:3: not valid TOML: cannot declare"),
        ("a = 1\n[b]\na = 2\n'a' = 3\n", "bartizan.toml:4: the key `'a'` stands here a second"),
        ("[project]\nx = 2026-13-45\n", "bartizan.toml:2: not valid TOML: "),
        ('[project]\nx = "never ends', "bartizan.toml: not valid TOML: "),
        ("x = " + "9" * 5000, "bartizan.toml: not valid TOML: "),
        ("x = " + "[" * 5000, "bartizan.toml: lists or tables are nested too deeply"),
        ("x = 1\0", "bartizan.toml:1: not valid TOML: "),
    ],
    ids=[
        "bare text",
        "open header",
        "key twice",
        "table twice",
        "list, then table",
        "table, then list",
        "table of odd name twice",
        "table of a dotted key",
        "key of other quotes twice",
        "no such day",
        "open string",
        "endless number",
        "deep nesting",
        "NUL",
    ],
)
def test_what_is_not_toml_is_told_with_its_line(
    text: str, start: str, refusal: Callable[[str], str]
) -> None:
    assert refusal(text).startswith(start)


def test_the_project_file_is_found_from_a_folder_below(tmp_path: Path) -> None:
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    file = tmp_path / "bartizan.toml"
    file.touch()
    (below / "bartizan.toml").mkdir()  # a folder of that name is none
    assert find_config(below) == file.resolve()


def test_the_nearest_project_file_wins(tmp_path: Path) -> None:
    below = tmp_path / "a"
    below.mkdir()
    (tmp_path / "bartizan.toml").touch()
    (below / "bartizan.toml").touch()
    assert find_config(below / "data.csv") == (below / "bartizan.toml").resolve()


def test_no_project_file_is_none(tmp_path: Path) -> None:
    assert find_config(tmp_path) is None


def test_unlike_names_are_answered_with_the_list() -> None:
    assert nearest("zzz", ("a", "b")) == "; known: a, b"
    assert nearest("zzz", ()) == ""
    assert nearest("zzz", [str(n) for n in range(99)]).endswith("10, 11, ...")
