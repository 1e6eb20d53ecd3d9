"""The inspection of rows that are copies of others but for small changes."""

from dataclasses import dataclass

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import Flagged, Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.near import Look, Near
from bartizan.data.inspections.near_density import DENSE, dense
from bartizan.data.inspections.near_pictures import NearPictures
from bartizan.data.inspections.near_planted import planted
from bartizan.data.inspections.near_tables import NearTable
from bartizan.data.inspections.near_texts import NearText, text_columns
from bartizan.data.inspections.planting import looked
from bartizan.data.inspections.steady import Steady

_BLOCK = 4096
"""Rows worked on at a time; the first ones say what the data is, and give the units of columns."""

_SMALL = (
    "The control plants one copy for every 20 rows. Copies that are rarer are found in some data "
    "and not in others, so that a pass says nothing about a few."
)
"""What size of a campaign can be found."""


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    most: int = 10_000
    """Rows of a table whose neighbours are counted; of more, a random sample. A share of 1 % is
    then known to 0.1 %."""


class NearDuplicates:
    """Looks at images, at texts where there are any, else at numbers and categories."""

    def __init__(self, brief: Brief, *, params: Params, rng: np.random.Generator) -> None:
        self._brief, self._params, self._rng = brief, params, rng
        self._steady = Steady(_BLOCK, self._pass)
        self._look: Look | None = None
        self._why = "there is no row"
        if brief.schema.image is not None:
            self._look = NearPictures(brief.schema.image, target=brief.target)

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        if self._brief.schema.image is not None and self._look is not None:
            self._look.see(batch)
        else:
            self._steady.see(batch)

    def _pass(self, batch: Batch) -> None:
        """Look at a block of rows; the first decides what is looked for."""
        if self._look is None:
            self._look = self._chosen(batch)
        if self._look is not None:
            self._look.see(batch)

    def _chosen(self, opening: Batch) -> Look | None:
        texts = text_columns(opening, target=self._brief.target)
        if texts:
            return NearText(texts, target=self._brief.target, rng=self._rng)
        if any(one.type in ("number", "integer") for one in self._brief.schema.features):
            most = self._params.most
            return NearTable(self._brief, opening=opening, most=most, rng=self._rng)
        self._why = "rows hold neither numbers nor texts of 20 letters and more"
        return None

    def result(self) -> CheckResult:
        """The share of rows that are near duplicates of others, beyond what is expected."""
        self._steady.finish()
        near = None if self._look is None else self._look.found()
        if near is None or not near.looked:
            why = "no row could be looked at" if near is not None else self._why
            measure = Measure(name="near-duplicate-rows", value=None, why=why)
            return CheckResult(measures=(measure,), severity="medium")
        return CheckResult(
            measures=(
                Measure(name="near-duplicate-rows", value=near.share, n=near.looked),
                Measure(
                    name="near-duplicates-of-another-label",
                    value=float(near.divided.sum()) / near.looked,
                    n=near.looked,
                ),
            ),
            severity="high" if near.divided.any() else "medium",
            flagged=_flagged(near),
            rows=np.unique(np.concatenate([near.rows, near.twins])) if near.share else near.rows,
            remarks=_remarks(near),
        )


def _flagged(near: Near) -> tuple[Flagged, ...]:
    """Those of another label first."""
    order = np.lexsort((near.rows, ~near.divided))[:FLAGGED]
    return tuple(
        Flagged(
            row=int(near.rows[k]),
            why=f"like row {near.twins[k]} but for small changes"
            + (", of another label" if near.divided[k] else ""),
        )
        for k in order
    )


def _remarks(near: Near) -> tuple[str, ...]:
    said = [near.method, "Rows that are equal in everything count once.", _SMALL]
    if near.divided.any():
        said.append(
            f"{int(near.divided.sum()):,} of them are like a row of another label: that is how a "
            "trigger is planted, or how labels are made wrong."
        )
    return tuple(said)


def applies(brief: Brief) -> str:
    """Why this has nothing to say about the data; empty where it has."""
    features = brief.schema.features
    numbers = any(one.type in ("number", "integer") and not one.identifier for one in features)
    if brief.schema.image is not None or numbers:
        return ""
    if any(" " in text for one in features for text in one.categories):
        return ""
    return "No column holds numbers or text, and categories alone are often equal by chance."


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> NearDuplicates:
    """Look for near duplicates.

    Args:
        brief: Its schema says what numbers, categories and images are.
        params: How much is looked at.
        rng: Draws hashes and directions.
    """
    return NearDuplicates(brief, params=params, rng=rng)


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant copies of some rows, a little changed.

    A quarter of them must be found, and the share must rise: where rows are alike by nature,
    some copies hide among them.
    """
    seed = int(rng.integers(2**62))
    case = planted(brief, sample, rng=rng)
    if case is None:
        detail = "there are too few rows, or none with numbers or text, to plant a case in"
        return ControlResult(passed=False, detail=detail)
    before, after = (
        looked(run(brief, params=Params(), rng=np.random.default_rng(seed)), batch)
        for batch in (case.bare, case.batch)
    )
    shares = [one.measures[0].value or 0.0 for one in (before, after)]
    hits = 0 if after.rows is None else int(np.isin(case.rows, after.rows).sum())
    return ControlResult(
        passed=4 * hits >= len(case.rows) and shares[1] > shares[0],
        detail=(
            f"{hits} of {len(case.rows)} planted copies, {case.how}, were found; the share rose "
            f"from {shares[0]:.1%} to {shares[1]:.1%}"
        ),
    )


def suits(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> str:
    """Why copies cannot be told from honest rows of a table of numbers; empty where they can.

    They cannot where as many honest rows lie as near to each other as planted copies do, and the
    copies are not found among them. Where some rows are found before anything is planted, the
    question is kept: a poisoner does not get rid of it by copying more.

    Args:
        brief: What the data is.
        sample: Its first batch.
        rng: As the control gets it, so that both plant the same case.
    """
    if brief.schema.image is not None or text_columns(sample, target=brief.target):
        return ""
    (other,) = rng.spawn(1)
    case = planted(brief, sample, rng=other)
    if case is None or not dense(brief, case, rng=other):
        return ""
    bare = looked(run(brief, params=Params(), rng=other), case.bare)
    if bare.measures[0].value or control(brief=brief, sample=sample, rng=rng).passed:
        return ""
    return DENSE


ENTRY = Entry(
    id="data.near-duplicates",
    kind="inspection",
    title="Copies with small changes",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("near-duplicate-rows", "<=", 0.01),
    taxonomy=Taxonomy(
        atlas=("AML.T0020",),
        owasp_ml=("ML02:2023",),
        nist_ai_100_2=("Data poisoning", "Backdoor poisoning"),
    ),
    references=(
        "Gu, Dolan-Gavitt and Garg (2017), BadNets",
        "Broder (1997), On the resemblance and containment of documents",
        "Norouzi, Punjani and Fleet (2012), Fast search in Hamming space, CVPR",
        "Grassberger and Procaccia (1983), Characterization of strange attractors",
    ),
    fix=(
        "Look at the pairs named, those of different labels first. Keep one of each, or keep all "
        "of a cluster on one side of the split between training and test."
    ),
)
