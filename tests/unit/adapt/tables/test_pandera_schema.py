import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bartizan.adapt.tables.pandera_schema import ForeignSchema, read_pandera
from bartizan.core.errors import MissingExtraError, ModelError, SchemaError, UsageError
from bartizan.core.schema import Feature

pytest.importorskip("pandera", reason="needs the extra pandera")

import pandas as pd
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl

BOTH = pytest.mark.parametrize("lib", [pa, pp], ids=["pandas", "polars"])


def read(lib: Any, columns: dict[str, Any], **more: Any) -> ForeignSchema:
    return read_pandera(lib.DataFrameSchema(columns, **more))


def feature(lib: Any, column: Any) -> Feature:
    found = read(lib, {"a": column})
    assert found.untaken == ()
    return found.schema.features[0]


@BOTH
def test_types_become_types(lib: Any) -> None:
    found = read(lib, {"i": lib.Column(int), "f": lib.Column(float), "b": lib.Column(bool)})
    assert [one.type for one in found.schema.features] == ["integer", "number", "categorical"]
    assert found.schema.features[2].categories == ("false", "true")
    assert found.untaken == ()
    assert found.unique == ()


@BOTH
@pytest.mark.parametrize(
    ("check", "limits"),
    [
        (lambda c: c.ge(1), (1, None)),
        (lambda c: c.gt(1), (np.nextafter(1, 2), None)),
        (lambda c: c.le(1), (None, 1)),
        (lambda c: c.lt(1), (None, np.nextafter(1, 0))),
        (lambda c: c.in_range(0, 1), (0, 1)),
        (lambda c: c.in_range(0, 1, include_max=False), (0, np.nextafter(1, 0))),
        (
            lambda c: [c.ge(0), c.ge(2), c.gt(2), c.le(9), c.lt(8)],
            (math.nextafter(2, 3), math.nextafter(8, 7)),
        ),
    ],
)
def test_limits_of_numbers_are_taken_exactly(lib: Any, check: Any, limits: Any) -> None:
    one = feature(lib, lib.Column(float, check(lib.Check)))
    assert (one.min, one.max) == limits


@BOTH
def test_limits_of_whole_numbers_are_whole(lib: Any) -> None:
    one = feature(lib, lib.Column(int, [lib.Check.gt(1), lib.Check.lt(5)]))
    assert (one.type, one.min, one.max) == ("integer", 2, 4)
    one = feature(lib, lib.Column(int, lib.Check.isin([3, 1, 2])))
    assert (one.min, one.max) == (1, 3)


@BOTH
def test_texts_take_their_categories_from_isin(lib: Any) -> None:
    one = feature(lib, lib.Column(str, lib.Check.isin(["x", "y"]), nullable=True))
    assert (one.type, one.categories, one.missing) == ("categorical", ("x", "y"), True)
    two = feature(lib, lib.Column(str, [lib.Check.isin(["x", "y"]), lib.Check.equal_to("y")]))
    assert two.categories == ("y",)


def test_categories_of_types_are_taken() -> None:
    grades = feature(pa, pa.Column(pa.Category(["low", "high"], ordered=True)))
    assert (grades.type, grades.categories) == ("ordered", ("low", "high"))
    enum = feature(pp, pp.Column(pl.Enum(["k", "l"])))
    assert (enum.type, enum.categories) == ("categorical", ("k", "l"))
    whole = feature(pa, pa.Column(pd.Int64Dtype()))
    assert whole.type == "integer"


@BOTH
def test_uniqueness_becomes_rules(lib: Any) -> None:
    columns = {"a": lib.Column(int, unique=True), "b": lib.Column(int)}
    found = read(lib, columns, unique=["a", "b"])
    assert found.unique == (("a",), ("a", "b"))
    assert found.untaken == ()


