import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bartizan.core.errors import LedgerError
from bartizan.ledger.canonical_base64 import decoded, encoded


@given(st.binary(max_size=80))
def test_bytes_come_back_and_are_spelled_as_the_standard_library_does(raw: bytes) -> None:
    assert encoded(raw) == base64.b64encode(raw).decode()
    assert decoded(encoded(raw), what="it") == raw


@given(st.text(max_size=12) | st.text("AQIgw/+=-_ \n", max_size=12))
def test_no_value_has_a_second_spelling(text: str) -> None:
    try:
        raw = decoded(text, what="it")
    except LedgerError:
        return
    assert encoded(raw) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("QR==", "the root hash is base64 with stray bits"),
        ("QQ", "the root hash is not base64"),
        ("QQ==\n", "the root hash is not base64"),
        ("Q Q==", "the root hash is not base64"),
        ("-_-_", "the root hash is not base64"),
        ("QUE=QUE=", "the root hash is not base64"),
        ("\u0661\u0661==", "the root hash is not base64"),
    ],
)
def test_other_spellings_are_refused(text: str, why: str) -> None:
    with pytest.raises(LedgerError, match=why):
        decoded(text, what="the root hash")
