"""The known answers of Certificate Transparency's own tests."""

import json
from pathlib import Path
from typing import Any

import pytest

from bartizan.ledger import merkle
from bartizan.ledger.log import Log
from bartizan.ledger.merkle import Frontier, verify_consistency, verify_inclusion
from bartizan.ledger.reader import Tiles
from unit.ledger.signing import publish, read

FILE = Path(__file__).parents[2] / "vectors" / "ledger" / "merkle" / "eight-leaves.json"
KNOWN: dict[str, Any] = json.loads(FILE.read_text())
LEAVES = [bytes.fromhex(leaf) for leaf in KNOWN["leaves"]]
ROOTS = [bytes.fromhex(root) for root in (KNOWN["empty"], *KNOWN["roots"])]


@pytest.fixture
def tiles(tmp_path: Path) -> Tiles:
    with Log.open(tmp_path, publish=publish, read=read) as log:
        log.append(LEAVES)
        return log.tiles()


def test_roots_are_the_published_ones(tiles: Tiles) -> None:
    frontier = Frontier()
    assert frontier.root() == ROOTS[0]
    for size, leaf in enumerate(LEAVES, start=1):
        frontier.append(merkle.leaf_hash(leaf))
        assert frontier.root() == tiles.root(size) == ROOTS[size]


@pytest.mark.parametrize("case", KNOWN["inclusion"])
def test_inclusion_proofs_are_the_published_ones(case: dict[str, Any], tiles: Tiles) -> None:
    path = [bytes.fromhex(one) for one in case["path"]]
    assert tiles.inclusion_path(case["index"], case["size"]) == path
    verify_inclusion(
        merkle.leaf_hash(LEAVES[case["index"]]),
        index=case["index"],
        size=case["size"],
        path=path,
        root=ROOTS[case["size"]],
    )


@pytest.mark.parametrize("case", KNOWN["consistency"])
def test_consistency_proofs_are_the_published_ones(case: dict[str, Any], tiles: Tiles) -> None:
    path = [bytes.fromhex(one) for one in case["path"]]
    assert tiles.consistency_path(case["old"], case["new"]) == path
    verify_consistency(
        old=case["old"],
        new=case["new"],
        path=path,
        old_root=ROOTS[case["old"]],
        new_root=ROOTS[case["new"]],
    )
