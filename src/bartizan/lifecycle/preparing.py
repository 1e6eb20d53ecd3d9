"""The worked example in a folder: data, models, project file."""

from collections.abc import Callable
from pathlib import Path

from bartizan.adapt import save_skops
from bartizan.config import FILE_NAME, DataSpec, ModelSpec, write_template
from bartizan.core.errors import OutputError
from bartizan.examples import card_fraud
from bartizan.examples.described import described_system
from bartizan.examples.train import KINDS, train
from bartizan.lifecycle.places import HALVES

_ROWS = 60_000
"""Purchases in the stream: some hundred frauds in the second half, and a few seconds to train."""


def prepare(folder: Path, *, seed: int, told: Callable[[str], object]) -> None:
    """Put the card-fraud example into a folder: data, models, project file.

    Args:
        folder: Made if need be; what is in it is overwritten.
        seed: Of the stream and the training.
        told: Called with what happens next, in words.

    Raises:
        OutputError: the folder cannot be written.
    """
    told("making a stream of card purchases, some of them fraud")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder, seed=seed, told=told)
    except OSError as error:
        message = f"cannot write the example to {folder}: {error.strerror}; choose another --out"
        raise OutputError(message) from error


def _write(folder: Path, *, seed: int, told: Callable[[str], object]) -> None:
    """Data, models and project file."""
    frame = card_fraud.stream(n=_ROWS, seed=seed)
    past, future = frame.head(_ROWS // 2), frame.tail(_ROWS // 2)
    for name, half in zip(HALVES, (past, future), strict=True):
        half.write_parquet(folder / f"{name}.parquet")
    specs = []
    for kind in KINDS:
        told(f"training {kind}")
        save_skops(train(past, kind, seed=seed), folder / f"{kind}.skops")
        specs.append(ModelSpec(name=kind, path=f"{kind}.skops"))
    text = _project(specs) + _system(specs[0].name)
    (folder / FILE_NAME).write_text(text, encoding="utf-8")


def _system(model: str) -> str:
    """The system around the models: the described example, with our model and data in it."""
    described = described_system("card-fraud").read_text(encoding="utf-8")
    tables = described[described.index("[system]") :]
    tables = tables.replace('id = "fraud-model"', f'id = "fraud-model"\nmodel = "{model}"')
    return "\n" + tables.replace('id = "payments"', 'id = "payments"\ndata = "future"')


def _project(specs: list[ModelSpec]) -> str:
    return write_template(
        project="card-fraud",
        models=tuple(specs),
        data=DataSpec(
            name="future",
            role="test",
            path="future.parquet",
            target=card_fraud.TARGET,
            source="bartizan.examples.card_fraud",
        ),
        schema=card_fraud.schema(),
        warnings=(),
        attackers=(card_fraud.attacker(),),
    )
