"""A log, a neighbour's witness with and without a network, and an authority outside."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import authority as stamping
from authority import Authority, served
from bartizan.cli import main
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.log import Log
from bartizan.ledger.note import NoteSigner, NoteVerifier, open_note, sign_note
from bartizan.ledger.policy import parse_policy
from bartizan.ledger.witness_home import open_witness
from bartizan.ledger.witness_server import WitnessServer
from story import Story
from system.command import Run
from system.ledger_command import wired
from unit.ledger.test_witness_server import running
from unit.ledger.trees import numbered

STORY = Story(numbered(30))
NAME = "witness.example/w1"


@pytest.fixture
def ledger(bartizan: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(main, "app", wired())
    return lambda *words: bartizan("ledger", *words)


def grow(folder: Path, entries: Sequence[bytes], *, story: Story = STORY) -> None:
    """Append to a log as its operator does."""

    def publish(size: int, root: bytes) -> bytes:
        text = Checkpoint(story.origin, size, root).text()
        return sign_note(text, signers=[NoteSigner(story.key)])

    def read(raw: bytes) -> tuple[int, bytes]:
        note = open_note(raw, verifiers=[NoteVerifier(story.verifier)])
        found = parse_checkpoint(note.text)
        return found.size, found.root

    with Log.open(folder, publish=publish, read=read) as log:
        log.append(entries)


@pytest.fixture
def log(folder: Path) -> Path:
    grow(folder / "log", STORY.entries[:10])
    return folder / "log"


def policy(folder: Path, *witnesses: str, quorum: str = "none") -> Path:
    lines = [f"log {STORY.verifier.text()}", *(f"witness {one}" for one in witnesses)]
    if quorum == "both":
        lines.append("group both all w1 w2")
    path = folder / "policy.txt"
    path.write_text("\n".join([*lines, f"quorum {quorum}", ""]))
    return path


def test_a_witness_without_a_network_and_the_log_exchange_files(
    folder: Path, log: Path, ledger: Run
) -> None:
    rules = policy(folder)
    ran = ledger("cosign", "--policy", rules, "--ledger", log, "--request", "r1")
    assert ran.code == 0, ran.err
    ran = ledger(
        "witness", "sign", "r1", "--policy", rules, "--name", NAME, "--home", "w", "--json"
    )
    assert ran.code == 0, ran.err
    key = json.loads(ran.out)["keys"][0]
    rules = policy(folder, f"w1 {key}", quorum="w1")
    ran = ledger("cosign", "--policy", rules, "--ledger", log, "--answer", "r1.answer")
    assert (ran.code, NAME in ran.out) == (0, True), ran.err
    raw = (log / "checkpoint").read_bytes()
    trusted = parse_policy(rules.read_bytes()).trusted(raw, now=time.time())
    assert (trusted.checkpoint.size, trusted.witnesses[0].name) == (10, NAME)

    grow(log, STORY.entries[10:17])
    asked = ("cosign", "--policy", rules, "--ledger", log, "--request", "r2")
    assert ledger(*asked).code == 0
    ran = ledger("witness", "sign", "r2", "--policy", rules, "--home", "w")
    assert (ran.code, "at 10 entries" in ran.err, "--old 10" in ran.err) == (2, True, True)
    assert ledger(*asked, "--old", 10).code == 0
    assert ledger("witness", "sign", "r2", "--policy", rules, "--home", "w").code == 0
    ran = ledger("cosign", "--policy", rules, "--ledger", log, "--answer", "r2.answer", "--json")
    assert (ran.code, json.loads(ran.out)["enough"]) == (0, True)


def test_an_answer_to_an_older_checkpoint_is_refused(folder: Path, log: Path, ledger: Run) -> None:
    rules = policy(folder)
    ledger("cosign", "--policy", rules, "--ledger", log, "--request", "r")
    ran = ledger("witness", "sign", "r", "--policy", rules, "--name", NAME, "--home", "w", "--json")
    rules = policy(folder, f"w1 {json.loads(ran.out)['keys'][0]}", quorum="w1")
    grow(log, STORY.entries[10:12])
    ran = ledger("cosign", "--policy", rules, "--ledger", log, "--answer", "r.answer")
    assert (ran.code, "holds no cosignature of this checkpoint" in ran.err) == (4, True)


@pytest.fixture
def neighbour(folder: Path) -> Iterator[WitnessServer]:
    witness = open_witness(folder / "w", name=NAME, logs=[STORY.verifier])
    with running(WitnessServer(witness)) as server:
        yield server


def test_a_witness_behind_http_follows_the_log_and_stops_a_fork(
    folder: Path, log: Path, ledger: Run, neighbour: WitnessServer
) -> None:
    key = neighbour.witness.keys[0].verifier_key.text()
    rules = policy(folder, f"w1 {key} {neighbour.url}", quorum="w1")
    asked = ("cosign", "--policy", rules, "--ledger", log)
    assert ledger(*asked).code == 0
    assert ledger(*asked).code == 0  # once more is no error
    grow(log, STORY.entries[10:])
    assert ledger(*asked).code == 0

    false = STORY.other(after=5)
    grow(folder / "false", false.entries, story=false)
    ran = ledger("cosign", "--policy", rules, "--ledger", folder / "false")
    assert (ran.code, "another history of 30 entries" in ran.err) == (4, True)
    (evidence,) = (folder / "w" / "evidence").iterdir()
    ran = ledger("evidence", evidence, "--policy", rules)
    assert (ran.code, "signed two histories" in ran.out) == (0, True), ran.err
    stranger = Story(numbered(1)).verifier.text()  # of the same name
    ran = ledger("evidence", evidence, "--log", stranger, "--json")
    assert (ran.code, ran.out) == (4, "")


def test_too_few_cosignatures_are_kept_and_told(
    folder: Path, log: Path, ledger: Run, neighbour: WitnessServer
) -> None:
    key = neighbour.witness.keys[0].verifier_key.text()
    other = open_witness(folder / "w2", name="w2", logs=[STORY.verifier]).keys[0].verifier_key
    mine, theirs = f"w1 {key} {neighbour.url}", f"w2 {other.text()} http://127.0.0.1:9"
    rules = policy(folder, mine, theirs, quorum="both")
    ran = ledger("cosign", "--policy", rules, "--ledger", log)
    assert (ran.code, "cosigned by witness.example/w1" in ran.out) == (4, True)
    assert "not cosigned by w2" in ran.err
    assert b"witness.example/w1" in (log / "checkpoint").read_bytes()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("cosign --policy none.txt", 2, "cannot read the policy"),
        ("cosign --policy policy.txt --ledger none", 2, "cannot read the checkpoint"),
        ("cosign --policy policy.txt --request a --answer b", 2, "two steps"),
        ("cosign --policy policy.txt --ledger log --answer no", 2, "cannot read an answer"),
        ("cosign --policy policy.txt --ledger log --request r --old 11", 2, "--old from 0 to"),
        ("cosign --policy policy.txt --ledger log --request no/where", 2, "cannot write"),
        ("cosign --policy log/checkpoint --ledger log", 4, "line 1 of the policy"),
        ("witness sign none --policy policy.txt", 2, "cannot read a submission"),
        ("witness sign policy.txt --name w", 2, "expected the logs to look at"),
        ("witness sign policy.txt --policy policy.txt --name w", 2, "'old <size>'"),
        ("witness sign policy.txt --policy policy.txt", 4, "name the witness"),
        ("witness sign policy.txt --log abc", 4, "verifier key"),
        ("witness serve --log abc", 4, "verifier key"),
        ("witness serve --policy policy.txt --name w --port 70000", 2, "cannot listen on"),
        ("evidence none --policy policy.txt", 2, "cannot read evidence"),
        ("evidence policy.txt --policy policy.txt", 4, "no evidence of a fork"),
        ("anchor --policy policy.txt --ledger log", 2, "expected one anchor"),
        ("anchor --policy policy.txt --ledger log --tsa x", 2, "expected one anchor"),
        ("anchor --policy policy.txt --ledger log --node http://[::1]:9", 2, "expected --chain"),
        ("anchor --policy policy.txt --ledger log --roots no", 2, "cannot read the certificates"),
    ],
)
def test_bad_requests_end_with_one_line_and_their_code(
    folder: Path, log: Path, ledger: Run, words: str, code: int, said: str
) -> None:
    policy(folder)
    ran = ledger(*words.split())
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert "Traceback" not in ran.err


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    pytest.importorskip("rfc3161_client", reason="needs the extra timestamp")
    if stamping.OPENSSL is None:
        pytest.skip("needs the openssl command line, to make stamps with")
    return stamping.make(tmp_path_factory.mktemp("tsa"))


def test_a_stamp_catches_history_that_was_rewritten(
    folder: Path, log: Path, ledger: Run, tsa: Authority
) -> None:
    rules = policy(folder)
    (folder / "root.pem").write_bytes(tsa.roots)
    known = ("anchor", "--policy", rules, "--roots", "root.pem", "--ledger")
    with served(lambda body: (200, "application/timestamp-reply", tsa.reply(body))) as url:
        ran = ledger(*known, log, "--tsa", url)
        assert (ran.code, "anchored 10 entries" in ran.out) == (0, True), ran.err
        ran = ledger(*known, log, "--tsa", url)
        assert (ran.code, "there is a proof already" in ran.out) == (0, True)
    grow(log, STORY.entries[10:])
    ran = ledger(*known, log, "--check", "--json")
    assert [one["size"] for one in json.loads(ran.out)["anchors"]] == [10]

    false = STORY.other(after=5)
    grow(folder / "false", false.entries, story=false)
    (log / "anchors").rename(folder / "false" / "anchors")
    ran = ledger(*known, folder / "false", "--check")
    assert (ran.code, "history was rewritten" in ran.err) == (4, True)


def test_the_server_stops_at_ctrl_c_and_says_who_it_is(folder: Path) -> None:
    tests = Path(__file__).parents[1]
    words = ("ledger", "witness", "serve", "--name", NAME, "--log", STORY.verifier.text())
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tests.parent / "src"), str(tests)])}
    run = subprocess.Popen(
        [sys.executable, "-m", "system.ledger_command", *words, "--port", "0", "--json"],
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    said = ""
    while "}" not in said:
        said += run.stdout.readline()
    facts = json.loads(said)
    with urllib.request.urlopen(facts["url"], timeout=10) as answer:  # noqa: S310 - our own address
        assert answer.read().decode().split() == facts["keys"]
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=30)
    assert (run.returncode, "stopped" in err, "Traceback" in err) == (0, True, False)
    assert re.search(r"^GET 200$", err, re.MULTILINE)
