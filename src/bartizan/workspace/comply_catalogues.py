"""The frameworks that a project is compared with: those that are shipped, and its own."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from bartizan.comply.applicability import SHIPPED
from bartizan.comply.crosswalk import backings, crosswalk
from bartizan.comply.report import Catalogues
from bartizan.config import Config
from bartizan.core.errors import ConfigError, InputError
from bartizan.core.nearest import nearest
from bartizan.frameworks.controls import controls
from bartizan.frameworks.framework import Framework
from bartizan.frameworks.reading import frameworks, read
from bartizan.supply.bom.papers import read_whole
from bartizan.workspace.current import Place

_CLAUSE_BYTES = 4 << 20
"""Of one file of clauses: the largest that ships has 0.1 MB."""


def catalogues_of(place: Place, *, named: Sequence[str]) -> Catalogues:
    """The frameworks to report on, and what ties controls to their clauses.

    Args:
        place: The project.
        named: Ids; none = as the project says.

    Raises:
        ConfigError: no framework has such an id.
        InputError: a file of clauses is none; the message names file and line.
    """
    config = place.config
    own = tuple(_own_clauses(place))
    known = {one.id: one for one in (*frameworks(), *own)}
    _agree(config, known=known)
    mine = tuple(one.id for one in own)
    wanted = tuple(named) or (*(config.comply.frameworks or SHIPPED), *mine)
    return Catalogues(
        controls=controls(),
        chosen=[_asked(_named(one, known)) for one in dict.fromkeys(wanted)],
        rows=(*crosswalk(), *config.comply.link),
        backings=backings(),
        out=config.comply.exclude,
    )


def _asked(one: Framework) -> Framework:
    """Of MITRE ATLAS, only what one does against attacks is asked for, and not the attacks."""
    if one.id != "mitre-atlas":
        return one
    return replace(one, clauses=one.of_kind("mitigation"))


def _own_clauses(place: Place) -> Iterator[Framework]:
    taken = dict.fromkeys((one.id for one in frameworks()), "a framework that is shipped")
    for name in place.config.comply.clause_files:
        raw, _ = read_whole(place.folder / name, limit=_CLAUSE_BYTES)
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            message = f"{name}: expected UTF-8 text, got the byte 0x{raw[error.start]:02x}"
            raise InputError(message) from error
        one = read(text, file=name)
        if one.id in taken:
            message = f"{name}: the id {one.id!r} is that of {taken[one.id]}; take another"
            raise InputError(message)
        taken[one.id] = name
        yield one


def _agree(config: Config, *, known: Mapping[str, Framework]) -> None:
    """What is left out, and what is tied to a control, exists: also in files of one's own.

    Raises:
        ConfigError: names the place and the nearest that there is.
    """
    for position, out in enumerate(config.comply.exclude):
        one = _named(out.framework, known, where=f"comply.exclude[{position}]")
        if out.clause:  # none = the whole framework
            _holds(one, out.clause, where=f"comply.exclude[{position}]")
    for position, link in enumerate(config.comply.link):
        where = f"comply.link[{position}] ({link.control})"
        _holds(_named(link.framework, known, where=where), link.clause, where=where)


def _named(name: str, known: Mapping[str, Framework], *, where: str = "") -> Framework:
    if name not in known:
        lead = f"{where}: " if where else ""
        message = f"{lead}no framework {name!r}{nearest(name, known)}"
        raise ConfigError(message)
    return known[name]


def _holds(one: Framework, clause: str, *, where: str) -> None:
    clauses = [part.id for part in one.clauses]
    if clause not in clauses:
        message = f"{where}: {one.id} has no clause {clause!r}{nearest(clause, clauses)}"
        raise ConfigError(message)
