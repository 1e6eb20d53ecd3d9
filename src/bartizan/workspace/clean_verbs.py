"""What a workspace does to clean data: quarantine, approved labels, and the way back."""

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bartizan.adapt.files.whole import read_file
from bartizan.core.errors import UsageError
from bartizan.core.evidence import Place
from bartizan.core.progress import Progress
from bartizan.core.record import digest
from bartizan.core.report import Tool
from bartizan.data.cleaning.checked_folder import checked_suspicion
from bartizan.data.cleaning.cleaning import Cleaning, files_of, suspicion_of
from bartizan.data.cleaning.folder import opened
from bartizan.data.cleaning.gains import positions
from bartizan.data.cleaning.half_classes import require_halves_left
from bartizan.data.cleaning.placing import laid_beside, placed
from bartizan.data.cleaning.suggestions import approved
from bartizan.data.cleaning.suspicion import (
    Suspicion,
    believed,
    places_of,
    require_classes_left,
    require_detectors,
    silent_among,
)
from bartizan.data.labelled import Labelled
from bartizan.data.register.statement import user_name
from bartizan.data.rules import Rules
from bartizan.data.verification import Verification
from bartizan.report import FORMATS, save
from bartizan.workspace.clean_gain import gained, report_of, tried_repair
from bartizan.workspace.clean_log import CleanLog
from bartizan.workspace.clean_order import Cleaned, CleanOrder, Undone
from bartizan.workspace.clean_refusals import require_gains, require_sense, require_short
from bartizan.workspace.clean_rows import labelled_rows
from bartizan.workspace.clean_source import read_source, require_seen
from bartizan.workspace.datasets import dataset_inputs
from bartizan.workspace.deep_look import DeepLook
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.register_verbs import RegisterVerbs

Steps = Generator[Progress, None, Cleaned]


