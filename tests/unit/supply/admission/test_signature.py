"""The signature decides whose word it is."""

from bartizan.core.errors import InputError, TrustError
from bartizan.supply.admission import signature


def test_the_control_accepts_what_was_signed_and_refuses_what_was_changed() -> None:
    assert signature.control().passed


def test_a_signature_that_does_not_hold_is_a_critical_failure() -> None:
    def check() -> None:
        message = "changed since then"
        raise TrustError(message)

    gate, found = signature.judged(check)  # type: ignore[arg-type] # never returns
    assert (gate.outcome, gate.severity, found) == ("fail", "critical", None)
    assert "changed since then" in gate.reason


def test_what_cannot_be_read_is_open() -> None:
    def check() -> None:
        message = "unreadable"
        raise InputError(message)

    gate, found = signature.judged(check)  # type: ignore[arg-type] # never returns
    assert (gate.outcome, found) == ("inconclusive", None)
