import pickle
from typing import Any

import pytest

from bartizan.formats.pickles.objections import Rule, objections
from bartizan.formats.pickles.trace import Called, How, Imported, Name, Opaque, Trace

SVC = Name("sklearn.svm._classes", "SVC")
MINE = Name("shop.features", "Ratio")
SYSTEM = Name("os", "system")
BOOSTER = Name("xgboost.core", "Booster")
SCORE = Name("sklearn.metrics._classification", "f1_score")
KIND = Name("builtins", "type")


def trace(**facts: Any) -> Trace:
    return Trace(**{"ending": "stop", "size_bytes": 1, **facts})


def imported(name: Name) -> Imported:
    return Imported(name=name, spelled=name, offset=3)


def called(name: Name | None, how: How = "call", *arguments: Any) -> Called:
    return Called(callee=name, how=how, arguments=arguments, offset=7)


def rules(found: Trace, **options: Any) -> list[Rule]:
    return [one.rule for one in objections(found, **options)]


def test_nothing_speaks_against_numbers() -> None:
    assert rules(trace()) == []


@pytest.mark.parametrize(
    ("name", "rule"), [(SVC, []), (SCORE, []), (MINE, ["import"]), (SYSTEM, ["danger"])]
)
def test_what_is_looked_up_is_on_the_list_or_not(name: Name, rule: list[Rule]) -> None:
    assert rules(trace(imports=(imported(name),))) == rule


@pytest.mark.parametrize(
    ("name", "how", "rule"),
    [
        (SVC, "new", []),
        (SVC, "state", []),
        (SVC, "call", []),
        (BOOSTER, "new", []),
        (BOOSTER, "state", []),
        (BOOSTER, "call", ["call"]),
        (SCORE, "call", ["call"]),
        (SCORE, "state", ["call"]),
        (KIND, "new", ["call"]),
        (KIND, "state", ["call"]),
        (Name("numpy._core.multiarray", "_reconstruct"), "new", ["call"]),
        (Name("sklearn.svm._classes", "SVC.__setstate__"), "state", ["call"]),
        (Name("sys", "path.append"), "fill", ["danger"]),
        (MINE, "new", ["call"]),
        (MINE, "state", ["call"]),
        (SYSTEM, "call", ["danger"]),
        (None, "call", ["computed"]),
        (None, "state", ["computed"]),
    ],
)
def test_what_runs_may_run_or_not(name: Name | None, how: How, rule: list[Rule]) -> None:
    state = [Opaque("dict")] if how == "state" else []
    assert rules(trace(calls=(called(name, how, *state),))) == rule


def test_the_arguments_of_what_rebuilds_are_judged() -> None:
    rebuild = Name("copyreg", "_reconstructor")
    base = Name("builtins", "object")
    assert rules(trace(calls=(called(rebuild, "call", SVC, base, None),))) == []
    assert rules(trace(calls=(called(rebuild, "call", SVC, SVC, None),))) == ["call"]
    assert rules(trace(calls=(called(rebuild, "call", MINE, base, None),))) == ["call"]


def test_a_class_of_the_user_is_allowed_and_nothing_beside_it() -> None:
    allowed = frozenset({"shop.features.Ratio"})
    rebuild = Name("copyreg", "_reconstructor")
    own = trace(
        imports=(imported(MINE),),
        calls=(
            called(MINE, "new"),
            called(MINE, "state"),
            called(rebuild, "call", MINE, Name("builtins", "object"), None),
        ),
    )
    assert rules(own, allowed=allowed) == []
    other = trace(imports=(imported(Name("shop.features", "Ratio.open")),))
    assert rules(other, allowed=allowed) == ["import"]


def test_an_extension_is_worse_when_something_computed_is_called() -> None:
    assert rules(trace(extensions=(240,))) == ["extension"]
    assert "extension-call" in rules(trace(extensions=(240,), calls=(called(None),)))


def test_persistent_ids_are_usual_in_archives_of_pytorch_only() -> None:
    found = trace(persistent=(5, 9))
    assert rules(found, tensors=True) == []
    (one,) = objections(found)
    assert (one.rule, one.offset, one.count) == ("persistent", 5, 2)


def test_names_of_pytorch_belong_into_its_archives() -> None:
    rebuild = Name("torch._utils", "_rebuild_tensor_v2")
    found = trace(imports=(imported(rebuild),), calls=(called(rebuild),))
    assert rules(found, tensors=True) == []
    assert rules(found) == ["import", "call"]


def test_what_cannot_be_read_to_its_end_is_said_with_what_was_learnt() -> None:
    found = trace(ending="broken", why="no such instruction", calls=(called(SYSTEM),))
    assert rules(found) == ["danger", "broken"]
    assert "no such instruction" in objections(found)[-1].why
    assert rules(trace(ending="cut", size_bytes=9)) == ["broken"]
    assert rules(trace(odd=("a PROTO in the middle",), buffers=1)) == ["buffers", "odd"]


def test_equal_objections_are_one_with_a_count() -> None:
    (one,) = objections(trace(imports=(imported(MINE), imported(MINE))))
    assert (one.count, one.offset, one.what) == (2, 3, "shop.features.Ratio")


def test_the_machine_and_the_list_know_the_same_python() -> None:
    # The names that pickle itself writes, in every protocol, for what is built in.
    from bartizan.formats.content import Budget, Window  # noqa: PLC0415 (for this test only)
    from bartizan.formats.pickles.judged import judged  # noqa: PLC0415 (for this test only)

    plain = [
        {1},
        frozenset("a"),
        b"\xff",
        bytearray(b"a"),
        1j,
        slice(1),
        range(2),
        None,
        type(None),
    ]
    for protocol in range(6):
        raw = pickle.dumps(plain, protocol=protocol)
        found = judged(Window.of(raw), budget=Budget.for_file(len(raw)))
        assert (found.objections, found.size_bytes) == ((), len(raw))
