"""Schemas of pandera as our own: what has a counterpart is taken over, the rest is listed."""

from dataclasses import dataclass, field
from typing import Any

from bartizan.adapt.factory import named_object
from bartizan.adapt.tables.pandera_checks import Demands, demands_of
from bartizan.core.errors import MissingExtraError, SchemaError
from bartizan.core.schema import Feature, FeatureType, Schema


@dataclass(frozen=True, kw_only=True)
class ForeignSchema:
    """A schema that somebody wrote for another library."""

    schema: Schema
    """The target is none of its features."""
    unique: tuple[tuple[str, ...], ...]
    """Columns whose values, taken together, occur once: for `Rules.unique`."""
    untaken: tuple[str, ...]
    """What has no counterpart, one sentence each, beginning with "not taken over:". Nothing
    checks it: keep on validating with pandera where it matters."""


@dataclass
class _Reading:
    """What was gathered so far."""

    target: str | None
    features: list[Feature] = field(default_factory=list)
    unique: list[tuple[str, ...]] = field(default_factory=list)
    untaken: list[str] = field(default_factory=list)

    def leave(self, what: str) -> None:
        self.untaken.append(f"not taken over: {what}")


def read_pandera(source: Any, *, target: str | None = None, directory: str = ".") -> ForeignSchema:
    """Read a schema of pandera.

    Args:
        source: A `DataFrameSchema` or a `DataFrameModel` of `pandera.pandas` or `pandera.polars`,
            or ``module:name`` of one. The module is imported, so its code runs: name only what
            you would run.
        target: The column of labels; it becomes no feature.
        directory: Where the module may lie besides the installed packages.

    Returns:
        The schema, the columns that must be unique, and what was not taken over.

    Raises:
        MissingExtraError: pandera is not installed.
        SchemaError: this is no such schema, or it contradicts itself.
        UsageError: there is no such module or name.
        ModelError: the module raised when it was imported.
    """
    if isinstance(source, str):
        if ":" not in source:
            message = (
                f"expected module:name of a pandera schema, got {source!r}; YAML files are not "
                "read: load them with pandera.io.from_yaml and name the result"
            )
            raise SchemaError(message)
        source = named_object(source, directory=directory)
    found = _schema_object(source)
    reading = _Reading(target)
    for name, column in found.columns.items():
        _column(reading, str(name), column=column, fallback=found.dtype)
    _table(reading, found)
    return ForeignSchema(
        schema=Schema(features=tuple(reading.features)),
        unique=tuple(dict.fromkeys(reading.unique)),
        untaken=tuple(reading.untaken),
    )


def _schema_object(given: Any) -> Any:
    """The `DataFrameSchema` itself."""
    try:
        from pandera.api.dataframe.container import DataFrameSchema  # noqa: PLC0415 (an extra)
        from pandera.api.dataframe.model import DataFrameModel  # noqa: PLC0415 (the same)
    except ImportError as error:
        message = "reading a pandera schema needs pandera; install bartizan[pandera]"
        raise MissingExtraError(message) from error
    source = given
    if isinstance(given, type) and issubclass(given, DataFrameModel):
        try:
            source = getattr(given, "to_schema")()  # noqa: B009 (untyped: pandera is not followed)
        except Exception as error:  # pandera raises many kinds on odd models
            message = f"the pandera model {given.__name__} makes no schema: {error}"
            raise SchemaError(message) from error
    if not isinstance(source, DataFrameSchema):
        message = (
            "expected a DataFrameSchema or DataFrameModel of pandera.pandas or pandera.polars, "
            f"got {type(source).__name__}"
        )
        raise SchemaError(message)
    return source