@BOTH
@pytest.mark.parametrize(
    ("column", "word"),
    [
        (lambda p: p.Column(int, p.Check(lambda s: s, name="even")), "'even'"),
        (lambda p: p.Column(int, p.Check(lambda s: s, name="isin")), "'isin'"),
        (lambda p: p.Column(int, p.Check.ge(0, raise_warning=True)), "greater_than_or_equal_to"),
        (lambda p: p.Column(int, p.Check.notin([3])), "notin"),
        (lambda p: p.Column(int, p.Check.isin([1, 5])), "which numbers isin lists"),
        (lambda p: p.Column(int, required=False), "absent"),
        (lambda p: p.Column(int, coerce=True), "coerce"),
        (lambda p: p.Column(int, default=3), "default"),
        (lambda p: p.Column(str, p.Check.str_matches("^a")), "str_matches"),
        (lambda p: p.Column(str), "its type"),
        (lambda p: p.Column("datetime64[ns]" if p is pa else pl.Datetime), "its type"),
        (lambda p: p.Column(), "its type"),
    ],
)
def test_what_has_no_counterpart_is_listed(lib: Any, column: Any, word: str) -> None:
    found = read(lib, {"a": column(lib)})
    assert any(word in one for one in found.untaken)
    assert all(one.startswith("not taken over: ") for one in found.untaken)


@BOTH
@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"strict": True}, "strict"),
        ({"ordered": True}, "order of the columns"),
        ({"coerce": True}, "coerce"),
        ({"drop_invalid_rows": True}, "dropped"),
    ],
)
def test_demands_on_the_table_are_listed(lib: Any, more: dict[str, Any], word: str) -> None:
    found = read(lib, {"a": lib.Column(int)}, **more)
    assert any(word in one for one in found.untaken)


def test_checks_of_the_table_indexes_patterns_and_parsers_are_listed() -> None:
    found = read(
        pa,
        {"v.*": pa.Column(float, regex=True), "a": pa.Column(int, parsers=pa.Parser(abs))},
        checks=pa.Check(lambda d: d["a"] > 0, error="a is positive"),
        index=pa.Index(int),
    )
    text = "\n".join(found.untaken)
    for word in ("'v.*'", "parsers", "a is positive", "index"):
        assert word in text
    assert found.schema.names == ("a",)


def test_models_of_both_backends_are_read() -> None:
    class Wide(pa.DataFrameModel):  # type: ignore[misc]  # pandera is not followed
        age: int = pa.Field(ge=0, le=120)

    class Narrow(pp.DataFrameModel):  # type: ignore[misc]  # the same
        age: int = pp.Field(ge=0, le=120, nullable=True)

    assert read_pandera(Wide).schema.features == (
        Feature(name="age", type="integer", min=0, max=120),
    )
    assert read_pandera(Narrow).schema.features[0].missing


def test_the_target_is_no_feature() -> None:
    columns = {"a": pa.Column(int), "y": pa.Column(str, pa.Check.isin(["no", "yes"]))}
    found = read_pandera(pa.DataFrameSchema(columns), target="y")
    assert found.schema.names == ("a",)
    assert "it is the target" in found.untaken[0]


def test_a_schema_is_named_by_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    text = "import pandera.polars as pa\nrows = pa.DataFrameSchema({'a': pa.Column(int)})\n"
    (tmp_path / "named_by_module.py").write_text(text)
    found = read_pandera("named_by_module:rows", directory=str(tmp_path))
    assert found.schema.names == ("a",)
    with pytest.raises(UsageError, match="did you mean 'rows'"):
        read_pandera("named_by_module:row", directory=str(tmp_path))
    (tmp_path / "raises_on_import.py").write_text("1 / 0\n")
    with pytest.raises(ModelError, match="ZeroDivisionError"):
        read_pandera("raises_on_import:rows", directory=str(tmp_path))


@pytest.mark.parametrize("source", [{"a": int}, 3, None, pa.Column(int), int])
def test_other_things_are_refused(source: Any) -> None:
    with pytest.raises(SchemaError, match="expected a DataFrameSchema"):
        read_pandera(source)


def test_files_are_refused_with_advice() -> None:
    with pytest.raises(SchemaError, match="from_yaml"):
        read_pandera("schema.yaml")


@BOTH
def test_contradictions_are_refused(lib: Any) -> None:
    with pytest.raises(SchemaError, match="above max"):
        read(lib, {"a": lib.Column(float, [lib.Check.ge(5), lib.Check.le(1)])})
    with pytest.raises(SchemaError, match="no value at all"):
        read(lib, {"a": lib.Column(str, [lib.Check.isin(["x"]), lib.Check.isin(["y"])])})


def test_without_pandera_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandera.api.dataframe.container", None)
    with pytest.raises(MissingExtraError, match=r"bartizan\[pandera\]"):
        read_pandera(pa.DataFrameSchema({}))
