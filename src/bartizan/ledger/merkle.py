"""The Merkle tree of RFC 6962: hashes, the right edge of a growing tree, and checks of proofs.

A proof is a short list of hashes. Whoever holds the root of a tree can check with it that a leaf
stands at a position (inclusion), or that a larger tree still begins with a smaller one
(consistency), without seeing anything else. Leaves and inner nodes are hashed with different
first bytes, so that an inner node can never be shown as a leaf.

Source: RFC 9162, sections 2.1.1, 2.1.3.2 and 2.1.4.2 (the same tree as RFC 6962, section 2.1).
Deviations: a consistency proof from the empty tree is defined (it is empty), and so is one
between trees of the same size (it is empty too, and the roots must be equal).
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from bartizan.core.errors import LedgerError

HASH_BYTES = 32
"""SHA-256."""
LARGEST = 2**63 - 1
"""Sizes are signed 64-bit integers in the reference implementations; none will get there."""
EMPTY = sha256(b"").digest()
"""Root of the tree without leaves."""
_LEAF = b"\x00"
_NODE = b"\x01"


class Head(NamedTuple):
    """What is known of a tree: how many leaves, and the root over them."""

    size: int
    root: bytes


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry as a leaf."""
    return sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node over its two children."""
    return sha256(_NODE + left + right).digest()


def lift(level: bytes) -> bytes:
    """The next higher level of complete nodes.

    Args:
        level: An even number of hashes, one after the other.

    Returns:
        Half as many hashes, one after the other. One list comprehension: a call for each node
        would take twice as long.
    """
    step = 2 * HASH_BYTES
    nodes = range(0, len(level), step)
    return b"".join([sha256(_NODE + level[at : at + step]).digest() for at in nodes])


def subtree(leaves: bytes) -> bytes:
    """The root over a power of two of hashes, given one after the other."""
    while len(leaves) > HASH_BYTES:
        leaves = lift(leaves)
    return leaves


class Frontier:
    """The roots of the largest complete subtrees: all that a tree needs in order to grow.

    There is one for each bit of the size that is set, the largest first, so memory grows with
    the logarithm of the size. Appending costs two hashes on average.
    """

    def __init__(self) -> None:
        self._size = 0
        self._hashes: list[bytes] = []

    @classmethod
    def of(cls, size: int, hashes: Sequence[bytes]) -> "Frontier":
        """Go on from where `size` and `hashes` of another frontier stood.

        Raises:
            LedgerError: there must be one hash for each bit of the size that is set.
        """
        _check_size(size)
        if len(hashes) != size.bit_count():
            message = (
                f"a tree of size {size} has {size.bit_count()} complete subtrees, got "
                f"{len(hashes)} hashes"
            )
            raise LedgerError(message)
        _check_hashes("frontier", hashes)
        frontier = cls()
        frontier._size, frontier._hashes = size, list(hashes)
        return frontier

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    @property
    def hashes(self) -> list[bytes]:
        """The roots of the complete subtrees, the largest first."""
        return list(self._hashes)

    @property
    def head(self) -> Head:
        """Size and root."""
        return Head(self._size, self.root())

    def append(self, leaf: bytes, *, height: int = 0) -> None:
        """Append a leaf, or a whole complete subtree.

        Args:
            leaf: Hash of the leaf, or the root of the subtree, 32 bytes.
            height: A subtree has `2**height` leaves, and the size must be a multiple of that.

        Raises:
            LedgerError: the hash has another length, or the subtree does not fit here.
        """
        if len(leaf) != HASH_BYTES:
            _check_hashes("appended", [leaf])
        place = self._size >> height
        if place << height != self._size:
            message = f"a subtree of {2**height} leaves cannot follow after {self._size} leaves"
            raise LedgerError(message)
        while place & 1:  # as many subtrees are complete now as the size ends with ones
            leaf = sha256(_NODE + self._hashes.pop() + leaf).digest()
            place >>= 1
        self._hashes.append(leaf)
        self._size += 1 << height

    def root(self) -> bytes:
        """The root over all leaves."""
        if not self._hashes:
            return EMPTY
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = sha256(_NODE + left + root).digest()
        return root


def verify_inclusion(
    leaf: bytes, *, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf stands at a position of a tree.

    Args:
        leaf: Hash of the leaf, see `leaf_hash`.
        index: Its position, from 0.
        size: How many leaves the tree has.
        path: The proof: hashes from the leaf's sibling up to the root's child.
        root: Root of the tree, from a source that is trusted.

    Raises:
        LedgerError: the proof does not show it: a position outside the tree, hashes that are
            missing or left over, or another root.

    Cost: one hash for each level of the tree, about 30 for 10^9 leaves.
    """
    _check_size(size)
    if not 0 <= index < size:
        message = f"position {index} is not in a tree of {size} leaves"
        raise LedgerError(message)
    _check_hashes("inclusion proof", [leaf, root, *path])
    # RFC 9162, 2.1.3.2: steps 2 to 5
    left, last, got = index, size - 1, leaf
    for other in path:
        if last == 0:
            raise _left_over(len(path), kind="inclusion")
        if left & 1 or left == last:
            got = node_hash(other, got)
            while not left & 1 and left != 0:
                left, last = left >> 1, last >> 1
        else:
            got = node_hash(got, other)
        left, last = left >> 1, last >> 1
    if last != 0:
        raise _missing(len(path), kind="inclusion")
    if got != root:
        message = f"the proof that the leaf stands at {index} of {size} leads to another root"
        raise LedgerError(message)


