"""What is planned for whom, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.training.recipe import Untrainable
from bartizan.adapt.training.stand_in import Boosted
from bartizan.assess import extraction, union
from bartizan.assess.backdoor import ENTRIES as BACKDOORS
from bartizan.assess.cut import cut
from bartizan.assess.layout import laid_out
from bartizan.assess.plan import Plan
from bartizan.assess.rows import Clean
from bartizan.attack import ENTRIES, coordinate, pgd, tree_exact, tree_greedy
from bartizan.core.arrays import Array
from bartizan.core.attacker import Reach
from bartizan.core.entry import Entry
from bartizan.core.errors import ConfigError
from unit.assess.asked import WORLD, asked


def plan(*entries: Entry, **more: Any) -> Plan:
    request = asked(*entries, **more)
    return laid_out(request, Clean.of(request.model, request.data))[0]


def tried(planned: Plan) -> dict[str, set[str]]:
    """Entries by attacker."""
    found: dict[str, set[str]] = {}
    for item in planned.items:
        assert item.attacker is not None
        found.setdefault(item.attacker.name, set()).add(item.entry.id)
    return found


def test_a_proof_is_sought_for_the_attacker_who_decides_and_for_no_neighbour() -> None:
    entries = (tree_greedy.ENTRY, tree_exact.ENTRY, coordinate.ENTRY, union.ENTRY)
    assert tried(plan(*entries, access="structure", shown="structure")) == {
        "eve": {"evasion.tree-greedy", "evasion.tree-exact", "evasion.coordinate", "evasion.union"},
        "eve-weaker": {"evasion.coordinate"},
        "eve-stronger": {"evasion.tree-greedy", "evasion.coordinate", "evasion.union"},
    }


def test_the_stronger_one_uses_what_the_model_has_to_show() -> None:
    found = tried(plan(*ENTRIES, shown="structure"))
    assert found["eve-stronger"] - found["eve"] == {"evasion.tree-greedy"}
    assert found["eve-weaker"] == found["eve"]


def test_an_attack_that_is_not_tried_is_a_gap_for_the_attacker_who_decides_alone() -> None:
    whys = {gap.what: gap.why for gap in plan(*ENTRIES, shown="structure").gaps}
    what = "evasion.tree-greedy, evasion.tree-exact, attacker 'eve'"
    assert whys[what] == "the attacker sees labels only, it needs structure"
    assert not any("eve-" in name for name in whys)


def test_all_attack_the_same_rows() -> None:
    rows = [item.rows for item in plan(coordinate.ENTRY).items]
    assert len(rows) == 3
    assert all(np.array_equal(rows[0], other) for other in rows)


def test_blocks_on_the_same_rows_hold_them_once_and_keep_keys_of_their_own() -> None:
    request, known = replace(asked(coordinate.ENTRY), block_rows=16), dict[bytes, Array]()
    found = [
        cut(item, item.constraint, request=request, deadline=None, known=known)
        for item in plan(coordinate.ENTRY).items
        if item.constraint is not None
    ]
    assert len(found) == 3
    assert len(found[0]) > 1
    for blocks in zip(*found, strict=True):
        assert len({block.key for _, block in blocks}) == 3
        assert len({id(block.x) for _, block in blocks}) == 1
        for rows, block in blocks:
            np.testing.assert_array_equal(block.x, request.data.x[rows])


def test_a_chosen_attack_that_needs_more_sight_is_refused_with_that_reason() -> None:
    with pytest.raises(ConfigError, match=r"'eve': the attacker sees labels only, it needs struct"):
        plan(tree_exact.ENTRY, shown="structure")


def test_a_chosen_attack_on_other_models_is_refused_with_that_reason() -> None:
    with pytest.raises(ConfigError, match=r"not about such a model or such rows; choose others"):
        plan(pgd.ENTRY, shown="structure")


def test_a_chosen_attack_without_gradients_is_refused_with_what_is_known_of_them() -> None:
    known = ("odd rows", "no gradient: a, b")
    request = replace(asked(pgd.ENTRY, shown="structure"), warnings=known)
    with pytest.raises(ConfigError, match=r"such rows \(no gradient: a, b\); choose others"):
        laid_out(request, Clean.of(request.model, request.data))


def test_an_attacker_who_can_change_nothing_is_told_to_move_something() -> None:
    fixed = {name: Reach(mutable=False) for name in WORLD.schema.names if name != "row"}
    with pytest.raises(ConfigError, match="make at least one feature mutable"):
        plan(coordinate.ENTRY, features=fixed)


def test_the_stronger_neighbour_alone_does_not_save_an_attack_nobody_decides_by() -> None:
    with pytest.raises(ConfigError, match="none of the chosen attacks"):
        plan(tree_greedy.ENTRY, shown="structure")


def test_thieves_of_small_models_are_a_gap_where_rows_are_wide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bartizan.assess.layout.NARROW", len(WORLD.schema.names) - 1)
    found = plan(extraction.ENTRY)
    assert not found.items
    assert found.gaps[0].what == extraction.ENTRY.title
    assert "small models used here learn from at most" in found.gaps[0].why


def test_attackers_own_no_more_rows_than_a_machine_can_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def owned() -> Array:
        constraint = plan(coordinate.ENTRY).items[0].constraint
        assert constraint is not None
        assert constraint.sample_y is not None
        assert set(constraint.sample_y.tolist()) == {0, 1}
        return constraint.sample

    assert len(owned()) > 10
    monkeypatch.setattr("bartizan.assess.layout._SAMPLE_BYTES", 10 * 8 * len(WORLD.schema.names))
    assert len(owned()) == 10


BACKDOOR_IDS = {entry.id: entry.title for entry in BACKDOORS}


def checks(shown: str, recipe: Any, *, rows: int = 1040) -> tuple[set[str], dict[str, str]]:
    """Which checks of backdoors are planned of a table's model, and the gaps among them."""
    request = replace(asked(coordinate.ENTRY, *BACKDOORS, shown=shown), recipe=recipe)  # type: ignore[arg-type]
    again = np.arange(rows) % len(request.data.y)
    request = replace(request, data=request.data.take(again))
    planned, _ = laid_out(request, Clean.of(request.model, request.data))
    names = {item.entry.id for item in planned.items} & set(BACKDOOR_IDS)
    titles = {title: name for name, title in BACKDOOR_IDS.items()}
    return names, {titles[gap.what]: gap.why for gap in planned.gaps if gap.what in titles}


def test_trees_and_other_models_of_tables_have_one_check_of_cells_each() -> None:
    assert checks("structure", Boosted()) == ({"backdoor.tree-trigger"}, {})
    assert checks("gradients", Boosted()) == ({"backdoor.cells"}, {})
    assert checks("labels", Boosted()) == ({"backdoor.cells"}, {})


def test_without_a_recipe_that_trains_the_check_of_cells_is_a_gap_that_says_why() -> None:
    assert checks("scores", None) == (
        set(),
        {"backdoor.cells": "nothing says how the model is trained anew"},
    )
    told = checks("structure", Untrainable(why="it is a file of ONNX"))
    assert told == (set(), {"backdoor.tree-trigger": "it is a file of ONNX"})


def test_a_check_that_cannot_apply_to_so_few_rows_is_a_gap_that_says_why_and_no_finding() -> None:
    cells, trees = (f"80 rows are too few; {rows} are needed" for rows in (1000, 600))
    assert checks("scores", Boosted(), rows=80) == (set(), {"backdoor.cells": cells})
    assert checks("structure", Boosted(), rows=80) == (set(), {"backdoor.tree-trigger": trees})
