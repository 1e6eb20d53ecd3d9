import pytest

from bartizan.attack import ENTRIES as ATTACKS
from bartizan.catalog import ASSESSED, ENTRIES, chosen_entries
from bartizan.core.errors import ConfigError, UnknownEntryError


def test_every_entry_has_an_id_of_its_own() -> None:
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)


def test_models_are_asked_data_is_inspected_and_artefacts_are_scanned() -> None:
    kinds = {entry.kind for entry in ENTRIES if entry not in ASSESSED}
    assert kinds == {"inspection", "detector", "scan"}
    assert not kinds & {entry.kind for entry in ASSESSED}


def test_all_entries_are_chosen_unless_some_are_named() -> None:
    assert chosen_entries(ATTACKS, []) == ATTACKS
    assert chosen_entries(ATTACKS, [ATTACKS[1].id]) == (ATTACKS[1],)
    both = [ATTACKS[1].id, ATTACKS[0].id]
    assert chosen_entries(ATTACKS, both) == ATTACKS[:2]  # in the order of the catalogue


def test_a_family_is_chosen_by_its_pattern() -> None:
    chosen = chosen_entries(ASSESSED, ["fairness.*", "utility.balanced-accuracy"])
    assert [entry.id for entry in chosen] == [
        "utility.balanced-accuracy",
        "fairness.groups",
        "fairness.crossed",
    ]
    with pytest.raises(UnknownEntryError, match="unknown entry"):
        chosen_entries(ASSESSED, ["fairnes.*"])


def test_an_unknown_entry_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownEntryError, match=r"unknown entry 'no.such'; known: .*coordinate"):
        chosen_entries(ATTACKS, ["no.such"])


@pytest.mark.parametrize("beside", [[], ["utility.balanced-accuracy"]])
def test_a_union_without_an_attack_is_refused(beside: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"evasion\.union joins .* no attack is chosen beside it"):
        chosen_entries(ASSESSED, [*beside, "evasion.union"])
