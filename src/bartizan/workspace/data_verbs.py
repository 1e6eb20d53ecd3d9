"""What a workspace does with data sets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bartizan.catalog import catalog_digest, chosen_entries
from bartizan.core.errors import UsageError
from bartizan.core.finding import Severity
from bartizan.core.progress import Progress
from bartizan.core.report import Gap, Tool
from bartizan.data.cleaning.marks import kept_marks
from bartizan.data.detectors.entries import ENTRIES as DETECTORS
from bartizan.data.entries import ENTRIES, SUITS, applies_of
from bartizan.data.request import Request
from bartizan.data.subject_detail import detail_of
from bartizan.data.verification import Verification
from bartizan.store import Store
from bartizan.workspace.checked import Checked
from bartizan.workspace.clean_verbs import CleanVerbs
from bartizan.workspace.datasets import DataInputs, dataset_inputs, keyed
from bartizan.workspace.deep_look import UNASKED, DeepLook, deep_of
from bartizan.workspace.informed import informed
from bartizan.workspace.ledger import Ledger
from bartizan.workspace.receipted import receipted
from bartizan.workspace.register_verbs import RegisterVerbs


class DataVerbs:
    """The stage `data` of one workspace."""

    def __init__(
        self,
        store: Store,
        *,
        ledger: Ledger | None,
        register: RegisterVerbs | None,
        clock: Callable[[], datetime],
        tool: Tool,
        versions: Mapping[str, str],
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._register = register
        self._clock = clock
        self._tool = tool
        self._versions = versions

    def check(
        self,
        data: Any,
        *,
        entries: Sequence[str] = (),
        seed: int = 0,
        fail_on: Severity | None = None,
        deep: bool = False,
        recipe: Any = None,
        sample: int | None = None,
        memory: float | None = None,
        progress: Callable[[Progress], object] = lambda _: None,
        **known: Any,
    ) -> Checked:
        """Say whether a data set is sound.

        Args:
            data: A path, a frame of polars, pandas or pyarrow, or arrays (X, y).
            entries: Ids of catalogue entries; none = all that apply.
            seed: Of everything random.
            fail_on: Least severity that fails.
            deep: Whether detectors of poison look at all rows at once, too. An entry of theirs
                among `entries` asks for that look with this entry alone.
            recipe: How the model that the rows are for is trained: ``module:function`` or the
                function itself, called as ``function(x, y, seed)``; none = models of ours stand
                in.
            sample: Rows that detectors look at, drawn from all classes alike; none = all.
            memory: GiB that the look may use; none = half of what is free.
            progress: Called as the run goes on.
            **known: As for `dataset_inputs`: target, reference, against, schema, rules ...

        Returns:
            The report, and the rows it points at; ``save("out/")`` writes them.

        Raises:
            InputError: the data cannot be read.
            UsageError: a deep look without labels, or with a recipe that is not there.
        """
        inputs = dataset_inputs(data, now=self._clock(), seed=seed, **known)
        look = DeepLook(wanted=deep, recipe=recipe, sample=sample, memory_gb=memory)
        run = self.verification(inputs, entries=entries, seed=seed, fail_on=fail_on, look=look)
        for step in run:
            progress(step)
        return self.checked(run, inputs)

    def verification(
        self,
        inputs: DataInputs,
        *,
        entries: Sequence[str] = (),
        seed: int = 0,
        fail_on: Severity | None = None,
        reproduce: str = "",
        look: DeepLook | None = None,
    ) -> Verification:
        """Prepare a check; iterate over it to run it, then call `checked`.

        Raises:
            UnknownEntryError: no entry of that id.
            UsageError: a deep look without labels, or its settings without it.
            LedgerError: the log that the findings are to stand in does not hold.
        """
        if self._ledger is not None:
            self._ledger.ready()
        inputs = keyed(informed(inputs, self._register))
        asked = chosen_entries((*ENTRIES, *DETECTORS), entries)
        deep = deep_of(look or DeepLook(), brief=inputs.brief, chosen=asked, named=entries)
        chosen = [entry for entry in asked if entry.kind == "inspection"]
        reasons = {entry.id: applies_of(entry)(inputs.brief) for entry in chosen}
        request = Request(
            brief=inputs.brief,
            batches=inputs.batches,
            detail=detail_of(inputs.brief.schema, target=inputs.brief.target),
            entries=tuple(entry for entry in chosen if not reasons[entry.id]),
            suits=SUITS,
            deep=deep,
            gaps=(
                *_gaps({name: why for name, why in reasons.items() if why}),
                *(() if deep else (UNASKED,)),
            ),
            seed=seed,
            thresholds=inputs.thresholds,
            fail_on=fail_on or inputs.fail_on,
            reproduce=reproduce,
            catalog=catalog_digest(),
            versions=self._versions,
            waive=inputs.waive,
            warnings=(*_assumed(inputs), *inputs.warnings, *inputs.batches.notes),
        )
        return Verification(request, store=self._store, tool=self._tool, clock=self._clock)

    @property
    def register(self) -> RegisterVerbs:
        """Register, erase, compare, show one row.

        Raises:
            UsageError: this workspace keeps nothing.
        """
        if self._register is None:
            message = "this workspace keeps nothing; open one in a folder: Workspace('.bartizan')"
            raise UsageError(message)
        return self._register

    @property
    def clean(self) -> CleanVerbs:
        """Leave out of a copy what detectors believe to be wrong; `clean.apply`, `clean.undo`."""
        return CleanVerbs(
            self.verification,
            ledger=self._ledger,
            register=self._register,
            clock=self._clock,
            tool=self._tool,
        )

    def checked(self, run: Verification, inputs: DataInputs) -> Checked:
        """What a run has found, however far it came."""
        report = receipted(run.report(), self._ledger)
        self._store.put(report)
        answers = run.answers()
        return Checked(
            report=report,
            rows=run.rows(),
            batches=inputs.batches,
            marked=run.marked(),
            marks=None if answers is None else kept_marks(answers[1], answers[0].data),
        )


_ASSUMED = (
    "nobody declared the columns of {name}, so they were inferred from {where}: types and "
    "categories fit by construction as far as they were seen there; `bartizan init` writes a "
    "project file where you say what they are"
)


def _assumed(inputs: DataInputs) -> tuple[str, ...]:
    """That nobody said what the columns are."""
    if not inputs.brief.assumed:
        return ()
    where = f"the reference {inputs.inferred_from}" if inputs.inferred_from else "data like it"
    return (_ASSUMED.format(name=inputs.brief.name, where=where),)


def _gaps(reasons: Mapping[str, str]) -> tuple[Gap, ...]:
    """What is not looked at: one gap for each reason."""
    grouped: dict[str, list[str]] = {}
    for name, why in reasons.items():
        grouped.setdefault(why, []).append(name)
    return tuple(Gap(what=", ".join(names), why=why) for why, names in grouped.items())
