"""Names of files: on every system, only those below the folder stay in it."""

import pytest

from bartizan.formats.models.paths import leaves_folder


@pytest.mark.parametrize(
    "name", ["w.bin", "a/b.bin", "./a", "a..b/c", "...", "a/.../b", "weights 1"]
)
def test_names_below_the_folder_stay(name: str) -> None:
    assert not leaves_folder(name)


@pytest.mark.parametrize(
    "name",
    ["/a", "\\a", "..", "a/..", "a\\..\\b", "C:x", "c:\\x", "~", "~root/x", "http://a/b", "a\x00b"],
)
def test_names_elsewhere_leave(name: str) -> None:
    assert leaves_folder(name)
