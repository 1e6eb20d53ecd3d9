"""Which clauses do not apply, as far as the description of the system says so.

Nobody's silence takes a clause away: what is not said is not known, and the clause stays.
"""

from collections.abc import Collection, Iterable, Sequence

from bartizan.comply.declared import DeclaredExclusion
from bartizan.core.system import System
from bartizan.frameworks.framework import Framework

SHIPPED = (
    "nist-ai-rmf",
    "eu-ai-act",
    "gdpr",
    "hipaa",
    "iso-42001",
    "owasp-ml-top-10",
    "mitre-atlas",
    "owasp-aisvs",
)
"""Frameworks that a report is on where nobody chooses: those with a crosswalk. The rest of what is
shipped names attacks, or is about incidents and not about systems."""
BY = "from the description of the system"
_CARVE_OUT = (
    "[system] creditworthiness = false: its scores do not say whether a person is worth credit; "
    "systems that detect financial fraud are excepted there in so many words"
)

_UNDESCRIBED = (
    "no system is described, so that every framework is taken to apply; [system] says what it "
    "works on and what it decides"
)


def described_exclusions(
    system: System | None, *, frameworks: Iterable[Framework], personal: Sequence[str] = ()
) -> tuple[DeclaredExclusion, ...]:
    """What does not apply to a described system; nothing, where none is described.

    Args:
        system: As it is described.
        frameworks: Whose clauses say which of them are for high-risk systems only.
        personal: Columns that the project file calls personal.
    """
    if system is None:
        return ()
    spec = system.system
    found: list[DeclaredExclusion] = []
    if spec.health_data is False:
        found.append(_out("hipaa", why="[system] health_data = false: it works on no health data"))
    if _impersonal(system) and not _persons(system, personal=personal):
        why = "every [[asset]] says personal = false: no personal data is processed"
        found.append(_out("gdpr", why=why))
    if spec.high_risk is False and not spec.creditworthiness:
        why = "[system] high_risk = false: the article asks this of high-risk systems"
        found += [
            _out(law.id, clause=one.id, why=why)
            for law in frameworks
            for one in law.clauses
            if one.high_risk
        ]
    if spec.creditworthiness is False:
        found.append(_out("eu-ai-act", clause="Annex III 5(b)", why=_CARVE_OUT))
    if spec.decides_about_people is False and not _affecting(system):
        why = "[system] decides_about_people = false: no decision on a single person is taken"
        found.append(_out("gdpr", clause="Article 22", why=why))
    return tuple(found)


def contradictions(system: System | None, *, personal: Sequence[str] = ()) -> tuple[str, ...]:
    """What the description says and cannot be; such a word takes no clause away.

    Args:
        system: As it is described.
        personal: Columns that the project file calls personal.
    """
    if system is None:
        return ()
    spec, found = system.system, []
    if spec.high_risk is False and spec.creditworthiness:
        found.append(
            "[system] says high_risk = false and creditworthiness = true; Annex III 5(b) of the EU "
            "AI Act makes such a system high risk, so that its duties stay"
        )
    if _impersonal(system) and (persons := _persons(system, personal=personal)):
        found.append(
            f"every [[asset]] says personal = false, and {', '.join(persons)}; that is about "
            "persons, so that the GDPR stays"
        )
    if spec.decides_about_people is False and (affecting := _affecting(system)):
        found.append(
            f"[system] says decides_about_people = false, and {', '.join(affecting)}; Article 22 "
            "of the GDPR stays"
        )
    return tuple(found)


def _impersonal(system: System) -> bool:
    """Whether every asset is said not to be about persons."""
    return bool(system.assets) and all(one.personal is False for one in system.assets)


def _persons(system: System, *, personal: Sequence[str]) -> list[str]:
    """What else is said that is about persons."""
    found = [f"{one.id} is special" for one in system.assets if one.special]
    found += [f"column {one} is personal" for one in personal]
    found += ["decides_about_people = true"] if system.system.decides_about_people else []
    return [*found, *_affecting(system)]


def _affecting(system: System) -> list[str]:
    """Elements whose decisions are said to have an effect on single persons."""
    return [f"{one.id} says affects_people = true" for one in system.elements if one.affects_people]


_ASKED = (
    ("health_data", "hipaa", "HIPAA is"),
    ("high_risk", "eu-ai-act", "the duties of the EU AI Act for high-risk systems are"),
    ("creditworthiness", "eu-ai-act", "Annex III 5(b) of the EU AI Act is"),
    ("decides_about_people", "gdpr", "Article 22 of the GDPR is"),
)


def open_questions(system: System | None, *, frameworks: Collection[str]) -> tuple[str, ...]:
    """What the description does not say, and clauses of these frameworks hang on."""
    if system is None:
        return (_UNDESCRIBED,)
    return tuple(
        f"[system] does not say {key}, so that {what} taken to apply"
        for key, framework, what in _ASKED
        if framework in frameworks and getattr(system.system, key) is None
    )


def without(
    frameworks: Iterable[Framework], out: Sequence[DeclaredExclusion]
) -> tuple[list[Framework], list[tuple[Framework, DeclaredExclusion]]]:
    """Frameworks that apply, at least in part; and those that do not, with who says so."""
    whole = {one.framework: one for one in reversed(out) if not one.clause}
    stay: list[Framework] = []
    left: list[tuple[Framework, DeclaredExclusion]] = []
    for one in frameworks:
        if one.id in whole:
            left.append((one, whole[one.id]))
        else:
            stay.append(one)
    return stay, left


def _out(framework: str, *, clause: str = "", why: str) -> DeclaredExclusion:
    return DeclaredExclusion(framework=framework, clause=clause, why=why, who=BY)
