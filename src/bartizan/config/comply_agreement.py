"""Whether what stands under `[comply]` agrees with itself and with the catalogues."""

from bartizan.config.position import Path
from bartizan.config.project import Config
from bartizan.config.source import Source
from bartizan.core.nearest import nearest
from bartizan.frameworks.controls import controls


def agree_comply(config: Config, *, source: Source) -> None:
    """Refuse the first contradiction.

    Raises:
        ConfigError: names the line, the key and what to do.
    """
    _ids(config, source=source)
    _frameworks(config, source=source)
    for place, row in enumerate(config.comply.link):
        if row.control not in controls():
            why = f"no control {row.control!r}" + nearest(row.control, controls())
            source.refuse(("comply", "link", place, "control"), why)
    _modest(config, source=source)


def _ids(config: Config, *, source: Source) -> None:
    """`sign-off` takes the id of a policy or of an audit, so that each stands once in both."""
    comply = config.comply
    named: list[tuple[Path, str]] = [
        (("comply", "policy", place), one.id) for place, one in enumerate(comply.policy)
    ]
    named += [(("comply", "audit", place), one.id) for place, one in enumerate(comply.audit)]
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            why = f"{name!r} is taken by another policy or audit; each must be unique"
            source.refuse((*path, "id"), why)
        seen.add(name)


def _frameworks(config: Config, *, source: Source) -> None:
    """Frameworks and clauses are shipped, or stand in files of one's own, which are read later."""
    comply = config.comply
    named: list[tuple[Path, str, str]] = [
        (("comply", "frameworks", place), one, "") for place, one in enumerate(comply.frameworks)
    ]
    named += [
        (("comply", "exclude", place), one.framework, one.clause)
        for place, one in enumerate(comply.exclude)
    ]
    named += [
        (("comply", "link", place), one.framework, one.clause)
        for place, one in enumerate(comply.link)
    ]
    if not named:
        return
    from bartizan.frameworks.reading import frameworks  # noqa: PLC0415 (slow: reads every file)

    known = {one.id: [clause.id for clause in one.clauses] for one in frameworks()}
    for path, framework, clause in named:
        below = () if path[1] == "frameworks" else ("framework",)
        if framework not in known and not comply.clause_files:
            why = f"no framework {framework!r}" + nearest(framework, known)
            source.refuse((*path, *below), why)
        if clause and framework in known and clause not in known[framework]:
            why = f"{framework} has no clause {clause!r}" + nearest(clause, known[framework])
            source.refuse((*path, "clause"), why)


def _modest(config: Config, *, source: Source) -> None:
    """That a control is all that a law asks for is nobody's to write into a project file."""
    whole = ("equal", "superset")
    links = [one for one in enumerate(config.comply.link) if one[1].relationship in whole]
    if not links:
        return
    from bartizan.frameworks.reading import frameworks  # noqa: PLC0415 (slow: reads every file)

    shipped = {one.id for one in frameworks()}
    for place, row in links:
        if row.framework in shipped:
            why = (
                f"{row.relationship!r} is for clauses of your own files; of {row.framework}, a "
                "link of the project says at most that a control answers a part: 'subset' or "
                "'intersects'"
            )
            source.refuse(("comply", "link", place, "relationship"), why)
