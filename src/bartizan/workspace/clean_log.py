"""What the ledger says of cleanings: told before a folder is in its place, and asked afterwards."""

from datetime import datetime
from pathlib import Path

from bartizan.adapt.files.whole import read_file
from bartizan.core.errors import InputError, OutputError
from bartizan.core.evidence import Place
from bartizan.core.fact import Fact, Quarantined, Relabelled, Restored
from bartizan.core.occasion import moment, user_name
from bartizan.core.record import digest
from bartizan.crypto.safe_file import PRIVATE, create
from bartizan.data.cleaning.folder import Opened, opened
from bartizan.data.cleaning.manifest import Manifest
from bartizan.data.cleaning.placing import require_free, resumed
from bartizan.workspace.clean_order import Undone
from bartizan.workspace.ledger import Ledger


class CleanLog:
    """The ledger as cleanings see it; a workspace that keeps nothing has none."""

    def __init__(self, ledger: Ledger | None) -> None:
        self._ledger = ledger

    def ready(self, out: Path) -> None:
        """Refuse what would fail at the end, before any work is done.

        Raises:
            OutputError: the place is taken, or a cleaning that had broken off was finished just
                now: what it wrote is in its place.
            LedgerError: the log does not hold.
        """
        self._require_ledger()
        if resumed(out, stands=self.stands):
            message = (
                f"an earlier cleaning had broken off after it was written into the ledger; it is "
                f"finished now, and {out} holds what it wrote. Nothing else was done: look at it, "
                f"undo it with `bartizan data clean --undo {out}`, or choose another --out"
            )
            raise OutputError(message)
        require_free(out)

    def record(self, facts: tuple[Fact, ...]) -> tuple[Place, ...]:
        """Write facts; without a ledger, nothing."""
        return () if self._ledger is None else self._ledger.record(facts)

    def stands(self, manifest: str) -> bool:
        """Whether the ledger says that a cleaning happened.

        Args:
            manifest: Digest of its manifest.
        """
        kinds = (Quarantined, Relabelled)
        return any(isinstance(one, kinds) and one.manifest == manifest for one in self._facts())

    def undone(self, folder: Path, *, out: str | Path | None, by: str, when: datetime) -> Undone:
        """Put every row back; see `CleanVerbs.undo`."""
        self._require_ledger()
        resumed(folder, stands=self.stands)
        earlier = opened(folder)
        manifest, content = earlier.manifest, earlier.source.content()
        path = _place(manifest, folder=folder, out=out)
        known = self.stands(earlier.digest)
        fact = Restored(
            data=manifest.data,
            rows=manifest.rows,
            before=manifest.after,
            after=manifest.before,
            manifest=earlier.digest,
            by=by or user_name(),
            when=moment(when),
        )
        if not self._broke_off(path, content, earlier):
            create(path, content, mode=PRIVATE)
        places = self.record((fact,))
        return Undone(
            path=path,
            rows=manifest.rows,
            root=manifest.before,
            identical=digest(content) == manifest.source_digest,
            known=known,
            place=places[0] if places else None,
        )

    def _broke_off(self, path: Path, content: bytes, earlier: Opened) -> bool:
        """Whether the file was put back, and the process died before it told the ledger."""
        if self._ledger is None or not path.is_file() or read_file(path) != content:
            return False
        facts = [one for one in self._facts() if isinstance(one, Restored)]
        return all(one.manifest != earlier.digest for one in facts)

    def _facts(self) -> list[Fact]:
        if self._ledger is None or not self._ledger.begun:
            return []
        return [fact for _, fact in self._ledger.facts()]

    def _require_ledger(self) -> None:
        if self._ledger is not None:
            self._ledger.ready()


def _place(manifest: Manifest, *, folder: Path, out: str | Path | None) -> Path:
    """Where the restored file goes; never in the place of another."""
    if out is None:
        return folder / f"restored-{manifest.file}"
    if not Path(out).is_dir():
        message = f"expected a folder that exists for the restored file, got {out}; make it"
        raise InputError(message)
    return Path(out) / manifest.file
