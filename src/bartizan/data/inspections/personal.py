"""The inspection of personal data that nobody declared: found by pattern, never shown."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from bartizan.adapt.batches.batch import Batch
from bartizan.core.entry import FLAGGED, CheckResult, ControlResult, Entry
from bartizan.core.finding import SEVERITIES, Flagged, Measure, Taxonomy
from bartizan.data.inspection import Brief
from bartizan.data.inspections.planting import looked
from bartizan.detect.personal import Sighting, placed, sightings
from bartizan.detect.personal_kinds import CERTAIN, KEYS, LINKS, MAIL, Kind

_SECRETS = (KEYS, LINKS)
"""Kinds that a declaration as personal does not excuse."""
_LONG = 10_000
"""Characters of a value that are kept in the sample; longer ones are looked at so far."""

_PLANTED = 32
"""Numbers of a control: among 32 random ones, 3 pass the check digit."""


@dataclass(frozen=True)
class Params:
    """How much is looked at."""

    sample: int = 2048
    """Distinct values of a column that are looked at for kinds that need several. The share of a
    kind among them has a standard error of 1 % at most."""


class Personal:
    """Keeps a uniform sample of the distinct values of each column: those of smallest hash.

    Memory is that sample, and does not grow with the rows.
    """

    def __init__(self, brief: Brief, *, params: Params, seed: int) -> None:
        self._known = {one.name for one in brief.schema.features if one.personal}
        self._size, self._seed = params.sample, seed
        self._rows = 0
        self._samples: dict[str, pl.DataFrame] = {}
        self._certain: dict[str, dict[str, int]] = {}
        self._cells: dict[str, int] = {}

    def see(self, batch: Batch) -> None:
        """Look at the next rows."""
        self._rows += batch.rows
        for name in batch.raw.columns:
            column = _text(batch.raw[name])
            if column is not None:
                self._keep(name, column)
                self._scan(name, column)

    def _keep(self, name: str, column: pl.Series) -> None:
        """Take values of the smallest hashes into the sample."""
        fresh = pl.DataFrame({"hash": column.hash(self._seed), "value": column})
        known = self._samples.get(name)
        if known is not None and known.height == self._size:
            fresh = fresh.filter(pl.col("hash") < known["hash"][-1])
        fresh = fresh.unique("hash").filter(pl.col("value").is_not_null())
        if fresh.height:
            wide = pl.col("value").cast(pl.String).str.slice(0, _LONG)
            fresh = fresh.bottom_k(self._size, by="hash").with_columns(wide)
            both = fresh if known is None else pl.concat([known, fresh]).unique("hash")
            self._samples[name] = both.sort("hash").head(self._size)

    def _scan(self, name: str, column: pl.Series) -> None:
        """Count cells that hold what one case of is enough."""
        if column.dtype != pl.String:
            return
        self._cells[name] = self._cells.get(name, 0) + len(column) - column.null_count()
        longest = column.str.len_bytes().max()
        text = ""
        for kind, signs, least in CERTAIN:
            if not isinstance(longest, int) or longest < least:
                continue
            text = text or "\n".join(column.str.join("\n").to_list())
            if any(sign in text for sign in signs):
                count = column.str.contains(kind.shape.pattern).sum()
                seen = self._certain.setdefault(name, {})
                seen[kind.name] = seen.get(kind.name, 0) + int(count or 0)

    def found(self) -> dict[str, list[Sighting]]:
        """What each column holds."""
        samples = {name: frame["value"].to_list() for name, frame in self._samples.items()}
        pairs = placed(samples)
        found: dict[str, list[Sighting]] = {}
        for name, values in samples.items():
            sure = [
                Sighting(kind, count, self._cells[name])
                for kind, *_ in CERTAIN
                if (count := self._certain.get(name, {}).get(kind.name, 0))
            ]
            more = sightings(name, values) + ([pairs[name]] if name in pairs else [])
            if sure or more:
                found[name] = [*sure, *more]
        return found

    def result(self) -> CheckResult:
        """The share of columns that hold personal data which the schema does not declare."""
        found = self.found()
        new = {name: _undeclared(seen, known=name in self._known) for name, seen in found.items()}
        new = {name: seen for name, seen in new.items() if seen}
        flagged = [_flag(name, one) for name, seen in new.items() for one in _once(seen)]
        worst = [one.kind.harm for seen in new.values() for one in seen]
        columns = len(self._samples)
        return CheckResult(
            measures=(
                _measure("undeclared-personal-columns", len(new), columns),
                _measure("declared-personal-columns", len(self._known & set(found)), columns),
            ),
            severity=max(worst, key=SEVERITIES.index, default="low"),
            flagged=tuple(flagged[:FLAGGED]),
            remarks=self._remarks(found, new),
        )

    def _remarks(self, found: Iterable[str], new: Iterable[str]) -> tuple[str, ...]:
        told = []
        declared = sorted(self._known & set(found))
        if declared:
            told.append(
                f"Declared personal, and found so: {', '.join(declared)}. Leave out what the model "
                "does not need, and put keyed pseudonyms in place of what only joins tables."
            )
        if any(new):
            told.append(
                "Values are not shown. Kinds with a check digit are named where half of the "
                "numbers of their form pass it, and more than chance explains."
            )
        return tuple(told)


def _text(column: pl.Series) -> pl.Series | None:
    """A column that can hold text: as it is, as whole numbers, or as text; none for others."""
    if column.dtype == pl.String:
        return column.replace("", None)
    if column.dtype in (pl.Categorical, pl.Enum, pl.Date, pl.Datetime):
        return column.cast(pl.String)
    return column if column.dtype.is_numeric() else None


def _undeclared(seen: list[Sighting], *, known: bool) -> list[Sighting]:
    return [one for one in seen if not known or one.kind in _SECRETS]


def _once(seen: list[Sighting]) -> list[Sighting]:
    """One sighting for each name of a kind."""
    first: dict[str, Sighting] = {}
    for one in seen:
        first.setdefault(one.kind.name, one)
    return list(first.values())


def _flag(name: str, one: Sighting) -> Flagged:
    what = "cells" if _certain(one.kind) else "distinct values looked at"
    share = f"{one.share:.1%}" if one.share >= 0.001 else f"{one.hits:,}"
    return Flagged(column=name, why=f"{one.kind.name} in {share} of {one.values:,} {what}")


def _certain(kind: Kind) -> bool:
    return any(kind is other for other, *_ in CERTAIN)


def _measure(name: str, count: int, columns: int) -> Measure:
    if not columns:
        return Measure(name=name, value=None, why="no column holds a value that could be looked at")
    return Measure(name=name, value=count / columns, n=columns)


def applies(brief: Brief) -> str:
    """Why this has nothing to say about the data; empty where it has."""
    if brief.schema.image is not None:
        return "Rows are images; what their files say of people is looked at by data.images."
    if not brief.schema.features and brief.target is None:
        return "There is no column."
    return ""


def run(brief: Brief, *, params: Params, rng: np.random.Generator) -> Personal:
    """Look for personal data and secrets.

    Args:
        brief: Its schema says which features are declared personal.
        params: How much is looked at.
        rng: Draws the sample of distinct values.
    """
    return Personal(brief, params=params, seed=int(rng.integers(2**62)))


def control(*, brief: Brief, sample: Batch, rng: np.random.Generator) -> ControlResult:
    """Plant a column of made-up card numbers, and one e-mail address in a column of the data.

    Both must be found, and a column of random numbers of the same length must not be.
    """
    if not sample.rows:
        return ControlResult(passed=False, detail="there is no row to plant a case in")
    known = {one.name for one in brief.schema.features if one.personal}
    undeclared = [name for name in sample.raw.columns if name not in known]
    texts = [name for name in undeclared if sample.raw[name].dtype == pl.String]
    home = texts[0] if texts else "planted text"
    cells = sample.raw[home].to_list() if texts else [""] * sample.rows
    cells[int(rng.integers(sample.rows))] = "anna@" + "example.org"
    text = pl.DataFrame({home: pl.Series(cells, dtype=pl.String)})
    mails, numbers = (
        looked(run(brief, params=Params(), rng=rng), Batch(start=0, raw=raw, frame=raw)).flagged
        for raw in (text, _numbers(rng))
    )
    mail = any(one.why.startswith(MAIL.name) for one in mails)
    cards, noise = (
        any(one.column == name for one in numbers) for name in ("planted cards", "planted noise")
    )
    return ControlResult(
        passed=mail and cards and not noise,
        detail=(
            f"one planted e-mail address was {_word(mail)}, {_PLANTED} planted card numbers were "
            f"{_word(cards)}, {_PLANTED} random numbers of their length were "
            f"{'taken for some' if noise else 'left alone'}"
        ),
    )


def _numbers(rng: np.random.Generator) -> pl.DataFrame:
    """Made-up numbers of cards, and random ones of their length."""
    return pl.DataFrame(
        {
            "planted cards": [_issued(rng) for _ in range(_PLANTED)],
            "planted noise": [f"4{int(rng.integers(10**15)):015d}" for _ in range(_PLANTED)],
        }
    )


def _word(found: bool) -> str:  # noqa: FBT001 (says it)
    return "found" if found else "missed"


def _issued(rng: np.random.Generator) -> str:
    """A made-up number of a payment card: digits, and the check digit that makes it valid."""
    digits = f"4{int(rng.integers(10**14)):014d}"
    doubled = [int(d) * (2 - place % 2) for place, d in enumerate(digits)]
    total = sum(value - 9 * (value > 9) for value in doubled)
    return f"{digits}{-total % 10}"


ENTRY = Entry(
    id="data.personal",
    kind="inspection",
    title="Personal data that nobody declared",
    run=run,
    params=Params(),
    needs=(),
    control=control,
    threshold=("undeclared-personal-columns", "<=", 0.0),
    taxonomy=Taxonomy(
        atlas=("AML.T0024",),
        owasp_ml=("ML03:2023", "ML04:2023"),
        nist_ai_100_2=("Data reconstruction", "Membership inference"),
    ),
    references=(
        "Regulation (EU) 2016/679, article 5(1)(c), data minimisation",
        "ISO/IEC 7812-1, ISO 13616-1, ISO 7064, ICAO 9303: check digits",
    ),
    fix=(
        "Leave out columns that the model does not need. Put keyed pseudonyms in place of what "
        "only joins tables, revoke keys that were found, and declare the rest as personal in the "
        "schema, so that reports hide it."
    ),
)
