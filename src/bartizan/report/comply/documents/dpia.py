"""Data protection impact assessment: the four parts of GDPR, article 35(7).

Source: Regulation (EU) 2016/679, article 35; the headings are our own words.
"""

from bartizan.core.skeleton import Section, Skeleton
from bartizan.report.comply.documents import statements as said
from bartizan.report.comply.documents.sheet import DocumentSheet

_PERSONS = ("privacy", "fairness")
"""What is about those concerned: named first, and never left out."""


def made(sheet: DocumentSheet) -> tuple[Skeleton, ...]:
    """One for the system; none if nobody described it."""
    if sheet.system is None:
        return ()
    return (
        Skeleton(
            kind="dpia",
            title="Data protection impact assessment (skeleton)",
            about=sheet.system.system.name,
            basis="Regulation (EU) 2016/679 (GDPR), article 35(7)",
            day=sheet.report.day,
            sections=(_described(sheet), _needed(sheet), _risks(sheet), _measures(sheet)),
            notes=(
                (
                    "Whether an assessment must be made at all is for the controller to say "
                    "(article 35(1) and (3))."
                ),
                (
                    "The advice of the data protection officer (35(2)) and, where fitting, the "
                    "views of those concerned (35(9)) belong to it."
                ),
            ),
        ),
    )


def _described(sheet: DocumentSheet) -> Section:
    return Section(
        id="35(7)(a)",
        title="The processing and its purposes",
        asks="A systematic description of what is done with which data, what for, and, where that "
        "is the legal ground, the legitimate interest.",
        filled=(
            *said.purpose(sheet),
            *said.personal(sheet),
            *said.parts(sheet),
            *said.data(sheet),
            *said.policies(sheet, "processing-record"),
        ),
        gaps=(
            "The legal ground of each purpose; for a legitimate interest, which one, and whose.",
            "Whose data it is, how many persons, where they live, and who receives it.",
            "Transfers to countries outside of the Union, and what safeguards them.",
        ),
    )


def _needed(sheet: DocumentSheet) -> Section:
    return Section(
        id="35(7)(b)",
        title="Necessity and proportion",
        asks="Why each processing is needed for the purpose, and does not go beyond it.",
        filled=(
            *said.clauses(sheet, framework="gdpr", ids=("Article 5", "Article 22", "Article 25")),
            *said.policies(sheet, "data-handling", "retirement"),
            *said.oversight(sheet),
        ),
        gaps=(
            "Why the purpose cannot be reached with less data, or without a model that decides.",
            "Why the data is kept as long as it is.",
            (
                "How those concerned are told, see their data, have it corrected and erased, "
                "object, and reach a person who reviews a decision."
            ),
        ),
    )


def _risks(sheet: DocumentSheet) -> Section:
    return Section(
        id="35(7)(c)",
        title="Risks to rights and freedoms",
        asks="What may happen to those concerned, how likely and how bad.",
        filled=(*said.threats(sheet, first=_PERSONS), *said.opened(sheet, first=_PERSONS)),
        gaps=(
            (
                "What each threat means for those concerned, and not for the owner: the priorities "
                "above rank threats to the system."
            ),
            "Risks that need no attacker: errors for some groups, wrong data, loss of recourse.",
        ),
    )


def _measures(sheet: DocumentSheet) -> Section:
    return Section(
        id="35(7)(d)",
        title="Measures against the risks",
        asks="Safeguards and security measures, and how they are shown.",
        filled=(
            *said.controls(sheet),
            *said.clauses(sheet, framework="gdpr", ids=("Article 32", "Article 33")),
            *said.policies(sheet, "incident-response", "model-access"),
        ),
        gaps=(
            "Measures that no program can see: contracts, training, rights of access to rooms.",
            "What remains, who accepts it, and whether the authority must be asked (article 36).",
        ),
    )
