"""Half of a class leaves only where a person named the detectors that point at it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bartizan.adapt.rows.file import read_rows
from bartizan.adapt.table import load_dataset
from bartizan.core.errors import UsageError
from bartizan.data.cleaning.cleaning import Cleaning
from bartizan.data.cleaning.half_classes import require_halves_left
from bartizan.data.cleaning.suspicion import Suspicion


@pytest.fixture
def cleaning(tmp_path: Path) -> Cleaning:
    """Six rows of one class and four of the other, of which half are flagged; one by two."""
    path = tmp_path / "t.csv"
    path.write_text("a,y\n" + "".join(f"{row},{'no' if row < 6 else 'yes'}\n" for row in range(10)))
    rows = (0, 1, 6, 7)
    return Cleaning(
        source=read_rows(path, target="y"),
        file=path,
        digest="",
        data=load_dataset(path, target="y").dataset,
        target="y",
        header=True,
        suspicion=Suspicion(
            rows=np.array(rows),
            detectors=(("one",), ("one",), ("one", "two"), ("two",)),
            p=np.full(4, 0.01),
            suggested=("",) * 4,
        ),
    )


@pytest.mark.parametrize("named", [(), ("other",)])
def test_half_of_a_class_stays_where_nobody_named_who_doubts_it(
    cleaning: Cleaning, named: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match="2 of 4 rows of class 'yes' are flagged; where half"):
        require_halves_left(cleaning, named=named)


@pytest.mark.parametrize("named", [("two",), ("one",)])
def test_rows_of_a_named_detector_may_leave(cleaning: Cleaning, named: tuple[str, ...]) -> None:
    require_halves_left(cleaning, named=named)


def test_rows_that_stay_with_an_approved_label_do_not_count(cleaning: Cleaning) -> None:
    require_halves_left(replace(cleaning, approved={7: "no"}), named=())
    require_halves_left(replace(cleaning, suggestions="sha256:x"), named=())
