"""What a workspace does with signed models: sign, verify, and remember which version it saw."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from bartizan.core.artifact import Artifact, Vouched
from bartizan.core.errors import UsageError
from bartizan.core.fact import Admitted, Signed
from bartizan.core.occasion import moment, user_name
from bartizan.crypto.oms.measuring import Progress, is_folder
from bartizan.supply.signing.signing import Pen, Signature, sign
from bartizan.supply.signing.trust import Trust
from bartizan.supply.signing.verification import vouched
from bartizan.supply.signing.versions import Seen
from bartizan.workspace.ledger import Ledger


class SigningVerbs:
    """Signatures of models, with a memory if the workspace has a ledger."""

    def __init__(self, ledger: Ledger | None, *, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock

    @property
    def remembers(self) -> bool:
        """Whether there is a ledger that knows which versions were seen."""
        return self._ledger is not None

    def sign(
        self,
        model: str | Path,
        *,
        pen: Pen,
        name: str | None = None,
        version: int | None = None,
        ignored: Iterable[str] = (),
        to: Path | None = None,
        force: bool = False,
        by: str = "",
        progress: Progress = lambda _: None,
    ) -> Signature:
        """Sign a model, and write it into the ledger.

        Args:
            model: A file or a folder without links.
            pen: What signs.
            name: What to call the model; none = the name of its file or folder.
            version: From 1, growing; none = none.
            ignored: Paths in the folder about which nothing is said.
            to: Where the bundle goes; none = into the folder, or beside the file.
            force: Whether it may replace one.
            by: Who signs; empty = the user.
            progress: Told of bytes that were hashed.

        Raises:
            TrustError: the model contains a link, or a name that cannot be shown.
            InputError: it cannot be read, or changed meanwhile.
            UsageError: the version was used before, or a bundle is there already.
            LedgerError: the log does not hold.
            OutputError: the bundle cannot be written.
        """
        self._ready()
        is_folder(Path(model))  # before it is resolved: a link may lead to itself
        called = name or Path(model).resolve().name
        last = self.seen(called, pen.label)
        if last is not None and last.version >= (version or 0) and last.version:
            message = (
                f"version {last.version} of {called!a} was seen already; sign with --version "
                f"{last.version + 1} or more"
            )
            raise UsageError(message)
        made = sign(
            Path(model),
            pen=pen,
            now=self._clock(),
            name=name,
            version=version,
            ignored=ignored,
            to=to,
            force=force,
            progress=progress,
        )
        said = made.statement
        self._record(
            Signed(
                model=said.name,
                root=said.manifest.root,
                version=said.version or 0,
                signer=made.signer,
                bundle=made.bundle,
                **self._circumstances("signed", by=by),
            )
        )
        return made

    def verify(
        self,
        model: str | Path,
        *,
        trust: Trust,
        signature: Path | None = None,
        name: str | None = None,
        by: str = "",
        progress: Progress = lambda _: None,
    ) -> Vouched[Artifact]:
        """Check a model against its signature, and remember its version once all of it holds.

        Args:
            model: A file or a folder.
            trust: Whom to believe.
            signature: The bundle; none = where `sign` puts it.
            name: What its signer must call it; none = anything.
            by: Who asks; empty = the user.
            progress: Told of bytes that were hashed.

        Returns:
            The model in the form that may be loaded: its `read` gives the bytes that were checked.

        Raises:
            TrustError: it is not signed, not by somebody who may, older than one that was seen
                here, or not what was signed.
            InputError: it cannot be read, or was signed in a way that is not supported.
            LedgerError: the log does not hold.
        """
        found = self.checked(model, trust=trust, signature=signature, name=name, progress=progress)
        artifact, voucher = found.artifact, found.voucher
        last = self.seen(artifact.name, voucher.signer)
        if last != Seen(version=voucher.version, root=artifact.root):
            self._record(
                Signed(
                    model=artifact.name,
                    root=artifact.root,
                    version=voucher.version,
                    signer=voucher.signer,
                    bundle=voucher.bundle,
                    **self._circumstances("verified", by=by),
                )
            )
        return found

    def checked(
        self,
        model: str | Path,
        *,
        trust: Trust,
        signature: Path | None = None,
        name: str | None = None,
        progress: Progress = lambda _: None,
    ) -> Vouched[Artifact]:
        """As `verify`, with what is remembered, and remembering nothing.

        For an admission, in which a signature is one question of several: a model that is refused
        in the end must not use up a version.
        """
        self._ready()
        return vouched(
            Path(model),
            trust=trust,
            now=self._clock(),
            signature=signature,
            name=name,
            seen=self.seen,
            progress=progress,
        )

    def seen(self, name: str, signer: str) -> Seen | None:
        """The newest version of a model that the ledger knows of.

        Args:
            name: What its signer calls it.
            signer: As in `Voucher`: another one's model of the same name is another model.

        Cost: reads every entry of the ledger.
        """
        if self._ledger is None or not self._ledger.begun:
            return None
        newest: Seen | None = None
        for _, fact in self._ledger.facts():
            if not isinstance(fact, Signed | Admitted) or fact.signer != signer:
                continue
            named = fact.model if isinstance(fact, Signed) else fact.artifact
            if named == name and (newest is None or fact.version >= newest.version):
                newest = Seen(version=fact.version, root=fact.root)
        return newest

    def _ready(self) -> None:
        if self._ledger is not None:
            self._ledger.ready()

    def _record(self, fact: Signed) -> None:
        if self._ledger is not None:
            self._ledger.record([fact])

    def _circumstances(self, act: Literal["signed", "verified"], *, by: str) -> dict[str, Any]:
        return {"act": act, "by": by or user_name(), "when": moment(self._clock())}
