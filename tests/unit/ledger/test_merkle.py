"""Hashes, the frontier and the checks of proofs, against the definitions of RFC 6962."""

from hashlib import sha256

import pytest

from bartizan.core.errors import LedgerError
from bartizan.ledger import merkle
from bartizan.ledger.merkle import Frontier, verify_consistency, verify_inclusion
from unit.ledger.trees import audit_path, consistency, numbered, tree_hash

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65]
LARGE = [255, 256, 257]
ENTRIES = numbered(257)
ROOTS = {size: tree_hash(ENTRIES[:size]) for size in [0, *range(1, 66), *LARGE]}
OTHER = sha256(b"other").digest()


def grown(size: int) -> Frontier:
    frontier = Frontier()
    for entry in ENTRIES[:size]:
        frontier.append(merkle.leaf_hash(entry))
    return frontier


@pytest.mark.parametrize("size", [0, *range(1, 66), *LARGE])
def test_the_frontier_has_the_root_of_the_definition(size: int) -> None:
    frontier = grown(size)
    assert frontier.head == (size, ROOTS[size])
    assert len(frontier.hashes) == size.bit_count()


@pytest.mark.parametrize("size", [0, 1, 5, 8, 63, 64])
def test_a_frontier_goes_on_from_its_hashes(size: int) -> None:
    first = grown(size)
    second = Frontier.of(first.size, first.hashes)
    for frontier in (first, second):
        frontier.append(merkle.leaf_hash(b"next"))
    assert first.head == second.head


@pytest.mark.parametrize(("size", "count"), [(0, 1), (1, 0), (3, 1), (4, 2), (7, 4)])
def test_a_frontier_with_too_few_or_too_many_hashes_is_refused(size: int, count: int) -> None:
    with pytest.raises(LedgerError, match=f"a tree of size {size} has"):
        Frontier.of(size, [OTHER] * count)


def test_a_frontier_takes_whole_subtrees() -> None:
    frontier = Frontier()
    for at in range(0, 64, 16):
        leaves = b"".join(merkle.leaf_hash(entry) for entry in ENTRIES[at : at + 16])
        frontier.append(merkle.subtree(leaves), height=4)
    frontier.append(merkle.leaf_hash(ENTRIES[64]))
    assert frontier.head == (65, ROOTS[65])
    with pytest.raises(LedgerError, match="a subtree of 16 leaves cannot follow after 65"):
        frontier.append(OTHER, height=4)


@pytest.mark.parametrize("leaf", [b"", OTHER[:31], OTHER + b"x"])
def test_only_hashes_are_appended(leaf: bytes) -> None:
    with pytest.raises(LedgerError, match="hashes of 32 bytes"):
        Frontier().append(leaf)


@pytest.mark.parametrize("size", SIZES)
def test_every_inclusion_proof_of_the_definition_is_accepted(size: int) -> None:
    for index in range(size):
        verify_inclusion(
            merkle.leaf_hash(ENTRIES[index]),
            index=index,
            size=size,
            path=audit_path(index, ENTRIES[:size]),
            root=ROOTS[size],
        )


@pytest.mark.parametrize("size", [*SIZES, *LARGE])
def test_every_consistency_proof_of_the_definition_is_accepted(size: int) -> None:
    for old in [m for m in ROOTS if 0 < m <= size]:
        verify_consistency(
            old=old,
            new=size,
            path=consistency(old, ENTRIES[:size]),
            old_root=ROOTS[old],
            new_root=ROOTS[size],
        )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 33])
def test_a_proof_holds_for_no_other_leaf_place_size_or_root(size: int) -> None:
    for index in range(size):
        leaf, path = merkle.leaf_hash(ENTRIES[index]), audit_path(index, ENTRIES[:size])
        with pytest.raises(LedgerError):
            verify_inclusion(OTHER, index=index, size=size, path=path, root=ROOTS[size])
        with pytest.raises(LedgerError):
            verify_inclusion(leaf, index=index, size=size, path=path, root=OTHER)
        for place in [n for n in range(size) if n != index]:
            with pytest.raises(LedgerError):
                verify_inclusion(leaf, index=place, size=size, path=path, root=ROOTS[size])
        for at in range(len(path)):
            changed = [*path[:at], OTHER, *path[at + 1 :]]
            with pytest.raises(LedgerError, match="another root"):
                verify_inclusion(leaf, index=index, size=size, path=changed, root=ROOTS[size])


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 33])
def test_an_inclusion_proof_with_hashes_too_many_or_too_few_is_refused(size: int) -> None:
    for index in range(size):
        leaf, path = merkle.leaf_hash(ENTRIES[index]), audit_path(index, ENTRIES[:size])
        for longer in ([*path, OTHER], [OTHER, *path], [*path, *path[-1:], OTHER]):
            with pytest.raises(LedgerError, match="more hashes than it needs"):
                verify_inclusion(leaf, index=index, size=size, path=longer, root=ROOTS[size])
        if path:
            with pytest.raises(LedgerError, match="lacks hashes"):
                verify_inclusion(leaf, index=index, size=size, path=path[:-1], root=ROOTS[size])


@pytest.mark.parametrize("new", [2, 3, 7, 8, 9, 33])
def test_a_consistency_proof_with_hashes_too_many_or_too_few_is_refused(new: int) -> None:
    for old in range(1, new):
        path = consistency(old, ENTRIES[:new])
        roots = {"old_root": ROOTS[old], "new_root": ROOTS[new]}
        for wrong in ([*path, OTHER], path[:-1], path[1:], [OTHER, *path]):
            with pytest.raises(LedgerError):
                verify_consistency(old=old, new=new, path=wrong, **roots)
        for at in range(len(path)):
            changed = [*path[:at], OTHER, *path[at + 1 :]]
            with pytest.raises(LedgerError, match="another root"):
                verify_consistency(old=old, new=new, path=changed, **roots)


