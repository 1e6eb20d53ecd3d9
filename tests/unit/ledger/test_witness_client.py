"""A log asks its witnesses: over real lines, and over lines that lie."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from authority import served
from bartizan.core.errors import LedgerError
from bartizan.ledger.cosignature import CosignatureSigner, verifier_of
from bartizan.ledger.note import open_note
from bartizan.ledger.posting import Posted
from bartizan.ledger.signing_key import SigningKey, generate_signing_key
from bartizan.ledger.trust import Witness as Known
from bartizan.ledger.verifier_key import KeyType
from bartizan.ledger.witness import Witness
from bartizan.ledger.witness_client import Collected, accept, collect
from bartizan.ledger.witness_home import open_witness
from bartizan.ledger.witness_server import WitnessServer
from story import Story
from unit.ledger.test_witness_server import running
from unit.ledger.trees import numbered

STORY = Story(numbered(20))
SIZE = "text/x.tlog.size"
TEXT = "text/plain"


@pytest.fixture
def witnesses(tmp_path: Path) -> Iterator[list[Known]]:
    """Three of them, each behind a server of its own."""
    homes = [
        open_witness(tmp_path / name, name=name, logs=[STORY.verifier]) for name in ("w1", "w2")
    ]
    with running(WitnessServer(homes[0])) as one, running(WitnessServer(homes[1])) as two:
        yield [known(homes[0], url=one.url), known(homes[1], url=two.url + "/")]


def known(witness: Witness, *, url: str) -> Known:
    key = witness.keys[0].verifier_key
    return Known(name=key.name, key=key, url=url)


def names(found: Collected, *, witnesses: Sequence[Known]) -> list[str]:
    """Whose cosignatures hold on the note that came back."""
    opened = open_note(found.note, verifiers=[verifier_of(one.key) for one in witnesses])
    return [one.name for one in opened.signatures]


def test_new_witnesses_cosign_at_once_and_later_ones_with_one_proof(
    witnesses: list[Known],
) -> None:
    for size, guess in ((5, 0), (9, 5), (9, 9), (12, 0), (20, 12)):
        found = collect(STORY.note(size), witnesses=witnesses, prove=STORY.proof, known=guess)
        assert found.failed == ()
        assert names(found, witnesses=witnesses) == list(found.cosigned) == ["w1", "w2"]
        assert found.note.startswith(STORY.note(size))


def test_witnesses_that_are_at_different_sizes_each_get_their_proof(
    witnesses: list[Known],
) -> None:
    collect(STORY.note(5), witnesses=witnesses[:1], prove=STORY.proof)
    collect(STORY.note(8), witnesses=witnesses[1:], prove=STORY.proof)
    found = collect(STORY.note(13), witnesses=witnesses, prove=STORY.proof, known=8)
    assert found.cosigned == ("w1", "w2")


def test_a_log_that_forks_gets_no_second_signature_and_is_told(witnesses: list[Known]) -> None:
    collect(STORY.note(9), witnesses=witnesses, prove=STORY.proof)
    false = STORY.other(after=3)
    same = collect(false.note(9), witnesses=witnesses, prove=false.proof)
    later = collect(false.note(12), witnesses=witnesses, prove=false.proof, known=9)
    shorter = collect(false.note(7), witnesses=witnesses, prove=false.proof)
    assert [same.cosigned, later.cosigned, shorter.cosigned] == [(), (), ()]
    assert all("another history of 9 entries" in one.why for one in same.failed)
    assert all("status 422" in one.why for one in later.failed)
    assert all("rolled back" in one.why for one in shorter.failed)


def test_one_that_is_down_does_not_keep_the_others_from_it(witnesses: list[Known]) -> None:
    with served(lambda _: (200, TEXT, b"")) as url:
        gone = Known(name="w3", key=key_of("w3").verifier_key, url=url)
    found = collect(STORY.note(5), witnesses=[gone, *witnesses], prove=STORY.proof)
    assert found.cosigned == ("w1", "w2")
    assert [(one.witness, "nothing listens" in one.why) for one in found.failed] == [("w3", True)]


def key_of(name: str) -> SigningKey:
    return generate_signing_key(name, kind=KeyType.COSIGNATURE)


def line_of(key: SigningKey, story: Story, size: int) -> bytes:
    return CosignatureSigner(key).sign(story.checkpoint(size).text()) + b"\n"


def failing(*answers: Posted, key: SigningKey) -> tuple[str, int]:
    """Why a witness that answers so is not believed, and how often it was asked."""
    left = list(answers)

    def send(url: str, body: bytes, *, content_type: str) -> Posted:
        assert url == "https://w.example/add-checkpoint"
        return left.pop(0)

    witness = Known(name="w", key=key.verifier_key, url="https://w.example")
    found = collect(STORY.note(5), witnesses=[witness], prove=STORY.proof, send=send)
    assert found.note == STORY.note(5)
    assert found.cosigned == ()
    return found.failed[0].why, len(answers) - len(left)


OWN, OTHER = key_of("w.example"), key_of("w.example")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Posted(status=200, content_type=TEXT, body=b""), "expected a signature line"),
        (Posted(status=200, content_type=TEXT, body=b"<html>"), "expected a signature line"),
        (Posted(status=200, content_type=TEXT, body=b"\xff\xfe\0"), "not UTF-8"),
        (
            Posted(status=200, content_type=TEXT, body=line_of(OTHER, STORY, 5)),
            "holds no cosignature by 'w.example'",
        ),
        (Posted(status=200, content_type=TEXT, body=line_of(OWN, STORY, 4)), "does not hold"),
        (
            Posted(status=200, content_type=TEXT, body=line_of(OWN, STORY, 5).replace(b"A", b"B")),
            "",
        ),
        (Posted(status=404, content_type=TEXT, body=b"no such log\n"), "status 404: 'no such log'"),
        (Posted(status=302, content_type=TEXT, body=b""), "status 302"),
        (Posted(status=500, content_type=TEXT, body=b"x" * 9999), "status 500"),
        (Posted(status=409, content_type=TEXT, body=b"3\n"), "not with a size"),
        (Posted(status=409, content_type=SIZE, body=b"3"), "not with a size"),
        (Posted(status=409, content_type=SIZE, body=b"03\n"), "size that it answered"),
        (Posted(status=409, content_type=SIZE, body=b"\xff\n"), "size that it answered"),
        (Posted(status=409, content_type=SIZE, body=b"9\n"), "rolled back"),
        (Posted(status=409, content_type=SIZE, body=b"0\n"), "another history of 0"),
    ],
    ids=lambda value: "" if isinstance(value, str) else f"{value.status} {len(value.body)}",
)
def test_whatever_else_a_witness_answers_adds_nothing(answer: Posted, why: str) -> None:
    found, asked = failing(answer, key=OWN)
    assert why in found
    assert len(found) < 600
    assert asked == 1


def test_a_witness_that_names_one_size_after_another_is_asked_twice() -> None:
    sizes = [Posted(status=409, content_type=SIZE, body=b"%d\n" % n) for n in (3, 2, 4)]
    found, asked = failing(*sizes, key=OWN)
    assert (asked, "status 409" in found) == (2, True)


def test_a_log_without_a_proof_says_so_for_that_witness(witnesses: list[Known]) -> None:
    collect(STORY.note(5), witnesses=witnesses, prove=STORY.proof)

    def prove(old: int, new: int) -> tuple[bytes, ...]:
        if old:
            message = "the tiles are gone"
            raise LedgerError(message)
        return ()

    found = collect(STORY.note(9), witnesses=witnesses, prove=prove)
    assert [one.why for one in found.failed] == ["the tiles are gone"] * 2


def test_a_witness_without_an_address_is_told() -> None:
    witness = Known(name="w", key=OWN.verifier_key)
    found = collect(STORY.note(5), witnesses=[witness], prove=STORY.proof)
    assert "no address" in found.failed[0].why


def test_what_is_no_checkpoint_is_not_sent() -> None:
    with pytest.raises(LedgerError):
        collect(b"hello", witnesses=[], prove=STORY.proof)


def test_the_answer_in_a_file_is_the_answer_over_http(tmp_path: Path) -> None:
    witness = open_witness(tmp_path, name="w1", logs=[STORY.verifier])
    answer = witness.add_checkpoint(STORY.submission(0, 7))
    found = accept(STORY.note(7), lines=answer.body, witness=known(witness, url=""))
    opened = open_note(found, verifiers=[verifier_of(witness.keys[0].verifier_key)])
    assert len(opened.signatures) == 1
    with pytest.raises(LedgerError):
        accept(STORY.note(8), lines=answer.body, witness=known(witness, url=""))
    assert accept(found, lines=answer.body, witness=known(witness, url="")) == found
