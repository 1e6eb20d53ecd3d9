"""The page on the architecture names each module that there is, in the row of its room."""

import re
from pathlib import Path

import pytest

from contract.sources import MODULES, PACKAGE, ROOT

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STANDS = PAGE[PAGE.index("**What stands today.**") : PAGE.index("## 3. The nouns")]
ROWS = {
    room: set(re.findall(r"[\w/]+", " ".join(re.findall(r"`([^`]*)`", told))))
    for room, told in re.findall(r"^\| `([\w/]+)/` \|(.*)\|$", STANDS, re.MULTILINE)
}
"""By room, the words in its row that are set as code; `bartizan` is the house itself."""
NAMED = [path for path in MODULES if path.name != "__init__.py"]


def told(path: Path) -> bool:
    """Whether the row of the nearest room names the module, or a smaller room that it is in."""
    inside = path.relative_to(PACKAGE)
    if len(inside.parts) == 1:
        return inside.stem in ROWS["bartizan"]
    rooms = [str(room) for room in inside.parents]
    row = next((room for room in rooms if room in ROWS), "")
    smaller = [f"{Path(room).name}/" for room in rooms[: rooms.index(row)]] if row else []
    return any(one in ROWS.get(row, ()) for one in smaller or [inside.stem])


@pytest.mark.parametrize("path", NAMED, ids=lambda one: str(one.relative_to(PACKAGE)))
def test_each_module_is_named(path: Path) -> None:
    assert told(path), f"docs/architecture.md, section 2: name {path.relative_to(PACKAGE)}"


def test_each_room_that_is_named_exists() -> None:
    assert all((PACKAGE / room).is_dir() for room in ROWS if room != "bartizan")
    assert len(ROWS) > 40
