import pytest

from bartizan.core.errors import InputError
from bartizan.core.schema import Feature, Image, Schema
from bartizan.data.room import Size, half_of_available, needed_bytes, require_room

TABLE = Schema(
    features=(
        Feature(name="a"),
        Feature(name="k", type="categorical", categories=tuple("abcde")),
        Feature(name="many", type="categorical", categories=tuple(map(str, range(900)))),
    )
)


def test_the_need_is_the_formula_that_the_guide_tells() -> None:
    size = Size.of(TABLE, classes=4, text_bytes=10)
    assert (size.width, size.plain) == (3, 2 + 5 + 50)
    rows = 1000
    told = (400 << 20) + rows * 8 * (5 * 3 + 4 * 57 + 384 + 6 * 4) + 4 * 10 * rows
    assert needed_bytes(rows, size) == told


def test_every_value_of_a_picture_counts_once_each_way() -> None:
    size = Size.of(Schema(image=Image(height=28, width=28, channels=1)), classes=10)
    assert (size.width, size.plain) == (784, 784)


def test_what_fits_is_let_through_and_the_sample_that_is_named_fits() -> None:
    size = Size.of(TABLE, classes=2)
    limit = 500 << 20
    require_room(1000, size, limit_bytes=limit)
    with pytest.raises(InputError, match=r"1,000,000 rows of 3 values.*0\.5 GiB may") as told:
        require_room(1_000_000, size, limit_bytes=limit)
    fitting = int(str(told.value).split("--sample ")[1].split(",")[0])
    require_room(fitting, size, limit_bytes=limit)
    with pytest.raises(InputError):
        require_room(fitting + 2, size, limit_bytes=limit)
    enough = float(str(told.value).split("--memory ")[1])
    require_room(1_000_000, size, limit_bytes=int(enough * 2**30))


def test_no_sample_is_named_where_none_would_fit() -> None:
    with pytest.raises(InputError, match="allow more with --memory") as told:
        require_room(10, Size.of(TABLE, classes=2), limit_bytes=100 << 20)
    assert "--sample" not in str(told.value)


def test_this_machine_has_some_memory() -> None:
    assert 16 << 20 < half_of_available() < 1 << 50
