"""Proofs beside a log: they catch an operator who rewrites history and has every key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bartizan.core.errors import LedgerError, OutputError, UsageError
from bartizan.ledger.anchor import (
    PROOF_BYTES,
    Anchored,
    AnchorProof,
    Kind,
    keep,
    load,
    require_about,
    verify_anchors,
)
from bartizan.ledger.checkpoint import Checkpoint, parse_checkpoint
from bartizan.ledger.fsck import fsck
from bartizan.ledger.log import Log
from bartizan.ledger.note import NoteSigner, NoteVerifier, open_note, sign_note
from story import Story
from unit.ledger.trees import numbered

STORY = Story(numbered(20))


@dataclass(frozen=True)
class Notebook:
    """An anchor that writes texts down. Whoever has the notebook can verify."""

    seen: dict[str, datetime]
    kind: Kind = "rfc3161"

    def anchor(self, text: str) -> AnchorProof:
        self.seen.setdefault(text, datetime(2026, 11, 21, 10, 30, tzinfo=UTC))
        return AnchorProof(kind=self.kind, text=text, body=b"page 1")

    def verify(self, proof: AnchorProof, *, text: str) -> Anchored:
        checkpoint = require_about(proof, kind=self.kind, text=text)
        if text not in self.seen:
            message = "it is not in the notebook"
            raise LedgerError(message)
        when = self.seen[text]
        return Anchored(kind=self.kind, checkpoint=checkpoint, when=when, place="page 1")


@pytest.fixture
def notebook() -> Notebook:
    return Notebook({})


def anchored(folder: Path, *sizes: int, notebook: Notebook, story: Story = STORY) -> list[Path]:
    return [keep(notebook.anchor(story.checkpoint(size).text()), log=folder) for size in sizes]


def test_proofs_stand_beside_the_log_under_size_and_kind(
    tmp_path: Path, notebook: Notebook
) -> None:
    paths = anchored(tmp_path, 7, 12, notebook=notebook)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == [
        "anchors/7.rfc3161",
        "anchors/12.rfc3161",
    ]
    found = verify_anchors(
        tmp_path, origin=STORY.origin, anchors={"rfc3161": notebook}, root_at=STORY.root
    )
    assert [one.checkpoint.size for one in found] == [7, 12]


def test_a_log_without_anchors_has_none(tmp_path: Path) -> None:
    assert verify_anchors(tmp_path, origin="a", anchors={}, root_at=STORY.root) == ()


def test_an_older_proof_is_never_overwritten(tmp_path: Path, notebook: Notebook) -> None:
    (path,) = anchored(tmp_path, 7, notebook=notebook)
    was = path.read_bytes()
    with pytest.raises(OutputError, match="never overwritten"):
        anchored(tmp_path, 7, notebook=notebook, story=STORY.other(after=3))
    assert path.read_bytes() == was
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_history_that_was_rewritten_and_signed_anew_is_caught(
    tmp_path: Path, notebook: Notebook
) -> None:
    anchored(tmp_path, 3, 7, notebook=notebook)
    anchors = {"rfc3161": notebook}
    false = STORY.other(after=3)
    with pytest.raises(LedgerError, match=r"rewritten: its first 7 .* 2026-11-21 10:30:00 UTC"):
        verify_anchors(tmp_path, origin=STORY.origin, anchors=anchors, root_at=false.root)


def test_a_log_that_is_shorter_than_its_anchor_is_caught(
    tmp_path: Path, notebook: Notebook
) -> None:
    anchored(tmp_path, 7, notebook=notebook)

    def root_at(size: int) -> bytes:
        message = f"expected a size from 0 to the published 5, got {size}"
        raise LedgerError(message)

    with pytest.raises(LedgerError, match="published 5, got 7"):
        verify_anchors(
            tmp_path, origin=STORY.origin, anchors={"rfc3161": notebook}, root_at=root_at
        )


def test_an_anchor_of_another_log_is_refused(tmp_path: Path, notebook: Notebook) -> None:
    anchored(tmp_path, 7, notebook=notebook, story=Story(STORY.entries, origin="log.example/b"))
    with pytest.raises(LedgerError, match=r"about the log 'log.example/b'"):
        verify_anchors(
            tmp_path, origin=STORY.origin, anchors={"rfc3161": notebook}, root_at=STORY.root
        )


def test_a_proof_that_nobody_can_verify_is_no_pass(tmp_path: Path, notebook: Notebook) -> None:
    anchored(tmp_path, 7, notebook=notebook)
    with pytest.raises(LedgerError, match="nothing here was told to verify"):
        verify_anchors(tmp_path, origin=STORY.origin, anchors={}, root_at=STORY.root)
    with pytest.raises(LedgerError, match="not in the notebook"):
        verify_anchors(
            tmp_path, origin=STORY.origin, anchors={"rfc3161": Notebook({})}, root_at=STORY.root
        )


def test_a_proof_that_was_renamed_or_moved_is_refused(tmp_path: Path, notebook: Notebook) -> None:
    (path,) = anchored(tmp_path, 7, notebook=notebook)
    for name in ("8.rfc3161", "7.evm", "07.rfc3161", "7"):
        moved = path.rename(path.with_name(name))
        with pytest.raises(LedgerError, match="it was renamed"):
            load(moved)
        path = moved


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"\xff", b'{"schema":"anchorproof/2"}', b" " * (PROOF_BYTES + 1)]
)
def test_what_is_no_proof_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "7.rfc3161"
    path.write_bytes(raw)
    with pytest.raises(LedgerError):
        load(path)


@pytest.mark.parametrize("text", ["", "a\n7\n", "hello", STORY.checkpoint(7).text() + "\0"])
def test_a_proof_about_no_checkpoint_is_neither_kept_nor_read(tmp_path: Path, text: str) -> None:
    proof = AnchorProof(kind="evm", text=text, body=b"")
    with pytest.raises(LedgerError):
        keep(proof, log=tmp_path)
    with pytest.raises(LedgerError):
        require_about(proof, kind="evm", text=text)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, notebook: Notebook) -> None:
    (tmp_path / "anchors").write_text("")
    with pytest.raises(UsageError):
        anchored(tmp_path, 7, notebook=notebook)


def written(folder: Path, entries: Sequence[bytes]) -> Log:
    """A log as its operator writes it: `Log` with the key of the story."""

    def publish(size: int, root: bytes) -> bytes:
        text = Checkpoint(STORY.origin, size, root).text()
        return sign_note(text, signers=[NoteSigner(STORY.key)])

    with Log.open(folder, publish=publish, read=read) as log:
        for at in range(0, len(entries), 5):
            log.append(entries[at : at + 5])
    return log


def read(raw: bytes) -> tuple[int, bytes]:
    found = parse_checkpoint(open_note(raw, verifiers=[NoteVerifier(STORY.verifier)]).text)
    return found.size, found.root


def test_a_real_log_goes_on_beside_its_anchors_and_answers_for_its_past(
    tmp_path: Path, notebook: Notebook
) -> None:
    folder = tmp_path / "log"
    log = written(folder, STORY.entries[:10])
    keep(notebook.anchor(STORY.checkpoint(10).text()), log=folder)
    keep(notebook.anchor(STORY.checkpoint(7).text()), log=folder)  # of no batch's end
    log = written(folder, STORY.entries[10:])
    assert fsck(folder, read=read).strange == ()
    found = verify_anchors(
        folder, origin=STORY.origin, anchors={"rfc3161": notebook}, root_at=log.tiles().root
    )
    assert [one.checkpoint.size for one in found] == [7, 10]
    forged = written(tmp_path / "forged", STORY.other(after=8).entries)
    (tmp_path / "forged" / "anchors").symlink_to(folder / "anchors")
    with pytest.raises(LedgerError, match="rewritten: its first 10"):
        verify_anchors(
            tmp_path / "forged",
            origin=STORY.origin,
            anchors={"rfc3161": notebook},
            root_at=forged.tiles().root,
        )
