"""What is asked of whoever described a system, in whole sentences."""

from bartizan.core.system import Element
from bartizan.threat.condition import Missing
from bartizan.threat.landscape import Landscape

_ASKED = {
    "role": "who is {name} to the owner",
    "gains": "does a wrong decision pay for {name}",
    "auth": "how do callers of {name} prove who they are",
    "least_privilege": "can each account of {name} do no more than its work needs",
    "rate_limit": "what limits how often {name} can be asked",
    "input_validation": "is what comes into {name} checked against types, ranges and sizes",
    "returns_scores": "do answers of {name} hold scores, and not the decision alone",
    "explanations_exposed": "does {name} tell callers which features decided",
    "modality": "what does {name} look at",
    "physical_input": "does a sensor of {name} look at a world that others can arrange",
    "format": "in which format does {name} keep models",
    "pretrained": "did {name} begin as somebody else's model",
    "details_public": "can anybody read which features or architecture {name} has",
    "affects_people": "do decisions of {name} have an effect on single persons",
    "human_review": "does a person look at decisions of {name} before they take effect",
    "retrained": "how is {name} trained anew",
    "label_source": "who says what is right, in the labels that {name} learns from",
    "feedback_loop": "do decisions of the model shape the data that {name} learns from",
    "validation_gate": "is what comes out of {name} tested before it is used, and can be refused",
    "provenance": "is it recorded where {name} got its content from",
    "signed": "are files of {name} signed, and the signatures checked before use",
    "append_only": "would a change of what {name} holds be noticed",
    "encrypted": "is {name} encrypted",
    "secrets": "where do passwords and keys of {name} lie",
    "pinned_dependencies": "are packages of {name} pinned and checked for known holes",
    "isolated": "does {name} run without rights over its host",
    "hardened": "are host and image of {name} patched, and offer nothing that is not needed",
    "egress_limited": "can {name} reach only the addresses that it needs",
    "replicated": "does another one take over when {name} fails",
    "fallback": "is there a way to decide without {name}",
    "audit_log": "is it recorded who did what on {name}",
    "monitored": "is somebody told when inputs, answers or load of {name} are unusual",
    "rollback": "can the version of {name} before be put back at once",
    "backup": "do copies of {name} lie where whoever takes it over cannot delete them",
    "changes_reviewed": "does somebody else look at each change of {name} before it runs",
    "classification": "how confidential is {name}",
    "personal": "does {name} tell something about persons",
    "special": "does {name} tell of health, beliefs or biometrics of persons",
    "retention_days": "for how long is {name} kept",
    "stakes": "what does a wrong decision cost at worst",
    "decides_about_people": "do decisions have an effect on single persons",
    "creditworthiness": "are scores used to say whether somebody is worth credit",
    "financial_entity": "does a bank, payment firm or insurer run the system",
    "essential_entity": "does an essential or important entity (NIS 2) run the system",
    "high_risk": "is the system a high-risk AI system (EU AI Act, article 6)",
    "medical_device": "is the system a medical device (Regulation (EU) 2017/745)",
    "product_with_digital_elements": "is the system sold as a product that holds software (CRA)",
    "health_data": "does the system work on data about people's health",
}


def question_text(missing: Missing, *, landscape: Landscape) -> str:
    """A question about one attribute, with the name that people know.

    Example:
        >>> from bartizan.core.system import System, SystemSpec
        >>> empty = Landscape(System(system=SystemSpec(name="cards")))
        >>> question_text(Missing("system", "stakes"), landscape=empty)
        'What does a wrong decision cost at worst?'
    """
    kind, _, name = missing.owner.partition(" ")
    titled: dict[str, Element | object] = {
        "element": landscape.elements.get(name),
        "asset": landscape.assets.get(name),
    }
    title = getattr(titled.get(kind), "title", "") or (
        f"the flow {name}" if kind == "flow" else name
    )
    return asked_of(missing.attribute, title)


def asked_of(attribute: str, name: str) -> str:
    """The question after an attribute, about something of that name.

    Example:
        >>> asked_of("auth", "the API")
        'How do callers of the API prove who they are?'
    """
    text = _ASKED[attribute].format(name=name)
    return f"{text[:1].upper()}{text[1:]}?"
