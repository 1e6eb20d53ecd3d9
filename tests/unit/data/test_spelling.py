import pytest

from bartizan.data.inspections.spelling import Spelling, folded, suspects
from timing import within


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("red", "red"),
        (" RED ", "red"),
        ("rde", "red"),
        ("grene", "green"),
        ("gren", "green"),
        ("greeen", "green"),
        ("purple", ""),
        ("", ""),
    ],
)
def test_a_typo_names_what_was_meant(text: str, meant: str) -> None:
    assert Spelling(["red", "green", "blue"]).meant(text) == meant


def test_two_letters_wrong_are_still_near() -> None:
    assert Spelling(["transfer", "payment"]).meant("trasnfre") == "transfer"


def test_a_hundred_thousand_names_are_searched_in_no_time() -> None:
    spelling = Spelling(f"merchant {at:06d}" for at in range(100_000))
    assert spelling.meant("merchant 01234") in spelling.known
    asked = ["MERCHANT 012345.", "merchxnt 012345", "shop 1", "merchant-nr 77"]
    # Where thousands are alike the nearest says nothing.
    assert within(2, lambda: [spelling.meant(name) for name in asked]) == [
        "merchant 012345",
        "merchant 012345",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Fraud", "fraud ", True),
        ("fraud.", "fraud", True),
        ("1", "1.0", True),
        ("<=50K", "<=50K.", True),
        ("<=50K", ">50K", False),
        ("-1", "1", False),
        ("\uff46raud", "fraud", True),
        ("inf", "nan", False),
    ],
)
def test_folding_drops_what_nobody_means(first: str, second: str, *, same: bool) -> None:
    assert (folded(first) == folded(second)) is same


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ({"fraud": 500, "fruad": 2, "normal": 9000}, {"fruad": "fraud"}),
        ({"Fraud": 300, "fraud": 290}, {"fraud": "Fraud"}),
        ({"fraud": 500, "frauds": 5}, {"frauds": "fraud"}),
        ({"fraud": 500, "fraudx": 50}, {}),  # too frequent for a typo
        ({"nmap.": 2316, "imap.": 12}, {}),  # too short
        ({"class1": 5000, "class2": 3}, {}),  # they differ in a digit
        ({"male": 1000, "female": 5}, {}),
        ({"normal": 1000, "nromal": 1, "Normal": 3}, {"nromal": "normal", "Normal": "normal"}),
        ({}, {}),
    ],
)
def test_labels_that_look_like_typos_are_told_from_labels(
    counts: dict[str, int], found: dict[str, str]
) -> None:
    assert suspects(counts) == found
