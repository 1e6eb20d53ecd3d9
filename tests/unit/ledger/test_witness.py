"""A witness vouches for one history of a log, whatever is submitted, and whatever fails."""

import multiprocessing
import os
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError, TrustError, UsageError
from bartizan.ledger.cosignature import signer_of, timestamp_of, verifier_of
from bartizan.ledger.equivocation import parse_fork, verify_fork
from bartizan.ledger.note import extend_note, open_note, sign_note
from bartizan.ledger.signing_key import generate_signing_key
from bartizan.ledger.submission import Submission
from bartizan.ledger.verifier_key import KeyType
from bartizan.ledger.witness import SIZE, Answer, Witness
from bartizan.ledger.witness_home import open_witness
from bartizan.ledger.witness_state import WitnessStore
from story import Story
from unit.ledger.trees import numbered

NAME = "witness.example/w1"


@pytest.fixture
def story() -> Story:
    return Story(numbered(20))


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def witness(tmp_path: Path, story: Story, told: list[str]) -> Witness:
    return open_witness(
        tmp_path, name=NAME, logs=[story.verifier], clock=lambda: 1_700_000_000, tell=told.append
    )


def cosigned(answer: Answer, *, note: bytes, witness: Witness) -> list[int]:
    """The times of the cosignatures in an answer, each of them verified."""
    assert answer.status == 200, answer.words
    assert answer.body.endswith(b"\n")
    whole = extend_note(note, lines=answer.body[:-1].split(b"\n"))
    keys = [verifier_of(key.verifier_key) for key in witness.keys]
    return [timestamp_of(one.value) for one in open_note(whole, verifiers=keys).signatures]


def test_a_new_log_is_cosigned_at_the_time_of_the_clock(witness: Witness, story: Story) -> None:
    answer = witness.add_checkpoint(story.submission(0, 7))
    assert cosigned(answer, note=story.note(7), witness=witness) == [1_700_000_000]


@pytest.mark.parametrize(("old", "new"), [(a, b) for a in range(9) for b in range(a, 9)])
def test_every_honest_step_is_cosigned(witness: Witness, story: Story, old: int, new: int) -> None:
    assert witness.add_checkpoint(story.submission(0, old)).status == 200
    answer = witness.add_checkpoint(story.submission(old, new))
    cosigned(answer, note=story.note(new), witness=witness)


def test_ml_dsa_signs_too_where_it_is_configured(tmp_path: Path, story: Story) -> None:
    witness = open_witness(tmp_path, name=NAME, logs=[story.verifier], ml_dsa=True)
    answer = witness.add_checkpoint(story.submission(0, 7))
    assert len(cosigned(answer, note=story.note(7), witness=witness)) == 2


def test_extension_lines_are_covered_by_ed25519_alone(tmp_path: Path, story: Story) -> None:
    witness = open_witness(tmp_path, name=NAME, logs=[story.verifier], ml_dsa=True)
    note = story.note(7, extensions=("more",))
    raw = Submission(old=0, proof=(), note=note).body()
    assert len(cosigned(witness.add_checkpoint(raw), note=note, witness=witness)) == 1
    only = replace(witness, keys=witness.keys[1:])
    raw = Submission(old=7, proof=(), note=note).body()
    assert only.add_checkpoint(raw).status == 400


def test_a_log_that_signs_with_ml_dsa_is_known_by_that_key(tmp_path: Path) -> None:
    key = generate_signing_key("log.example/data", kind=KeyType.ML_DSA_COSIGNATURE)
    story = Story(numbered(5), key=key)
    note = sign_note(story.checkpoint(5).text(), signers=[signer_of(key)])
    witness = open_witness(tmp_path, name=NAME, logs=[key.verifier_key])
    answer = witness.add_checkpoint(Submission(old=0, proof=(), note=note).body())
    cosigned(answer, note=note, witness=witness)


def test_an_unknown_origin_is_404(witness: Witness) -> None:
    other = Story(numbered(3), origin="log.example/other")
    assert witness.add_checkpoint(other.submission(0, 3)).status == 404


