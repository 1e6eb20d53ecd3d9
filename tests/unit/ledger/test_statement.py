import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.checkpoint import Checkpoint
from bartizan.ledger.statement import statement
from signed_logs import NOW, ORIGIN, SignedLog

LOG = SignedLog()
WITHOUT = "Detects accidental change and tampering by parties without the log key."
WITH = "Detects rewriting by the operator after the last witnessed checkpoint"


@dataclass(frozen=True)
class Stamp:
    """A verified anchor."""

    checkpoint: Checkpoint
    kind: str = "rfc3161"
    when: datetime = datetime(2026, 11, 20, 12, tzinfo=UTC)


def said(
    rule: str, times: dict[int, int], *, anchors: tuple[Stamp, ...] = (), now: float = NOW
) -> str:
    rules = ("group g 2 W0 W1 W2",) if rule != "one" else ("group one any W0 W1 W2",)
    trusted = LOG.policy(*rules, f"quorum {rule}").trusted(LOG.note(times), now=now)
    return "\n".join(statement(trusted, now=now, anchors=anchors))


def test_without_witness_or_anchor_only_outsiders_are_detected() -> None:
    found = said("none", {})
    assert WITHOUT in found
    assert WITH not in found
    assert "Does not detect that the operator" in found
    assert "Says nothing about freshness" in found
    assert "5 entries" in found


def test_with_a_quorum_the_operator_is_detected() -> None:
    found = said("g", {0: NOW - 200, 1: NOW - 100})
    assert f"{WITH}, which covers the first 5 entries." in found
    assert (
        "2 witnesses cosigned it (w1.example, w0.example); the policy's quorum 'g' is met" in found
    )
    assert "newest checkpoint at 2027-01-15 07:56:40 UTC, 3 minutes ago" in found
    assert WITHOUT not in found


def test_a_witness_that_nobody_asked_for_is_told_as_such() -> None:
    found = said("none", {1: NOW})
    assert WITH in found
    assert "1 witness cosigned it (w1.example); the policy asks for none." in found


def test_an_anchor_alone_covers_what_it_anchored() -> None:
    older = Checkpoint(ORIGIN, 3, bytes(32))
    found = said("none", {}, anchors=(Stamp(older),))
    assert f"{WITH}, which covers the first 3 entries." in found
    assert "An anchor (rfc3161) shows that the first 3 entries existed by 2026-11-20 12:00" in found
    assert "The last 2 entries are covered by no witness and no anchor yet." in found
    assert "Says nothing about freshness" in found


def test_the_largest_anchor_counts_whatever_the_order() -> None:
    stamps = tuple(Stamp(Checkpoint(ORIGIN, size, bytes(32))) for size in (1, 4, 2))
    for anchors in (stamps, stamps[::-1]):
        found = said("none", {}, anchors=anchors)
        assert "covers the first 4 entries" in found
        assert "The last 1 entry is covered by no witness" in found
        assert "the first 1 entry existed" in found


def test_witnesses_cover_all_that_they_saw_beside_older_anchors() -> None:
    found = said("g", {0: NOW, 1: NOW}, anchors=(Stamp(Checkpoint(ORIGIN, 3, bytes(32))),))
    assert "covers the first 5 entries" in found
    assert "no anchor yet" not in found


@pytest.mark.parametrize(
    ("anchored", "why"),
    [
        (Checkpoint("example.com/other", 3, bytes(32)), "about the log 'example.com/other'"),
        (Checkpoint(ORIGIN, 6, bytes(32)), "its end was cut off"),
        (Checkpoint(ORIGIN, 5, bytes(32)), "history was rewritten"),
    ],
)
def test_an_anchor_that_contradicts_the_log_is_refused(anchored: Checkpoint, why: str) -> None:
    with pytest.raises(LedgerError, match=re.escape(why)):
        said("g", {0: NOW, 1: NOW}, anchors=(Stamp(anchored),))


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (-200, "just now"),
        (0, "just now"),
        (1, "1 second ago"),
        (119, "119 seconds ago"),
        (120, "2 minutes ago"),
        (7199, "119 minutes ago"),
        (7200, "2 hours ago"),
        (172_800, "2 days ago"),
        (86_400 * 2000, "2,000 days ago"),
    ],
)
def test_ages_are_told_in_words(age: int, words: str) -> None:
    assert said("g", {0: NOW - age, 1: NOW - age}).endswith(f", {words}.")


def test_no_time_is_claimed_where_none_was_signed() -> None:
    found = said("g", {0: NOW, 1: 0})
    assert WITH in found
    assert "Says nothing about freshness" in found


def test_a_quorum_that_two_histories_could_meet_is_told() -> None:
    warning = "Two sets of witnesses that share none would each be enough"
    assert warning in said("one", {0: NOW})
    assert warning in said("none", {0: NOW})
    assert warning not in said("g", {0: NOW, 1: NOW})
    assert warning not in said("none", {})
