"""How labels moved between two versions of a data set."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.core.arrays import AnyArray, Ints
from bartizan.data.keys import SLICE, Gathered, slices_of
from bartizan.data.label_book import LabelBook


@dataclass(frozen=True)
class Changes:
    """How labels moved between two versions."""

    known: int
    """Rows that are in both, each as often as it is in both."""
    changed: int
    """The fewest of them that must have got another label."""
    pairs: tuple[tuple[int, int, int], ...]
    """(code before, code now, rows), most frequent first."""
    rows: Ints
    """Positions of known rows with a label that rows alike to them have more often than before,
    ascending."""


def compared(
    before: LabelBook, keys: AnyArray, *, codes: AnyArray, absent: int, at_once: int = SLICE
) -> Changes:
    """Compare the labels of rows with those of a book.

    Several rows may be alike; their labels are then two multisets. Of a rows before and b rows
    now with these features, min(a, b) are known, and of these as many have changed as the two
    multisets do not share.

    Args:
        before: The book; its classes have the codes that they have in it.
        keys: Hash of each row under the key of the book, shape (n,).
        codes: Its label, shape (n,), uint32.
        absent: The code of rows without a label.
        at_once: Rows compared at a time.

    Cost: n log n; 12 bytes a row, and 8 for each row that is pointed at.
    """
    known, pairs, rows = 0, Counter[tuple[int, int]](), Gathered(np.int64)
    for here in slices_of(keys, rows=at_once):
        now = pl.DataFrame({"key": keys[here], "code": codes[here], "row": here})
        low = np.searchsorted(before.hashes, now["key"][0], side="left")
        high = np.searchsorted(before.hashes, now["key"][-1], side="right")
        old = before.codes[low:high]
        old = np.where(old == len(before.classes), np.uint32(absent), old)
        both, moved, added = changes_of(_counted(before.hashes[low:high], old), _counted_of(now))
        known += both
        pairs.update({(source, goal): count for source, goal, count in moved})
        rows.add(now.join(added, on=["key", "code"], how="semi")["row"].to_numpy())
    ranked = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return Changes(
        known=known,
        changed=pairs.total(),
        pairs=tuple((source, goal, count) for (source, goal), count in ranked),
        rows=np.sort(rows.values),
    )


def _counted(keys: AnyArray, codes: AnyArray) -> pl.DataFrame:
    return _counted_of(pl.DataFrame({"key": keys, "code": codes}))


def _counted_of(rows: pl.DataFrame) -> pl.DataFrame:
    """How often each hash has each label: columns key, code, count."""
    return rows.group_by("key", "code").agg(pl.len().cast(pl.Int64).alias("count"))


def changes_of(
    before: pl.DataFrame, now: pl.DataFrame
) -> tuple[int, list[tuple[int, int, int]], pl.DataFrame]:
    """Compare two multisets of labels for each hash.

    Args:
        before: Columns key, code, count, each pair once.
        now: The same of the new version.

    Returns:
        Rows that are in both; (code before, code now, rows) of those that changed, in no order;
        and hashes and labels that these have more often than before: columns key, code.
    """
    both = before.select("key").unique().join(now.select("key").unique(), on="key")
    old, new = (one.join(both, on="key", how="semi") for one in (before, now))
    sizes = _sizes(old).join(_sizes(new), on="key", suffix="_now")
    known = int(sizes.select(pl.min_horizontal("size", "size_now")).to_series().sum())
    pair = old.join(new, on=["key", "code"], how="full", suffix="_now", coalesce=True).with_columns(
        (pl.col("count_now").fill_null(0) - pl.col("count").fill_null(0)).alias("more")
    )
    added = pair.filter(pl.col("more") > 0).select("key", "code", count="more")
    removed = pair.filter(pl.col("more") < 0).select("key", "code", count=-pl.col("more"))
    moved = _spread(removed).join(_spread(added), on=["key", "turn"], suffix="_now")
    pairs = moved.group_by("code", "code_now").agg(pl.len().alias("rows"))
    concerned = added.join(moved.select("key").unique(), on="key", how="semi")
    return known, pairs.rows(), concerned.select("key", "code")


def _sizes(counts: pl.DataFrame) -> pl.DataFrame:
    return counts.group_by("key").agg(pl.col("count").sum().alias("size"))


def _spread(counts: pl.DataFrame) -> pl.DataFrame:
    """One line for each row, numbered within its hash in the order of the labels."""
    lines = counts.sort("key", "code").select(
        pl.col("key").repeat_by("count").alias("key"), pl.col("code").repeat_by("count")
    )
    flat = lines.explode("key", "code")
    return flat.with_columns(pl.int_range(pl.len()).over("key").alias("turn"))
