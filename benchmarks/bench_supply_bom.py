"""What bills of materials, a look into advisories, an admission and sealing cost on one machine.

Whole commands, each in a process of its own, in turns: time on the wall, of the processor, and the
most memory that was resident. Sealing stands beside pyrage, and beside the `age` command where
there is one. ``--samples`` is the size in MiB of what is sealed; everything else shrinks with it.
"""

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import package_world
import results
from commands import HEAD, OURS, Command, best, noise, once, row, spent
from seal_costs import sealing

SIZE_MIB = 1024
SPECS = ("1.6", "1.7")
FILES, PACKAGES, ADVISORIES, AFFECTED = 1000, 150, 100_000, 30
FILE_BYTES = 64 << 10
"""Of each file of the model that is listed: what counts here is how many there are."""
ROUNDS = 2
_CHECK = """
import json, sys
from unit.supply.bom.samples import problems
spec, path = sys.argv[1:]
sys.exit(bool(problems(json.load(open(path)), spec=spec)))
"""
"""The check of documents that tests have."""
_PREPARE = """
import sys
from pathlib import Path
from bartizan.lifecycle.preparing import prepare
prepare(Path(sys.argv[1]), seed=0, told=lambda _: None)
"""
"""The example of the demo. This process itself stays small: until a command is another program, it
counts the memory of whoever started it as its own."""


def main() -> None:
    args = results.options(__doc__ or "", samples=SIZE_MIB)
    section = results.Section(
        name="supply-bom",
        title="Bills of materials, advisories, admission, sealing",
        command="python benchmarks/bench_supply_bom.py",
        packages=("cryptography", "pyrage", "polars", "skops"),
    )
    share = args.samples / SIZE_MIB
    rounds = 1 if args.smoke else ROUNDS
    for part in (bills, advisories, admission, sealing):
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            part(section, share=share, rounds=rounds)
            os.chdir(results.ROOT)
    if not args.smoke:
        section.write()


def floor() -> float:
    """What a command of no size counts here, in MiB."""
    return spent(("true",)).resident_mib


def bills(section: results.Section, *, share: float, rounds: int) -> None:
    """Bills of materials of a folder of many files, in an environment of many packages."""
    files = max(2, round(FILES * share))
    Path("model").mkdir()
    for number in range(files):
        noise(Path("model", f"part-{number:04}.bin"), size_bytes=FILE_BYTES)
    noise(Path("small.bin"), size_bytes=FILE_BYTES)
    package_world.write_environment(Path("site"), packages=PACKAGES)
    Path("none").mkdir()
    commands: dict[str, Command] = {
        "1 file, no package": (*OURS, "supply", "bom", "small.bin", *_of("none", "small.json"))
    }
    for spec in SPECS:
        what = f"{files:,} files, {PACKAGES} packages, CycloneDX {spec}"
        out = _of("site", f"{spec}.json")
        commands[what] = (*OURS, "supply", "bom", "model", "--format", spec, *out)
    found = best(commands, rounds=1)
    before = {spec: Path(f"{spec}.json").read_bytes() for spec in SPECS}
    found = best(commands, rounds=rounds)
    section.table(HEAD, [row(what, "supply bom", one) for what, one in found.items()])
    wrong = sum(refused(spec, f"{spec}.json") for spec in SPECS)
    changed = sum(Path(f"{spec}.json").read_bytes() != raw for spec, raw in before.items())
    section.say(
        f"A document of the folder has {len(before[SPECS[0]]) // 1000:,} kB. A process counts the "
        "memory of the one that started it until it is another program: no figure here is below "
        f"{floor():.0f} MiB."
    )
    section.targets += [
        results.Target.at_most("bills of materials that the official schemas refuse", wrong, 0),
        results.Target.at_most("bills of materials that differ when made anew", changed, 0),
    ]


def refused(spec: str, path: str) -> bool:
    """Whether the official schema has something against a document."""
    folders = (str(results.ROOT / "src"), str(results.ROOT / "tests"))
    os.environ["PYTHONPATH"] = os.pathsep.join(folders)
    return bool(spent((sys.executable, "-c", _CHECK, spec, path)).code)


