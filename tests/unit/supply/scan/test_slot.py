"""What is said of one file, however far it came."""

from pathlib import Path

import msgspec

from bartizan.core.finding import Finding
from bartizan.supply.scan.answer import Answer
from bartizan.supply.scan.dispatch import Read
from bartizan.supply.scan.paths import Place
from bartizan.supply.scan.slot import Slot
from bartizan.supply.scanners.notice import Notice, Verdict

PLACE = Place(Path("models"), "a.pkl")


def answer(*verdicts: Verdict) -> Answer:
    notices = tuple(
        Notice(verdict=one, rule=f"test.{one}", where="", what="", why=f"because {number}")
        for number, one in enumerate(verdicts)
    )
    read = Read(notices=notices, formats=("test",), walked_bytes=3, size_bytes=3, streams=1)
    return Answer(read=read, sha256="sha256:00")


def said(slot: Slot, *, doubt: str = "") -> Finding:
    return slot.finding(reproduce="again", doubt=doubt)


def test_a_file_that_nobody_came_to_is_not_run() -> None:
    slot = Slot(PLACE)
    assert not slot.begun
    assert slot.sha256 == ""
    assert (said(slot).outcome, said(slot).id) == ("not-run", "artifact.scan@models/a.pkl")
    assert "the run ended before" in said(slot).reason


def test_a_file_that_cannot_be_read_is_inconclusive_and_says_why() -> None:
    slot = Slot(PLACE, trouble="it is a pipe")
    assert slot.begun
    assert said(slot).outcome == "inconclusive"
    assert said(slot).reason == "not read: it is a pipe"


def test_a_file_that_was_read_is_judged_by_the_worst_of_what_was_noticed() -> None:
    verdicts: tuple[Verdict, ...] = ("inconclusive", "malicious", "suspicious")
    found = said(Slot(PLACE, answer=answer(*verdicts)))
    assert (found.outcome, found.severity) == ("fail", "critical")
    assert said(Slot(PLACE, answer=answer())).outcome == "pass"


def test_doubt_outweighs_whatever_the_scanners_said() -> None:
    for one in (answer(), answer("inconclusive"), None):
        found = said(Slot(PLACE, answer=one), doubt="the scanners missed one")
        assert found.outcome == "inconclusive"
        assert "the scanners missed one" in found.reason


def test_weights_of_a_model_say_whose_they_are() -> None:
    found = said(Slot(PLACE, answer=answer(), owner="models/m.onnx"))
    assert found.outcome == "pass"
    assert "weights of models/m.onnx" in found.reason


def test_the_digest_is_that_of_the_bytes_that_were_read() -> None:
    made = msgspec.structs.replace(answer(), sha256="sha256:ab")
    assert Slot(PLACE, answer=made).sha256 == "sha256:ab"
