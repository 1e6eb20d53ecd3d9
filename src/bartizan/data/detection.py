"""A look at all rows at once: which rows, whether they fit, and one detector after the other."""

from collections.abc import Generator, Iterator

import numpy as np

from bartizan.adapt.batches.arrays import AnyBatches
from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import Ints
from bartizan.core.errors import Error, SchemaError
from bartizan.core.progress import Progress
from bartizan.core.schema import Schema
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
from bartizan.data.whole_rows import Whole, formed, gathered, learnt_from

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
        self.refused: Error | None = None
        """Why no detector can look at these rows; none = they can, or nobody asked yet."""

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

        Where the rows do not fit into memory, have no labels of two classes, or the recipe cannot
        be used, no detector is asked, and `refused` says why: what inspections found stands.

        Raises:
            InputError: the rows are not what they were when they were seen.
        """
        total = _STEPS * sum(slot.entry.weight for slot in self.slots)
        yield Progress(0, total, f"reading all rows of {self._brief.name} at once")
        whole = yield from self._whole(total=total)
        if whole is None:
            return
        self.rows, self.looked = whole.rows, len(whole.rows.data.ids)
        done = 0
        for slot in self.slots:
            share = _STEPS * slot.entry.weight
            for part, what in slot.steps(whole, seed=self._seed):
                yield Progress(done + int(part * share), total, what)
            done += share

    def _whole(self, *, total: int) -> Generator[Progress, None, Whole | None]:
        """The rows that are looked at, if nothing speaks against it."""
        codes, schema, deep = self._strata.codes(), self._seen.schema(), self._deep
        try:
            chosen = self._chosen(codes, schema)
        except Error as error:
            self._refuse(error)
            return None
        parts = gathered(
            self._batches, brief=self._brief, schema=schema, texts=self._texts, chosen=chosen
        )
        try:
            whole = formed(parts, self._batches, recipe=deep.recipe, seed=self._seed)
            found = whole.rows.data.ids
            codes[np.setdiff1d(chosen, found)] = -1  # only all labels together show what NaN means
            self._require_classes(codes)
            notes = _notes(codes, looked=len(found), own=deep.recipe is not None)
            if deep.recipe is not None:
                yield Progress(0, total, "training with the recipe, twice")
                notes += tried(whole)
        except Error as error:
            self._refuse(error)
            return None
        self.notes += notes
        return whole

    def _chosen(self, codes: Ints, schema: Schema) -> Ints:
        """Positions of the rows that are looked at, ascending; they fit into memory."""
        self._require_classes(codes)
        chosen = stratified(codes, most=self._deep.sample, rng=rng(self._seed, "deep", "sample"))
        size = Size.of(
            learnt_from(schema, texts=self._texts, source=self._brief.rules.source),
            classes=int(codes.max()) + 1,
            text_bytes=self._text_bytes / max(self._rows, 1),
        )
        require_room(len(chosen), size, limit_bytes=self._deep.limit_bytes)
        return chosen

    def _refuse(self, error: Error) -> None:
        """No detector is asked, and each says why."""
        self.refused = error
        self.notes += (f"no detector looked at the rows: {error}",)
        for slot in self.slots:
            slot.refused, slot.ended = str(error), True

    def _require_classes(self, codes: Ints) -> None:
        kinds = np.unique(codes[codes >= 0])
        if len(kinds) >= 2:
            return
        told = f"all have the label {self._strata.first!r}" if len(kinds) else "none has a label"
        message = (
            f"a deep look needs rows of two classes: of the {len(codes):,} rows of "
            f"{self._brief.name} {told}; is {self._brief.target!r} the column of labels?"
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
