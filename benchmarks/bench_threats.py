"""Threat models of the worked examples: what is found of what a review must find, and the cost."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from time import process_time

import results
from bartizan.config import read_config
from bartizan.examples.described import described_system
from bartizan.report.threat import THREAT_FORMATS
from bartizan.workspace import Workspace

sys.path.append(str(results.ROOT / "tests"))  # lists of what must be found
from unit.threat.reviewed import EXAMPLES

CARDS = "card-fraud"
FIRST = 22
"""Threats of card fraud that were written down before any rule was: the first of its list."""
BAR_FOUND, BAR_S = 18, 2.0
"""What was promised: of these, and seconds for all formats."""


def main() -> None:
    args = results.options(__doc__ or "", samples=1000)
    section = results.Section(
        name="threats",
        title="Threat models",
        command="python benchmarks/bench_threats.py",
        packages=("msgspec", "jinja2", "typer"),
    )
    _examples(section)
    _sizes(section, most=40 if args.smoke else args.samples)
    if not args.smoke:
        section.write()


def _least(call: Callable[[], object], *, tries: int = 3) -> float:
    """CPU seconds of the fastest of some calls."""
    times = []
    for _ in range(tries):
        began = process_time()
        call()
        times.append(process_time() - began)
    return min(times)


def _examples(section: results.Section) -> None:
    rows = []
    for name, expected in EXAMPLES.items():
        config = read_config(described_system(name))
        with Workspace() as ws:
            found = ws.threat.model(config)
            took = _least(lambda ws=ws, config=config: _all(ws, config))  # type: ignore[misc]
        ids = {one.id for one in found.model.threats}
        must, known = list(expected.must.values()), {*expected.must.values(), *expected.beside}
        rows.append(
            (
                name,
                f"{sum(one in ids for one in must)} of {len(must)}",
                len(ids & expected.beside),
                len(ids - known),
                took,
            )
        )
        if name == CARDS:
            first = sum(one in ids for one in must[:FIRST])
            at_least, at_most = results.Target.at_least, results.Target.at_most
            section.targets += [
                at_least(f"threats of {name} found of {FIRST}", first, BAR_FOUND),
                at_most("threats of it that no reviewer called relevant", len(ids - known), 0),
                at_most("CPU s for its threats in all formats", took, BAR_S),
                at_most("CPU s of the whole command, all formats", _command(), BAR_S),
            ]
    section.table(("system", "must be found", "relevant beside", "not relevant", "CPU s"), rows)


def _all(ws: Workspace, config: object) -> None:
    found = ws.threat.model(config)  # type: ignore[arg-type]
    for fmt in THREAT_FORMATS:
        found.rendered(fmt)


def _command() -> float:
    """CPU seconds of `bartizan threat` with its start."""
    with tempfile.TemporaryDirectory() as folder:
        before = _spent()
        line = [sys.executable, "-m", "bartizan", "threat", "--example", CARDS, "--out", folder]
        subprocess.run(line, check=True, capture_output=True)  # noqa: S603 (our own command)
        return _spent() - before


def _spent() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sizes(section: results.Section, *, most: int) -> None:
    """A chain of elements of every kind, of which next to nothing is said: the worst case."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, Workspace() as ws:
        for count in (size for size in (40, 100, 300, 1000) if size <= most):
            place = Path(folder) / "bartizan.toml"
            place.write_text("\n".join(_chain(count)), encoding="utf-8")
            config = read_config(place)
            found = ws.threat.model(config).model
            took = _least(lambda config=config: ws.threat.model(config), tries=1)  # type: ignore[misc]
            rows.append((count, len(found.threats), len(found.questions), took))
    section.say("A chain of elements of every kind, of which nothing is said:")
    section.table(("elements", "threats", "questions", "CPU s"), rows)


def _chain(count: int) -> Iterator[str]:
    kinds = ("actor", "api", "model", "store", "pipeline", "registry", "process", "third-party")
    yield '[project]\nname = "chain"\n[system]\nname = "chain"'
    yield '[[zone]]\nid = "out"\ntrust = "untrusted"\n[[zone]]\nid = "in"\ntrust = "internal"'
    yield '[[asset]]\nid = "d"\npersonal = true'
    for at in range(count):
        zone = "out" if at % len(kinds) == 0 else "in"
        kind = kinds[at % len(kinds)]
        yield f'[[element]]\nid = "e{at}"\nkind = "{kind}"\nzone = "{zone}"'
        if at:
            yield f'[[flow]]\nsource = "e{at - 1}"\ntarget = "e{at}"\ncarries = ["d"]'


if __name__ == "__main__":
    results.one_thread()
    main()
