"""What is sent to a witness: the example of the specification, and everything that is none."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.core.errors import LedgerError
from bartizan.ledger.submission import SUBMISSION_BYTES, Submission, parse_submission

NOTE = b"log.example/data\n1\nAAAA\n\n\xe2\x80\x94 log.example/data AAAA\n"
HASH = b"PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw="


def test_the_form_of_the_specification_is_read() -> None:
    # C2SP tlog-witness, "add-checkpoint": the first and the second line of its example
    raw = b"old 20852014\n" + HASH + b"\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\n" + NOTE
    found = parse_submission(raw)
    assert (found.old, len(found.proof), found.note) == (20852014, 2, NOTE)
    assert found.proof[0].hex().startswith("3e544d0abc07a6a846aeea6e7b42fb83")
    assert found.body() == raw


@given(
    old=st.integers(0, 2**63 - 1),
    proof=st.lists(st.binary(min_size=32, max_size=32), max_size=63),
    note=st.binary(max_size=200),
)
def test_what_is_written_is_read(old: int, proof: list[bytes], note: bytes) -> None:
    made = Submission(old=old, proof=tuple(proof), note=note)
    assert parse_submission(made.body()) == made


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"old 5",
        b"old 5\n",
        b"old 5\n" + HASH + b"\n",
        b"new 5\n\n" + NOTE,
        b"old\n\n" + NOTE,
        b"old  5\n\n" + NOTE,
        b"old 05\n\n" + NOTE,
        b"old +5\n\n" + NOTE,
        b"old -1\n\n" + NOTE,
        b"old 5 \n\n" + NOTE,
        "old \u0665\n\n".encode() + NOTE,
        b"old 9223372036854775808\n\n" + NOTE,
        b"old 5\r\n\r\n" + NOTE,
        b"old 5\n" + HASH[:-1] + b"\n\n" + NOTE,
        b"old 5\nAAAA\n\n" + NOTE,
        b"old 5\n" + HASH + b" \n\n" + NOTE,
        b"old 5\n\x00\n\n" + NOTE,
        b"old 5\n\xff\xfe\n\n" + NOTE,
        b"\xff\n\n" + NOTE,
        b"old 5\n" + (HASH + b"\n") * 64 + b"\n" + NOTE,
        b"old 5\n\n" + b"x" * SUBMISSION_BYTES,
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_everything_else_is_refused(raw: bytes) -> None:
    with pytest.raises(LedgerError):
        parse_submission(raw)


@given(raw=st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with contextlib.suppress(LedgerError):
        assert parse_submission(raw).body() == raw
