"""The workspace: store, catalogue and clock, and the stages' verbs."""

import contextlib
import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import bartizan
from bartizan.assess.block import block_rows
from bartizan.assess.profile import profile_named
from bartizan.assess.request import Request
from bartizan.assess.run import Assessment
from bartizan.catalog import ASSESSED, catalog_digest, chosen_entries
from bartizan.core.attacker import Attacker
from bartizan.core.errors import UsageError
from bartizan.core.finding import Severity
from bartizan.core.progress import Progress
from bartizan.core.report import Tool
from bartizan.ledger.anchor import Anchor
from bartizan.ledger.policy import Policy
from bartizan.ledger.verifier_key import VerifierKey
from bartizan.store import Store
from bartizan.workspace.answered import answered
from bartizan.workspace.assessed import Assessed
from bartizan.workspace.comply_verbs import ComplyVerbs
from bartizan.workspace.data_verbs import DataVerbs
from bartizan.workspace.declared import basis_of
from bartizan.workspace.inputs import Inputs, gathered
from bartizan.workspace.ledger import Ledger, LedgerSettings
from bartizan.workspace.ledger_check import LedgerReport, Trust, checked_ledger
from bartizan.workspace.receipted import receipted
from bartizan.workspace.register_verbs import RegisterVerbs
from bartizan.workspace.supply_verbs import SupplyVerbs
from bartizan.workspace.threat_verbs import ThreatVerbs

_VERSIONED = (
    *("numpy", "scipy", "scikit-learn", "polars", "onnxruntime"),
    *("xgboost", "xgboost-cpu"),  # one library under two names, or neither
    *("lightgbm", "torch", "pillow"),
)
"""Libraries whose version can change a result; recorded with the evidence."""


