import math

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger.cosignature import signer_of
from bartizan.ledger.note import extend_note, sign_note
from bartizan.ledger.policy import parse_policy
from bartizan.ledger.trust import CLOCK_TOLERANCE_S, Witnessed
from bartizan.ledger.verifier_key import KeyType
from signed_logs import NOW, SignedLog, key

LOG = SignedLog()
TWO = LOG.policy("group g 2 W0 W1 W2", "quorum g")


def test_a_checkpoint_with_its_quorum_is_trusted() -> None:
    found = TWO.trusted(LOG.note({0: NOW - 50, 1: NOW - 10}), now=NOW, max_age_s=60)
    assert found.checkpoint == LOG.checkpoint
    assert found.witnesses == (Witnessed("w1.example", NOW - 10), Witnessed("w0.example", NOW - 50))
    assert (found.quorum.name, found.seen_at) == ("g", NOW - 50)


def test_the_time_is_the_one_by_which_enough_witnesses_had_spoken() -> None:
    found = TWO.trusted(LOG.note({0: NOW - 900, 1: NOW - 40, 2: NOW - 20}), now=NOW, max_age_s=60)
    assert found.seen_at == NOW - 40


@pytest.mark.parametrize("times", [{}, {0: NOW}, {1: NOW}, {2: NOW}])
def test_below_the_quorum_nothing_is_trusted(times: dict[int, int]) -> None:
    with pytest.raises(LedgerError, match=f"quorum 'g': {len(times)} of 3 did, missing are w"):
        TWO.trusted(LOG.note(times), now=NOW)


def test_strangers_do_not_count() -> None:
    strangers = [key(f"s{i}.example", KeyType.COSIGNATURE) for i in range(3)]
    lines = [signer_of(one).sign(LOG.checkpoint.text()) for one in strangers]
    with pytest.raises(LedgerError, match="0 of 3"):
        TWO.trusted(extend_note(LOG.note(), lines=lines), now=NOW)


def test_a_witness_whose_key_is_missing_from_the_policy_does_not_count() -> None:
    policy = SignedLog(witnesses=LOG.witnesses[:1]).policy("quorum W0")
    with pytest.raises(LedgerError, match="0 of 1"):
        policy.trusted(LOG.note({1: NOW, 2: NOW}), now=NOW)


def test_a_false_cosignature_spoils_the_rest() -> None:
    other = SignedLog(entries=(b"other",))
    false = signer_of(LOG.witnesses[2], clock=lambda: NOW).sign(other.checkpoint.text())
    raw = extend_note(LOG.note({0: NOW, 1: NOW}), lines=[false])
    with pytest.raises(LedgerError, match="does not hold"):
        TWO.trusted(raw, now=NOW)


def test_witnesses_without_the_log_are_not_enough() -> None:
    signers = [signer_of(one, clock=lambda: NOW) for one in LOG.witnesses]
    raw = sign_note(LOG.checkpoint.text(), signers=signers)
    with pytest.raises(LedgerError, match="no key that the policy has for a log of that name"):
        TWO.trusted(raw, now=NOW)


def test_a_checkpoint_of_another_origin_is_refused_even_if_the_log_signed_it() -> None:
    other = SignedLog(origin="example.com/other")
    with pytest.raises(LedgerError, match=r"checkpoint of 'example\.com/other', and no key"):
        TWO.trusted(other.note({0: NOW, 1: NOW}), now=NOW)


def test_one_log_cannot_speak_for_another_of_the_same_policy() -> None:
    other = key("example.com/other")
    policy = parse_policy(
        f"log {LOG.log.verifier_key.text()}\nlog {other.verifier_key.text()}\n"
        "quorum none\n".encode()
    )
    forged = sign_note(LOG.checkpoint.text(), signers=[signer_of(other)])
    with pytest.raises(LedgerError, match=r"checkpoint of 'example\.com/log', and no key"):
        policy.trusted(forged, now=NOW)
    assert policy.trusted(LOG.note(), now=NOW).checkpoint == LOG.checkpoint


@pytest.mark.parametrize("signer", [0, 1])
def test_a_log_may_change_its_key_while_the_policy_names_both(signer: int) -> None:
    keys = (LOG.log, key(LOG.origin, KeyType.ML_DSA_COSIGNATURE))
    lines = [f"log {one.verifier_key.text()}" for one in keys]
    policy = parse_policy("\n".join([*lines, "quorum none", ""]).encode())
    raw = sign_note(LOG.checkpoint.text(), signers=[signer_of(keys[signer])])
    assert policy.trusted(raw, now=NOW).checkpoint == LOG.checkpoint


def test_a_policy_without_a_log_trusts_nothing() -> None:
    with pytest.raises(LedgerError, match="names no log"):
        parse_policy(b"quorum none\n").trusted(LOG.note(), now=NOW)


