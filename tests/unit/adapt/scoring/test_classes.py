import pytest

from bartizan.adapt.scoring.classes import match_classes
from bartizan.core.errors import SchemaError
from bartizan.core.schema import Label


@pytest.mark.parametrize(
    ("model", "data", "classes", "order"),
    [
        ((0, 1), (0, 1), (0, 1), [0, 1]),
        (("b", "a"), ("a", "b"), ("a", "b"), [1, 0]),
        ((0, 1), ("0", "1"), ("0", "1"), [0, 1]),
        (("False", "True"), (0, 1), (0, 1), [0, 1]),
        (("1.0", "2.0"), (1, 2), (1, 2), [0, 1]),
        (("a", "b", "c"), ("a", "c"), ("a", "c", "b"), [0, 2, 1]),
    ],
)
def test_named_classes_are_matched_by_text(
    model: tuple[Label, ...], data: tuple[Label, ...], classes: tuple[Label, ...], order: list[int]
) -> None:
    made, columns = match_classes(model, data=data, naming="names")
    assert made == classes
    assert columns.tolist() == order


def test_positions_are_the_data_s_classes_in_order() -> None:
    classes, order = match_classes((0, 1), data=("ham", "spam"), naming="places")
    assert classes == ("ham", "spam")
    assert order.tolist() == [0, 1]


def test_positions_are_numbers_where_the_data_has_such_numbers() -> None:
    classes, order = match_classes((0, 1, 2), data=(0, 2), naming="numbers")
    assert classes == (0, 2, 1)
    assert order.tolist() == [0, 2, 1]


def test_class_that_only_the_data_has_is_named() -> None:
    with pytest.raises(SchemaError, match=r"the data has class 'spamm', .* did you mean 'spam'"):
        match_classes(("ham", "spam"), data=("ham", "spamm"), naming="names")


def test_counts_of_unnamed_classes_must_agree() -> None:
    with pytest.raises(SchemaError, match="scores 3 classes without names, the data has 2"):
        match_classes((0, 1, 2), data=("a", "b"), naming="numbers")


def test_named_classes_are_never_matched_by_place() -> None:
    with pytest.raises(SchemaError, match="name its classes in order with classes="):
        match_classes((0, 1), data=("a", "b"), naming="names")


def test_places_are_counted_from_zero_where_the_data_holds_fewer_classes() -> None:
    classes, order = match_classes(tuple(range(1000)), data=(3, 7, 999), naming="places")
    assert classes[:5] == (3, 7, 999, 0, 1)
    assert order[:5].tolist() == [3, 7, 999, 0, 1]
    assert sorted(classes) == sorted(order.tolist()) == list(range(1000))


def test_places_stand_in_order_where_the_counts_agree() -> None:
    classes, order = match_classes((0, 1), data=(1, 2), naming="places")
    assert (classes, order.tolist()) == ((1, 2), [0, 1])


@pytest.mark.parametrize("data", [(0, 2), ("0", "1", "2"), (1, 2, 4), (-1, 0, 1), (0.0, 1.0, 2.0)])
def test_what_is_no_place_is_never_taken_for_one(data: tuple[Label, ...]) -> None:
    with pytest.raises(SchemaError, match="scores 4 classes without names"):
        match_classes((0, 1, 2, 3), data=data, naming="places")
