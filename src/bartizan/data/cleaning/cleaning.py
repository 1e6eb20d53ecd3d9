"""One cleaning: which rows leave or get another label, and the files that say so."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from bartizan.adapt.rows.file import RowFile
from bartizan.core.arrays import Ints
from bartizan.core.dataset import Dataset
from bartizan.core.fact import Fact, Quarantined, Relabelled
from bartizan.core.occasion import moment
from bartizan.core.record import digest, encode
from bartizan.data.cleaning.folder import MANIFEST, QUARANTINE, SUGGESTIONS
from bartizan.data.cleaning.manifest import Manifest, QuarantinedRow, Relabel, root
from bartizan.data.cleaning.parting import parted
from bartizan.data.cleaning.suggestions import suggestions, written
from bartizan.data.cleaning.suspicion import Suspicion
from bartizan.data.register.row_tree import SALT_BYTES

_COLUMNS = ("row", "label", "action", "detectors", "p")


@dataclass(frozen=True, kw_only=True)
class Cleaning:
    """What is to happen to a file."""

    source: RowFile
    file: Path
    """Where it lies; its name is the copy's."""
    digest: str
    """Of its bytes."""
    data: Dataset
    """Its labelled rows."""
    target: str
    header: bool
    suspicion: Suspicion
    approved: Mapping[int, str] = field(default_factory=dict)
    """By id of a row, the label that a person approved."""
    suggestions: str = ""
    """Digest of the file in which it was approved."""

    @property
    def gone(self) -> Ints:
        """Ids of rows that leave: flagged, and nobody approved another label."""
        kept = np.array(sorted(self.approved), dtype=np.int64)
        return np.setdiff1d(self.suspicion.rows, kept).astype(np.int64)

    def over(self, data: Dataset) -> "Cleaning":
        """The same with other columns, or more rows, of the same source."""
        return replace(self, data=data)

    @property
    def labels(self) -> dict[int, str]:
        """By id of a flagged row, its label as the source spells it."""
        places = self.suspicion.within(self.data)
        words = (str(self.data.classes[one]) for one in self.data.y[places].tolist())
        return dict(zip(self.suspicion.rows.tolist(), words, strict=True))


@dataclass(frozen=True, kw_only=True)
class Files:
    """What is written, and what is said of it in the ledger."""

    manifest: Manifest
    content: Mapping[str, bytes]
    """By name."""
    facts: tuple[Fact, ...]


def files_of(
    cleaning: Cleaning,
    *,
    reason: str,
    by: str,
    when: datetime,
    registered: str = "",
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Files:
    """Make all files of a cleaning, in memory.

    Args:
        cleaning: What is to happen.
        reason: Why, without saying what a row is.
        by: Who does it.
        when: With a time zone.
        registered: Root of the registered version that the rows are.
        random: Gives so many random bytes, that nobody can guess.

    Cost:
        Three hashes a row, and the rows three times in memory.
    """
    gone, labels = cleaning.gone, cleaning.labels
    parts = parted(cleaning.source, gone=gone, labels=cleaning.approved)
    kept, aside = parts.kept.content(), parts.aside.content()
    salt = random(SALT_BYTES)
    manifest = Manifest(
        data=cleaning.data.name,
        file=cleaning.file.name,
        aside=f"aside-{cleaning.file.name}",
        form=cleaning.source.form,
        target=cleaning.target,
        header=cleaning.header,
        rows=cleaning.source.rows,
        flagged=_flagged(cleaning.suspicion, labels),
        quarantined=tuple(gone.tolist()),
        relabelled=tuple(
            Relabel(row=row, before=labels[row], after=cleaning.approved[row])
            for row in sorted(cleaning.approved)
        ),
        salt=salt.hex(),
        before=root(cleaning.source.spelled(), salt=salt),
        after=root(parts.kept.spelled(), salt=salt),
        source_digest=cleaning.digest,
        cleaned_digest=digest(kept),
        aside_digest=digest(aside),
        suggestions=cleaning.suggestions,
        by=by,
        when=moment(when),
    )
    raw = encode(manifest)
    content = {
        manifest.file: kept,
        manifest.aside: aside,
        QUARANTINE: _listed(manifest),
        MANIFEST: raw,
    }
    asked = b"" if cleaning.suggestions else suggestions(cleaning.suspicion, labels=labels)
    if asked:
        content[SUGGESTIONS] = asked
    facts = _facts(manifest, name=digest(raw), reason=reason, registered=registered)
    return Files(manifest=manifest, content=content, facts=facts)


def suspicion_of(manifest: Manifest) -> Suspicion:
    """The flagged rows of an earlier cleaning."""
    return Suspicion(
        rows=np.array([one.row for one in manifest.flagged], dtype=np.int64),
        detectors=tuple(one.detectors for one in manifest.flagged),
        p=np.array([np.nan if one.p is None else one.p for one in manifest.flagged]),
        suggested=tuple(one.suggested for one in manifest.flagged),
    )


def _flagged(found: Suspicion, labels: Mapping[int, str]) -> tuple[QuarantinedRow, ...]:
    each = zip(found.rows.tolist(), found.detectors, found.p.tolist(), found.suggested, strict=True)
    return tuple(
        QuarantinedRow(
            row=row,
            label=labels[row],
            detectors=names,
            p=None if np.isnan(p) else p,
            suggested=label,
        )
        for row, names, p, label in each
    )


def _listed(manifest: Manifest) -> bytes:
    """Flagged rows, for people."""
    changed = {one.row: one.after for one in manifest.relabelled}
    lines = [
        (
            one.row,
            one.label,
            f"now {changed[one.row]}" if one.row in changed else "left",
            " ".join(one.detectors),
            "" if one.p is None else f"{one.p:.3g}",
        )
        for one in manifest.flagged
    ]
    return written(_COLUMNS, lines)


def _facts(manifest: Manifest, *, name: str, reason: str, registered: str) -> tuple[Fact, ...]:
    """What happened, without saying to which rows."""
    made: list[Fact] = []
    if manifest.quarantined:
        made.append(
            Quarantined(
                data=manifest.data,
                rows=manifest.rows,
                taken=len(manifest.quarantined),
                before=manifest.before,
                after=manifest.after,
                registered=registered,
                manifest=name,
                reason=reason,
                by=manifest.by,
                when=manifest.when,
            )
        )
    if manifest.relabelled:
        made.append(
            Relabelled(
                data=manifest.data,
                rows=manifest.rows,
                changed=len(manifest.relabelled),
                before=manifest.before,
                after=manifest.after,
                manifest=name,
                reason=reason,
                by=manifest.by,
                when=manifest.when,
            )
        )
    return tuple(made)
