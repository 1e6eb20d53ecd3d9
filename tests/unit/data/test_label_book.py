import numpy as np
import pytest

from bartizan.core.errors import InputError
from bartizan.data.label_book import book_of
from unit.data.batches import TARGET, clean, cut, put, spelled

KEY = bytes(range(32))
BOOK = book_of(cut(put(clean(40), TARGET, {3: None}), size=7), target=TARGET, key=KEY)


def test_the_book_holds_one_hash_and_one_label_a_row() -> None:
    assert BOOK.hashes.dtype == np.uint64
    assert BOOK.codes.dtype == np.uint32
    assert BOOK.classes == ("fraud", "normal")
    assert np.bincount(BOOK.codes).tolist() == [8, 31, 1]
    assert (np.diff(BOOK.hashes.astype(float)) >= 0).all()


def test_cuts_order_and_spelling_of_the_rows_change_nothing() -> None:
    table = put(clean(40), TARGET, {3: None})
    for batches in (cut(table), cut(table[::-1]), cut(spelled(table), size=11)):
        other = book_of(batches, target=TARGET, key=KEY)
        assert np.array_equal(other.hashes, BOOK.hashes)
        assert np.array_equal(other.codes, BOOK.codes)


def test_another_key_gives_other_hashes() -> None:
    other = book_of(cut(clean(40)), target=TARGET, key=bytes(32))
    assert not np.isin(other.hashes, BOOK.hashes).any()


def test_a_book_of_no_rows_is_a_book() -> None:
    empty = book_of(cut(clean()[:0]), target=TARGET, key=KEY)
    assert (empty.hashes.shape, empty.codes.shape, empty.classes) == ((0,), (0,), ())


@pytest.mark.parametrize("key", [b"", b"short", bytes(33)])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(InputError, match="32 random bytes"):
        book_of(cut(clean(5)), target=TARGET, key=key)
