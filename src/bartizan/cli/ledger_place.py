"""What the commands around a log share: where it is, whom to believe, how to answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from bartizan.cli import screen
from bartizan.config import find_config
from bartizan.core.errors import LedgerError, UsageError

if TYPE_CHECKING:
    from bartizan.config import Config
    from bartizan.ledger.checkpoint import Checkpoint
    from bartizan.ledger.policy import Policy
    from bartizan.ledger.verifier_key import VerifierKey

Ledger: TypeAlias = Annotated[Path, typer.Option(help="The log's folder.")]
PolicyFile: TypeAlias = Annotated[
    Path, typer.Option("--policy", help="Policy file: the log's key, witnesses, quorum.")
]
Logs: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--log", help="Verifier key of a log to look at: name+hash+base64. Repeatable."),
]
LogsFile: TypeAlias = Annotated[
    Path | None, typer.Option("--policy", help="Policy file whose `log` lines name the logs.")
]
Home: TypeAlias = Annotated[
    Path, typer.Option(help="The witness's folder: keys, memory, evidence. Keep it private.")
]
Name: TypeAlias = Annotated[
    str, typer.Option(help="Name of the witness, such as witness.example/w1; needed once.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Machine-readable.")]

PLACE = Path(".bartizan/ledger")
"""Where a workspace keeps its log."""
HOME = Path("witness")
ROOTS_BYTES = 1 << 20
"""Of a file of certificates: some hundreds."""


def read_file(path: Path, *, limit: int, what: str) -> bytes:
    """A file as it is.

    Raises:
        UsageError: it cannot be read, or is longer than any such file.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        message = f"cannot read {what} {path}: {error.strerror}"
        raise UsageError(message) from error
    if len(raw) > limit:
        message = f"{path} has more than {limit} bytes, which {what} never has"
        raise UsageError(message)
    return raw


def project_of(path: Path | None) -> tuple[Config | None, Path]:
    """The project file that is named, else the one here or above, and the folder it lies in.

    Without one, nothing is declared, and the folder is the one in which the command runs.
    """
    found = path or find_config(Path.cwd())
    if found is None:
        return None, Path.cwd()
    from bartizan.config import read_config  # noqa: PLC0415 (slow to import)

    return read_config(found), found.resolve().parent


def policy_of(path: Path) -> Policy:
    """The policy in a file."""
    from bartizan.ledger.policy import POLICY_BYTES, parse_policy  # noqa: PLC0415 (slow to import)

    return parse_policy(read_file(path, limit=POLICY_BYTES, what="the policy"))


def keys_of(logs: Sequence[str] | None, *, policy: Path | None) -> list[VerifierKey]:
    """The logs that a witness looks at.

    Raises:
        UsageError: none was named.
    """
    from bartizan.ledger.verifier_key import parse_verifier_key  # noqa: PLC0415 (slow to import)

    keys = [parse_verifier_key(log) for log in logs or ()]
    if policy is not None:
        keys += [log.key for log in policy_of(policy).logs]
    if not keys:
        message = "expected the logs to look at: --log with a verifier key, or --policy with a file"
        raise UsageError(message)
    return keys


def published(ledger: Path) -> bytes:
    """The signed checkpoint of a log, as it stands there."""
    from bartizan.ledger.reader import CHECKPOINT, CHECKPOINT_BYTES  # noqa: PLC0415 (slow to import)

    return read_file(ledger / CHECKPOINT, limit=CHECKPOINT_BYTES, what="the checkpoint")


def signed_by_log(raw: bytes, *, policy: Policy, folder: Path) -> Checkpoint:
    """A checkpoint that a log of the policy signed; witnesses are not asked for.

    Args:
        raw: The checkpoint.
        policy: Names the log.
        folder: Of the log, for messages.

    Raises:
        LedgerError: none did, under its own name.
    """
    from bartizan.ledger.reader import CHECKPOINT  # noqa: PLC0415 (slow to import)

    try:
        return _signed(raw, policy=policy)
    except LedgerError as error:
        message = f"{folder / CHECKPOINT}: {error}"
        raise LedgerError(message) from error


def _signed(raw: bytes, *, policy: Policy) -> Checkpoint:
    from bartizan.ledger.checkpoint import parse_checkpoint  # noqa: PLC0415 (slow to import)
    from bartizan.ledger.cosignature import verifier_of  # noqa: PLC0415 (slow to import)
    from bartizan.ledger.note import open_note  # noqa: PLC0415 (slow to import)

    note = open_note(raw, verifiers=[verifier_of(log.key) for log in policy.logs])
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin not in {one.name for one in note.signatures}:
        message = f"the checkpoint is of {checkpoint.origin!r}, and another log signed it"
        raise LedgerError(message)
    return checkpoint


def reader_of(policy: Policy, *, folder: Path) -> Callable[[bytes], tuple[int, bytes]]:
    """What a log checks its published checkpoint with."""

    def read(raw: bytes) -> tuple[int, bytes]:
        found = signed_by_log(raw, policy=policy, folder=folder)
        return found.size, found.root

    return read


def tell(lines: Sequence[str], *, facts: dict[str, Any], as_json: bool) -> None:
    """Results on standard output: for a person, or the same for a program."""
    import msgspec  # noqa: PLC0415 (slow to import)

    console = screen.out()
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(facts)).decode()
        console.print(text, markup=False)
        return
    for line in lines:
        console.print(screen.plain(line))
