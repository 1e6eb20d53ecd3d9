"""The stage `threat` of a workspace: what could go wrong with the described system?"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import bartizan
from bartizan.config import Config
from bartizan.core.report import Tool
from bartizan.core.threat import ThreatModel
from bartizan.frameworks.controls import controls
from bartizan.frameworks.reading import framework_of
from bartizan.report.threat import THREAT_FORMATS, Sheet, render_threats, save_threats
from bartizan.threat.incident import shipped
from bartizan.threat.model import threat_model
from bartizan.threat.modelling import Basis
from bartizan.threat.reading import packaged
from bartizan.workspace.current import Place, Today, looked_at
from bartizan.workspace.ledger import Ledger

_TOOL = Tool(name="bartizan", version=bartizan.__version__, catalog="")
"""No entry has a part in a threat model: it rests on rules, whose digest it names."""
_CATALOGUES = ("mitre-atlas", "owasp-ml-top-10", "nist-ai-100-2")


@dataclass(frozen=True, kw_only=True)
class Threatened:
    """A threat model, and where in the project file its elements stand."""

    model: ThreatModel
    lines: Mapping[str, int]
    """Line of each element, from 1."""
    file: str
    """The project file, as it was named."""

    @property
    def sheet(self) -> Sheet:
        """What renderings are given: ids of catalogues come with the names they have there."""
        names = {
            clause.id: clause.title
            for one in map(framework_of, _CATALOGUES)
            for clause in one.clauses
        }
        return Sheet(model=self.model, lines=self.lines, file=self.file, names=names)

    def rendered(self, fmt: str) -> bytes:
        """One format, as `save` would write it."""
        return render_threats(self.sheet, fmt=fmt)

    def save(
        self, out: str | Path, *, formats: Iterable[str] = tuple(THREAT_FORMATS)
    ) -> list[Path]:
        """Write the model in some formats.

        Args:
            out: Folder; made if need be.
            formats: Of `THREAT_FORMATS`.

        Returns:
            The files.

        Raises:
            OutputError: they cannot be written; what was written before stays.
        """
        return save_threats(self.sheet, Path(out), formats=formats)


class ThreatVerbs:
    """What could go wrong with this system?"""

    def __init__(
        self,
        *,
        ledger: Ledger | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._ledger = ledger
        self._clock = clock

    def model(
        self,
        config: Config,
        *,
        folder: Path = Path(),
        lines: Mapping[str, int] | None = None,
        file: str = "bartizan.toml",
    ) -> Threatened:
        """The threats of the system that a project file describes.

        What the ledger says of the models and data as they lie there now moves the residual risk.

        Args:
            config: The project file.
            folder: What its paths are relative to.
            lines: Line of each element.
            file: Its name, for reports.

        Raises:
            ConfigError: no system is described.
            LedgerError: the log was altered.
        """
        place = Place(config=config, folder=folder, ledger=self._ledger, now=self._clock())
        return self.of(looked_at(place), lines=lines, file=file)

    def of(
        self,
        today: Today,
        *,
        lines: Mapping[str, int] | None = None,
        file: str = "bartizan.toml",
    ) -> Threatened:
        """The same of a project that was looked at already.

        Args:
            today: The project.
            lines: Line of each element.
            file: Its name, for reports.

        Raises:
            ConfigError: no system is described.
        """
        atlas = framework_of("mitre-atlas")
        basis = Basis(
            rules=packaged(),
            controls=controls(),
            maturity={one.id: one.maturity for one in atlas.clauses if one.maturity},
            known=today.known,
            today=today.place.now.date(),
        )
        found = threat_model(
            today.place.config.described(),
            basis=basis,
            ships=shipped(),
            tool=_TOOL,
            catalogues=[(one.title, one.version) for one in map(framework_of, _CATALOGUES)],
        )
        return Threatened(model=found, lines=lines or {}, file=file)
