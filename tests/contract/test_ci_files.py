"""What others include in their pipelines parses, calls what exists, and gives nothing away."""

import re
import shlex
import subprocess
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import typer.core
import typer.main

from bartizan.cli.main import app
from contract.sources import ROOT

yaml = pytest.importorskip("yaml", reason="PyYAML comes with the extra `docs`")

HOOKS, ACTION, GITLAB = ROOT / ".pre-commit-hooks.yaml", ROOT / "action.yml", ROOT / "ci/gitlab.yml"
FILES = (HOOKS, ACTION, GITLAB)
_SECRET = re.compile(
    r"secrets\.|AKIA[0-9A-Z]{16}|gh[pousr]_\w{20,}|glpat-|-----BEGIN|password|token\s*[:=]",
    re.IGNORECASE,
)


def content(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    found = content(ACTION)["runs"]["steps"]
    assert isinstance(found, list)
    return found


def scripts() -> list[str]:
    """Every line or block of shell that the files hold."""
    hooks = [hook["entry"] for hook in content(HOOKS)]
    jobs = [job["script"] for job in content(GITLAB).values() if "script" in job]
    return [*hooks, *(step["run"] for step in steps() if "run" in step), *chain(*jobs)]


def called() -> list[list[str]]:
    """Words of every call of our command line, from the first verb on."""
    lines = [line for script in scripts() for line in script.splitlines()]
    calls = [re.split(r'(?:bartizan|"\$BARTIZAN")\s+(?=supply\b)', line) for line in lines]
    return [shlex.split(call[1]) for call in calls if len(call) == 2]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_parses_and_holds_no_secret(path: Path) -> None:
    assert content(path)
    assert not _SECRET.search(path.read_text(encoding="utf-8"))


def test_the_search_for_secrets_finds_some() -> None:
    for text in ("${{ secrets.KEY }}", "TOKEN: abc", "AKIAABCDEFGHIJKLMNOP"):
        assert _SECRET.search(text)


def test_every_command_and_flag_exists() -> None:
    verbs = typer.main.get_command(app)
    assert isinstance(verbs, typer.core.TyperGroup)
    assert len(called()) == 3
    for group, verb, *words in called():
        chosen = verbs.commands[group]
        assert isinstance(chosen, typer.core.TyperGroup)
        known = {flag for parameter in chosen.commands[verb].params for flag in parameter.opts}
        assert {word for word in words if word.startswith("--") and word != "--"} <= known
    script = next(step["run"] for step in steps() if step.get("id") == "scan")
    assert set(re.findall(r"--[a-z][a-z-]+", script)) <= known


def test_the_action_hands_inputs_over_as_variables_only() -> None:
    assert not [script for script in scripts() if "${{" in script]


def test_the_action_uses_inputs_that_it_declares() -> None:
    text = ACTION.read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(content(ACTION)["inputs"])


def test_actions_of_others_are_pinned_to_a_commit_and_say_which_release_it_was() -> None:
    lines = [line for line in ACTION.read_text("utf-8").splitlines() if "uses:" in line]
    assert len(lines) == 2
    for line in lines:
        assert re.search(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_levels_that_may_fail_are_those_of_the_command_line() -> None:
    told = content(ACTION)["inputs"]["fail-on"]["description"]
    assert content(ACTION)["inputs"]["fail-on"]["default"] in told


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("models/fraud.pkl", True),
        ("WEIGHTS.PT", True),
        ("a/b.joblib.gz", True),
        ("model.safetensors", True),
        ("src/model.py", False),
        ("docs/model.md", False),
        ("pickle", False),
    ],
)
def test_the_hook_takes_model_files_and_leaves_source_code(name: str, *, taken: bool) -> None:
    (hook,) = content(HOOKS)
    assert bool(re.search(hook["files"], name)) == taken


FAKE = """#!/bin/sh
printf '%s\\n' "$@" > "$TOLD"
mkdir -p "$OUT"
echo '{}' > "$OUT/report.sarif"
echo '# Verdict' > "$OUT/report.md"
exit "$ENDS"
"""


def ran(tmp_path: Path, *, ends: int, **inputs: str) -> tuple[list[str], str, str]:
    """The scan step of the action with a program in place of ours."""
    program = tmp_path / "bartizan"
    program.write_text(FAKE, encoding="utf-8")
    program.chmod(0o755)
    script = next(step["run"] for step in steps() if step.get("id") == "scan")
    files = {name: tmp_path / name for name in ("told", "output", "summary")}
    settings = {
        "PATH": "/usr/bin:/bin",
        "BARTIZAN": str(program),
        "TOLD": str(files["told"]),
        "GITHUB_OUTPUT": str(files["output"]),
        "GITHUB_STEP_SUMMARY": str(files["summary"]),
        "OUT": "scan",
        "ENDS": str(ends),
        "PATHS": ".",
        "FAIL_ON": "high",
        "ALLOW": "",
        **inputs,
    }
    # as GitHub starts `shell: bash`
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    subprocess.run(command, cwd=tmp_path, env=settings, check=True, timeout=60)
    told, output, summary = (path.read_text("utf-8") for path in files.values())
    return told.splitlines(), output, summary


@pytest.mark.parametrize("ends", [0, 1, 3])
def test_the_scan_step_keeps_the_exit_code_for_the_last_step(tmp_path: Path, ends: int) -> None:
    told, output, summary = ran(tmp_path, ends=ends)
    assert told == ["supply", "scan", "--quiet", "--fail-on", "high", "--out", "scan", "--", "."]
    assert output == f"exit-code={ends}\nsarif=true\n"
    assert summary == "# Verdict\n"


def test_inputs_stay_one_argument_a_line_whatever_is_in_them(tmp_path: Path) -> None:
    hostile = "a b.pkl\n$(touch owned)\n--out=/elsewhere; touch owned\n"
    told, _, _ = ran(tmp_path, ends=0, PATHS=hostile, ALLOW="own.Thing\nown.Other")
    assert told[told.index("--") + 1 :] == hostile.splitlines()
    assert told.count("--allow") == 2
    assert not (tmp_path / "owned").exists()


def test_the_last_step_ends_as_the_scan_did_and_fails_without_one() -> None:
    script = steps()[-1]["run"]
    for code, expected in (("0", 0), ("3", 3), ("", 5)):
        settings = {"PATH": "/usr/bin:/bin", "CODE": code}
        done = subprocess.run(["bash", "-c", script], env=settings, check=False, timeout=60)
        assert done.returncode == expected


def test_gitlab_refuses_to_install_a_package_that_nobody_named() -> None:
    (job,) = (one for one in content(GITLAB).values() if "script" in one)
    for package, expected in (("", 2), ("x", 0)):
        settings = {"PATH": "/usr/bin:/bin", "BARTIZAN_PACKAGE": package}
        command = ["bash", "-c", job["script"][0]]
        done = subprocess.run(
            command, env=settings, check=False, timeout=60, stdout=subprocess.DEVNULL
        )
        assert done.returncode == expected
