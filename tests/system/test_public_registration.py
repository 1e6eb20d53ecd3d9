"""Half a million public rows are registered, verified and shown in seconds."""

import os
from pathlib import Path

import polars as pl
import pytest

from bartizan.adapt.batches.reading import Batches, open_batches
from bartizan.core.evidence import Place
from bartizan.core.fact import Registered
from bartizan.core.schema import Schema
from bartizan.data.register.change import RowsDifferError
from bartizan.data.register.registration import Register
from bartizan.data.register.row_proof import verify_row
from timing import within

DATA = Path(os.environ.get("BARTIZAN_DATA", "no such folder"))
KDD99 = DATA / "kddcup99" / "kddcup.data_10_percent.gz"
ROWS = 494_021
LIMIT_S = 10.0
"""CPU seconds to register: what was promised; 8 are needed on a slow core."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.data,
    pytest.mark.skipif(
        not KDD99.exists(), reason=f"KDD99 is not in {DATA}; set BARTIZAN_DATA to its folder"
    ),
]


def kdd99(schema: Schema | None = None) -> Batches:
    return open_batches(KDD99, has_header=False, target="c41", schema=schema)


def test_kdd99_is_registered_in_time_and_a_tampered_row_is_named(tmp_path: Path) -> None:
    places = (tmp_path / name for name in "abc")

    def registered() -> tuple[Path, Register, Registered]:
        place = next(places)
        register = Register(place, log=lambda _: Place(origin="o", index=0, leaf="l"))
        return place, register, register.add("kdd99", kdd99(), source="UCI").fact

    place, register, fact = within(LIMIT_S, registered)
    assert fact.rows == ROWS
    stored = sum(one.stat().st_size for one in (place / "kdd99" / "1").iterdir())
    assert stored < 61 * ROWS  # 60 bytes a row are promised, beside some kB
    schema = register.version("kdd99").kept.columns
    proof = register.row_proof("kdd99", kdd99(schema), row=400_000)
    assert verify_row(proof, fact=fact)["c41"] == "smurf."
    rows = pl.concat([batch.raw for batch in kdd99(schema)])
    assert rows["c4"][400_000] == "520"
    tampered = rows.with_columns(
        c4=pl.when(pl.int_range(ROWS) == 400_000).then(pl.lit("521")).otherwise("c4")
    )
    with pytest.raises(RowsDifferError, match=r"row ids 400000\)") as caught:
        register.verify("kdd99", open_batches(tampered, target="c41", schema=schema))
    assert caught.value.difference.weight == 1
