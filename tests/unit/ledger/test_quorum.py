from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.core.errors import LedgerError
from bartizan.ledger.quorum import NONE, Group, Quorum

# The example of tlog-policy: two of the Xs and any of the Ys.
EXAMPLE = Quorum(
    "X-and-Y",
    (
        Group("X", 2, ("X1", "X2", "X3")),
        Group("Y", 1, ("Y1", "Y2", "Y3")),
        Group("X-and-Y", 2, ("X", "Y")),
    ),
)
NAMES = ("X1", "X2", "X3", "Y1", "Y2", "Y3")


def test_the_example_of_the_specification_means_what_it_says() -> None:
    for have in chain.from_iterable(combinations(NAMES, n) for n in range(7)):
        enough = sum(name[0] == "X" for name in have) >= 2 and any(n[0] == "Y" for n in have)
        assert EXAMPLE.met(have) == enough


def test_one_witness_can_be_a_quorum_and_none_asks_for_nobody() -> None:
    assert Quorum("W").met(["W"])
    assert not Quorum("W").met(["V"])
    assert Quorum(NONE).met([])


def test_a_name_that_nobody_defined_is_never_met() -> None:
    assert not Quorum("ghost").met(["W"])
    assert not Quorum("g", (Group("g", 1, ("ghost",)),)).met(["W"])


@pytest.mark.parametrize("need", [0, 3, -1])
def test_a_group_needs_one_to_all_of_its_members(need: int) -> None:
    with pytest.raises(LedgerError, match="expected 1 to all"):
        Group("g", need, ("a", "b"))


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 5)))
def test_since_is_the_latest_time_at_which_enough_had_spoken(times: dict[str, int]) -> None:
    def enough_at(at: int) -> bool:
        return EXAMPLE.met(name for name, when in times.items() if when >= at)

    since = EXAMPLE.since(times)
    possible = [at for at in range(1, 6) if enough_at(at)]
    assert since == (max(possible) if possible else None)


def test_a_time_of_zero_says_nothing() -> None:
    quorum = Quorum("g", (Group("g", 2, ("a", "b")),))
    assert quorum.since({"a": 0, "b": 5}) is None
    assert quorum.since({"a": 4, "b": 5}) == 4
    assert Quorum(NONE).since({"a": 0, "b": 5}) == 5
    assert Quorum(NONE).since({}) is None


def test_an_indivisible_quorum_cannot_be_met_twice() -> None:
    for need, of, expected in ((1, 1, False), (1, 2, True), (2, 3, False), (2, 4, True)):
        names = tuple(f"w{i}" for i in range(of))
        assert Quorum("g", (Group("g", need, names),)).divisible() is expected
    assert not EXAMPLE.divisible()  # of the three Xs, two are needed each time
    assert not Quorum("W").divisible()
    assert Quorum(NONE).divisible()


@st.composite
def trees(draw: st.DrawFn) -> Quorum:
    """Seven witnesses in groups at random, and groups of those."""
    free = [f"w{i}" for i in range(7)]
    groups: list[Group] = []
    while len(free) > 1 and len(groups) < 6:
        members = draw(st.lists(st.sampled_from(free), min_size=1, max_size=4, unique=True))
        name = f"g{len(groups)}"
        groups.append(Group(name, draw(st.integers(1, len(members))), tuple(members)))
        free = [*(one for one in free if one not in members), name]
    return Quorum(draw(st.sampled_from([one.name for one in groups])), tuple(groups))


@given(trees())
def test_divisible_means_that_some_two_halves_are_both_enough(quorum: Quorum) -> None:
    names = [f"w{i}" for i in range(7)]
    halves = ({n for i, n in enumerate(names) if mask >> i & 1} for mask in range(128))
    assert quorum.divisible() == any(
        quorum.met(half) and quorum.met(set(names) - half) for half in halves
    )
