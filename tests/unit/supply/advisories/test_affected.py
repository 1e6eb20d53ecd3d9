from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.supply.advisories.advisory import Affected
from bartizan.supply.advisories.affected import fixed_in, is_affected
from unit.supply.advisories.osv import events


def affected(*ranges: dict[str, Any], versions: tuple[str, ...] = ()) -> Affected:
    return msgspec.convert({"ranges": list(ranges), "versions": list(versions)}, Affected)


TWO_BRANCHES = events(
    ("introduced", "1.0"), ("fixed", "1.4.2"), ("introduced", "2.0"), ("fixed", "2.1")
)


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        ("0.9", "not affected"),
        ("1.0", "affected"),
        ("1.0.0", "affected"),
        ("1.0rc1", "not affected"),
        ("1.4.1.post1", "affected"),
        ("1.4.2", "not affected"),
        ("1.9", "not affected"),
        ("2.0", "affected"),
        ("2.1.dev1", "affected"),
        ("2.1", "not affected"),
        ("2.0+cpu", "affected"),
        ("1!0.1", "not affected"),
    ],
)
def test_a_range_holds_what_lies_between_its_events(version: str, answer: str) -> None:
    assert is_affected(version, affected(TWO_BRANCHES)) == answer


def test_events_may_come_in_any_order() -> None:
    turned = {**TWO_BRANCHES, "events": TWO_BRANCHES["events"][::-1]}
    for version in ("0.9", "1.0", "1.4.2", "2.0", "2.1"):
        assert is_affected(version, affected(turned)) == is_affected(
            version, affected(TWO_BRANCHES)
        )


@pytest.mark.parametrize(
    ("version", "answer"),
    [("1.2.3", "affected"), ("1.2.3+local", "affected"), ("1.2.4", "not affected")],
)
def test_the_last_affected_version_is_affected(version: str, answer: str) -> None:
    one = affected(events(("introduced", "0"), ("last_affected", "1.2.3")))
    assert is_affected(version, one) == answer


def test_zero_stands_for_the_very_first_version() -> None:
    one = affected(events(("introduced", "0"), ("fixed", "2")))
    assert is_affected("0.0.0.dev0", one) == "affected"


@pytest.mark.parametrize(("limit", "answer"), [("3.0", "not affected"), ("*", "affected")])
def test_nothing_is_affected_from_the_limit_on(limit: str, answer: str) -> None:
    one = affected(events(("introduced", "1.0"), ("limit", limit)))
    assert is_affected("3.1", one) == answer


def test_a_listed_version_is_affected_however_it_is_spelled() -> None:
    for version in ("1.10", "1.10.0", "v1.10", "1.10+cu121"):
        assert is_affected(version, affected(versions=("1.9", "1.10"))) == "affected"
    assert is_affected("1.1", affected(versions=("1.9", "1.10"))) == "not affected"


def test_a_listed_version_that_is_none_is_found_as_it_is_spelled() -> None:
    assert is_affected("2004d", affected(versions=("2004d",))) == "affected"


@pytest.mark.parametrize(
    ("version", "one"),
    [
        ("2004d", affected(TWO_BRANCHES)),
        ("1.0", affected(events(("introduced", "one"), ("fixed", "2")))),
        ("1.0", affected(events(("introduced", "0"), ("fixed", "3ab4f"), kind="GIT"))),
        ("1.0", affected(events(("fixed", "2")))),
    ],
)
def test_what_cannot_be_compared_is_never_safe(version: str, one: Affected) -> None:
    assert is_affected(version, one) == "unclear"


def test_commits_beside_versions_do_not_make_it_unclear() -> None:
    git = events(("introduced", "0"), kind="GIT")
    assert is_affected("1.1", affected(git, versions=("1.0",))) == "not affected"


def test_an_advisory_that_names_no_version_is_about_all() -> None:
    assert is_affected("1.0", affected()) == "affected"


def test_nothing_in_place_of_a_list_is_an_empty_one() -> None:
    empty = msgspec.convert({"ranges": None, "versions": ["1.0"]}, Affected)
    assert (is_affected("1.0", empty), is_affected("2.0", empty)) == ("affected", "not affected")
    open_ = msgspec.convert({"ranges": [{"type": "SEMVER", "events": None}]}, Affected)
    assert is_affected("1.0", open_) == "unclear"


def test_fixed_versions_are_those_ahead_in_order() -> None:
    one = affected(TWO_BRANCHES, events(("introduced", "0"), ("fixed", "10.0")))
    assert fixed_in("1.2", [one]) == ("1.4.2", "2.1", "10.0")
    assert fixed_in("2.0", [one]) == ("2.1", "10.0")


_RELEASES = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3))


@given(_RELEASES, st.lists(_RELEASES, min_size=2, max_size=6, unique=True).map(sorted))
def test_a_range_agrees_with_counting_the_events_below(
    version: tuple[int, int, int], edges: list[tuple[int, int, int]]
) -> None:
    # independent: events alternate, so a version is inside after an odd number of them
    pairs = [
        ("fixed" if turn % 2 else "introduced", ".".join(map(str, edge)))
        for turn, edge in enumerate(edges)
    ]
    inside = sum(edge <= version for edge in edges) % 2 == 1
    answer = is_affected(".".join(map(str, version)), affected(events(*pairs)))
    assert answer == ("affected" if inside else "not affected")