def verify_consistency(
    *, old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that a tree begins with an earlier, smaller tree: nothing in it was rewritten.

    Args:
        old: Size of the earlier tree; 0 is the empty tree, which every tree begins with.
        new: Size of the later tree, at least `old`.
        path: The proof; empty where the sizes are equal or `old` is 0.
        old_root: Root of the earlier tree.
        new_root: Root of the later tree.

    Raises:
        LedgerError: the proof does not show it.

    Cost: two hashes for each level of the tree.
    """
    _check_size(new)
    if not 0 <= old <= new:
        message = f"a tree of {new} leaves cannot have grown from one of {old}"
        raise LedgerError(message)
    _check_hashes("consistency proof", [old_root, new_root, *path])
    for size, root in ((old, old_root), (new, new_root)):
        if size == 0 and root != EMPTY:
            message = "the root given for the empty tree is not the hash of nothing"
            raise LedgerError(message)
    if old in (0, new):
        if path:
            raise _left_over(len(path), kind="consistency")
        if old == new and old_root != new_root:
            message = f"two trees of {old} leaves have different roots: the history was forked"
            raise LedgerError(message)
        return
    if not path:
        raise _missing(0, kind="consistency")
    _climb(old, new, path=path, roots=(old_root, new_root))


def _climb(old: int, new: int, *, path: Sequence[bytes], roots: tuple[bytes, bytes]) -> None:
    """RFC 9162, 2.1.4.2: steps 2 to 7, for 0 < old < new and a proof that is not empty."""
    if old & (old - 1) == 0:  # a power of two: its root is the first subtree itself
        path = [roots[0], *path]
    left, last = old - 1, new - 1
    while left & 1:
        left, last = left >> 1, last >> 1
    was = now = path[0]
    for other in path[1:]:
        if last == 0:
            raise _left_over(len(path), kind="consistency")
        if left & 1 or left == last:
            was, now = node_hash(other, was), node_hash(other, now)
            while not left & 1 and left != 0:
                left, last = left >> 1, last >> 1
        else:
            now = node_hash(now, other)
        left, last = left >> 1, last >> 1
    if last != 0:
        raise _missing(len(path), kind="consistency")
    for what, got, root in (("earlier", was, roots[0]), ("later", now, roots[1])):
        if got != root:
            message = (
                f"the proof that {new} leaves begin with the earlier {old} leads to another root "
                f"of the {what} tree: the history was rewritten, or the proof belongs elsewhere"
            )
            raise LedgerError(message)


def _check_size(size: int) -> None:
    if not 0 <= size <= LARGEST:
        message = f"expected a size from 0 to {LARGEST}, got {size}"
        raise LedgerError(message)


def _check_hashes(what: str, hashes: Sequence[bytes]) -> None:
    for one in hashes:
        if len(one) != HASH_BYTES:
            message = f"{what}: expected hashes of {HASH_BYTES} bytes, got one of {len(one)}"
            raise LedgerError(message)


def _left_over(count: int, *, kind: str) -> LedgerError:
    return LedgerError(f"the {kind} proof has more hashes than it needs (got {count})")


def _missing(count: int, *, kind: str) -> LedgerError:
    return LedgerError(f"the {kind} proof lacks hashes (got {count})")
