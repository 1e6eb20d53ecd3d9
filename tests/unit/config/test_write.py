import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bartizan.config import Config, DataSpec, ModelSpec, read_config, write_template
from bartizan.core.attacker import ACCESS_ORDER, Attacker, Reach
from bartizan.core.groups import AuditColumn
from bartizan.core.schema import Feature, Image, Schema
from timing import within

DATA = DataSpec(name="hold out", role="test", path="holdout.csv", target="\x00 target")
SCHEMA = Schema(
    features=(
        Feature(name="amount", min=0, max=19656.53),
        Feature(name="n failed", type="integer", min=0, missing=True),
        Feature(name="grade", type="ordered", categories=("low", "high")),
        Feature(name="kind", type="categorical", categories=("a", "b")),
        Feature(name="red", type="integer", min=0, max=1, group="colour"),
        Feature(name="blue", type="integer", min=0, max=1, group="colour"),
        Feature(name="id", type="integer", identifier=True, personal=True),
        Feature(name="version", min=3, max=3),
    )
)
ATTACKER = Attacker(
    name="anyone",
    protected=("fraud",),
    norm="Linf",
    eps=0.1,
    features={"id": Reach(mutable=False), "version": Reach(mutable=False)},
)


def template(
    schema: Schema = SCHEMA,
    *,
    warnings: tuple[str, ...] = (),
    attackers: tuple[Attacker, ...] = (ATTACKER,),
    model: ModelSpec | None = None,
    data: DataSpec = DATA,
    audits: tuple[AuditColumn, ...] = (),
) -> str:
    return write_template(
        project="demo",
        models=() if model is None else (model,),
        data=data,
        schema=schema,
        warnings=warnings,
        attackers=attackers,
        audits=audits,
    )