@pytest.mark.parametrize("new", [2, 3, 7, 8, 9, 33])
def test_consistency_holds_for_no_other_roots_and_no_other_sizes(new: int) -> None:
    for old in range(1, new):
        path = consistency(old, ENTRIES[:new])
        for old_root, new_root in ((OTHER, ROOTS[new]), (ROOTS[old], OTHER)):
            with pytest.raises(LedgerError):
                verify_consistency(
                    old=old, new=new, path=path, old_root=old_root, new_root=new_root
                )
        for size in [n for n in range(1, new) if n != old]:
            with pytest.raises(LedgerError):
                verify_consistency(
                    old=size, new=new, path=path, old_root=ROOTS[old], new_root=ROOTS[new]
                )


@pytest.mark.parametrize("size", [0, 1, 2, 3])
@pytest.mark.parametrize("index", [-1, 3, 4])
def test_a_position_outside_the_tree_is_refused(size: int, index: int) -> None:
    with pytest.raises(LedgerError, match="is not in a tree"):
        verify_inclusion(OTHER, index=index, size=size, path=[], root=OTHER)


@pytest.mark.parametrize("size", [-1, 2**63])
def test_a_size_that_no_tree_can_have_is_refused(size: int) -> None:
    with pytest.raises(LedgerError, match="expected a size from 0 to"):
        verify_inclusion(OTHER, index=0, size=size, path=[], root=OTHER)
    with pytest.raises(LedgerError, match="expected a size from 0 to"):
        verify_consistency(old=0, new=size, path=[], old_root=merkle.EMPTY, new_root=OTHER)


@pytest.mark.parametrize(("old", "new"), [(2, 1), (1, 0), (-1, 3)])
def test_a_tree_never_shrinks(old: int, new: int) -> None:
    with pytest.raises(LedgerError, match="cannot have grown from"):
        verify_consistency(old=old, new=new, path=[], old_root=OTHER, new_root=OTHER)


def test_every_tree_begins_with_the_empty_one_and_needs_no_hashes_for_it() -> None:
    verify_consistency(old=0, new=5, path=[], old_root=merkle.EMPTY, new_root=ROOTS[5])
    verify_consistency(old=0, new=0, path=[], old_root=merkle.EMPTY, new_root=merkle.EMPTY)
    for new, root in ((5, ROOTS[5]), (0, merkle.EMPTY)):
        with pytest.raises(LedgerError, match="more hashes than it needs"):
            verify_consistency(old=0, new=new, path=[OTHER], old_root=merkle.EMPTY, new_root=root)


def test_the_empty_tree_has_one_root_only() -> None:
    with pytest.raises(LedgerError, match="hash of nothing"):
        verify_consistency(old=0, new=5, path=[], old_root=OTHER, new_root=ROOTS[5])
    with pytest.raises(LedgerError, match="hash of nothing"):
        verify_consistency(old=0, new=0, path=[], old_root=merkle.EMPTY, new_root=OTHER)


def test_trees_of_one_size_have_one_root_and_need_no_hashes() -> None:
    verify_consistency(old=5, new=5, path=[], old_root=ROOTS[5], new_root=ROOTS[5])
    with pytest.raises(LedgerError, match="forked"):
        verify_consistency(old=5, new=5, path=[], old_root=ROOTS[5], new_root=OTHER)
    with pytest.raises(LedgerError, match="more hashes than it needs"):
        verify_consistency(old=5, new=5, path=[OTHER], old_root=ROOTS[5], new_root=ROOTS[5])


def test_a_consistency_proof_is_never_empty_between_two_sizes() -> None:
    for old in (1, 2, 3, 4):
        with pytest.raises(LedgerError, match="lacks hashes"):
            verify_consistency(old=old, new=5, path=[], old_root=ROOTS[old], new_root=ROOTS[5])


@pytest.mark.parametrize("wrong", [b"", OTHER[:31], OTHER + b"x"])
def test_whatever_is_no_hash_is_refused(wrong: bytes) -> None:
    with pytest.raises(LedgerError, match="hashes of 32 bytes"):
        verify_inclusion(OTHER, index=0, size=2, path=[wrong], root=OTHER)
    with pytest.raises(LedgerError, match="hashes of 32 bytes"):
        verify_consistency(old=1, new=2, path=[wrong], old_root=OTHER, new_root=OTHER)
    with pytest.raises(LedgerError, match="hashes of 32 bytes"):
        Frontier.of(1, [wrong])


def test_an_inner_node_cannot_be_shown_as_a_leaf() -> None:
    """The second preimage: the entry is the two children of a node, one after the other."""
    left, right = (merkle.leaf_hash(entry) for entry in ENTRIES[:2])
    above = audit_path(0, ENTRIES[:4])[1:]
    with pytest.raises(LedgerError, match="another root"):
        verify_inclusion(merkle.leaf_hash(left + right), index=0, size=2, path=above, root=ROOTS[4])


def test_lifting_joins_neighbours() -> None:
    leaves = [merkle.leaf_hash(entry) for entry in ENTRIES[:4]]
    assert merkle.lift(b"".join(leaves)) == merkle.node_hash(*leaves[:2]) + merkle.node_hash(
        *leaves[2:]
    )
    assert merkle.subtree(b"".join(leaves)) == ROOTS[4]
