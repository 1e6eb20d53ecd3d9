"""The inspection for columns that no longer go together as in the reference."""

from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray
from bartizan.core.entry import CheckResult, ControlResult, Entry
from bartizan.core.errors import ConfigError
from bartizan.core.finding import Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.joint_control import planted_joint
from bartizan.data.inspections.reference import cells_of, comparable, reference
from bartizan.data.row_sample import PRIORITY, RowSample, rows_for
from bartizan.data.sketching import coded, moments_of, restored
from bartizan.detect.joint import ENOUGH, Apart, apart


@dataclass(frozen=True)
class Params:
    """Settings."""

    rate: float = 0.05
    """Share of data sets without drift in which drift is found. 0..1."""
    effect: float = 0.0005
    """Share of the rows, at least, that would have to be other ones, above which a difference
    counts. The number is a lower bound, and a low one: a shift of one column among forty by a
    tenth of its standard deviation shows as about so much."""

    def __post_init__(self) -> None:
        """Refuse shares that are none."""
        if not (0 < self.rate < 1 and 0 <= self.effect < 1):
            message = f"rate and effect are shares, got {self.rate} and {self.effect}; use 0..1"
            raise ConfigError(message)


def applies(brief: Brief) -> str:
    """Why there is nothing to say; empty if there is."""
    why = comparable(brief)
    if why or brief.profile is None or brief.profile.joint is not None:
        return why
    return "The reference has no joint sketch: too few rows, or no column whose values differ."


class _JointDrift:
    """Keeps a sample of rows, as cells of the reference."""

    def __init__(self, brief: Brief, *, params: Params, rng: np.random.Generator) -> None:
        self._params = params
        self._joint = reference(brief).joint
        self._cells = cells_of(brief)
        rows = rows_for(len(self._cells))
        self._sample = RowSample(seed=int(rng.integers(1 << 62)), rows=rows)
        self._rows = 0

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        self._sample.see(batch.frame.select(list(self._cells)), start=self._rows)
        self._rows += batch.rows

    def result(self) -> CheckResult:
        """Whether the rows are spread as in the reference."""
        sample = self._sample.rows()
        joint = self._joint
        if joint is None or sample is None or min(joint.rows, sample.height) < ENOUGH:
            return self._unmeasured()
        codes = _in_order(coded(sample.drop(PRIORITY), cells=self._cells))
        found = apart(restored(joint), moments_of(codes, cells=self._cells, joint=joint))
        drifts = found.p <= self._params.rate and found.share > self._params.effect
        return CheckResult(
            measures=(
                Measure(name="joint-drift", value=found.share if drifts else 0.0, n=sample.height),
                Measure(name="joint-p-value", value=found.p, n=sample.height, better="higher"),
                Measure(name="joint-share", value=found.share, n=sample.height),
            ),
            severity="medium",
            remarks=self._remarks(found, rows=sample.height),
        )

    def _remarks(self, found: Apart, *, rows: int) -> tuple[str, ...]:
        joint, params = self._joint, self._params
        before = joint.rows if joint is not None else 0
        said = (
            f"{rows} of {self._rows} rows were compared with {before} rows of the reference in "
            f"{len(self._cells)} columns at once: p is {found.p:.2g}, and at least "
            f"{found.share:.2%} of the rows would have to be other ones. This says that columns "
            "changed, alone or together, not which; data.drift names those that changed alone."
        )
        if found.p <= params.rate and found.share <= params.effect:
            small = (
                f"The difference is beyond chance, but no larger than {params.effect:.2%}: with "
                "this many rows, differences show that mean nothing. It does not count."
            )
            return (said, small)
        return (said,)

    def _unmeasured(self) -> CheckResult:
        before = 0 if self._joint is None else self._joint.rows
        why = (
            f"the reference has {before} rows to compare with and the data {self._rows}; "
            f"{ENOUGH} of each are needed"
        )
        return CheckResult(
            measures=(Measure(name="joint-drift", value=None, why=why),), severity="medium"
        )


def _in_order(codes: AnyArray) -> AnyArray:
    """The same rows in an order of their own: sums of real numbers depend on it in the last digit.

    Args:
        codes: Shape (n, d).
    """
    rows = np.ascontiguousarray(codes)
    whole = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1])))[:, 0]
    return np.asfortranarray(rows[np.argsort(whole)])


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> _JointDrift:
    """Compare all columns together with the reference profile.

    Args:
        brief: With a profile of the same columns that has a joint sketch.
        params: Rate and effect.
        rng: Draws the sample.

    Returns:
        The inspection; it keeps at most 100,000 rows, in at most 256 MiB.

    Raises:
        SchemaError: there is no profile, or it is of other columns.
    """
    return _JointDrift(brief, params=params, rng=rng)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant columns that go together otherwise than before."""
    return planted_joint(run, Params())(brief=brief, sample=sample, rng=rng)


ENTRY = Entry(
    id="data.joint-drift",
    kind="inspection",
    title="Drift of all columns together against the reference",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("joint-drift", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Data poisoning",),
    ),
    references=(
        "Gretton et al. (2012), JMLR 13",
        "Harchaoui, Bach and Moulines (2007), NIPS 20",
        "Rahimi and Recht (2007), NIPS 20",
    ),
    fix=(
        "Look for columns that no longer go together: rows joined to the wrong partner, shuffled "
        "values, a new group of rows, labels set by other rules. If the change is meant, register "
        "the data as the new reference."
    ),
)