# Names as data brings them, and names made to break the file.
NAMES = st.one_of(
    st.sampled_from(
        ["", " ", "a.b", 'say "x"', "it's", "[x]", "a\nmutable = true", "#", "é", "=1"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
CLASSES = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
PLAIN_NAMES = st.text("abcXYZ 019._-é", min_size=1, max_size=8)


@st.composite
def features(draw: st.DrawFn, name: str, group: str | None) -> Feature:
    kind = draw(st.sampled_from(["number", "integer", "ordered", "categorical"]))
    coded = kind in ("ordered", "categorical")
    low, high = sorted((draw(FINITE), draw(FINITE)))
    facts = {fact: draw(st.booleans()) for fact in ("missing", "personal", "identifier")}
    return Feature(
        name=name,
        type=kind,  # type: ignore[arg-type]  # one of the list above
        min=low if not coded and draw(st.booleans()) else None,
        max=high if not coded and draw(st.booleans()) else None,
        categories=tuple(draw(st.lists(NAMES, unique=True, min_size=1, max_size=3)))
        if coded
        else (),
        group=group,
        **facts,
    )


@st.composite
def schemas(draw: st.DrawFn) -> Schema:
    names = draw(st.lists(NAMES, unique=True, max_size=6))
    grouped = draw(st.sampled_from([0, 2, 3])) if len(names) >= 3 else 0
    group = draw(NAMES.filter(lambda name: name and name not in names))
    columns = [
        draw(features(name, group if position < grouped else None))
        for position, name in enumerate(draw(st.permutations(names)))
    ]
    quotable = [name for name in names if name and "`" not in name]
    rules = [f"`{quotable[0]}` <= 3 * `{quotable[-1]}`"] if quotable else []
    return Schema(features=tuple(columns), relations=tuple(rules if draw(st.booleans()) else []))


@st.composite
def reaches(draw: st.DrawFn, *, numeric: bool) -> Reach:
    if draw(st.booleans()):
        return Reach(mutable=False)
    direction = draw(st.sampled_from(["any", "up", "down"])) if numeric else "any"
    cost = draw(st.none() | st.floats(0, 1e12))
    return Reach(direction=direction, cost=cost)  # type: ignore[arg-type]  # of the list above


@st.composite
def attackers(draw: st.DrawFn, schema: Schema, name: str) -> Attacker:
    told: dict[str, Reach] = {}
    for feature in schema.features:
        numeric = feature.group is None and feature.type != "categorical"
        moved = feature.name if feature.group is None else feature.group
        reach = draw(reaches(numeric=numeric))
        if reach != Reach():
            told[moved] = reach
    fixed = {f.name if f.group is None else f.group for f in schema.features if f.identifier}
    money = draw(st.none() | st.floats(1e-6, 1e9))
    return Attacker(
        name=name,
        access=draw(st.sampled_from(ACCESS_ORDER)),
        goal=draw(CLASSES.filter(lambda goal: goal != "x")),
        protected=tuple(draw(st.sampled_from([(), ("x",), ("x", "y")]))),
        norm=draw(st.sampled_from(["L1", "L2", "Linf"])) if money is None else None,
        eps=draw(st.floats(1e-6, 1e6)) if money is None else None,
        money=money,
        categories=draw(st.integers(0, 9)),
        queries=draw(st.none() | st.integers(1, 10**9)),
        features=told | {name: Reach(mutable=False) for name in fixed},
    )


@dataclass(frozen=True)
class Case:
    schema: Schema
    attackers: tuple[Attacker, ...]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    schema = draw(schemas())
    names = draw(st.lists(PLAIN_NAMES, unique=True, max_size=2))
    return Case(schema, tuple(draw(attackers(schema, name)) for name in names))


@given(case=cases(), warnings=st.lists(NAMES, max_size=3), owner=PLAIN_NAMES)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_reads_back_the_same(
    case: Case, warnings: list[str], owner: str, read: Callable[[str], Config]
) -> None:
    data = DataSpec(name=owner, role="test", path="d.csv", target="no\x00column")
    config = read(
        template(case.schema, attackers=case.attackers, data=data, warnings=tuple(warnings))
    )
    assert config.schema_for(owner) == case.schema
    assert config.attackers() == case.attackers


def test_the_model_and_the_data_read_back_the_same(read: Callable[[str], Config]) -> None:
    model = ModelSpec(
        name="m",
        path='C:\\models\\"x".onnx',
        classes=("no", 1),
        threshold=0.3,
    )
    data = DataSpec(
        name="d", role="train", path="ü.csv", target="y", source="a\n[fake]\n", header=False
    )
    config = read(template(model=model, data=data, attackers=()))
    assert config.model == (model,)
    assert config.data == (data,)


def test_an_assumed_attacker_is_declared_once_it_is_written(read: Callable[[str], Config]) -> None:
    assumed = Attacker(name="anyone", norm="Linf", eps=0.1, standing="assumed")
    (attacker,) = read(template(attackers=(assumed,))).attackers()
    assert attacker.standing == "declared"


def test_images_have_no_features_and_their_attacker_reads_back_the_same(
    read: Callable[[str], Config],
) -> None:
    schema = Schema(image=Image(height=4, width=4, channels=3))
    attacker = Attacker(name="anyone", access="gradients", norm="Linf", eps=8 / 255, categories=0)
    text = template(schema, attackers=(attacker,), warnings=("values run from 0 to 16",))
    config = read(text)
    assert config.schema == {}
    assert config.attackers() == (attacker,)
    assert "# Note: values run from 0 to 16\n" in text
    assert "from dark to bright" in text
    assert "attacker.feature" not in text


def block(text: str, header: str) -> str:
    """The lines of one table, with the comments directly above it."""
    return next(part for part in text.split("\n\n") if f"\n{header}" in f"\n{part}")


@pytest.mark.parametrize(
    ("warning", "header"),
    [
        ("column 'amount' predicts the target alone: a leak?", '[schema."hold out".amount]'),
        ("`n failed` is an id", '[schema."hold out"."n failed"]'),
        ("version: holds one value only", '[schema."hold out".version]'),
    ],
)
def test_a_warning_stands_beside_the_feature_it_names(warning: str, header: str) -> None:
    text = template(warnings=(warning,))
    assert f"# Note: {warning}" in block(text, header)
    assert text.count(warning) == 1


def test_a_warning_that_names_no_feature_stands_above_them() -> None:
    text = template(warnings=("12 rows are duplicates",))
    assert text.index("12 rows are duplicates") < text.index("[schema.")


def test_a_warning_cannot_add_settings(read: Callable[[str], Config]) -> None:
    hostile = "column 'amount'\n[policy.threshold]\n\"x\" = 1"
    config = read(template(warnings=(hostile, "general\rmin = 3\u2028x")))
    assert config.policy.threshold == {}
    assert config.schema_for("hold out") == SCHEMA


def test_every_feature_of_the_attacker_is_listed_with_its_switches() -> None:
    text = template()
    assert "mutable = true\n#direction" in block(text, "[attacker.feature.amount]")
    assert "#cost" in block(text, "[attacker.feature.kind]")
    assert "direction" not in block(text, "[attacker.feature.kind]")
    assert "one choice of 2 columns" in block(text, "[attacker.feature.colour]")
    assert "attacker.feature.red" not in text
    for name in ("id", "version"):
        assert "mutable = false" in block(text, f"[attacker.feature.{name}]")
        assert "cost" not in block(text, f"[attacker.feature.{name}]")


def uncommented(text: str, *starts: str) -> str:
    """The text with the settings that begin so switched on."""
    pattern = "|".join(re.escape(start) for start in starts)
    return re.sub(rf"(?m)^#(?={pattern})", "", text)


@pytest.mark.parametrize(
    "starts",
    [
        ("[[relation]]", "data", "rule"),
        ("[[waiver]]", "finding", "owner", "reason", "expires"),
        ("[[model]]", "name", "path", "task", "classes", "threshold"),
        ("formats", "[policy.threshold]", '"'),
        ("source", "queries"),
        ("[[audit]]", "column"),
        ("direction",),
        ("cost",),
    ],
    ids=lambda starts: starts[0],
)
def test_a_setting_that_is_switched_on_is_valid(
    starts: tuple[str, ...], read: Callable[[str], Config]
) -> None:
    text = template()
    changed = uncommented(
        text.replace('["fraud"]', '["no"]'), *starts
    )  # the example's classes are no and yes
    assert changed.count("\n#") < text.count("\n#")
    read(changed)


def test_columns_of_groups_are_written_as_asked(read: Callable[[str], Config]) -> None:
    asked = (AuditColumn(column="amount", bands=(0.5, 3)), AuditColumn(column="sex", apart=True))
    assert read(template(audits=asked)).audited() == asked
    assert read(template()).audited() == ()


def test_the_budget_can_be_switched_to_money(read: Callable[[str], Config]) -> None:
    text = uncommented(template(), "money", "cost")
    text = text.replace('norm = "Linf"\neps = 0.1\n', "")
    assert read(text).attackers()[0].budget_unit == "money"


def test_the_budget_can_be_switched_to_a_distance(read: Callable[[str], Config]) -> None:
    rich = Attacker(name="rich", money=50)
    text = uncommented(template(attackers=(rich,)), "norm", "eps").replace("money = 50\n", "")
    assert read(text).attackers()[0].budget_unit == "Linf"


def test_every_commented_line_is_prose_or_a_setting() -> None:
    for line in template().splitlines():
        if line.startswith("#") and not line.startswith("# "):
            tomllib.loads(line[1:])


def test_comments_survive_an_edit_by_a_program() -> None:
    text = template()
    document = tomlkit.parse(text)
    assert tomlkit.dumps(document) == text
    document["policy"]["fail_on"] = "low"
    assert tomlkit.dumps(document) == text.replace('fail_on = "high"', 'fail_on = "low"')


def test_a_schema_without_numbers_has_no_example_of_a_rule() -> None:
    words = Schema(features=(Feature(name="kind", type="categorical", categories=("a",)),))
    assert "[[relation]]" not in template(words, attackers=())


def test_lines_fit_a_screen() -> None:
    assert max(map(len, template().splitlines())) <= 100


def test_a_thousand_columns_are_written_and_read_in_two_seconds(tmp_path: Path) -> None:
    wide = Schema(features=tuple(Feature(name=f"col {n}", min=0, max=n / 3) for n in range(1000)))
    warnings = tuple(f"column 'col {n}' is odd" for n in range(1000))
    place = tmp_path / "bartizan.toml"

    def round_trip() -> Config:
        place.write_text(template(wide, warnings=warnings), encoding="utf-8")
        return read_config(place)

    config = within(2, round_trip)
    assert config.schema_for("hold out") == wide
