"""`constraints.txt` pins what `pyproject.toml` allows, and keeps the pins that are deliberate."""

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from contract.sources import ROOT

LINES = [
    line
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
PINS: dict[str, str] = {
    canonicalize_name(name): version for name, _, version in (x.partition("==") for x in LINES)
}


def required() -> list[Requirement]:
    """Everything that the base and the extras ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(text) for text in sum(extras, project["dependencies"])]


def test_every_line_is_one_exact_version() -> None:
    assert not [line for line in LINES if not re.fullmatch(r"[\w.\-]+==[\w.]+", line)]
    assert len(PINS) == len(LINES)


def test_every_requirement_is_pinned_to_a_version_it_allows() -> None:
    pinned = {str(asked): PINS.get(canonicalize_name(asked.name)) for asked in required()}
    wrong = {
        text: version
        for text, version in pinned.items()
        if version is None or version not in Requirement(text).specifier
    }
    assert not wrong


def test_deliberate_pins_are_kept() -> None:
    assert Version(PINS["protobuf"]).major == 6
    assert PINS["torch"] == "2.13.0"
    assert "xgboost-cpu" in PINS
    assert "xgboost" not in PINS


def test_the_environment_installs_torch_before_anything_that_could_choose_another() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert 0 < makefile.index(f"torch=={PINS['torch']}") < makefile.index("'.[$(EXTRAS)]'")
