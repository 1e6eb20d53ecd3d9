"""What stops a file on its way through age is what stops us."""

import io

import pytest

from bartizan.crypto.age_stream import _Ends, encrypt
from bartizan.crypto.identity import new_identity, recipients_of


class _Stopped:
    """Ctrl-C arrives before the end can write down that it did."""

    def read(self, size: int = -1) -> bytes:
        del size
        raise KeyboardInterrupt

    readline = read

    def seek(self, place: int) -> int:
        return place


def test_ctrl_c_that_only_pyrage_has_seen_is_still_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Ends, "read", lambda ends, size=-1: ends._reader.read(size))
    _, public = new_identity()
    with pytest.raises(KeyboardInterrupt):
        encrypt(_Stopped(), io.BytesIO(), lock=recipients_of([public]))
