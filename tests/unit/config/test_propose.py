import pytest

from bartizan.config import assumed_eps, propose_attacker
from bartizan.core.attacker import Attacker, NormName, Reach
from bartizan.core.schema import Feature, Image, Schema

EMPTY = Schema(features=())


def test_the_assumed_attacker_is_the_one_of_the_design() -> None:
    assert propose_attacker(EMPTY, ("ok", "fraud"), (95, 5)) == Attacker(
        name="anyone",
        access="labels",
        goal="any",
        protected=("fraud",),
        norm="Linf",
        eps=0.10,
        categories=1,
        standing="assumed",
    )


@pytest.mark.parametrize(
    ("counts", "protected"),
    [
        ((60, 40), ()),
        ((61, 39), ("1",)),
        ((39, 61), ("0",)),
        ((50, 50), ()),
        ((10, 0), ()),
        ((0, 0), ()),
        ((34, 33, 33), ()),
        ((90, 8, 2), ("2",)),
        ((90, 5, 5), ("1", "2")),
        ((90, 10, 0), ("1",)),
        ((7,), ()),
        ((), ()),
    ],
)
def test_only_a_rare_class_that_has_rows_is_protected(
    counts: tuple[int, ...], protected: tuple[str, ...]
) -> None:
    classes = tuple(range(len(counts)))
    assert propose_attacker(EMPTY, classes, counts).protected == protected


def test_only_what_surely_cannot_move_is_immutable() -> None:
    schema = Schema(
        features=(
            Feature(name="amount", min=0, max=1),
            Feature(name="id", type="integer", identifier=True),
            Feature(name="constant", min=2, max=2),
            Feature(name="unbounded"),
            Feature(name="single", type="categorical", categories=("only",)),
            Feature(name="choice", type="categorical", categories=("a", "b")),
            Feature(name="red", min=0, max=0, group="colour"),
            Feature(name="blue", min=0, max=1, group="colour"),
            Feature(name="total"),
        )
    )
    attacker = propose_attacker(schema, ("a", "b"), (1, 1))
    assert attacker.features == {
        name: Reach(mutable=False) for name in ("id", "constant", "single")
    }


def test_a_group_of_constants_is_immutable_under_its_own_name() -> None:
    columns = tuple(Feature(name=name, min=0, max=0, group="g") for name in ("a", "b"))
    attacker = propose_attacker(Schema(features=columns), ("a", "b"), (1, 1))
    assert attacker.features == {"g": Reach(mutable=False)}


def test_images_are_attacked_by_somebody_with_a_copy_of_the_model() -> None:
    schema = Schema(image=Image(height=2, width=2, channels=1))
    attacker = propose_attacker(schema, ("go", "stop"), (90, 10))
    assert (attacker.norm, attacker.eps, attacker.access) == ("Linf", 8 / 255, "gradients")
    assert (attacker.protected, attacker.categories, attacker.features) == (("stop",), 0, {})
    assert attacker.standing == "assumed"


def test_the_budget_nobody_declared_is_the_field_s_for_images_and_a_tenth_for_tables() -> None:
    images = Schema(image=Image(height=2, width=2, channels=1))
    table = Schema(features=tuple(Feature(name=f"f{place}") for place in range(4)))
    norms: tuple[NormName, ...] = ("Linf", "L2", "L1")
    assert [assumed_eps(norm, schema=images) for norm in norms] == [8 / 255, 0.5, 12.0]
    assert [assumed_eps(norm, schema=table) for norm in norms] == [0.1, 0.2, 0.4]


def test_of_images_all_classes_are_attacked_however_rare_one_is() -> None:
    schema = Schema(image=Image(height=4, width=4, channels=3))
    attacker = propose_attacker(schema, ("50", "30", "stop"), (900, 800, 60))
    assert (attacker.protected, attacker.access) == ((), "gradients")
