"""The stage `comply` of a workspace: what shows all of this to somebody who was not there?"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from bartizan.comply.gate import Demands, gate_findings
from bartizan.comply.report import compliance_report
from bartizan.config import Config
from bartizan.core import evidence
from bartizan.core.compliance import ComplianceReport
from bartizan.core.errors import InputError, UsageError
from bartizan.core.fact import Audited, SignedOff
from bartizan.core.finding import Severity
from bartizan.core.known import Item, Known
from bartizan.core.nearest import nearest
from bartizan.core.occasion import moment
from bartizan.core.report import Coverage, Report, Tool
from bartizan.core.verdict import overall
from bartizan.report.comply import COMPLY_FORMATS, render_compliance, save_compliance
from bartizan.workspace.comply_catalogues import catalogues_of
from bartizan.workspace.comply_facts import facts_of, policy_digests
from bartizan.workspace.current import Place, looked_at
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.threat_verbs import Threatened, ThreatVerbs


@dataclass(frozen=True, kw_only=True)
class Complied:
    """A report on clauses, and how it is saved."""

    report: ComplianceReport
    threats: Threatened | None
    """The threats of the same look at the project; none = no system is described."""

    def rendered(self, fmt: str) -> bytes:
        """One format, as `save` would write it."""
        return render_compliance(self.report, fmt=fmt)

    def save(
        self, out: str | Path, *, formats: Iterable[str] = tuple(COMPLY_FORMATS)
    ) -> list[Path]:
        """Write the report in some formats.

        Args:
            out: Folder; made if need be.
            formats: Of `COMPLY_FORMATS`.

        Returns:
            The files.

        Raises:
            OutputError: they cannot be written; what was written before stays.
        """
        return save_compliance(self.report, Path(out), formats=formats)


@dataclass(frozen=True, kw_only=True)
class Gated:
    """What a gate says: the run that decides, and the report that it rests on."""

    report: Report
    rests_on: ComplianceReport


class ComplyVerbs:
    """What shows all of this to somebody who was not there?"""

    def __init__(
        self,
        *,
        ledger: Ledger | None,
        clock: Callable[[], datetime],
        tool: Tool,
        threat: ThreatVerbs,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._tool = tool
        self._threat = threat

    def report(
        self, config: Config, *, folder: Path = Path(), frameworks: Sequence[str] = ()
    ) -> Complied:
        """Controls, clauses, policies, audits and open findings, as of now.

        Args:
            config: The project file.
            folder: What its paths are relative to.
            frameworks: Ids; none = as the project says.

        Raises:
            ConfigError: no framework has such an id.
            InputError: a file of clauses is none.
            LedgerError: the log was altered.
        """
        found, _ = self._found(config, folder=folder, frameworks=frameworks)
        return found

    def gate(
        self,
        config: Config,
        *,
        folder: Path = Path(),
        fail_on: Severity | None = None,
        baseline: Mapping[str, Severity] | None = None,
    ) -> Gated:
        """Open findings, fresh evidence, policies and audits, as one run with one end.

        Args:
            config: The project file.
            folder: What its paths are relative to.
            fail_on: Least severity that fails; none = what the policy says.
            baseline: Known findings, and how bad they were.

        Raises:
            LedgerError: the log was altered.
        """
        found, known = self._found(config, folder=folder, frameworks=())
        rests_on = found.report
        demands = Demands(
            fail_on=fail_on or config.policy.fail_on,
            require=config.supply.admit.require,
            fresh={one.name: _entries(known, one.name) for one in config.model},
            baseline=baseline or {},
        )
        report = _run(rests_on, demands=demands)
        return Gated(report=report, rests_on=rests_on)

    def sign_off(
        self, config: Config, name: str, *, folder: Path = Path(), by: str, role: str
    ) -> tuple[SignedOff | Audited, evidence.Place]:
        """Write into the ledger that somebody answers for a policy as it is now, or did an audit.

        Args:
            config: The project file.
            name: Id of a policy or an audit.
            folder: What its paths are relative to.
            by: Who.
            role: As what.

        Returns:
            What was written, and where it stands.

        Raises:
            UsageError: there is no such policy or audit, or the workspace keeps nothing.
            InputError: the policy cannot be read.
            LedgerError: the log was altered.
        """
        if self._ledger is None:
            message = "this workspace keeps nothing; open one in a folder: Workspace('.bartizan')"
            raise UsageError(message)
        place = Place(config=config, folder=folder, ledger=self._ledger, now=self._clock())
        when = moment(place.now)
        policy = next((one for one in config.comply.policy if one.id == name), None)
        audit = next((one for one in config.comply.audit if one.id == name), None)
        fact: SignedOff | Audited
        if policy is not None:
            digest = policy_digests(place).get(name)
            if digest is None:
                message = f"cannot read {policy.path}, the text of {name!r}; nothing was signed off"
                raise InputError(message)
            if digest == _EMPTY:
                message = f"{policy.path}, the text of {name!r}, is empty; nothing was signed off"
                raise InputError(message)
            fact = SignedOff(policy=name, digest=digest, role=role, by=by, when=when)
        elif audit is not None:
            fact = Audited(
                audit=name, kind=audit.kind, what=audit.what, role=role, by=by, when=when
            )
        else:
            raise _unknown(config, name)
        return fact, self._ledger.record([fact])[0]

    def _found(
        self, config: Config, *, folder: Path, frameworks: Sequence[str]
    ) -> tuple[Complied, Known]:
        place = Place(config=config, folder=folder, ledger=self._ledger, now=self._clock())
        catalogues = catalogues_of(place, named=frameworks)
        today = looked_at(place)
        threats = self._threat.of(today) if config.system else None
        report = compliance_report(
            facts_of(today, model=threats.model if threats else None),
            catalogues=catalogues,
            tool=self._tool,
            project=config.project.name,
        )
        return Complied(report=report, threats=threats), today.known


def _entries(known: Known, name: str) -> frozenset[str]:
    """Entries that came to a verdict on a model as it is now, and not too long ago."""
    return frozenset(
        one.finding.partition("@")[0]
        for one in known.found.get(Item("model", name), ())
        if one.weighs and one.outcome in ("pass", "fail")
    )


_EMPTY = f"sha256:{sha256(b'').hexdigest()}"
_NOTHING = "nothing to look at, so that nothing stands for it: declare a model, and assess it."


def _run(rests_on: ComplianceReport, *, demands: Demands) -> Report:
    """The gate as a run, so that one rule says how it ends, and all formats show it."""
    findings = gate_findings(rests_on, demands=demands)
    outcome = overall(findings)
    asked = [one for one in findings if one.decides]
    count = sum(one.outcome == "pass" for one in asked)
    said = f"{count} of {len(asked)} questions of the gate are answered with yes."
    return Report(
        tool=rests_on.tool,
        subjects=rests_on.subjects,
        attackers=(),
        outcome=outcome,
        headline=f"{rests_on.project} on {rests_on.day}: {said if asked else _NOTHING}",
        fail_on=demands.fail_on,
        findings=findings,
        evidence=(),
        coverage=Coverage(
            profile="gate",
            seed=0,
            rows=0,
            rows_total=0,
            rows_protected=0,
            planned=tuple(one.id for one in findings),
        ),
        warnings=(
            *rests_on.warnings,
            *(
                f"the waiver of {one.finding!r} by {one.owner} expired on {one.expired} and is "
                "ignored; renew it or fix the finding"
                for one in rests_on.expired
            ),
        ),
    )


def _unknown(config: Config, name: str) -> UsageError:
    known = [one.id for one in config.comply.policy]
    known += [one.id for one in config.comply.audit]
    said = nearest(name, known) or "; known: none"
    return UsageError(f"no policy or audit {name!r} under [comply]{said}")
