"""Near duplicates among texts."""

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray
from bartizan.data.inspections.near import Near, column_hashes, different, label_hashes, of_pairs
from bartizan.detect.clusters import candidates
from bartizan.detect.minhash import band_keys, coefficients, signatures, similarity

_SHORT = 20
"""Letters: shorter texts are alike by chance ("Ok, see you then")."""
_DISTINCT = 0.5
"""Share of different values: where most are repeated, they are categories with long names."""
_ALIKE = 0.7
"""Share of common pieces: with five letters a piece, one changed word among twenty."""


def text_columns(opening: Batch, *, target: str | None) -> tuple[str, ...]:
    """Columns that hold running text.

    That is 20 letters and more on average, with blanks in half of them, and mostly different.
    """
    found = []
    for name in opening.raw.columns:
        column = opening.raw[name].drop_nulls()
        if name == target or column.dtype != pl.String or not len(column):
            continue
        length = column.str.len_chars().mean()
        blanks = column.str.strip_chars().str.contains(" ", literal=True).mean()
        if isinstance(length, float) and isinstance(blanks, float):
            free = column.n_unique() >= _DISTINCT * len(column)
            found += [name] * (length >= _SHORT and blanks >= 0.5 and free)
    return tuple(found)


class NearText:
    """Keeps a signature of each text of 20 letters and more, a hash, its row and its label.

    That is 536 bytes a row.
    """

    def __init__(
        self, columns: tuple[str, ...], *, target: str | None, rng: np.random.Generator
    ) -> None:
        self._columns, self._target = columns, target
        self._factors, self._seed = coefficients(rng), int(rng.integers(2**62))
        self._parts: list[tuple[AnyArray, ...]] = []

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        cells = [pl.col(name).fill_null("") for name in self._columns]
        texts = batch.raw.select(text=pl.concat_str(cells, separator="\n"))["text"]
        long = np.flatnonzero(texts.str.strip_chars().str.len_chars().to_numpy() >= _SHORT)
        kept = texts.gather(long)
        self._parts.append(
            (
                long + batch.start,
                column_hashes(kept, seed=self._seed),
                label_hashes(batch, self._target)[long],
                signatures(kept.to_list(), factors=self._factors),
            )
        )

    def found(self) -> Near:
        """The texts that share most of their pieces with another one."""
        rows, keys, labels, signed = (
            np.concatenate([part[k] for part in self._parts]) for k in range(4)
        )
        keep = different(keys)
        signed = signed[keep]
        left, right = candidates(band_keys(signed))
        near = similarity(signed, left, right) >= _ALIKE
        return of_pairs(
            (left[near], right[near]),
            rows=rows,
            labels=labels,
            keep=keep,
            method=(
                f"{len(keep):,} different texts of {_SHORT} letters and more were compared by "
                f"MinHash; those that share {_ALIKE:.0%} of their pieces of five letters with "
                "another one count as near duplicates."
            ),
        )