def test_without_the_signature_of_the_log_it_is_403(witness: Witness) -> None:
    thief = Story(numbered(3))  # the origin is right, the key is not
    assert witness.add_checkpoint(thief.submission(0, 3)).status == 403


def test_a_signature_over_another_text_is_403(witness: Witness, story: Story) -> None:
    note = story.note(3).replace(b"\n3\n", b"\n4\n")
    assert witness.add_checkpoint(Submission(old=0, proof=(), note=note).body()).status == 403


def test_an_old_size_above_the_new_one_is_400(witness: Witness, story: Story) -> None:
    raw = Submission(old=8, proof=(), note=story.note(7)).body()
    assert witness.add_checkpoint(raw).status == 400


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"\xff\xfe",
        b"old 0\n\nno note",
        b"old 0\n\n" + b"x" * 300_000,
        b"old 0\n\nlog.example/data\n03\nAAAA\n\n\xe2\x80\x94 log.example/data AAAAAAAA\n",
        b"old 0\n\nlog.example/data\n\x00\n\n\xe2\x80\x94 a AAAAAAAA\n",
    ],
)
def test_what_is_no_submission_is_400_in_words(witness: Witness, raw: bytes) -> None:
    answer = witness.add_checkpoint(raw)
    assert (answer.status, answer.content_type) == (400, "text/plain; charset=utf-8")
    assert 10 < len(answer.body) < 500
    assert answer.body.endswith(b"\n")


@pytest.mark.parametrize("old", [0, 1, 6, 8])
def test_an_old_size_other_than_what_is_remembered_is_409_with_that_size(
    witness: Witness, story: Story, old: int
) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    answer = witness.add_checkpoint(story.submission(old, 9))
    assert answer == Answer(status=409, content_type=SIZE, body=b"7\n")


def test_a_new_log_is_at_size_0(witness: Witness, story: Story) -> None:
    answer = witness.add_checkpoint(story.submission(3, 9))
    assert (answer.status, answer.body) == (409, b"0\n")


def test_another_root_of_the_same_size_is_409_and_kept_as_evidence(
    witness: Witness, story: Story, tmp_path: Path
) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    for _ in range(2):
        answer = witness.add_checkpoint(story.other(after=3).submission(7, 7))
        assert answer == Answer(status=409, content_type=SIZE, body=b"7\n")
    (path,) = (tmp_path / "evidence").iterdir()
    shown = verify_fork(parse_fork(path.read_bytes()), keys=[story.verifier])
    assert {shown.smaller.root, shown.larger.root} == {
        story.root(7),
        story.other(after=3).root(7),
    }


def test_a_rewritten_history_is_422_and_changes_nothing(witness: Witness, story: Story) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    assert witness.add_checkpoint(story.other(after=3).submission(7, 9)).status == 422
    assert witness.add_checkpoint(story.submission(7, 9)).status == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda proof: proof[:-1],
        lambda proof: (*proof, proof[0]),
        lambda proof: proof[::-1],
        lambda _: (),
        lambda proof: (bytes(32), *proof[1:]),
    ],
    ids=["one too few", "one left over", "reversed", "none", "another hash"],
)
def test_a_proof_that_shows_nothing_is_422(
    witness: Witness, story: Story, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]
) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    proof = change(story.proof(7, 12))
    raw = Submission(old=7, proof=proof, note=story.note(12)).body()
    assert witness.add_checkpoint(raw).status == 422


@pytest.mark.parametrize(("old", "new"), [(0, 5), (7, 7)])
def test_a_proof_where_none_is_needed_is_422(
    witness: Witness, story: Story, old: int, new: int
) -> None:
    witness.add_checkpoint(story.submission(0, old))
    raw = Submission(old=old, proof=(bytes(32),), note=story.note(new)).body()
    assert witness.add_checkpoint(raw).status == 422


def test_an_empty_log_can_be_cosigned_and_grows_from_there(witness: Witness, story: Story) -> None:
    assert witness.add_checkpoint(story.submission(0, 0)).status == 200
    assert witness.add_checkpoint(story.submission(0, 4)).status == 200


