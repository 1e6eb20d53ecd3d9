"""What keeps nothing says the same digests as what keeps everything."""

from pathlib import Path

from bartizan.core.report import Gap
from bartizan.store import Forgetful, Keeping, Store

GAPS = [Gap(what=str(number), why="for a test") for number in range(3)]


def test_digests_are_those_of_a_store(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store")
    kept: Keeping = store
    forgotten: Keeping = Forgetful()
    assert forgotten.put_all(GAPS) == kept.put_all(GAPS)
    assert forgotten.put(GAPS[0]) == kept.put(GAPS[0])
    store.close()


def test_nothing_is_kept_of_nothing() -> None:
    assert Forgetful().put_all([]) == []
