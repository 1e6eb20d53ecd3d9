"""Model cards: what a model is, what it is for, and how it was found to behave.

Source: Mitchell and others, Model Cards for Model Reporting (2019), section 4: its nine parts.
"""

from collections.abc import Iterator, Sequence

from bartizan.core.evidence import Subject
from bartizan.core.report import Gap, Report
from bartizan.core.skeleton import Paragraph, Section, Skeleton
from bartizan.report.comply.documents import statements as said
from bartizan.report.comply.documents.sheet import Card, DocumentSheet


def made(sheet: DocumentSheet) -> tuple[Skeleton, ...]:
    """One for each model of the day."""
    return tuple(_card(one, sheet=sheet) for one in sheet.report.subjects if one.kind == "model")


def _card(model: Subject, *, sheet: DocumentSheet) -> Skeleton:
    card = next((one for one in sheet.cards if one.model == model.name), Card(model=model.name))
    runs = tuple(
        one for one in sheet.runs if any(two.digest == model.digest for two in one.subjects)
    )
    return Skeleton(
        kind="model-card",
        title="Model card (skeleton)",
        about=model.name,
        basis="Model Cards for Model Reporting (Mitchell and others, 2019)",
        day=sheet.report.day,
        sections=(
            *_what(model, card=card),
            *_tested(runs, card=card),
            *_data(runs, sheet=sheet),
            *_caution(runs, card=card, sheet=sheet),
        ),
    )


def _what(model: Subject, *, card: Card) -> tuple[Section, ...]:
    identity = Paragraph(
        text=f"{model.name}: {model.digest}. {model.detail}".strip(), source="its bytes"
    )
    details = ("version", "description", "released", "supplier", "producer", "license")
    return (
        Section(
            id="details",
            title="The model",
            asks="Who made it, when, which version, of what kind, under which licence.",
            filled=(
                identity,
                *said.declared(card, *details, "approach", "architecture", "training"),
            ),
            gaps=_lacking(card, *details),
        ),
        Section(
            id="use",
            title="What it is for",
            asks="Uses and users it was made for, and those that it was not.",
            filled=tuple(said.declared(card, "use cases", "users")),
            gaps=(*_lacking(card, "use cases", "users"), "Uses that are out of its scope."),
        ),
    )


def _tested(runs: Sequence[Report], *, card: Card) -> tuple[Section, ...]:
    found = [one for run in runs for one in said.measured(run, entries=("utility",))]
    groups = [one for run in runs for one in said.measured(run, entries=("fairness",))]
    nothing = () if runs else ("No assessment of this model as it is now stands in the store.",)
    return (
        Section(
            id="factors",
            title="Groups and circumstances",
            asks="For whom and under which circumstances it may behave otherwise.",
            filled=(*groups, *said.declared(card, "fairness")),
            gaps=("Groups and circumstances that matter for this use, and why these.",),
        ),
        Section(
            id="metrics",
            title="How well it does",
            asks="Measures, lines between good and bad, and how sure the numbers are.",
            filled=tuple(found),
            gaps=(*nothing, "Why these measures fit the use."),
        ),
    )


def _data(runs: Sequence[Report], *, sheet: DocumentSheet) -> tuple[Section, ...]:
    used = dict.fromkeys(one for run in runs for one in run.subjects)
    evaluated = tuple(
        Paragraph(text=f"{one.name}: {one.digest}. {one.detail}", source="the assessment")
        for one in used
        if one.kind == "data"
    )
    return (
        Section(
            id="evaluation-data",
            title="Data it was tested on",
            asks="Which data, why this, and how it was prepared.",
            filled=evaluated,
            gaps=("Why this data, and how it was prepared.",),
        ),
        Section(
            id="training-data",
            title="Data it was trained on",
            asks="The same of the data that it learned from.",
            filled=(*_trained_on(sheet), *said.data(sheet)),
            gaps=("Which of these versions it was trained on, and who is in it.",),
        ),
    )


def _trained_on(sheet: DocumentSheet) -> Iterator[Paragraph]:
    """Data that the project file calls training data."""
    for one in sheet.report.subjects:
        if one.kind == "data" and one.name in sheet.training:
            text = f"{one.name}: {one.digest}. {one.detail}".strip()
            yield Paragraph(text=text, source='bartizan.toml, [[data]] role = "train"; its bytes')


def _caution(runs: Sequence[Report], *, card: Card, sheet: DocumentSheet) -> tuple[Section, ...]:
    told = ("utility", "fairness")
    attacked = [one for run in runs for one in said.measured(run, without=told)]
    return (
        Section(
            id="analyses",
            title="What attacks and checks found",
            asks="Results, one by one.",
            filled=tuple(attacked),
            gaps=() if attacked else ("No results: nobody attacked this model as it is now.",),
        ),
        Section(
            id="ethics",
            title="Ethical considerations",
            asks="Sensitive data, harm to people, what was done about it.",
            filled=(*said.declared(card, "risks"), *said.personal(sheet)),
            gaps=_lacking(card, "risks"),
        ),
        Section(
            id="caveats",
            title="Limits",
            asks="What it cannot do, and what was not tested.",
            filled=(
                *said.declared(card, "limitations", "tradeoffs"),
                *(
                    Paragraph(text=f"Not tested: {one.what}. {one.why}", source="the assessment")
                    for one in _untested(runs)
                ),
            ),
            gaps=_lacking(card, "limitations"),
        ),
    )


def _untested(runs: Sequence[Report]) -> Iterator[Gap]:
    """What no run looked at; the newest says why."""
    told = [{one.what for one in run.coverage.gaps} for run in runs]
    for one in runs[-1].coverage.gaps if runs else ():
        if all(one.what in some for some in told):
            yield one


def _lacking(card: Card, *topics: str) -> tuple[str, ...]:
    """A gap for each topic of which nobody declared anything."""
    known = {topic for topic, _ in card.said}
    return tuple(
        f"{topic.capitalize()}: declare it in bartizan.toml under [supply.card.{card.model}]."
        for topic in topics
        if topic not in known
    )