def test_a_clock_that_goes_back_stops_the_witness(
    tmp_path: Path, story: Story, told: list[str]
) -> None:
    now = [1000.0]
    witness = open_witness(
        tmp_path, name=NAME, logs=[story.verifier], clock=lambda: now[0], tell=told.append
    )
    assert witness.add_checkpoint(story.submission(0, 7)).status == 200
    now[0] = 999.0
    answer = witness.add_checkpoint(story.submission(7, 8))
    assert (answer.status, "clock" in answer.words) == (503, True)
    assert "999" in told[-1]
    now[0] = 1000.0
    assert witness.add_checkpoint(story.submission(7, 8)).status == 200


@pytest.mark.parametrize("now", [-1.0, 1e30])
def test_a_clock_that_cannot_be_right_stops_the_witness(
    witness: Witness, story: Story, now: float
) -> None:
    wrong = replace(witness, clock=lambda: now)
    assert wrong.add_checkpoint(story.submission(0, 7)).status == 503
    assert witness.add_checkpoint(story.submission(0, 7)).status == 200


def test_a_witness_remembers_across_its_end(tmp_path: Path, story: Story, witness: Witness) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    again = open_witness(tmp_path, name="", logs=[story.verifier])
    assert [key.verifier_key for key in again.keys] == [key.verifier_key for key in witness.keys]
    assert again.add_checkpoint(story.submission(0, 9)).body == b"7\n"


def test_two_logs_do_not_touch_each_other(tmp_path: Path) -> None:
    one, two = Story(numbered(5)), Story(numbered(9), origin="log.example/two")
    witness = open_witness(tmp_path, name=NAME, logs=[one.verifier, two.verifier])
    assert witness.add_checkpoint(one.submission(0, 5)).status == 200
    assert witness.add_checkpoint(two.submission(0, 9)).status == 200
    assert witness.add_checkpoint(one.submission(5, 5)).status == 200