class Workspace:
    """Holds what a face needs. `Workspace()` keeps nothing after it is closed.

    Example:
        >>> import numpy as np
        >>> x = np.linspace(0, 1, 80)[:, None]
        >>> with Workspace() as ws:
        ...     found = ws.assess(lambda x: x[:, 0], (x, (x[:, 0] > 0.5).astype(int)),
        ...                       profile="quick")
        >>> found.report.outcome in ("pass", "fail", "inconclusive")
        True
    """

    def __init__(
        self,
        root: str | Path | None = None,
        *,
        ledger: LedgerSettings | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Open a workspace.

        Args:
            root: Its folder, made if need be; none = it keeps nothing, and has no ledger.
            ledger: What the project says of its log.
            clock: With a time zone.
        """
        self._open = contextlib.ExitStack()
        self._clock = clock
        self.ledger: Ledger | None = None
        """The log that every finding and every registration is written to."""
        self._register: RegisterVerbs | None = None
        if root is None:
            self.store = self._open.enter_context(Store.temporary())
        else:
            self.store = Store.open(Path(root))
            self.ledger = Ledger(Path(root), settings=ledger or LedgerSettings())
            self._register = RegisterVerbs(
                Path(root), store=self.store, ledger=self.ledger, clock=clock
            )
            self._open.callback(self.store.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store; a temporary one is deleted."""
        self._open.close()

    @property
    def data(self) -> DataVerbs:
        """The stage `data`: is the data sound, and is it the data we think it is?"""
        return DataVerbs(
            self.store,
            ledger=self.ledger,
            register=self._register,
            clock=self._clock,
            tool=_tool(),
            versions=versions(),
        )

    @property
    def supply(self) -> SupplyVerbs:
        """The stage `supply`: is the artefact in our hands the one that was approved?"""
        return SupplyVerbs(
            self.store,
            ledger=self.ledger,
            clock=self._clock,
            tool=_tool(),
            versions=versions(),
            register=self._register,
        )

    @property
    def threat(self) -> ThreatVerbs:
        """The stage `threat`: what could go wrong with the described system?"""
        return ThreatVerbs(ledger=self.ledger, clock=self._clock)

    @property
    def comply(self) -> ComplyVerbs:
        """The stage `comply`: what shows all of this to somebody who was not there?"""
        return ComplyVerbs(ledger=self.ledger, clock=self._clock, tool=_tool(), threat=self.threat)

    def verify_ledger(
        self,
        places: Mapping[str, Any] | None = None,
        *,
        key: VerifierKey | None = None,
        policy: Policy | None = None,
        max_age_s: float | None = None,
        anchors: Mapping[str, Anchor] | None = None,
    ) -> LedgerReport:
        """Look whether everything that the ledger says still holds.

        Args:
            places: By name of a registered data set, where its rows are now: a path, or a frame.
            key: Of the log, known from elsewhere; none = the one that lies beside it.
            policy: Which witnesses must have signed.
            max_age_s: Seconds since witnesses last saw the log, at most.
            anchors: By kind, what can check the proofs of others beside the log.

        Raises:
            UsageError: this workspace keeps nothing.
            InputError: there is no log yet.
        """
        if self.ledger is None:
            message = "this workspace keeps nothing; open one in a folder: Workspace('.bartizan')"
            raise UsageError(message)
        now = self._clock().timestamp()
        return checked_ledger(
            self.ledger,
            store=self.store,
            trust=Trust(
                key=key, policy=policy, max_age_s=max_age_s, anchors=anchors or {}, now=now
            ),
            data=self.data.register.looks(places or {}),
        )

    def assess(
        self,
        model: Any,
        data: Any,
        *,
        target: str | None = None,
        reference: Any = None,
        train: Any = None,
        source: str | None = None,
        time: str | None = None,
        recipe: str | None = None,
        attackers: Sequence[Attacker] = (),
        progress: Callable[[Progress], object] = lambda _: None,
        **options: Any,
    ) -> Assessed:
        """Attack a model and judge it.

        Args:
            model: Whatever `load_model` takes or returns.
            data: Whatever `load_dataset` takes or returns: labelled rows the model has not
                been trained on.
            target: The label column, where `data` has yet to be read.
            reference: Rows that scale distances and that attackers own; none = the data.
            train: Rows the model was trained on; without them, nothing is said about what it
                gives away of them.
            source: Column of `train` that says who contributed a row.
            time: Column of `train` that says when a row came to be.
            recipe: ``module:function`` that trains the model anew, where it does not say itself.
            attackers: Who attacks; none = one is assumed.
            progress: Called as the run goes on.
            **options: As for `assessment`.

        Returns:
            The report, and the rows it is about; ``save("out/")`` writes them.

        Raises:
            InputError: the model or the data cannot be used.
            ConfigError: an attacker or an option makes no sense.
        """
        inputs = gathered(
            model,
            data,
            target=target,
            reference=reference,
            train=train,
            source=source,
            time=time,
            recipe=recipe,
            attackers=tuple(attackers),
        )
        run = self.assessment(inputs, **options)
        for step in run:
            progress(step)
        return self.finished(run, inputs)

    def assessment(
        self,
        inputs: Inputs,
        *,
        profile: str = "standard",
        seed: int = 0,
        workers: int = 1,
        entries: Sequence[str] = (),
        time_budget_s: float | None = None,
        resume: bool = False,
        fail_on: Severity | None = None,
        reproduce: str = "",
    ) -> Assessment:
        """Prepare an assessment; iterate over it to run it, then call `finished`.

        Args:
            inputs: From `gathered` or `from_project`.
            profile: quick, standard or thorough.
            seed: The same seed and inputs give the same findings.
            workers: Processes. More than one needs a script with a ``__main__`` guard.
            entries: Ids of catalogue entries; none = all.
            time_budget_s: Seconds after which attacks and checks end with what they have.
            resume: Take blocks over that an earlier run has finished.
            fail_on: Least severity that fails; none = what the policy says.
            reproduce: The command that asks the same.

        Raises:
            UnknownEntryError: no entry of that id.
            ConfigError: an attacker does not fit the data.
            LedgerError: the log that the findings are to stand in does not hold.
        """
        if self.ledger is not None:
            self.ledger.ready()
        request = Request(
            subject=inputs.subject,
            model=inputs.model,
            binding=inputs.model.binding,
            codec=inputs.table.codec,
            data=inputs.table.dataset,
            reference=inputs.reference.dataset if inputs.reference else None,
            train=inputs.train,
            provenance=inputs.provenance,
            recipe=inputs.recipe,
            cost_per_1000=inputs.cost_per_1000,
            attackers=inputs.attackers,
            basis=basis_of(inputs, entries=entries),
            entries=chosen_entries(ASSESSED, entries),
            profile=profile_named(profile),
            seed=seed,
            block_rows=block_rows(inputs.table.dataset.schema.width),
            workers=1 if inputs.subject.detail == "endpoint" else workers,  # it has one rate
            time_budget_s=time_budget_s,
            resume=resume,
            thresholds=inputs.thresholds,
            fail_on=fail_on or inputs.fail_on,
            reproduce=reproduce,
            catalog=catalog_digest(),
            versions=versions(),
            waive=inputs.waive,
            waivers=() if entries else inputs.waivers,
            warnings=inputs.warnings,
            drift=inputs.model.drift,
        )
        return Assessment(
            request,
            store=self.store,
            tool=_tool(),
            data_subject=inputs.data_subject,
            clock=self._clock,
        )

    def finished(self, run: Assessment, inputs: Inputs) -> Assessed:
        """What a run has found, however far it came."""
        report = receipted(answered(run.report(), inputs.system), self.ledger)
        self.store.put(report)
        return Assessed(report=report, claims=run.claims(), codec=inputs.table.codec)


def _tool() -> Tool:
    """What makes reports."""
    return Tool(name="bartizan", version=bartizan.__version__, catalog=catalog_digest())


def versions() -> dict[str, str]:
    """What a result can depend on."""
    found = {}
    for name in _VERSIONED:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return {"python": platform.python_version(), "bartizan": bartizan.__version__, **found}
