"""What to write into the project file in place of a flag that is refused beside it."""

import os
from pathlib import Path

from bartizan.cli.audited import column_of
from bartizan.config import Config, DataSpec
from bartizan.config.spelling import key, listing, number, text
from bartizan.config.write_audit import audit_lines

_TABLES = {"recipe": "[[model]]", "weights": "[[model]]", "target": "[[data]]"}
"""Where a flag's own key stands; what is named in none of these is said of an attacker."""


def instead(name: str, value: object, *, config: Config, path: Path) -> str:
    """Why a flag is refused, and the lines that say the same.

    Args:
        name: Of the flag, as its field is called.
        value: What was given.
        config: The project file.
        path: Where it lies.
    """
    said = value if isinstance(value, tuple) else (getattr(value, "value", value),)
    table, lines = _said(name, said, config=config, folder=path.parent)
    where = f"in the table `{table}` there" if table else "each on a line of its own"
    told = ", ".join(f"`{line}`" for line in lines)
    return (
        f"--{name.replace('_', '-')} and a project file contradict each other; write in {path}, "
        f"{where}: {told}. Or leave the project file aside, with --model, --data and --target"
    )


def _said(
    name: str, said: tuple[object, ...], *, config: Config, folder: Path
) -> tuple[str, list[str]]:
    """The table that is there already, empty if it has yet to be written; and the lines."""
    first = said[0]
    if name in ("audit", "audit_apart"):
        asked = [column_of(str(one), apart=name == "audit_apart") for one in said]
        return "", [line for one in asked for line in audit_lines(one)]
    if name in ("train", "reference"):
        return _data(name, str(first), config=config, folder=folder)
    if name in ("source", "time"):
        train = _of_role("train", config)
        owner = key("train" if train is None else train.name)
        return "", [f"[check.{owner}]", f"{name} = {text(str(first))}"]
    if name == "fixed":
        return f"[attacker.feature.{key(str(first))}]", ["mutable = false"]
    if name == "protect":
        return "[[attacker]]", [f"protected = {listing([str(one) for one in said])}"]
    shown = number(first) if isinstance(first, float) else text(str(first))
    return _TABLES.get(name, "[[attacker]]"), [f"{name} = {shown}"]


def _data(role: str, place: str, *, config: Config, folder: Path) -> tuple[str, list[str]]:
    """Data of one role: where it is declared, its path changes."""
    path = Path(os.path.relpath(place, folder.resolve())).as_posix()
    if _of_role(role, config) is not None:
        return f'[[data]] with role = "{role}"', [f"path = {text(path)}"]
    test, stem = _of_role("test", config), Path(place).stem
    name = role if stem in [one.name for one in config.data] else stem
    target = "is_fraud" if test is None else test.target
    facts = {"name": name, "role": role, "path": path, "target": target}
    return "", ["[[data]]", *(f"{fact} = {text(value)}" for fact, value in facts.items())]


def _of_role(role: str, config: Config) -> DataSpec | None:
    return next((one for one in config.data if one.role == role), None)
