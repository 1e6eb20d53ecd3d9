import re

import pytest

from bartizan.adapt.images.array_names import paired
from bartizan.core.errors import SchemaError

IMAGES, LABELS = (9, 8, 8), (9,)


def pair(*names: str, target: str | None = None) -> tuple[str, str]:
    """Arrays of images, and of labels where a name says so."""
    told = {name: LABELS if re.search("y|label|target|track", name) else IMAGES for name in names}
    return paired(told, target=target, where="f.npz")


@pytest.mark.parametrize(
    ("names", "target", "found"),
    [
        (("x", "y"), None, ("x", "y")),
        (("X", "Y"), None, ("X", "Y")),
        (("images", "labels"), None, ("images", "labels")),
        (("data", "target"), None, ("data", "target")),
        (("x", "y", "track"), "y", ("x", "y")),
        (("x_test", "y_test", "x_train", "y_train"), "y_test", ("x_test", "y_test")),
        (("x_test", "y_test", "x_train", "y_train"), "y_train", ("x_train", "y_train")),
        (("X_test", "y_test"), None, ("X_test", "y_test")),
        (("a_images", "a_labels", "b_images"), "a_labels", ("a_images", "a_labels")),
        (("x", "track"), "track", ("x", "track")),
        (("arr_0", "y"), "y", ("arr_0", "y")),
    ],
)  # fmt: skip
def test_what_belongs_together_is_found(
    names: tuple[str, ...], target: str | None, found: tuple[str, str]
) -> None:
    assert pair(*names, target=target) == found


def test_several_sets_are_never_guessed_between() -> None:
    with pytest.raises(SchemaError, match=r"several sets; choose one .*: y_train, y_test"):
        pair("x_train", "y_train", "x_test", "y_test")


def test_a_target_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(SchemaError, match="no array 'y_tst' of labels; did you mean 'y_test'"):
        pair("x_test", "y_test", target="y_tst")


def test_names_that_say_nothing_are_listed() -> None:
    with pytest.raises(SchemaError, match=r"it holds arr_0 \(9, 8, 8\).*target="):
        pair("arr_0", "arr_1")
    with pytest.raises(SchemaError, match="2 arrays could be the images of the labels 'y'"):
        pair("arr_0", "arr_1", "y", target="y")
    with pytest.raises(SchemaError, match="no array could be the images"):
        pair("y", target="y")