def _column(reading: _Reading, name: str, *, column: Any, fallback: Any) -> None:
    """Take over one column, and list what of it has no counterpart."""
    if getattr(column, "regex", False):
        reading.leave(f"columns that match {name!r}; name each")
        return
    if column.unique:
        reading.unique.append((name,))
    demands = demands_of(column.checks)
    for what in (*demands.untaken, *_conversions(column)):
        reading.leave(f"column {name!r}: {what}")
    if name == reading.target:
        if demands.any:
            reading.leave(f"column {name!r}: its limits; it is the target, whose classes are known")
        return
    kind, categories = _kind(column.dtype if column.dtype is not None else fallback, demands)
    if kind is None:
        why = f"its type {column.dtype}; list its values with isin, or leave it out of the model"
        reading.leave(f"column {name!r}: {why}")
        return
    if not column.required:
        reading.leave(f"column {name!r}: that it may be absent; its values may be missing instead")
    made = _feature(reading, name, column=column, kind=kind, demands=demands, categories=categories)
    reading.features.append(made)


def _feature(
    reading: _Reading,
    name: str,
    *,
    column: Any,
    kind: FeatureType,
    demands: Demands,
    categories: tuple[str, ...],
) -> Feature:
    whole = kind in ("number", "integer")
    low, high = demands.limits(whole=kind == "integer") if whole else (None, None)
    if not whole and demands.bounded:
        reading.leave(f"column {name!r}: limits of values that are no numbers")
    if whole and demands.gaps:
        reading.leave(f"column {name!r}: which numbers isin lists; only the smallest and largest")
    missing = bool(column.nullable) or not column.required
    return Feature(name=name, type=kind, min=low, max=high, categories=categories, missing=missing)


def _kind(dtype: Any, demands: Demands) -> tuple[FeatureType | None, tuple[str, ...]]:
    """The type of a feature and its categories; none where it has no counterpart."""
    from pandera import dtypes  # noqa: PLC0415 (an extra)

    numbers: FeatureType | None = None
    if dtype is None:
        return None, ()
    if dtypes.is_bool(dtype):
        return "categorical", demands.among(("false", "true"))
    if dtypes.is_int(dtype) or dtypes.is_uint(dtype):
        numbers = "integer"
    elif dtypes.is_float(dtype) or isinstance(dtype, dtypes.Decimal):
        numbers = "number"
    return (numbers, ()) if numbers is not None else _choices(dtype, demands)


def _choices(dtype: Any, demands: Demands) -> tuple[FeatureType | None, tuple[str, ...]]:
    """The same for types that are no numbers."""
    from pandera import dtypes  # noqa: PLC0415 (an extra)

    own = getattr(dtype, "categories", None)
    if own is not None:
        allowed = demands.among(tuple(str(one) for one in own))
        return ("ordered" if getattr(dtype, "ordered", False) else "categorical"), allowed
    if demands.allowed and (dtypes.is_string(dtype) or dtypes.is_category(dtype)):
        return "categorical", demands.allowed
    return None, ()


def _conversions(column: Any) -> list[str]:
    """What pandera would change about the values before it looks at them."""
    said = []
    if getattr(column, "coerce", False):
        said.append("that values are converted to the type (coerce)")
    if getattr(column, "default", None) is not None:
        said.append("a default for missing values")
    if getattr(column, "parsers", None):
        said.append("its parsers")
    if getattr(column, "drop_invalid_rows", False):
        said.append("that invalid rows are dropped")
    return said


def _table(reading: _Reading, schema: Any) -> None:
    """Demands on the table as a whole."""
    if schema.unique:
        reading.unique.append(tuple(str(name) for name in schema.unique))
    said = [f"the check {_named(check)} of the whole table" for check in schema.checks]
    if schema.strict:
        said.append("that other columns are refused or dropped (strict)")
    if schema.ordered:
        said.append("the order of the columns")
    if getattr(schema, "add_missing_columns", False):
        said.append("that absent columns are added")
    if getattr(schema, "index", None) is not None:
        said.append("demands on the index, which files do not have; make it a column")
    for what in (*said, *_conversions(schema)):
        reading.leave(what)


def _named(check: Any) -> str:
    return repr(str(check.error or check.name or "without a name"))
