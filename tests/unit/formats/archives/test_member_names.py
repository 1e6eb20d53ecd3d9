"""Names that do harm, and names that only look strange."""

import pytest

from bartizan.formats.archives.member_names import climbs, oddities, shown


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "a/../../x",
        "/x",
        "\\x",
        "\\\\server\\share",
        "C:x",
        "c:\\x",
        "a\\..\\x",
    ],
)
def test_a_name_that_leaves_its_folder_is_known(name: str) -> None:
    assert oddities(name) == ("leaves",)


@pytest.mark.parametrize("name", ["con", "a/NUL.txt", "Com1", "lpt9.tar.gz", "aux "])
def test_a_device_of_windows_is_known(name: str) -> None:
    assert oddities(name) == ("device",)


@pytest.mark.parametrize(
    "name", ["a\nb", "a\0.txt", "a\u202eb", "a\u200bb", "a\u2028b", "a\x1b[1m"]
)
def test_a_name_that_deceives_is_known(name: str) -> None:
    assert oddities(name) == ("deceives",)
    assert shown(name).isprintable()
    assert name not in shown(name)


@pytest.mark.parametrize(
    "name", ["a/b.c", "a..b", "...", "console", "模型/ü.bin", "a b", "x" * 1000]
)
def test_a_name_that_is_merely_unusual_is_fine(name: str) -> None:
    assert oddities(name) == ()


@pytest.mark.parametrize(
    ("target", "of", "leaves"),
    [
        ("b", "a", False),
        ("../b", "x/a", False),
        ("../../b", "x/a", True),
        ("../b", "a", True),
        ("x/../../b", "a", True),
        ("/b", "x/a", True),
        ("..\\..\\b", "x\\a", True),
    ],
)
def test_a_link_that_leaves_is_known(target: str, of: str, leaves: bool) -> None:  # noqa: FBT001 (a table)
    assert climbs(target, of=of) is leaves
