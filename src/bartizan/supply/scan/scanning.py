"""One scan on its way: control, every file, verdicts."""

import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from bartizan.core.entry import ControlResult
from bartizan.core.errors import InputError, OutputError, UsageError
from bartizan.core.evidence import Evidence, Receipt, Subject
from bartizan.core.finding import Finding
from bartizan.core.progress import Progress
from bartizan.core.report import Coverage, Gap, Report, Tool
from bartizan.core.verdict import overall
from bartizan.crypto.oms.manifest import ONLY_FILE, FileDigest, Manifest
from bartizan.crypto.oms.measuring import GIT
from bartizan.store import Keeping
from bartizan.supply.scan.asides import gaps_of, is_aside
from bartizan.supply.scan.beside import adopt_weights, beside
from bartizan.supply.scan.confined import Confined
from bartizan.supply.scan.entry import ENTRY
from bartizan.supply.scan.headline import headline
from bartizan.supply.scan.paths import called, opened
from bartizan.supply.scan.request import Request
from bartizan.supply.scan.slot import Slot
from bartizan.supply.signing.place import NAME as SIGNATURE


class Scan:
    """Iterate over it to run it; then ask for the `report`."""

    def __init__(
        self,
        request: Request,
        *,
        store: Keeping,
        tool: Tool,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._request = request
        self._store = store
        self._tool = tool
        self._clock = clock
        self._slots = [Slot(place, trouble=place.refusal) for place in request.found.places]
        self._beside = beside(request.found.places)
        self._control = ControlResult(passed=False, detail="the planted files were not read")
        self._interrupted = ""

    def interrupt(self, why: str) -> None:
        """Note that the run ends here; the report says so."""
        self._interrupted = why

    def __iter__(self) -> Iterator[Progress]:
        """Read the planted files, then every file."""
        total = len(self._slots)
        yield Progress(0, total, "scanning planted files")
        with Confined(allowed=self._request.allowed, limits=self._request.limits) as reader:
            self._control = _controlled(reader)
            for number, slot in enumerate(self._slots):
                yield Progress(number, total, f"scanning {called(slot.place.root)}")
                if not slot.place.refusal:
                    self._read(slot, reader)
        adopt_weights(self._slots)
        yield Progress(total, total, "scanned")

    def _read(self, slot: Slot, reader: Confined) -> None:
        began = time.perf_counter()
        try:
            with opened(slot.place) as descriptor:
                slot.answer = reader.read(
                    descriptor, path=slot.place.name, beside=self._beside.get(slot.place)
                )
        except (InputError, UsageError) as error:  # as one that cannot be started once more
            slot.trouble = str(error)
        slot.wall_s = time.perf_counter() - began

    def digests(self) -> dict[str, str]:
        """By name inside a single path, digests of the bytes that were read."""
        return {slot.place.inner or ONLY_FILE: slot.sha256 for slot in self._slots}

    def formats(self, name: str) -> tuple[str, ...]:
        """Which scanners read a file of a single path."""
        for slot in self._slots:
            if (slot.place.inner or ONLY_FILE) == name and slot.answer is not None:
                return slot.answer.read.formats
        return ()

    def report(self) -> Report:
        """What was found so far, with evidence stored."""
        subjects = self._subjects()
        asides = [slot for slot in self._slots if self._is_aside(slot)]
        judged = [slot for slot in self._slots if not self._is_aside(slot)]
        bare = [
            slot.finding(reproduce=self._again(slot), doubt=self._doubt(slot)) for slot in judged
        ]
        evidence = [
            self._evidence(finding, slot, subject=subjects[called(slot.place.root)])
            for finding, slot in zip(bare, judged, strict=True)
        ]
        digests = self._store.put_all(evidence)
        findings = [finding.grounded(digest) for finding, digest in zip(bare, digests, strict=True)]
        self._store.put_all(findings)
        receipts = [
            self._receipt(slot, finding) for finding, slot in zip(findings, judged, strict=True)
        ]
        return Report(
            tool=self._tool,
            subjects=tuple(subjects.values()),
            attackers=(),
            outcome=overall(findings),
            headline=headline(
                findings,
                adopted=sum(bool(slot.owner) for slot in self._slots),
                asides=len(asides),
            ),
            fail_on=self._request.fail_on,
            findings=tuple(findings),
            evidence=tuple(evidence),
            coverage=Coverage(
                profile="scan",
                seed=0,
                rows=0,
                rows_total=0,
                rows_protected=0,
                planned=tuple(finding.id for finding in findings),
                gaps=(*gaps_of(asides), *self._gaps()),
                interrupted=self._interrupted,
            ),
            warnings=self._request.warnings,
            receipts=tuple(receipts),
        )

    def _is_aside(self, slot: Slot) -> bool:
        """Whether a file is listed and not judged; none is where the scanners are not believed."""
        return self._request.listed and self._control.passed and is_aside(slot)

    def _doubt(self, slot: Slot) -> str:
        """Why the scanners are not believed about a file; they are where they found something."""
        if self._control.passed or slot.answer is None:
            return ""
        if slot.answer.read.verdict in ("suspicious", "malicious"):
            return ""
        return (
            f"no scanner is believed where one judges a planted file wrong: {self._control.detail}"
        )

    def _again(self, slot: Slot) -> str:
        """The command that scans one file again."""
        allowed = [part for name in self._request.allowed for part in ("--allow", name)]
        path, root = str(slot.place.path), str(slot.place.root)
        shown = next((one for one in (path, root) if one.isprintable()), called(slot.place.root))
        named = f"./{shown}" if shown.startswith("-") else shown  # or it would be a flag
        return shlex.join(["bartizan", "supply", "scan", named, *allowed])

    def _gaps(self) -> tuple[Gap, ...]:
        """What was left out."""
        found = self._request.found
        left = (
            (found.links, "links to files of the same folder", "the files are read themselves"),
            (found.folders, "folders .git", "no loader reads the history of versions"),
        )
        return tuple(Gap(what=f"{count} {what}", why=why) for count, what, why in left if count)

    def _subjects(self) -> dict[str, Subject]:
        """By name of a path, what it is."""
        roots: dict[str, list[Slot]] = {}
        for slot in self._slots:
            roots.setdefault(called(slot.place.root), []).append(slot)
        return {name: _subject(name, slots) for name, slots in roots.items()}

    def _evidence(self, finding: Finding, slot: Slot, *, subject: Subject) -> Evidence:
        """How a finding came to be."""
        read = slot.answer.read if slot.answer else None
        facts: dict[str, str | int | float | bool | tuple[float, ...]] = {
            "sha256": slot.sha256,
            "verdict": read.verdict if read else "not read",
            "size_bytes": read.size_bytes if read else 0,
            "walked_bytes": read.walked_bytes if read else 0,
            "streams": read.streams if read else 0,
            "formats": " ".join(read.formats) if read else "",
            "allowed": " ".join(self._request.allowed),
            "memory_bytes": self._request.limits.memory_bytes,
            "cpu_s": self._request.limits.cpu_s,
        }
        return Evidence(
            finding=finding.id,
            subjects=(subject,),
            params=facts,
            seed=0,
            block_rows=0,
            rows=0,
            versions=dict(self._request.versions),
            catalog=self._request.catalog,
            control=self._control.detail,
        )

    def _receipt(self, slot: Slot, finding: Finding) -> Receipt:
        return Receipt(
            finding=finding.id,
            evidence=finding.evidence or "",
            finished=self._clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
            wall_s=round(slot.wall_s, 3),
            model_s=0.0,
            calls=0,
            queries=0,
            workers=1,
        )


def _controlled(reader: Confined) -> ControlResult:
    """Whether what reads files finds those that are planted for it.

    Raises:
        OutputError: they cannot be planted.
    """
    try:
        return ENTRY.control(read=reader.read)
    except OSError as error:
        message = (
            f"the planted files that every scan begins with cannot be written: {error.strerror}; "
            "free some space for temporary files, or name another folder for them with TMPDIR"
        )
        raise OutputError(message) from error


def _subject(name: str, slots: Sequence[Slot]) -> Subject:
    """One path; where a file in it could not be read, nobody knows the digest of the whole."""
    known = all(slot.answer for slot in slots)
    size = sum(slot.answer.read.size_bytes for slot in slots if slot.answer)
    return Subject(
        kind="artifact",
        name=name,
        digest=Manifest.of(_files(slots)).root if known else "",
        digest_kind="oms-root" if known else "declared",
        detail=f"{len(slots):,} {'file' if len(slots) == 1 else 'files'}, {size:,} bytes",
    )


def _files(slots: Sequence[Slot]) -> Iterator[FileDigest]:
    """What a signature of the whole would be about: not itself, and not git's own files."""
    for slot in slots:
        if slot.place.inner.partition("/")[0] in (*GIT, SIGNATURE):
            continue
        sha256 = bytes.fromhex(slot.sha256.removeprefix("sha256:"))
        yield FileDigest(name=slot.place.inner or ONLY_FILE, digest=sha256)