class CleanVerbs:
    """The verb `clean` of one workspace."""

    def __init__(
        self,
        verification: Callable[..., Verification],
        *,
        ledger: Ledger | None,
        register: RegisterVerbs | None,
        clock: Callable[[], datetime],
        tool: Tool,
    ) -> None:
        """`verification`: prepares a check of data."""
        self._verification = verification
        self._log = CleanLog(ledger)
        self._register = register
        self._clock = clock
        self._tool = tool

    def __call__(
        self,
        data: str | Path,
        *,
        target: str,
        out: str | Path,
        progress: Callable[[Progress], object] = lambda _: None,
        **known: Any,
    ) -> Cleaned:
        """Leave out of a copy of a file what detectors believe to be wrong.

        Args:
            data: A table, or an .npz file; it is not changed.
            target: The column, or array, of labels.
            out: Folder for the copy; it must not exist.
            progress: Called as the work goes on.
            **known: As in `CleanOrder`: checked, recipe, group, certify ...

        Raises:
            UsageError: every row of a class is flagged.
            OutputError: `out` is taken or cannot be written; nothing was kept.
            InputError: the data cannot be read, or is not what was checked.
            LedgerError: the log does not hold.
        """
        order = CleanOrder(data=Path(data), target=target, out=Path(out), **known)
        return finished(self.steps(order), progress)

    def steps(self, order: CleanOrder) -> Steps:
        """Clean; yields how far it is, returns what was done. See `__call__`."""
        self._log.ready(order.out)
        require_detectors(order.entries)
        require_sense(order)
        source, seen = read_source(order)
        if order.checked is not None:
            rows = labelled_rows(order)
            require_gains(order, rows=rows)
            require_seen(rows.data, then=seen)
            found = checked_suspicion(
                order.checked, rows.data, target=order.target, entries=order.entries
            )
        else:
            require_gains(order)
            rows, found = yield from self._looked(order)
            require_seen(rows.data, then=seen)
        cleaning = Cleaning(
            source=source,
            file=order.data,
            digest=seen,
            data=rows.data,
            target=order.target,
            header=order.header,
            suspicion=found,
        )
        return (yield from self._done(cleaning, rows, order))

    def apply(
        self,
        suggestions: str | Path,
        *,
        out: str | Path,
        progress: Callable[[Progress], object] = lambda _: None,
        **known: Any,
    ) -> Cleaned:
        """Give rows the labels that a person approved, instead of leaving them out.

        Args:
            suggestions: The edited file, in the folder that a cleaning wrote.
            out: Folder for the new copy; it must not exist.
            progress: Called as the work goes on.
            **known: As in `CleanOrder`: recipe, group, certify ...

        Raises:
            UsageError: the file was edited in a way that makes no sense; the message names the
                line.
            InputError: the folder is not what it was.
        """
        return finished(self.apply_steps(Path(suggestions), Path(out), **known), progress)

    def apply_steps(self, suggestions: Path, out: Path, **known: Any) -> Steps:
        """Apply; yields how far it is, returns what was done. See `apply`."""
        self._log.ready(out)
        raw = read_file(suggestions)
        earlier = opened(suggestions.parent)
        manifest = earlier.manifest
        with laid_beside(out, manifest.file, earlier.source.content()) as path:
            order = CleanOrder(
                data=path,
                target=manifest.target,
                out=out,
                header=manifest.header,
                name=manifest.data,
                **{"reason": "labels approved by a person", **known},
            )
            require_sense(order)
            rows = labelled_rows(order)
            require_gains(order, rows=rows)
            labels = approved(
                raw,
                where=str(suggestions),
                known={one.row: one.label for one in manifest.flagged},
                classes=[str(label) for label in rows.data.classes],
            )
            if not labels:
                message = f"{suggestions} approves no label; write yes in its last column"
                raise UsageError(message)
            cleaning = Cleaning(
                source=earlier.source,
                file=path,
                digest=manifest.source_digest,
                data=rows.data,
                target=manifest.target,
                header=manifest.header,
                suspicion=suspicion_of(manifest),
                approved=labels,
                suggestions=digest(raw),
            )
            return (yield from self._done(cleaning, rows, order))

    def undo(self, folder: str | Path, *, out: str | Path | None = None, by: str = "") -> Undone:
        """Put every row back where it was, in a new file.

        Args:
            folder: What a cleaning wrote; it is left as it is.
            out: Folder for the file; none = `folder` itself.
            by: Who does it; the user of this machine if empty.

        Raises:
            InputError: the folder is not what it was.
            OutputError: the file exists already, or cannot be written.
            LedgerError: the log does not hold.
        """
        require_short(by=by)
        return self._log.undone(Path(folder), out=out, by=by, when=self._clock())

    def _done(self, cleaning: Cleaning, rows: Labelled, order: CleanOrder) -> Steps:
        """Measure and write what was decided."""
        gone = positions(cleaning)
        if not len(cleaning.suspicion.rows):
            return Cleaned(report=report_of(cleaning, order, tool=self._tool), folder=None)
        require_classes_left(cleaning.data, gone=gone)
        require_halves_left(cleaning, named=order.entries)
        findings = yield from gained(cleaning, rows, order)
        network = None
        if order.repair is not None:
            yield Progress(0, 1, "repairing the network")
            network, finding = tried_repair(cleaning, order)
            findings.append(finding)
        report = report_of(cleaning, order, findings, tool=self._tool)
        files = files_of(
            cleaning,
            reason=order.reason,
            by=order.by or user_name(),
            when=self._clock(),
            registered=self._registered(cleaning),
        )
        places: list[Place] = []
        more = {} if network is None else {network.file: network.content}
        placed(
            order.out,
            {**files.content, **more},
            add=lambda folder: save(report, folder, formats=FORMATS),
            tell=lambda: places.extend(self._log.record(files.facts)),
            stands=self._log.stands,
        )
        return Cleaned(
            report=report,
            folder=order.out,
            taken=len(files.manifest.quarantined),
            changed=len(files.manifest.relabelled),
            manifest=files.manifest,
            repaired=None if network is None else order.out / network.file,
            places=tuple(places),
        )

    def _looked(self, order: CleanOrder) -> Generator[Progress, None, tuple[Labelled, Suspicion]]:
        """Run the detectors now."""
        inputs = dataset_inputs(
            order.data,
            now=self._clock(),
            target=order.target,
            name=order.name,
            header=order.header,
            rules=None if order.source is None else Rules(source=order.source),
            seed=order.seed,
        )
        look = replace(order.look or DeepLook(), wanted=True, recipe=order.recipe)
        run = self._verification(inputs, entries=order.entries, seed=order.seed, look=look)
        yield from run
        if run.refused is not None:
            raise run.refused
        answers = run.answers()
        if answers is None:
            message = "no detector looked at the rows; choose detectors of poison with --entry"
            raise UsageError(message)
        rows, found = answers
        findings = run.report().findings
        trusted = believed(findings, named=order.entries)
        chosen = {name: answer for name, answer in found.items() if name in trusted}
        pointing = [name for name, one in found.items() if len(places_of(one, rows.data))]
        silent = silent_among(findings, pointing=pointing, named=order.entries)
        return rows, Suspicion.of(chosen, rows.data, silent=silent)

    def _registered(self, cleaning: Cleaning) -> str:
        """Root of the registered version that this file is; empty = it is none."""
        known = None if self._register is None else self._register.known(cleaning.data.name)
        if known is None or known.version.fact.file != cleaning.digest:
            return ""
        return known.version.fact.root


def finished(steps: Steps, progress: Callable[[Progress], object]) -> Cleaned:
    """Run a cleaning to its end."""
    while True:
        try:
            progress(next(steps))
        except StopIteration as end:
            result: Cleaned = end.value
            return result
