"""No index of pandas is made in a time zone that is spelled out: it may be the path of a file."""

import io
import pickle
from typing import Any

import joblib
import pytest

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.index_zones import may_name_zone
from bartizan.formats.pickles.judged import judged
from bartizan.formats.pickles.trace import Made, Name, Opaque

DATES = Name("pandas.core.indexes.datetimes", "_new_DatetimeIndex")
PATH = "dateutil//etc/zone"


class Calls:
    """Is pickled as a call."""

    def __init__(self, function: Any, *given: Any) -> None:
        self.made = (function, given)

    def __reduce__(self) -> Any:
        return self.made


def objections(thing: Any) -> list[str]:
    raw = pickle.dumps(thing)
    found = judged(Window.of(raw), budget=Budget.for_file(len(raw)))
    return [one.rule for one in found.objections]


@pytest.mark.parametrize("key", ["tz", "dtype"])
@pytest.mark.parametrize(
    "value", [PATH, Opaque("str"), Made(None), Made(Name("numpy._core.multiarray", "scalar"))]
)
def test_a_text_may_be_a_path(key: str, value: object) -> None:
    assert may_name_zone(DATES, {key: value})


def test_a_dict_that_nobody_can_tell_may_hold_one() -> None:
    assert may_name_zone(DATES, None)


@pytest.mark.parametrize("zone", [None, Made(Name("pytz", "_p")), Made(Name("numpy", "dtype"))])
def test_an_object_is_no_path(zone: object) -> None:
    assert not may_name_zone(DATES, {"data": Opaque("bytes"), "tz": zone})
    assert not may_name_zone(Name("numpy", "ndarray"), None)


def test_pickles_that_spell_a_zone_are_told() -> None:
    pd, np = pytest.importorskip("pandas"), pytest.importorskip("numpy")
    from pandas.core.indexes import base, datetimes  # noqa: PLC0415 (an extra)

    typed = f"datetime64[ns, {PATH}]"
    number = np.array([0])
    for function, given in (
        (datetimes._new_DatetimeIndex, (pd.DatetimeIndex, {"data": number, "tz": PATH})),
        (datetimes._new_DatetimeIndex, (pd.DatetimeIndex, {"data": number, "tz": np.str_(PATH)})),
        (datetimes._new_DatetimeIndex, (pd.DatetimeIndex, {np.str_("tz"): np.str_(PATH)})),
        (base._new_Index, (pd.Index, {"data": number, "dtype": typed})),
        (pd.DatetimeIndex, (number, PATH)),
        (pd.Series, (number, None, typed)),
        (pd.DataFrame, (number, None, None, typed)),
        (pd.IntervalDtype, (typed,)),
        (pd.SparseDtype, (typed,)),
    ):
        assert objections(Calls(function, *given)), (function, given)


def test_what_pandas_pickles_is_not() -> None:
    pd = pytest.importorskip("pandas")
    days = pd.date_range("2026-01-01", periods=3, freq="D")
    for thing in (
        days,
        days.tz_localize("UTC"),
        pd.interval_range(0, 3),
        pd.period_range("2026-01", periods=3, freq="M"),
        pd.MultiIndex.from_product([["a"], [1, 2]], names=["x", "y"]),
        pd.CategoricalIndex(["a"]),
        pd.RangeIndex(3, name="row"),
        pd.DataFrame({"when": days, "what": 1}).set_index("when"),
    ):
        for protocol in range(6):
            raw = pickle.dumps(thing, protocol=protocol)
            found = judged(Window.of(raw), budget=Budget.for_file(len(raw)))
            assert not found.objections, (thing, protocol, found.objections)
        file = io.BytesIO()
        joblib.dump(thing, file)
        plain = file.getvalue()
        assert not judged(Window.of(plain), budget=Budget.for_file(len(plain))).objections
