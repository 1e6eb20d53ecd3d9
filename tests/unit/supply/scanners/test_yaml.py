"""YAML: what readers that build objects would call, and texts that only speak of it."""

import pytest

from bartizan.supply.scanners.yaml import SCANNER
from scanned import scanned


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: !!python/object/apply:os.system ['id']", "os.system"),
        ("- !!python/object/new:subprocess.Popen\n  args: x", "subprocess.Popen"),
        ("a: [!!python/object/apply:eval [x]]", "eval"),
        ("a: !<tag:yaml.org,2002:python/object/apply:os.system> [x]", "os.system"),
        ("%TAG !e! tag:yaml.org,2002:\n---\na: !e!python/object/apply:os.system [x]", "os.system"),
        ("# note\ra: !!python/object/apply:os.system [x]", "os.system"),
        ('["x # y", !!python/object/apply:os.system [id]]', "os.system"),
        ("a: !!python%2Fobject/apply:os.system [x]", "os.system"),
        ("model:\n  _target_: os.system\n  command: id", "os.system"),
        ('{"_target_": "builtins.exec", "x": 1}', "builtins.exec"),
    ],
)
def test_calls_of_python_are_malicious(text: str, what: str) -> None:
    """PyYAML's unsafe loaders; Hydra and NeMo: CVE-2025-23304."""
    found = scanned(SCANNER, text.encode(), path="m.yaml")
    assert found.verdict == "malicious"
    assert what in {notice.what for notice in found.notices}


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/name:my.thing",
        "a: !!python/module:my",
        "a: !!python/object:my.Thing {}",
        "%TAG ! tag:yaml.org,2002:python/object/\n---\na: !apply:os.system [x]",
        "model: {_target_: my.Model}",
    ],
)
def test_names_that_are_looked_up_are_suspicious(text: str) -> None:
    assert scanned(SCANNER, text.encode(), path="m.yml").verdict == "suspicious"


@pytest.mark.parametrize(
    "text",
    [
        "name: env\ndependencies:\n  - python=3.11 # !!python/object/apply:os.system\n",
        "size: !!python/tuple [1, 2]\n",
        "a: !!str python/object\n_target: x\n",
        "%TAG ! tag:example.com,2000:\n---\na: !x 1\n",
    ],
)
def test_honest_files_are_clean(text: str) -> None:
    assert scanned(SCANNER, text.encode(), path="m.yaml").verdict == "clean"


def test_prose_that_speaks_of_tags_is_left_alone() -> None:
    text = b"Never load `a: !!python/object/apply:os.system`.\n_target_: os.system\n"
    assert scanned(SCANNER, text, path="README.md").verdict == "clean"


def test_a_call_behind_a_thousand_harmless_names_is_told() -> None:
    names = "".join(f"k{number}: !!python/name:a.b{number}\n" for number in range(1000))
    raw = f"{names}z: !!python/object/apply:os.system ['true']\n".encode()
    assert scanned(SCANNER, raw, path="m.yaml").verdict == "malicious"
