"""One file on its way through a scan."""

from dataclasses import dataclass

from bartizan.core.finding import Finding
from bartizan.supply.scan.answer import Answer
from bartizan.supply.scan.findings import finding_of, refused
from bartizan.supply.scan.paths import Place


@dataclass
class Slot:
    """What is known of one file."""

    place: Place
    answer: Answer | None = None
    trouble: str = ""
    """Why it was not read."""
    wall_s: float = 0.0
    owner: str = ""
    """The model whose weights it holds, where it has no form of its own."""

    @property
    def begun(self) -> bool:
        """Whether somebody tried to read it."""
        return self.answer is not None or bool(self.trouble)

    @property
    def sha256(self) -> str:
        """Of what was read; empty = nothing was."""
        return self.answer.sha256 if self.answer else ""

    def finding(self, *, reproduce: str, doubt: str) -> Finding:
        """The verdict.

        Args:
            reproduce: The command that scans it again.
            doubt: Why nothing that the scanners say can be believed; empty = it can.
        """
        name = self.place.name
        if doubt:
            return refused(name, doubt, reproduce=reproduce)
        if self.answer is None:
            why = self.trouble or "the run ended before"
            return refused(name, why, reproduce=reproduce, begun=self.begun)
        return finding_of(name, self.answer.read, reproduce=reproduce, owner=self.owner)
