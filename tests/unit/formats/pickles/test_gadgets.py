"""Ways to run something out of listed names alone, which a review found, stay closed."""

import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from sklearn.metrics import DistanceMetric
from sklearn.utils import Bunch

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.judged import judged


def objections(raw: bytes) -> set[str]:
    found = judged(Window.of(raw), budget=Budget.for_file(len(raw)), tensors=False)
    return {one.what for one in found.objections}


def test_a_distance_that_calls_a_function_is_on_no_list() -> None:
    assert objections(pickle.dumps(DistanceMetric.get_metric("pyfunc", func=max)))


def test_an_object_with_whatever_methods_a_file_gives_it_is_on_no_list() -> None:
    assert objections(pickle.dumps(SimpleNamespace(append=1)))


def filled(maker: Any, instruction: bytes) -> bytes:
    """An object of a class, and an instruction that fills it."""
    return b"\x80\x02" + pickle.dumps(maker, protocol=2)[2:-1] + b")\x81" + instruction + b"."


@pytest.mark.parametrize("instruction", [b"K\x01a", b"(K\x01e", b"(K\x01\x90"])
def test_what_is_no_container_is_not_filled(instruction: bytes) -> None:
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415 (slow to import)

    assert objections(filled(StandardScaler, instruction))


def test_containers_that_models_hold_are_filled() -> None:
    from collections import Counter, OrderedDict, defaultdict, deque  # noqa: PLC0415

    for one in (OrderedDict(a=1), Counter("abc"), defaultdict(int, a=1), deque([1]), Bunch(a=1)):
        assert not objections(pickle.dumps(one, protocol=4)), type(one)


def test_a_container_is_given_no_attributes() -> None:
    from collections import OrderedDict  # noqa: PLC0415

    one: Any = OrderedDict(a=1)
    one.append = len
    assert objections(pickle.dumps(one))


def test_what_trees_with_categories_check_their_rows_with_is_listed() -> None:
    from sklearn.utils.validation import check_array  # noqa: PLC0415 (slow to import)

    assert not objections(pickle.dumps(check_array))
