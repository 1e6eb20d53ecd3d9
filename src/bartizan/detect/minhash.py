"""Texts that share most of their pieces."""

from collections.abc import Sequence

import numpy as np

from bartizan.core.arrays import AnyArray

HASHES = 128
"""Numbers of a signature: its estimate of a similarity of 0.7 has a standard error of 0.04. 512
bytes a text."""
BANDS = 32
"""Of 4 numbers each: two texts of similarity 0.7 meet in one of them but for 1 case in 5,000."""
_WIDTH = 5
"""Letters of a piece (a shingle), as is usual for short texts."""
_LONGEST = 20_000
"""Letters of a text that are looked at; longer ones go by their beginning."""
_CHUNK = 1 << 16
"""Pieces hashed at a time, so that they stay in the processor's cache."""


def coefficients(rng: np.random.Generator) -> AnyArray:
    """Odd factors and addends of the hashes, shape (2, HASHES), uint64."""
    drawn = rng.integers(0, 2**63, (2, HASHES), dtype=np.int64).astype(np.uint64)
    drawn[0] |= np.uint64(1)
    return drawn


def signatures(texts: Sequence[str], *, factors: AnyArray) -> AnyArray:
    """MinHash: the share of equal numbers estimates the share of common pieces (Jaccard).

    Case and blanks are brought to one form before.

    Args:
        texts: Any texts.
        factors: From `coefficients`.

    Returns:
        Shape (n, HASHES), uint32.

    Source:
        Broder (1997), On the resemblance and containment of documents; Dietzfelbinger et al.
        (1997) for hashes of the form (a x + b) / 2^32.
    """
    found = np.empty((len(texts), HASHES), dtype=np.uint32)
    codes, sizes = _codes(texts)
    pieces, starts = _pieces(codes, sizes)
    at = 0
    while at < len(texts):
        end = int(np.searchsorted(starts, starts[at] + _CHUNK, side="right"))
        end = min(max(end - 1, at + 1), len(texts))
        part = pieces[starts[at] : starts[end]]
        edges = starts[at:end] - starts[at]
        for k in range(HASHES):
            mixed = ((part * factors[0, k] + factors[1, k]) >> np.uint64(32)).astype(np.uint32)
            found[at:end, k] = np.minimum.reduceat(mixed, edges)
        at = end
    return found


def band_keys(signed: AnyArray) -> AnyArray:
    """One key for each band, (n, HASHES) -> (BANDS, n), uint64."""
    rows = HASHES // BANDS
    odd = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio, as Fibonacci hashing has it
    parts = signed.reshape(len(signed), BANDS, rows).astype(np.uint64)
    keys = np.zeros((len(signed), BANDS), dtype=np.uint64)
    for row in range(rows):
        keys = (keys ^ parts[:, :, row]) * odd
        keys ^= keys >> np.uint64(29)
    return keys.T


def similarity(signed: AnyArray, left: AnyArray, right: AnyArray) -> AnyArray:
    """Estimated Jaccard similarity of pairs, shape (p,), 0 to 1."""
    found = np.empty(len(left))
    for start in range(0, len(left), _CHUNK):
        span = slice(start, start + _CHUNK)
        found[span] = (signed[left[span]] == signed[right[span]]).mean(axis=1)
    return found


def _codes(texts: Sequence[str]) -> tuple[AnyArray, AnyArray]:
    """All letters, one text after the other, and the length of each."""
    plain = [" ".join(text[:_LONGEST].lower().split()).ljust(_WIDTH) for text in texts]
    sizes = np.fromiter((len(text) for text in plain), dtype=np.int64, count=len(plain))
    return np.frombuffer("".join(plain).encode("utf-32-le"), dtype=np.uint32), sizes


def _pieces(codes: AnyArray, sizes: AnyArray) -> tuple[AnyArray, AnyArray]:
    """A hash of each piece, and where each text's begin; shape (p,) and (n + 1,)."""
    starts = np.concatenate([[0], np.cumsum(sizes - _WIDTH + 1)])
    if not len(codes):
        return np.empty(0, dtype=np.uint64), starts
    base = np.uint64(0x100000001B3)  # the prime of FNV-1a
    hashed = np.zeros(len(codes) - _WIDTH + 1, dtype=np.uint64)
    for place in range(_WIDTH):
        hashed = hashed * base + codes[place : place + len(hashed)]
    hashed ^= hashed >> np.uint64(31)
    hashed *= np.uint64(0xBF58476D1CE4E5B9)  # of splitmix64
    within = np.ones(len(codes), dtype=bool)
    ends = np.cumsum(sizes)
    for back in range(1, _WIDTH):
        within[ends - back] = False
    return hashed[within[: len(hashed)]], starts
