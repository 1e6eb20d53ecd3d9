"""Records: facts that never change and are always written the same way."""

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest

from bartizan.core.attacker import Attacker, Reach
from bartizan.core.errors import InputError
from bartizan.core.record import Record, UserInput, decode, digest, encode
from bartizan.core.schema import Feature, Schema
from contract.sources import NAMES

FIXED: dict[str, dict[str, Any]] = {
    "Attacker": {"norm": None, "eps": None},
    "Bins": {"categories": (), "counts": (1, 1), "scores": (0.0, 0.5), "missing": 0},
    "Decision": {"threat": "family.rule@element"},
    "Feature": {"type": "ordered"},
    "Finding": {"outcome": "fail", "severity": "high"},
    "Flagged": {"picture": "data:image/png;base64,AAAA"},
    "Image": {"max": 1.0},
    "JointProfile": {"mean": (0.5, 0.5), "covariance": (0.5, 0.1, 0.5)},
    "Manifest": {"rows": 3, "quarantined": (1,), "salt": 32 * "0"},
    "PackFile": {"sha256": 64 * "0"},
    "Reach": {"mutable": True},
    "Schema": {"image": None},
    "Views": dict.fromkeys(("original", "altered", "difference"), "data:image/png;base64,AAAA"),
}
"""Values that a record's own invariants ask for; every other field is filled in by its type."""


DIGEST = "sha256:bc177967dad5ae6192a4230e4359d7c452fc098d2709f23f13f949fb0a741296"
"""Written down: a change of it means that the same fact is stored as other bytes. A field that is
added is one; a field that changes its meaning needs a new schema version."""


def kinds(base: type) -> list[Any]:
    """Every record type of the package; `Any`, for msgspec adds what no annotation says."""
    for name in NAMES:
        importlib.import_module(name)

    def below(kind: Any) -> Iterator[Any]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    own = {
        kind.__qualname__: kind for kind in below(base) if kind.__module__.startswith("bartizan")
    }
    return [own[name] for name in sorted(own)]


def sample(hint: Any) -> Any:
    """Some value of a type, with every optional field filled in."""
    origin, args = get_origin(hint), get_args(hint)
    if dataclasses.is_dataclass(hint):
        return part(hint)
    if inspect.isclass(hint) and issubclass(hint, msgspec.Struct):
        hints = get_type_hints(hint, include_extras=True)
        filled = {f.name: sample(hints[f.name]) for f in msgspec.structs.fields(hint)}
        return hint(**{**filled, **FIXED.get(hint.__name__, {})})
    if origin is Literal:
        return args[0]
    if origin is tuple:
        return (sample(args[0]),) if args[-1] is Ellipsis else tuple(sample(arg) for arg in args)
    return {"key": sample(args[1])} if origin is dict else plain(hint)


def part(hint: Any) -> Any:
    """Some value of a dataclass: a part of a record that is no record itself."""
    hints = get_type_hints(hint, include_extras=True)
    return hint(**{f.name: sample(hints[f.name]) for f in dataclasses.fields(hint)})


def plain(hint: Any) -> Any:
    """Some value of a type without parts, or of the first of several types."""
    if get_origin(hint) in (Annotated, Union, type(int | str)):
        return sample(get_args(hint)[0])
    values: dict[Any, Any] = {
        str: "word",
        int: 2,
        float: 0.5,
        bool: True,
        bytes: b"raw",
        date: date(2026, 1, 31),
    }
    return values[hint]


def parts(kind: Any) -> list[Any]:
    """Dataclasses among the types of a record's fields."""
    waiting, found = list(get_type_hints(kind, include_extras=True).values()), []
    while waiting:
        hint = waiting.pop()
        waiting += get_args(hint)
        if dataclasses.is_dataclass(hint):
            found.append(hint)
    return found


RECORDS = kinds(Record)
INPUTS = kinds(UserInput)


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_survives_writing_and_reading(kind: Any) -> None:
    record = sample(kind)
    raw = encode(record)
    assert decode(raw, kind=kind) == record
    assert encode(decode(raw, kind=kind)) == raw


@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_read_by_an_older_version_skips_what_it_does_not_know(kind: Any) -> None:
    raw = encode({**msgspec.to_builtins(sample(kind)), "from_a_later_version": 1})
    assert decode(raw, kind=kind) == sample(kind)


@pytest.mark.parametrize("kind", [*RECORDS, *INPUTS])
def test_records_are_frozen_and_built_by_keyword(kind: Any) -> None:
    config = kind.__struct_config__
    assert config.frozen
    assert not kind.__match_args__  # no positional fields


@pytest.mark.parametrize("kind", RECORDS)
def test_parts_of_records_are_frozen_too(kind: Any) -> None:
    for hint in parts(kind):
        assert hint.__dataclass_params__.frozen
        assert all(field.kw_only for field in dataclasses.fields(hint))


def test_there_are_records_with_parts_that_are_dataclasses() -> None:
    assert any(parts(kind) for kind in RECORDS)


def test_a_field_that_a_person_misspelt_is_refused() -> None:
    assert UserInput.__struct_config__.forbid_unknown_fields
    assert not [kind for kind in INPUTS if not kind.__struct_config__.forbid_unknown_fields]


@pytest.mark.parametrize("kind", RECORDS)
def test_top_level_records_name_their_schema_and_version(kind: Any) -> None:
    config = kind.__struct_config__
    if config.tag is not None:
        assert config.tag_field == "schema"
        name, _, version = str(config.tag).partition("/")
        assert name == kind.__name__.lower()
        assert version.isdigit()


def test_a_digest_is_the_same_in_every_process_and_version() -> None:
    schema = Schema(features=(Feature(name="amount", min=0.5),), relations=("amount <= 1",))
    assert digest(encode(schema)) == DIGEST


def test_the_order_in_which_a_mapping_was_filled_does_not_matter() -> None:
    one, other = Reach(cost=1.0), Reach(mutable=False)
    first = Attacker(name="a", money=1.0, features={"x": one, "y": other})
    second = Attacker(name="a", money=1.0, features={"y": other, "x": one})
    assert encode(first) == encode(second)


def test_bytes_that_are_no_such_record_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="expected a stored Reach record"):
        decode(b'{"cost": "much"}', kind=Reach)
    with pytest.raises(InputError, match="expected a stored Reach record"):
        decode(b"", kind=Reach)
