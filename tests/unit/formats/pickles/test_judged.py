import io
import pickle

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bartizan.formats.content import Budget, Window
from bartizan.formats.pickles.judged import Judged, judged

HONEST = pickle.dumps({"a": 1})
HOSTILE = b"cos\nsystem\n(S'id'\ntR."


def judge(raw: bytes) -> Judged:
    return judged(Window.of(raw), budget=Budget.for_file(len(raw)))


def rules(raw: bytes) -> list[str]:
    return [one.rule for one in judge(raw).objections]


def dumped(thing: object) -> bytes:
    target = io.BytesIO()
    joblib.dump(thing, target)
    return target.getvalue()


def test_every_pickle_in_a_row_is_judged() -> None:
    assert rules(HONEST + HONEST) == []
    assert rules(HONEST + HOSTILE) == ["danger", "danger"]
    found = judge(HONEST + HOSTILE).objections[0]
    assert (found.what, found.offset) == ("os.system", len(HONEST))


def test_bytes_that_are_no_pickle_are_counted_and_not_called_clean() -> None:
    (one,) = judge(HONEST + b"\x00" * 300).objections
    assert (one.rule, one.offset) == ("trailing", len(HONEST))
    assert one.why.startswith("300 bytes follow")


def test_a_file_of_joblib_is_walked_to_its_end() -> None:
    x = np.random.default_rng(0).normal(size=(50, 3))
    raw = dumped([LogisticRegression().fit(x, x[:, 0] > 0), x, np.array(["a", None])])
    found = judge(raw)
    assert (found.objections, found.size_bytes) == ((), len(raw))
    assert found.arrays >= 4


class Unplaced(io.BytesIO):
    """A file that does not know where it is, so that joblib writes arrays without padding."""

    def tell(self) -> int:
        raise io.UnsupportedOperation


def test_instructions_among_the_numbers_of_an_array_are_seen() -> None:
    payload = np.frombuffer(HOSTILE, dtype="u1")
    target = Unplaced()
    joblib.dump(payload, target)
    assert joblib.load(io.BytesIO(target.getvalue())).tobytes() == HOSTILE
    assert "danger" in rules(target.getvalue())  # what pickle.load would run
    assert rules(dumped(payload)) == []  # the padding stops it


def test_objects_in_an_array_are_judged() -> None:
    assert rules(dumped(np.array([len], dtype=object))) == []
    assert rules(dumped(np.array([eval], dtype=object)))[0] == "danger"


@pytest.mark.parametrize("kind", ["danger", "call", "import"])
def test_what_is_wrong_is_seen_wherever_the_file_breaks(kind: str) -> None:
    broken = {
        "danger": b"cos\nsystem\n.",
        "call": b"cshop\nRatio\n)R\xff",
        "import": b"cshop\nRatio\n\xff",
    }[kind]
    assert kind in rules(broken)