def _of(environment: str, out: str) -> tuple[str, ...]:
    return "--environment", environment, "--python", "3.11", "--out", out


def advisories(section: results.Section, *, share: float, rounds: int) -> None:
    """Packages looked up in a copy of the OSV database, as it is published: one zip file."""
    package_world.write_lock(Path("requirements.txt"), packages=PACKAGES)
    commands: dict[str, Command] = {}
    for records in (1000, max(1000, round(ADVISORIES * share))):
        name = f"{records}.zip"
        made = (results.ROOT / "benchmarks" / "package_world.py", name, records, PACKAGES, AFFECTED)
        spent((sys.executable, *map(str, made)))  # a process that large would be counted below
        look = ("scan", "requirements.txt", "--advisories", name, "--format", "json", "--quiet")
        commands[f"{PACKAGES} packages, {records:,} advisories"] = (*OURS, "supply", *look)
    found = best(commands, rounds=rounds, code=1)
    section.table(HEAD, [row(what, "supply scan", one) for what, one in found.items()])
    told = json.loads(Path("out", "report.json").read_bytes())["findings"]
    lines = next(
        measure["value"]
        for one in told
        for measure in one["measures"]
        if measure["name"] == "vulnerable-lines"
    )
    section.say(
        f"Of the {PACKAGES} packages {AFFECTED} have an advisory about their very version; all "
        "have one that was fixed before it, one that begins after it, and one that was withdrawn."
    )
    section.targets.append(
        results.Target.at_most("packages told wrongly", abs(lines - AFFECTED), 0)
    )


def admission(section: results.Section, *, share: float, rounds: int) -> None:  # noqa: ARG001 (as the others are called; the model has one size)
    """The model of `bartizan demo`, from its scan to its admission."""
    spent((sys.executable, "-c", _PREPARE, Path.cwd()))
    model, other = sorted(Path.cwd().glob("*.skops"))[:2]
    once("supply", "key", "--out", "release.pem")
    assessed(model.stem)
    trust = ("--key", "release.pem.pub", "--quiet")
    commands: dict[str, Command] = {
        "scan": (*OURS, "supply", "scan", model, "--quiet", "--out", "scanned"),
        "sign": (*OURS, "supply", "sign", model, "--key", "release.pem", "--force", "--quiet"),
        "verify": (*OURS, "supply", "verify", model, *trust),
        "admit": (*OURS, "supply", "admit", model, *trust, "--evidence", "any"),
    }
    found = best(commands, rounds=rounds)
    shutil.copy(other, model)
    swapped = best({"admit, the model swapped": commands["admit"]}, rounds=1, code=4)
    size = model.stat().st_size
    rows = [row(f"{what} ({size:,} bytes)", "supply", one) for what, one in found.items()]
    rows += [row(what, "supply", one) for what, one in swapped.items()]
    section.table(HEAD, rows)
    section.say(
        "The model had been assessed before, which is not timed here, and what an attack found was "
        "accepted, as in the demo. It was admitted; another model under its name and its signature "
        "ended with exit code 4."
    )


def assessed(name: str) -> None:
    """Assess a model of the example, and accept what an attack finds, as the demo does."""
    entries = ("--entry", "utility.balanced-accuracy", "--entry", "evasion.coordinate")
    how = ("--profile", "quick", "--workers", "1", "--quiet", "--out", "assessed", "--resume")
    command = (*OURS, "assess", "--model", name, *entries, *how)
    spent(command)
    told = json.loads(Path("assessed", "report.json").read_bytes())["findings"]
    waivers = "".join(
        f'\n[[waiver]]\nfinding = "{one["id"]}"\nowner = "the benchmark"\n'
        f'reason = "as in the demo"\nexpires = 2999-01-01\n'
        for one in told
        if one["outcome"] != "pass" and one["entry"].startswith("evasion")
    )
    with Path("bartizan.toml").open("a", encoding="utf-8") as file:
        file.write(waivers)
    spent(command)


if __name__ == "__main__":
    main()
