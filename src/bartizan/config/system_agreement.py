"""Whether the description of a system agrees with itself and with the rest of the file."""

import json
from collections.abc import Iterable

from bartizan.config.position import Path
from bartizan.config.project import Config
from bartizan.config.source import Source
from bartizan.core.nearest import nearest
from bartizan.frameworks.controls import controls

_TABLES = ("zone", "asset", "element", "control", "requirement", "flow", "decision")


def agree_system(config: Config, *, source: Source) -> None:
    """Refuse the first contradiction.

    Raises:
        ConfigError: names the line, the key and what to do.
    """
    said = [table for table in _TABLES if getattr(config, table)]
    if config.system is None and said:
        why = "describes a part of a system; say which one in [system], with a name"
        source.refuse((said[0],), why)
    _elements(config, source=source)
    _flows(config, source=source)
    _claims(config, source=source)
    for position, need in enumerate(config.requirement):
        for place, name in enumerate(need.controls):
            path = ("requirement", position, "controls", place)
            _known(name, controls(), "control", path=path, source=source)


def _elements(config: Config, *, source: Source) -> None:
    zones, assets = [one.id for one in config.zone], [one.id for one in config.asset]
    models, data = [one.name for one in config.model], [one.name for one in config.data]
    for position, one in enumerate(config.element):
        path: Path = ("element", position)
        _known(one.zone, zones, "zone", path=(*path, "zone"), source=source)
        for place, name in enumerate(one.holds):
            _known(name, assets, "asset", path=(*path, "holds", place), source=source)
        if one.model and one.kind != "model":
            why = f"only an element of kind 'model' is one, and {one.id!r} is a {one.kind}"
            source.refuse((*path, "model"), why)
        if one.model:
            _known(one.model, models, "model", path=(*path, "model"), source=source)
    for position, asset in enumerate(config.asset):
        if asset.data:
            path = ("asset", position, "data")
            _known(asset.data, data, "data set", path=path, source=source)


def _flows(config: Config, *, source: Source) -> None:
    elements, assets = [one.id for one in config.element], [one.id for one in config.asset]
    seen: dict[str, int] = {}
    for position, flow in enumerate(config.flow):
        path = ("flow", position)
        for end in ("source", "target"):
            _known(getattr(flow, end), elements, "element", path=(*path, end), source=source)
        for place, name in enumerate(flow.carries):
            _known(name, assets, "asset", path=(*path, "carries", place), source=source)
        if flow.source == flow.target:
            why = f"a flow joins two elements, and both are {flow.source!r}"
            source.refuse((*path, "target"), why)
        if flow.id in seen:
            why = f"{flow.id} is flow[{seen[flow.id]}] already; name all it carries there"
            source.refuse((*path, "source"), why)
        seen[flow.id] = position


def _claims(config: Config, *, source: Source) -> None:
    """Each control is said once of each place, and with one meaning."""
    elements = [one.id for one in config.element]
    said: dict[tuple[str, str], int] = {}
    for position, claim in enumerate(config.control):
        path: Path = ("control", position)
        _known(claim.id, controls(), "control", path=(*path, "id"), source=source)
        for place, name in enumerate(claim.elements):
            _known(name, elements, "element", path=(*path, "elements", place), source=source)
        if claim.due is not None and claim.status != "planned":
            why = f"only a planned control has a day by which it is due; this is {claim.status}"
            source.refuse((*path, "due"), why)
        _looked(config, position, source=source)
        _denied(config, position, source=source)
        for name in claim.elements or ("",):
            first = said.setdefault((claim.id, name), position)
            if first != position:
                where = f"of {name!r}" if name else "of every element"
                why = f"control[{first}] says {where} already what {claim.id!r} is; keep one"
                source.refuse((*path, "id"), why)


def _looked(config: Config, position: int, *, source: Source) -> None:
    """An audit is named only where somebody has to look, of what is said to stand."""
    claim = config.control[position]
    if not claim.audit:
        return
    path: Path = ("control", position, "audit")
    _known(claim.audit, [one.id for one in config.comply.audit], "audit", path=path, source=source)
    control = controls()[claim.id]
    if control.seen_by_programs:
        why = f"{claim.id!r} is shown by evidence, not by an audit: {control.command}"
        source.refuse(path, why)
    if claim.status != "implemented":
        why = f"an audit shows what is implemented, and this is {claim.status}"
        source.refuse(path, why)


def _denied(config: Config, position: int, *, source: Source) -> None:
    """What is said to stand somewhere is not denied there."""
    claim = config.control[position]
    denial = controls()[claim.id].denied_by
    if claim.status != "implemented" or denial is None:
        return
    for one in config.element:
        if one.id in (claim.elements or (one.id,)) and denial.holds(one):
            said = f"{denial.attribute} = {json.dumps(denial.value)}"
            more = "" if claim.elements else "; name under `elements` where it stands"
            why = f"{claim.id!r} is said to stand at {one.id!r}, which says {said}{more}"
            source.refuse(("control", position, "status"), why)


def _known(name: str, known: Iterable[str], what: str, *, path: Path, source: Source) -> None:
    names = list(known)
    if name not in names:
        source.refuse(path, f"no {what} {name!r}" + nearest(name, names))
