import dataclasses

import msgspec

from bartizan.core.schema import Feature, Image, Schema
from bartizan.supply.bom.metrics import metrics
from bartizan.supply.bom.model_card import model_card
from unit.report.samples import sample_report
from unit.supply.bom.samples import ROOT, report_of, sample_facts


def test_metrics_have_their_interval_and_say_of_which_slice_they_are() -> None:
    found = metrics([report_of(ROOT)])
    (one,) = (
        metric
        for metric in found
        if metric["type"] == "attack-success" and "hop-skip-jump" in metric["slice"]
    )
    assert one == {
        "type": "attack-success",
        "value": "0.74",
        "slice": (
            "attacker=fraudster; standing=declared; access=labels; classes=fraud; "
            "data=holdout.parquet; rows=300; entry=evasion.hop-skip-jump"
        ),
        "confidenceInterval": {"lowerBound": "0.7", "upperBound": "0.78"},
    }


def test_every_number_of_a_report_is_there_once_and_no_other() -> None:
    report = sample_report()
    measured = [m for f in report.findings for m in f.measures if m.value is not None]
    found = metrics([report])
    assert len(found) == len(measured)
    assert sorted(float(one["value"]) for one in found) == sorted(m.value or 0 for m in measured)


def test_a_number_without_value_is_left_out_and_its_unit_is_named() -> None:
    found = metrics([sample_report()])
    assert not any("evasion.transfer" in one["slice"] for one in found)
    assert {one["type"] for one in found if "price" in one["type"]} == {"median-price (money)"}


def test_numbers_read_back_as_the_same_numbers() -> None:
    report = sample_report()
    finding = report.findings[0]
    measure = msgspec.structs.replace(finding.measures[0], value=1 / 3, low=None, high=None)
    changed = msgspec.structs.replace(finding, measures=(measure,))
    (one,) = metrics([msgspec.structs.replace(report, findings=(changed,))])
    assert float(one["value"]) == 1 / 3
    assert "confidenceInterval" not in one


def test_columns_stand_in_the_order_of_the_model_and_categories_are_only_counted() -> None:
    facts = sample_facts()
    parameters = model_card(facts)["modelParameters"]
    assert [one["format"] for one in parameters["inputs"]] == [
        "amount: number, at least 0, at most 1e+06",
        "iban: categorical, 2 categories, personal",
    ]
    assert parameters["outputs"] == [{"format": "classification: one of honest, fraud"}]


def test_images_are_one_input() -> None:
    facts = sample_facts()
    image = Schema(image=Image(height=2, width=3, channels=1))
    facts = dataclasses.replace(facts, model=dataclasses.replace(facts.model, schema=image))
    (one,) = model_card(facts)["modelParameters"]["inputs"]
    assert one["format"] == "image of 2 x 3 pixels, 1 channels, values from 0 to 255"


def test_a_column_that_may_be_missing_says_so() -> None:
    facts = sample_facts()
    schema = Schema(features=(Feature(name="a", missing=True, identifier=True),))
    facts = dataclasses.replace(facts, model=dataclasses.replace(facts.model, schema=schema))
    (one,) = model_card(facts)["modelParameters"]["inputs"]
    assert one["format"] == "a: number, identifier, may be missing"


def test_considerations_are_the_words_that_were_declared() -> None:
    considerations = model_card(sample_facts())["considerations"]
    assert considerations == {
        "users": ["fraud analysts"],
        "useCases": ["stop a payment for a call back"],
        "technicalLimitations": ["not for transfers"],
        "performanceTradeoffs": ["recall before precision"],
        "ethicalConsiderations": [
            {"name": "people are blocked", "mitigationStrategy": "call back"}
        ],
        "fairnessAssessments": [{"groupAtRisk": "travellers", "harms": "more often blocked"}],
    }
