"""What signing costs beside the reference of OpenSSF Model Signing, and what passes the check.

Whole commands, each in a process of its own, in turns: time on the wall, of the processor, and the
most memory that was resident. The reference needs an environment of its own (``pip install
model-signing pyopenssl``), whose Python BARTIZAN_MODEL_SIGNING names; without it, only our own
figures are written. ``--samples`` is the model's size in MiB.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import results
from commands import Spent, spent

REFERENCE = os.environ.get("BARTIZAN_MODEL_SIGNING", "")
SIZE_MIB = 1024
ROUNDS = 3
PIECE = 1 << 20


def ours(place: Path) -> dict[str, list[str | Path]]:
    """Our two commands."""
    base: list[str | Path] = [sys.executable, "-m", "bartizan.cli.start", "supply"]
    model = place / "model"
    sign = [*base, "sign", model, "--key", place / "key", "--out", place / "ours.sig", "--force"]
    check = [*base, "verify", model, "--signature", place / "ours.sig"]
    return {"sign": sign, "verify": [*check, "--key", place / "key.pub"]}


def theirs(place: Path) -> dict[str, list[str | Path]]:
    """The reference's."""
    model = place / "model"
    bundle: list[str | Path] = ["--signature", place / "theirs.sig"]
    base: list[str | Path] = [REFERENCE, "-m", "model_signing"]
    return {
        "sign": [*base, "sign", "key", model, *bundle, "--private_key", place / "key"],
        "verify": [*base, "verify", "key", model, *bundle, "--public_key", place / "key.pub"],
    }


def main() -> None:
    args = results.options(__doc__ or "", samples=SIZE_MIB)
    section = results.Section(
        name="signing",
        title="Signed models",
        command="BARTIZAN_MODEL_SIGNING=... python benchmarks/bench_signing.py",
        packages=("cryptography",),
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        prepared(place, size_mib=args.samples)
        timed(section, place, size_mib=args.samples, rounds=1 if args.smoke else ROUNDS)
        adversarial(section, place / "small")
    if not args.smoke:
        section.write()


def prepared(place: Path, *, size_mib: int) -> None:
    """A key, a model of that size in one file of noise, and a small one."""
    key: list[str | Path] = [
        sys.executable,
        "-m",
        "bartizan.cli.start",
        "supply",
        "key",
        "--out",
        place / "key",
    ]
    if spent(key).code:
        message = "no key could be made"
        raise SystemExit(message)
    for name, pieces in (("model", size_mib), ("small/model", 1)):
        (place / name).mkdir(parents=True)
        with (place / name / "weights").open("wb") as file:
            for _ in range(pieces):
                file.write(os.urandom(PIECE))
    (place / "small" / "model" / "parts").mkdir()
    for name in ("one", "two"):
        (place / "small" / "model" / "parts" / name).write_text(name)
    for name in ("key", "key.pub"):
        shutil.copy(place / name, place / "small" / name)


def timed(section: results.Section, place: Path, *, size_mib: int, rounds: int) -> None:
    """Both programs in turns; the best round of each counts, as the machine has other work."""
    programs = {"Bartizan": ours(place)}
    if REFERENCE:
        programs["model-signing"] = theirs(place)
    found: dict[tuple[str, str], list[Spent]] = {}
    for _ in range(rounds):
        for verb in ("sign", "verify"):
            for name, commands in programs.items():
                one = spent(commands[verb])
                if one.code:
                    message = f"{name} {verb} ended with {one.code}"
                    raise SystemExit(message)
                found.setdefault((verb, name), []).append(one)
    best = {
        key: (
            min(one.wall_s for one in turns),
            min(one.cpu_s for one in turns),
            max(one.resident_mib for one in turns),
        )
        for key, turns in found.items()
    }
    section.table(
        [f"{size_mib:,} MiB", "program", "s (wall)", "s (CPU)", "MiB resident, at most"],
        [(verb, name, *numbers) for (verb, name), numbers in best.items()],
    )
    section.say(_about_reference())
    for verb in ("sign", "verify"):
        mine = best[verb, "Bartizan"]
        if REFERENCE:
            other = best[verb, "model-signing"]
            section.targets += [
                results.Target.at_most(
                    f"{verb}, times the reference ({how})", mine[i] / other[i], 1.3
                )
                for i, how in enumerate(("wall", "CPU"))
            ]
        section.targets.append(results.Target.at_most(f"{verb}, MiB resident", mine[2], 100))


def _about_reference() -> str:
    """Which reference it was."""
    if not REFERENCE:
        return "The reference was not here: BARTIZAN_MODEL_SIGNING names its Python."
    question = "from importlib.metadata import version; print(version('model-signing'))"
    said = subprocess.run([REFERENCE, "-c", question], capture_output=True, text=True, check=True)  # noqa: S603 (a Python that the user named)
    return f"The reference is model-signing {said.stdout.strip()}, with its own Python."


def flip(model: Path) -> None:
    raw = bytearray((model / "weights").read_bytes())
    raw[len(raw) // 2] ^= 1
    (model / "weights").write_bytes(raw)


def link(model: Path) -> None:
    (model / "weights").rename(model.parent / "away")
    (model / "weights").symlink_to(model.parent / "away")


def flip_bundle(model: Path) -> None:
    place = model.parent / "ours.sig"
    raw = bytearray(place.read_bytes())
    raw[len(raw) // 2] ^= 1
    place.write_bytes(raw)


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda _: None,
    "a bit flipped": flip,
    "a bit of the bundle flipped": flip_bundle,
    "a file added": lambda model: (model / "more").write_bytes(b""),
    "a file removed": lambda model: (model / "parts" / "two").unlink(),
    "a file renamed": lambda model: (model / "parts" / "two").rename(model / "parts" / "too"),
    "a file moved": lambda model: (model / "parts" / "two").rename(model / "two"),
    "a file turned into a link to its own bytes": link,
    "the bundle removed": lambda model: (model.parent / "ours.sig").unlink(),
}


def adversarial(section: results.Section, place: Path) -> None:
    """What the check says of a model that was meddled with: its exit code."""
    signed = spent(ours(place)["sign"])
    rows: list[tuple[str, int, str]] = []
    wrong = 0
    for name, change in CHANGES.items():
        copy = place.parent / f"copy-{len(rows)}"
        shutil.copytree(place, copy)
        change(copy / "model")
        code = spent(ours(copy)["verify"]).code
        wrong += code != (0 if name == "nothing" else 4)
        rows.append((name, code, "passed" if code == 0 else "refused"))
    section.table(["changed after it was signed", "exit code", ""], rows)
    section.targets.append(
        results.Target.at_most("models judged wrongly", wrong + bool(signed.code), 0)
    )


if __name__ == "__main__":
    main()
