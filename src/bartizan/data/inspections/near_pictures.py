"""Near duplicates among images."""

import hashlib

import numpy as np

from bartizan.adapt.batches.batch import Batch
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.schema import Image
from bartizan.data.inspections.near import Near, different, label_hashes, of_pairs
from bartizan.detect import picture_hash
from bartizan.detect.clusters import candidates
from bartizan.detect.crowding import excess

_CLOSE = (0.005, 0.012, 0.02)
"""Mean differences of the small copies that count as near, as shares of the contrast between dark
and bright: noise and compression, a sticker of a hundredth of the area, a sticker twice as
large."""


class NearPictures:
    """Keeps a hash and a small copy of each image, a hash of its pixels and its label.

    That is 288 bytes an image.
    """

    def __init__(self, image: Image, *, target: str | None) -> None:
        self._image, self._target = image, target
        self._parts: list[tuple[AnyArray, ...]] = []

    def see(self, batch: Batch) -> None:
        """Look at the next rows; images that could not be opened are passed over."""
        if batch.pixels is None:
            return
        kept = np.arange(batch.rows)
        if "decoded" in batch.raw.columns:
            kept = np.flatnonzero(batch.raw["decoded"].to_numpy())
        pixels = batch.pixels[kept]
        grey = picture_hash.small(pixels, height=picture_hash.SIDE, width=picture_hash.SIDE)
        span = self._image.max - self._image.min
        copies = np.rint((grey.reshape(len(grey), -1) - self._image.min) / span * 255)
        self._parts.append(
            (
                kept + batch.start,
                _keys(pixels),
                label_hashes(batch, self._target)[kept],
                picture_hash.difference_hash(pixels),
                copies.clip(0, 255).astype(np.uint8),
            )
        )

    def found(self) -> Near:
        """The images that look like another one."""
        if not self._parts:
            none = np.empty(0, dtype=np.int64)
            return Near(share=0.0, looked=0, rows=none, twins=none, divided=none, method="")
        rows, keys, labels, hashes, copies = (
            np.concatenate([part[k] for part in self._parts]) for k in range(5)
        )
        keep = different(keys)
        left, right, share = _near(hashes[keep], copies[keep])
        return of_pairs(
            (left, right),
            share=share,
            rows=rows,
            labels=labels,
            keep=keep,
            method=(
                f"{len(keep):,} different images were compared by a perceptual hash (dHash, at "
                f"most {picture_hash.NEAR_BITS} of 64 bits apart) and by small copies (mean "
                f"difference at most {_CLOSE[-1]:.0%} of the contrast); what is as frequent at "
                "twice the difference is taken for chance."
            ),
        )


def _near(hashes: AnyArray, copies: AnyArray) -> tuple[Ints, Ints, float]:
    """Pairs of images that look alike, where there are more than chance makes, and the share."""
    left, right = candidates(picture_hash.band_keys(hashes), spare=picture_hash.SPARE)
    apart = np.abs(copies[left].astype(np.int16) - copies[right]).mean(axis=1) / 255
    close = picture_hash.bits_apart(hashes[left], hashes[right]) <= picture_hash.NEAR_BITS
    left, right, apart = left[close], right[close], apart[close]
    best = left[:0], right[:0], 0.0
    for reach in _CLOSE:
        near, around = apart <= reach, apart <= 2 * reach
        inner, both = (_counts(left[kept], right[kept], len(hashes)) for kept in (near, around))
        crowd, share = excess(inner, both)
        if share > best[2]:
            near &= crowd[left] | crowd[right]
            best = left[near], right[near], share
    return best


def _counts(left: Ints, right: Ints, n: int) -> Ints:
    """How many pairs each of n things is in, shape (n,)."""
    return np.bincount(left, minlength=n) + np.bincount(right, minlength=n)


def _keys(pixels: AnyArray) -> AnyArray:
    """A hash of all values of each image, so that equal ones count once; shape (n,), uint64."""
    flat = np.ascontiguousarray(pixels).reshape(len(pixels), -1)
    digests = b"".join(hashlib.blake2b(row.tobytes(), digest_size=8).digest() for row in flat)
    return np.frombuffer(digests, dtype=np.uint64)
