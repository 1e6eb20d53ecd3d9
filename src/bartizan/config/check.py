"""Types and keys of the project file against its records, told in a person's words."""

import math
import re
from datetime import date, datetime
from typing import Any, TypeAlias

from msgspec import inspect

from bartizan.config.position import Path
from bartizan.config.source import Source
from bartizan.core.nearest import nearest

Number: TypeAlias = inspect.IntType | inspect.FloatType

_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SHOWN = 40
"""Characters of a wrong text that a message repeats."""


def check(value: Any, kind: inspect.Type, *, path: Path, source: Source) -> None:
    """Refuse the first value that is not of its kind.

    The records would refuse it too, but without its full path and in the words of the decoder.

    Args:
        value: What the file has at `path`.
        kind: What the record wants there.
        path: Where, for the message.
        source: The file, for the message.

    Raises:
        ConfigError: names the line, the key, what was expected, and what was got.
    """
    kind = _bare(kind)
    match kind:
        case inspect.StructType() if isinstance(value, dict):
            _check_table(value, kind, path=path, source=source)
        case inspect.DictType() if isinstance(value, dict):
            for name, item in value.items():
                check(item, kind.value_type, path=(*path, name), source=source)
        case inspect.VarTupleType() if isinstance(value, list):
            for position, item in enumerate(value):
                check(item, kind.item_type, path=(*path, position), source=source)
        case _ if not _fits(value, kind):
            why = f"expected {_expected(kind)}, got {_got(value)}{_hint(value, kind, path=path)}"
            source.refuse(path, why)


def _check_table(
    table: dict[str, Any], kind: inspect.StructType, *, path: Path, source: Source
) -> None:
    fields = {field.encode_name: field for field in kind.fields}
    for name, value in table.items():
        if name not in fields:
            why = "unknown key" + nearest(name, fields)
            if isinstance(value, dict) and path:
                why += f'; a name with a dot needs quotes: "{path[-1]}.{name}"'
            source.refuse((*path, name), why)
        check(value, fields[name].type, path=(*path, name), source=source)
    for name, field in fields.items():
        if field.required and name not in table:
            source.refuse((*path, name), f"missing; expected {_expected(_bare(field.type))}")


def _bare(kind: inspect.Type) -> inspect.Type:
    """A kind without its `| None`, which TOML cannot write."""
    if isinstance(kind, inspect.UnionType):
        kinds = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        return kinds[0] if len(kinds) == 1 else inspect.UnionType(tuple(kinds))
    return kind


def _fits(value: Any, kind: inspect.Type) -> bool:
    """Whether a value that is no table and no list is of its kind."""
    fits = False
    match kind:
        case inspect.Metadata():
            fits = _fits(value, kind.type)
        case inspect.UnionType():
            fits = any(_fits(value, one) for one in kind.types)
        case inspect.LiteralType():
            fits = isinstance(value, str) and value in kind.values
        case inspect.BoolType():
            fits = isinstance(value, bool)
        case inspect.StrType():
            fits = isinstance(value, str) and _is_text(value, kind)
        case inspect.DateType():
            fits = _is_date(value)
        case inspect.IntType() | inspect.FloatType():
            fits = _is_number(value, kind)
    return fits


def _is_text(value: str, kind: inspect.StrType) -> bool:
    if len(value) < (kind.min_length or 0):
        return False
    return kind.pattern is None or re.fullmatch(kind.pattern, value) is not None


def _is_date(value: Any) -> bool:
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
        return True
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_number(value: Any, kind: Number) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(kind, inspect.IntType) and not isinstance(value, int):
        return False
    try:
        finite = math.isfinite(value)
    except OverflowError:  # a whole number too large for a float
        return False
    return (
        finite
        and (kind.ge is None or value >= kind.ge)
        and (kind.gt is None or value > kind.gt)
        and (kind.le is None or value <= kind.le)
    )


def _expected(kind: inspect.Type) -> str:
    match kind:
        case inspect.Metadata():
            return str((kind.extra_json_schema or {}).get("description") or _expected(kind.type))
        case inspect.UnionType():
            return " or ".join(_expected(one) for one in kind.types)
        case inspect.LiteralType():
            return ("one of " if len(kind.values) > 1 else "") + ", ".join(map(repr, kind.values))
        case inspect.IntType() | inspect.FloatType():
            return _expected_number(kind)
        case inspect.StrType():
            return "text that is not empty" if kind.min_length else "text"
    return _WORDS.get(type(kind), "something else")


_WORDS: dict[type[inspect.Type], str] = {
    inspect.BoolType: "true or false",
    inspect.DateType: "a date such as 2027-01-31",
    inspect.VarTupleType: "a list",
    inspect.DictType: "a table",
    inspect.StructType: "a table",
}


def _expected_number(kind: Number) -> str:
    what = "a whole number" if isinstance(kind, inspect.IntType) else "a finite number"
    bounds = ((">", kind.gt), (">=", kind.ge), ("<=", kind.le))
    told = " and ".join(f"{sign} {bound}" for sign, bound in bounds if bound is not None)
    return f"{what} {told}".rstrip()


def _got(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case dict():
            return "a table"
        case list():
            return "a list"
        case str():
            return f"the text {value[:_SHOWN]!r}" + ("..." if len(value) > _SHOWN else "")
    return str(value)


def _hint(value: Any, kind: inspect.Type, *, path: Path) -> str:
    """What to do, where the mistake is a usual one."""
    match kind:
        case inspect.LiteralType() if isinstance(value, str):
            near = nearest(value.lower(), map(str, kind.values))
            return near if "did you mean" in near else ""
        case inspect.VarTupleType() if isinstance(value, dict) and len(path) == 1:
            return f"; write [[{path[0]}]], with two brackets"
        case inspect.StructType() if isinstance(value, list) and len(path) == 1:
            return f"; write [{path[0]}], with one bracket"
        case inspect.FloatType() if isinstance(value, dict):
            return '; a name with a dot needs quotes, as in "evasion.coordinate" = 0.2'
    bounded = any(getattr(kind, name, None) is not None for name in ("le", "lt"))
    if isinstance(value, float) and not math.isfinite(value) and not bounded:
        return "; leave the key out for no limit"
    return ""