def test_a_log_may_sign_with_ml_dsa() -> None:
    log = SignedLog(log=key("example.com/log", KeyType.ML_DSA_COSIGNATURE))
    policy = log.policy("quorum W0")
    assert policy.trusted(log.note({0: NOW}), now=NOW).witnesses == (Witnessed("w0.example", NOW),)


@pytest.mark.parametrize(("age", "limit"), [(60, 60), (0, 0), (3600, 3600.5)])
def test_a_checkpoint_of_the_allowed_age_is_fresh(age: int, limit: float) -> None:
    raw = LOG.note({0: NOW - age, 1: NOW})
    assert TWO.trusted(raw, now=NOW, max_age_s=limit).seen_at == NOW - age


def test_a_stale_quorum_is_refused_even_if_one_witness_is_fresh() -> None:
    raw = LOG.note({0: NOW - 61, 1: NOW})
    with pytest.raises(LedgerError, match="stale: its quorum last saw it 61 seconds ago"):
        TWO.trusted(raw, now=NOW, max_age_s=60)
    assert TWO.trusted(raw, now=NOW).seen_at == NOW - 61  # nobody asked for freshness


def test_a_replayed_checkpoint_grows_stale() -> None:
    raw = LOG.note({0: NOW, 1: NOW})
    TWO.trusted(raw, now=NOW + 3600, max_age_s=3600)
    with pytest.raises(LedgerError, match="stale"):
        TWO.trusted(raw, now=NOW + 3601, max_age_s=3600)


def test_a_clock_that_was_set_back_is_noticed() -> None:
    raw = LOG.note({0: NOW, 1: NOW})
    earlier = NOW - CLOCK_TOLERANCE_S
    TWO.trusted(raw, now=earlier, max_age_s=60)
    with pytest.raises(LedgerError, match="301 seconds in the future, more than the 300"):
        TWO.trusted(raw, now=earlier - 1)
    with pytest.raises(LedgerError, match="in the future, more than the 0"):
        TWO.trusted(raw, now=NOW - 1, tolerance_s=0)


def test_a_witness_ahead_of_time_is_noticed_even_beyond_the_quorum() -> None:
    with pytest.raises(LedgerError, match="in the future"):
        TWO.trusted(LOG.note({0: NOW, 1: NOW, 2: NOW + 1000}), now=NOW)


def test_without_witnesses_freshness_cannot_be_shown() -> None:
    policy = LOG.policy("quorum none")
    found = policy.trusted(LOG.note(), now=NOW)
    assert (found.witnesses, found.quorum.name, found.seen_at) == ((), "none", None)
    with pytest.raises(LedgerError, match="quorum is none and no witness cosigned"):
        policy.trusted(LOG.note(), now=NOW, max_age_s=60)


def test_a_witness_that_nobody_asked_for_can_show_freshness() -> None:
    policy = LOG.policy("quorum none")
    found = policy.trusted(LOG.note({2: NOW - 5}), now=NOW, max_age_s=60)
    assert (found.witnesses, found.seen_at) == ((Witnessed("w2.example", NOW - 5),), NOW - 5)


def test_a_cosignature_without_a_time_counts_but_is_not_fresh() -> None:
    raw = LOG.note({0: NOW, 1: 0})
    assert TWO.trusted(raw, now=NOW).seen_at is None
    with pytest.raises(LedgerError, match="name no time"):
        TWO.trusted(raw, now=NOW, max_age_s=10**9)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0, 1e12])
def test_a_clock_without_a_time_trusts_nothing(bad: float) -> None:
    raw = LOG.note({0: NOW, 1: NOW})
    with pytest.raises(LedgerError, match="in seconds"):
        TWO.trusted(raw, now=bad)
    with pytest.raises(LedgerError, match="in seconds"):
        TWO.trusted(raw, now=NOW, max_age_s=bad)
    with pytest.raises(LedgerError, match="in seconds"):
        TWO.trusted(raw, now=NOW, tolerance_s=bad)


def test_a_note_that_is_no_checkpoint_is_refused() -> None:
    raw = sign_note("hello\n", signers=[signer_of(LOG.log)])
    with pytest.raises(LedgerError, match="expected a checkpoint"):
        LOG.policy("quorum none").trusted(raw, now=NOW)


def test_two_notes_in_one_are_refused() -> None:
    with pytest.raises(LedgerError):
        LOG.policy("quorum none").trusted(LOG.note() + LOG.note(), now=NOW)


def test_lines_after_the_root_have_no_effect() -> None:
    text = LOG.checkpoint.text() + SignedLog(entries=(b"other",)).checkpoint.text()
    raw = sign_note(text, signers=[signer_of(LOG.log)])
    found = LOG.policy("quorum none").trusted(raw, now=NOW).checkpoint
    assert (found.size, found.root) == (LOG.checkpoint.size, LOG.checkpoint.root)
    assert len(found.extensions) == 3