def test_of_two_submissions_that_race_one_wins(witness: Witness, story: Story) -> None:
    witness.add_checkpoint(story.submission(0, 4))
    bodies = [story.submission(4, size) for size in (5, 6, 7, 8)] * 2
    bodies += [story.other(after=4).submission(4, size) for size in (5, 6, 7, 8)] * 2
    answers: list[Answer] = []
    start = threading.Barrier(len(bodies))

    def submit(body: bytes) -> None:
        start.wait()
        answers.append(witness.add_checkpoint(body))

    threads = [threading.Thread(target=submit, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [409] * (len(bodies) - 1)


def _submit(folder: str, log: str, body: bytes, start: object, answers: object) -> None:
    from bartizan.ledger.verifier_key import parse_verifier_key  # noqa: PLC0415 (another process)

    witness = open_witness(Path(folder), name="", logs=[parse_verifier_key(log)])
    start.wait()  # type: ignore[attr-defined] # a barrier of multiprocessing
    answers.put(witness.add_checkpoint(body).status)  # type: ignore[attr-defined] # a queue


def test_of_two_processes_that_race_one_wins(
    witness: Witness, story: Story, tmp_path: Path
) -> None:
    witness.add_checkpoint(story.submission(0, 4))
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(2), context.Queue()
    bodies = (story.submission(4, 9), story.other(after=4).submission(4, 9))
    runs = [
        context.Process(
            target=_submit, args=(str(tmp_path), story.verifier.text(), body, start, answers)
        )
        for body in bodies
    ]
    for run in runs:
        run.start()
    found = sorted(answers.get(timeout=60) for _ in runs)
    for run in runs:
        run.join()
    assert found == [200, 409]


def test_a_lock_that_somebody_holds_is_waited_for_and_then_told(
    witness: Witness, story: Story, told: list[str]
) -> None:
    passed = [0.0]
    store = replace(witness.store, clock=lambda: passed[0], sleep=lambda s: _add(passed, s))
    with witness.store.locked(story.origin):
        answer = replace(witness, store=store).add_checkpoint(story.submission(0, 7))
    assert (answer.status, passed[0] >= 10) == (503, True)
    assert "takes too long" in told[-1]
    assert witness.add_checkpoint(story.submission(0, 7)).status == 200


def _add(passed: list[float], seconds: float) -> None:
    passed[0] += seconds


@pytest.mark.parametrize("at", [0, 40, 100, 250, -2])
def test_damaged_memory_stops_the_witness(
    witness: Witness, story: Story, tmp_path: Path, told: list[str], at: int
) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    (path,) = (tmp_path / "state").glob("*.json")
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)
    answer = witness.add_checkpoint(story.submission(7, 8))
    assert answer.status == 500
    assert "\u2014" not in answer.words  # no signature
    assert str(tmp_path) not in answer.words
    assert "damaged" in told[-1]


@pytest.mark.parametrize("kept", [0, 1, 50])
def test_memory_cut_short_stops_the_witness(
    witness: Witness, story: Story, tmp_path: Path, kept: int
) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    (path,) = (tmp_path / "state").glob("*.json")
    path.write_bytes(path.read_bytes()[:kept])
    assert witness.add_checkpoint(story.submission(7, 8)).status == 500


def test_memory_of_another_log_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    one, two = Story(numbered(5)), Story(numbered(9), origin="log.example/two")
    witness = open_witness(tmp_path, name=NAME, logs=[one.verifier, two.verifier])
    witness.add_checkpoint(one.submission(0, 5))
    (first,) = (tmp_path / "state").glob("*.json")
    witness.add_checkpoint(two.submission(0, 9))
    (second,) = set((tmp_path / "state").glob("*.json")) - {first}
    second.write_bytes(first.read_bytes())
    assert witness.add_checkpoint(two.submission(9, 9)).status == 500


def test_a_full_disk_lets_no_signature_out(witness: Witness, story: Story, told: list[str]) -> None:
    def full(handle: int, raw: bytes) -> None:
        os.write(handle, raw[:10])
        raise OSError(28, "No space left on device")

    store = replace(witness.store, steps=replace(witness.store.steps, write=full))
    answer = replace(witness, store=store).add_checkpoint(story.submission(0, 7))
    assert (answer.status, "\u2014" in answer.words) == (503, False)
    assert "No space left" in told[-1]
    assert witness.add_checkpoint(story.submission(0, 7)).status == 200


def test_a_lost_key_is_not_replaced_in_silence(
    witness: Witness, story: Story, tmp_path: Path
) -> None:
    witness.add_checkpoint(story.submission(0, 7))
    (tmp_path / "witness.key").unlink()
    with pytest.raises(LedgerError, match="is gone and the witness has vouched"):
        open_witness(tmp_path, name=NAME, logs=[story.verifier])


def test_a_key_that_others_can_read_is_refused(
    witness: Witness, story: Story, tmp_path: Path
) -> None:
    (tmp_path / "witness.key").chmod(0o644)
    with pytest.raises(TrustError, match="chmod 600"):
        open_witness(tmp_path, name="", logs=[story.verifier])


def test_the_folder_is_its_owners_alone(witness: Witness, story: Story, tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = open_witness(home, name=NAME, logs=[story.verifier])
    made.add_checkpoint(story.submission(0, 7))
    modes = {path.name: path.stat().st_mode & 0o077 for path in [home, *home.rglob("*")]}
    assert not any(modes.values()), modes


def test_a_witness_without_a_name_key_or_log_is_refused(tmp_path: Path, story: Story) -> None:
    with pytest.raises(LedgerError, match="name the witness"):
        open_witness(tmp_path, name="", logs=[story.verifier])
    with pytest.raises(LedgerError, match="at least one log"):
        open_witness(tmp_path, name=NAME, logs=[])
    with pytest.raises(LedgerError, match="of its own"):
        Witness(logs={"a": [story.verifier]}, keys=[], store=WitnessStore(folder=tmp_path))


def test_a_key_of_another_name_or_type_is_refused(
    witness: Witness, story: Story, tmp_path: Path
) -> None:
    with pytest.raises(LedgerError, match=re.escape("expected one of 'witness.example/w2'")):
        open_witness(tmp_path, name="witness.example/w2", logs=[story.verifier])
    with pytest.raises(LedgerError, match="signs notes"):
        replace(witness, keys=[generate_signing_key(NAME, kind=KeyType.NOTE)])


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path, story: Story) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot use"):
        open_witness(tmp_path / "file", name=NAME, logs=[story.verifier])
