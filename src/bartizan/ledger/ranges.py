"""Which parts of a tree a proof is made of.

Every hash of a proof is the root over a range of leaves. The ranges follow from positions and
sizes alone; the hashes are fetched afterwards.

Source: RFC 9162, sections 2.1.3.1 (PATH) and 2.1.4.1 (SUBPROOF), as loops from the root down.
"""

from collections.abc import Iterator

Range = tuple[int, int]
"""First leaf, and the one after the last."""


def inclusion(index: int, size: int) -> list[Range]:
    """The ranges that prove a position of a tree, from the leaf upwards; 0 <= index < size."""
    low, high, found = 0, size, list[Range]()
    while high - low > 1:
        middle = low + _half(high - low)
        if index < middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low = middle
    return found[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """The ranges that prove that a tree begins with an earlier one; 0 <= old <= new."""
    if old == 0:
        return []
    low, high, found = 0, new, list[Range]()
    while old != high:
        middle = low + _half(high - low)
        if old <= middle:
            found.append((middle, high))
            high = middle
        else:
            found.append((low, middle))
            low = middle
    if low:  # the verifier does not know this subtree as the old root
        found.append((low, high))
    return found[::-1]


def subtrees(low: int, high: int) -> Iterator[tuple[int, int]]:
    """Cut a range into the largest complete subtrees.

    Args:
        low: A multiple of the smallest power of two that is not below `high - low`.
        high: The leaf after the last.

    Yields:
        Height and index of each, the largest first: it covers the leaves from
        `index * 2**height` to before `(index + 1) * 2**height`.
    """
    for height in range((high - low).bit_length() - 1, -1, -1):
        if (high - low) >> height & 1:
            yield height, low >> height
            low += 1 << height


def _half(width: int) -> int:
    """The largest power of two below a width of at least 2."""
    return 1 << ((width - 1).bit_length() - 1)
