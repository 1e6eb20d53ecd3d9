"""Numbers that others have counted in public data sets."""

import os
from pathlib import Path

import pytest

from bartizan.adapt.batches.reading import Batches, open_batches
from bartizan.data.inspection import Brief
from bartizan.data.inspections import categories, duplicates, leakage
from unit.data.batches import NOW, inspected, outcome, rows_of

FOLDER = Path(os.environ.get("BARTIZAN_DATA", "/nonexistent"))
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not FOLDER.is_dir(), reason="BARTIZAN_DATA does not name a folder of public data sets"
    ),
]


def opened(path: str, *, target: str, has_header: bool = True) -> Batches:
    return open_batches(FOLDER / path, target=target, has_header=has_header)


def brief(batches: Batches) -> Brief:
    return Brief(
        name=batches.name, schema=batches.schema, assumed=True, target=batches.target, now=NOW
    )


def test_the_phishing_websites_hold_the_repeated_rows_that_are_known() -> None:
    data = opened("phishing-websites/phishing_website.csv.gz", target="Result")
    result = inspected(duplicates, list(data), brief=brief(data))
    assert round((result.measures[1].value or 0) * 11_055) == 5_206
    assert outcome(duplicates, result) == "fail"  # 1.03 % contradict each other


def test_halves_of_the_phishing_websites_leak_and_those_of_german_credit_do_not() -> None:
    for path, target, header, found in (
        ("phishing-websites/phishing_website.csv.gz", "Result", True, "fail"),
        ("german-credit/german.csv.gz", "c20", False, "pass"),
    ):
        data = open_batches(FOLDER / path, target=target, has_header=header, batch_rows=500)
        batches = list(data)
        told = Brief(
            name="half",
            schema=data.schema,
            target=target,
            others={"rest": batches[1:]},
            now=NOW,
        )
        assert outcome(leakage, inspected(leakage, batches[:1], brief=told)) == found


@pytest.mark.parametrize(
    ("path", "target", "has_header"),
    [
        ("nsl-kdd/KDDTrain+_20Percent.csv.gz", "c41", False),
        ("nsl-kdd/KDDTest+.csv.gz", "c41", False),
        ("adult/adult-train.csv.gz", "c14", False),
        ("ulb-creditcard/creditcard_union_sample.csv.gz", "Class", True),
    ],
)
def test_labels_of_public_sets_are_no_typos_and_their_twins_agree(
    path: str, target: str, *, has_header: bool
) -> None:
    data = opened(path, target=target, has_header=has_header)
    batches = list(data)
    labels = inspected(categories, batches, brief=brief(data))
    assert not any("did you mean" in remark for remark in labels.remarks)
    assert outcome(duplicates, inspected(duplicates, batches, brief=brief(data))) == "pass"


@pytest.mark.slow
def test_kdd_has_as_many_different_rows_as_is_published() -> None:
    # Tavallaee et al. (2009) removed repeated rows of KDD Cup 1999; of the 10 %, 145,586 are left.
    data = opened("kddcup99/kddcup.data_10_percent.gz", target="c41", has_header=False)
    result = inspected(duplicates, list(data), brief=brief(data))
    repeated = result.measures[1].value or 0
    assert round(494_021 * (1 - repeated)) == 145_586
    assert len(rows_of(result)) <= 4
