"""The model card: what the model is for, what goes in and out, how well it does, its limits."""

from collections.abc import Iterable

from bartizan.core.schema import Feature, Schema
from bartizan.supply.bom.components import data_ref
from bartizan.supply.bom.declared import DeclaredModel
from bartizan.supply.bom.facts import Facts, ModelFact
from bartizan.supply.bom.metrics import metrics
from bartizan.supply.bom.parts import Part, filled, listed, properties


def model_card(facts: Facts) -> Part:
    """The card of the model; considerations come from what a person declared, and nowhere else."""
    said, measured = facts.declared, metrics(facts.reports)
    return filled(
        {
            "modelParameters": _parameters(facts),
            "quantitativeAnalysis": {"performanceMetrics": measured} if measured else None,
            "considerations": _considerations(said),
            "properties": [
                *properties({"threshold": facts.model.threshold, "training": said.training}),
                *listed("trained-on", sorted(d.name for d in facts.data if d.role == "train")),
            ],
        }
    )


def _parameters(facts: Facts) -> Part:
    said, model = facts.declared, facts.model
    return filled(
        {
            "approach": {"type": said.approach} if said.approach else None,
            "task": model.task,
            "architectureFamily": said.architecture,
            "datasets": [{"ref": data_ref(name)} for name in sorted(d.name for d in facts.data)],
            "inputs": _shaped(_inputs(model.schema)),
            "outputs": _shaped(_outputs(model)),
        }
    )


def _shaped(formats: Iterable[str]) -> list[Part]:
    return [{"format": words} for words in formats]


def _inputs(schema: Schema | None) -> list[str]:
    """One line for each column, in the order in which the model takes them."""
    if schema is None:
        return []
    if schema.image is not None:
        image = schema.image
        size = f"{image.height} x {image.width} pixels, {image.channels} channels"
        return [f"image of {size}, values from {image.min:g} to {image.max:g}"]
    return [_column(feature) for feature in schema.features]


def _column(feature: Feature) -> str:
    """A column in words. Its categories are counted and not listed: they may be personal."""
    words: list[str] = [feature.type]
    if feature.categories:
        words.append(f"{len(feature.categories)} categories")
    if feature.min is not None:
        words.append(f"at least {feature.min:g}")
    if feature.max is not None:
        words.append(f"at most {feature.max:g}")
    words += [name for name in ("personal", "identifier") if getattr(feature, name)]
    if feature.missing:
        words.append("may be missing")
    return f"{feature.name}: {', '.join(words)}"


def _outputs(model: ModelFact) -> list[str]:
    """The classes in the order of the model's outputs."""
    if not model.classes:
        return []
    return [f"{model.task or 'class'}: one of {', '.join(str(one) for one in model.classes)}"]


def _considerations(said: DeclaredModel) -> Part:
    return filled(
        {
            "users": list(said.users),
            "useCases": list(said.use_cases),
            "technicalLimitations": list(said.limitations),
            "performanceTradeoffs": list(said.tradeoffs),
            "ethicalConsiderations": [
                filled({"name": one.name, "mitigationStrategy": one.mitigation})
                for one in said.risk
            ],
            "fairnessAssessments": [
                filled(
                    {
                        "groupAtRisk": one.group,
                        "harms": one.harms,
                        "benefits": one.benefits,
                        "mitigationStrategy": one.mitigation,
                    }
                )
                for one in said.fairness
            ],
        }
    )
