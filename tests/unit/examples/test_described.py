"""Systems that ship are there however the package is installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import bartizan

_READ = """
from bartizan.examples.described import described_system
place = described_system("card-fraud")
print(place.is_file(), "[system]" in place.read_text("utf-8"))
"""


def test_an_example_of_a_packed_installation_can_be_read(tmp_path: Path) -> None:
    root = Path(bartizan.__file__).parent
    parts = (
        *("__init__.py", "core/__init__.py", "core/errors.py", "examples/__init__.py"),
        *("examples/described.py", "examples/systems/card-fraud.toml"),
    )
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        for one in parts:
            packed.write(root / one, f"bartizan/{one}")
    done = subprocess.run(
        [sys.executable, "-c", _READ],
        env={"PYTHONPATH": str(tmp_path / "packed.zip")},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "True True\n"
