"""What sealing a large file costs, beside other programs that write the age format."""

import filecmp
import shutil
import sys
from pathlib import Path

import results
from commands import HEAD, OURS, Command, best, noise, once, row, spent

SIZE_MIB = 1024
_RAGE = """
import sys, pyrage
verb, source, target, words = sys.argv[1:]
with open(source, "rb") as reader, open(target, "wb") as writer:
    if verb == "seal":
        pyrage.encrypt_io(reader, writer, [pyrage.x25519.Recipient.from_str(words)])
    else:
        secret = [line for line in open(words) if line.startswith("AGE")][0].strip()
        pyrage.decrypt_io(reader, writer, [pyrage.x25519.Identity.from_str(secret)])
"""
"""The library as it is used by itself, in a process of its own."""


def sealing(section: results.Section, *, share: float, rounds: int) -> None:
    """A large file, sealed and opened by each program, and what one sealed opened by the other."""
    size = round((SIZE_MIB << 20) * share)
    noise(Path("model"), size_bytes=size)
    once("data", "key", "--out", "id.key")
    lines = Path("id.key").read_text(encoding="ascii").splitlines()
    to = next(line.split()[-1] for line in lines if "public key" in line)
    programs = _programs(to)
    seals = {name: commands[0] for name, commands in programs.items()}
    opens = {name: commands[1] for name, commands in programs.items()}
    found = {"seal": best(seals, rounds=rounds), "open": best(opens, rounds=rounds)}
    gb = size / 1e9
    section.table(
        [f"{size >> 20:,} MiB", *HEAD[1:], "s (CPU) for each GB"],
        [
            (*row(verb, name, one), one.cpu_s / gb)
            for verb, spents in found.items()
            for name, one in spents.items()
        ],
    )
    differ = 0
    for name, (_, command) in programs.items():
        for source in programs:
            shutil.copy(f"{source}.age", f"{name}.age.in")
            Path(f"{name}.out").unlink(missing_ok=True)
            crossed = [f"{name}.age.in" if one == f"{name}.age" else one for one in command]
            opened = spent(crossed).code == 0
            differ += not (opened and filecmp.cmp("model", f"{name}.out", shallow=False))
    section.say(f"Each program opened what each of the others sealed: {', '.join(programs)}.")
    section.targets.append(results.Target.at_most("sealed files that another opens not", differ, 0))
    section.targets += [
        results.Target.at_most(f"{verb}, MiB resident", spents["bartizan"].resident_mib, 100)
        for verb, spents in found.items()
    ]


def _programs(to: str) -> dict[str, tuple[Command, Command]]:
    """How each program seals and opens; every one overwrites its own output."""
    mine, unlocked = (*OURS, "supply"), ("--identity", "id.key")
    found: dict[str, tuple[Command, Command]] = {
        "bartizan": (
            (*mine, "seal", "model", "--to", to, "--out", "bartizan.age", "--force"),
            (*mine, "open", "bartizan.age", *unlocked, "--out", "bartizan.out", "--force"),
        ),
        "pyrage": (
            (sys.executable, "-c", _RAGE, "seal", "model", "pyrage.age", to),
            (sys.executable, "-c", _RAGE, "open", "pyrage.age", "pyrage.out", "id.key"),
        ),
    }
    if age := shutil.which("age"):
        found["age"] = (
            (age, "-r", to, "-o", "age.age", "model"),
            (age, "-d", "-i", "id.key", "-o", "age.out", "age.age"),
        )
    return found
