"""A look at all rows at once: which rows, whether they fit, and one detector after the other."""

from collections.abc import Iterator

import numpy as np

from bartizan.adapt.batches.arrays import AnyBatches
from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.core.errors import SchemaError
from bartizan.core.progress import Progress
from bartizan.core.streams import rng
from bartizan.data.detector_slot import DetectorSlot
from bartizan.data.inspection import Brief
from bartizan.data.inspections.near_texts import text_columns
from bartizan.data.labelled import Labelled
from bartizan.data.request import Deep
from bartizan.data.room import Size, require_room
from bartizan.data.seen_categories import SeenCategories
from bartizan.data.strata import Strata, stratified
from bartizan.data.trial import tried
from bartizan.data.whole_rows import Whole, gathered, learnt_from

_STEPS = 1000
"""Parts that the work of one detector is told in."""


class Detection:
    """First it sees every batch, as inspections do; then it reads the rows it needs."""

    def __init__(self, deep: Deep, *, brief: Brief, batches: AnyBatches, seed: int) -> None:
        self._deep, self._brief, self._batches, self._seed = deep, brief, batches, seed
        self.slots = [DetectorSlot(one, applies=deep.applies[one.id]) for one in deep.entries]
        self._strata = Strata(brief.target or "")
        self._seen = SeenCategories(brief.schema)
        self._texts: tuple[str, ...] = ()
        self._text_bytes = 0
        self._rows = 0
        self.looked = 0
        """Rows that detectors look at."""
        self.notes: tuple[str, ...] = ()
        """What a reader should know of these rows."""
        self.rows: Labelled | None = None
        """The rows that detectors look at, once they were read."""

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        if batch.start == 0 and self._brief.schema.image is None:
            self._texts = text_columns(batch, target=self._brief.target)
        self._rows += batch.rows
        self._strata.see(batch)
        self._seen.see(batch)
        for name in self._texts:
            self._text_bytes += int(batch.raw[name].str.len_bytes().sum() or 0)

    def steps(self) -> Iterator[Progress]:
        """Read the rows, then ask every detector.

        Raises:
            InputError: the rows do not fit into memory, are not what they were, or the recipe
                cannot be used.
            SchemaError: the rows have no labels, or all of them the same.
        """
        total = _STEPS * sum(slot.entry.weight for slot in self.slots)
        yield Progress(0, total, f"reading all rows of {self._brief.name} at once")
        whole = self._whole()
        self.rows = whole.rows
        if whole.rows.recipe is not None:
            yield Progress(0, total, "training with the recipe, twice")
            self.notes += tried(whole)
        done = 0
        for slot in self.slots:
            share = _STEPS * slot.entry.weight
            for part, what in slot.steps(whole, seed=self._seed):
                yield Progress(done + int(part * share), total, what)
            done += share

    def _whole(self) -> Whole:
        """The rows that are looked at."""
        codes = self._strata.codes()
        self._require_classes(codes)
        chosen = stratified(codes, most=self._deep.sample, rng=rng(self._seed, "deep", "sample"))
        schema = self._seen.schema()
        source = self._brief.rules.source
        size = Size.of(
            learnt_from(schema, texts=self._texts, source=source),
            classes=int(codes.max()) + 1,
            text_bytes=self._text_bytes / max(self._rows, 1),
        )
        require_room(len(chosen), size, limit_bytes=self._deep.limit_bytes)
        whole = gathered(
            self._batches,
            brief=self._brief,
            schema=schema,
            texts=self._texts,
            chosen=chosen,
            recipe=self._deep.recipe,
            seed=self._seed,
        )
        found = whole.rows.data.ids
        codes[np.setdiff1d(chosen, found)] = -1  # only all labels together show what NaN means
        self._require_classes(codes)
        self.looked = len(found)
        self.notes += _notes(codes, looked=len(found), own=self._deep.recipe is not None)
        return whole

    def _require_classes(self, codes: Ints) -> None:
        kinds = np.unique(codes[codes >= 0])
        if len(kinds) >= 2:
            return
        told = f"all have the label {self._strata.first!r}" if len(kinds) else "none has a label"
        message = (
            f"a deep look needs rows of two classes: of the {len(codes):,} rows of "
            f"{self._brief.name} {told}; is {self._brief.target!r} the column of labels? Leave "
            "--deep out to check the data without it"
        )
        raise SchemaError(message)


def _notes(codes: Ints, *, looked: int, own: bool) -> tuple[str, ...]:
    """Which rows were looked at, and what was trained on them."""
    found: list[str] = []
    usable = int((codes >= 0).sum())
    if usable < len(codes):
        left = len(codes) - usable
        found.append(
            f"the deep look left {left:,} of {len(codes):,} rows out: they have no label, or are "
            "pictures of another size or cannot be opened"
        )
    if looked < usable:
        found.append(
            f"the deep look was at a sample of {looked:,} of {usable:,} rows, drawn so that every "
            f"class keeps its share; the {usable - looked:,} others were not looked at, and poison "
            "among them is not found"
        )
    if not own:
        found.append(
            "the deep look trained models of ours (boosted trees, or a small network for "
            "pictures), because no recipe was given: what your own model learns from these rows "
            "may differ; name how it is trained with --recipe module:function"
        )
    return tuple(found)
