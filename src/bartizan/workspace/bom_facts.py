"""What a bill of materials says of the model and the data, from the disk, the ledger, the project.

What the ledger says of a data set counts only as long as the file is the one that was registered.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.config import Config, DataSpec, ModelSpec
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.report import Report
from bartizan.core.schema import Schema
from bartizan.crypto.oms.manifest import ONLY_FILE, Manifest
from bartizan.crypto.oms.measuring import GIT, is_folder, measured, open_file
from bartizan.formats.sniff import sniff
from bartizan.supply.bom.declared import DeclaredData
from bartizan.supply.bom.facts import DataFact, FileFact, ModelFact
from bartizan.supply.bom.papers import file_sha256, read_whole
from bartizan.supply.signing.place import NAME as SIGNATURE

if TYPE_CHECKING:
    from bartizan.workspace.register_verbs import Known, RegisterVerbs

_WHOLE_BYTES = 64 << 20
"""Of a model that is read as a whole to say its format; of a larger one, the head is looked at."""
_HEAD_BYTES = 1 << 16
_NO_FORMAT = ("empty", "unknown", "zip", "gzip")
"""What says nothing of a model's format."""


def model_fact(path: Path, *, spec: ModelSpec | None, ignored: Collection[str] = ()) -> ModelFact:
    """The model as it lies there, under the digest that its signature has.

    Args:
        path: A file or a folder.
        spec: What the project file says of it; none = nothing.
        ignored: Paths in the folder that are no part of the model, as for `supply sign`.

    Raises:
        InputError: it cannot be read.
        TrustError: there is a link in it.
    """
    whole = is_folder(path)
    manifest = measured(path, ignored={*GIT, SIGNATURE, *ignored} if whole else ())
    name = path.resolve().name
    return ModelFact(
        name=name if spec is None else spec.name,
        root=manifest.root,
        files=_files(manifest, name=name),
        sha256="" if whole else manifest.files[0].digest.hex(),
        format="" if whole else _format(path),
        task="" if spec is None else spec.task,
        classes=() if spec is None else spec.classes or (),
        threshold=None if spec is None else spec.threshold,
    )


def _files(manifest: Manifest, *, name: str) -> tuple[FileFact, ...]:
    return tuple(
        FileFact(
            path=name if one.name == ONLY_FILE else one.name,
            sha256=one.digest.hex(),
            size_bytes=one.size_bytes,
        )
        for one in manifest.files
    )


def _format(path: Path) -> str:
    """By content; empty where the content says nothing."""
    size = path.stat().st_size
    if size <= _WHOLE_BYTES:
        raw, _ = read_whole(path, limit=_WHOLE_BYTES)
    else:
        with open(open_file(path), "rb") as file:  # noqa: PTH123 (a handle that followed no link)
            raw = file.read(_HEAD_BYTES)
    found = sniff(raw)
    return "" if found in _NO_FORMAT else found


def model_place(
    config: Config | None, model: str | Path | None, *, folder: Path
) -> tuple[Path, ModelSpec | None]:
    """Where the model lies, and what the project file says of it.

    Args:
        config: The project file; none = there is none.
        model: A path, or a name in the project file; none = the only one that is declared.
        folder: What paths of the project file are relative to.

    Raises:
        UsageError: it is not clear which model, or it has no file.
        InputError: it cannot be read.
        TrustError: it is a link.
    """
    specs = {} if config is None else {one.name: one for one in config.model}
    if model is None:
        if len(specs) != 1:
            known = f" of {', '.join(specs)}" if specs else ""
            message = f"which model{known}? Name a file, a folder, or a model of the project file"
            raise UsageError(message)
        model = next(iter(specs))
    spec = specs.get(str(model))
    if spec is None:
        path = Path(model)
        return path, _same_file(path, specs=list(specs.values()), folder=folder)
    if ":" in spec.path:
        message = (
            f"the model {model!r} is {spec.path}, which is no file; save the model, and name the "
            "file, so that there is something to identify it by"
        )
        raise UsageError(message)
    return folder / spec.path, spec


def _same_file(path: Path, *, specs: list[ModelSpec], folder: Path) -> ModelSpec | None:
    """The declared model that lies at a path.

    Raises:
        InputError: there is none.
        TrustError: it is a link, which may lead to itself.
    """
    is_folder(path)
    place = path.resolve()
    return next((one for one in specs if (folder / one.path).resolve() == place), None)


def known_data(
    config: Config, *, folder: Path, register: RegisterVerbs | None
) -> list[tuple[DataFact, Schema | None]]:
    """The declared data sets, each with its columns as far as somebody said what they are.

    Raises:
        LedgerError: a file is not the one that was registered, or the ledger does not hold.
        InputError: a file cannot be read.
    """
    return [_data(one, config=config, folder=folder, register=register) for one in config.data]


def _data(
    spec: DataSpec, *, config: Config, folder: Path, register: RegisterVerbs | None
) -> tuple[DataFact, Schema | None]:
    place = folder / spec.path
    known = None if register is None else register.known(spec.name)
    found = _digest(place, known=known)
    schema = _schema(spec, config=config, known=known)
    fact = DataFact(
        name=spec.name,
        role=spec.role,
        sha256=found,
        columns=None if schema is None else schema.width,
        source=spec.source,
        target=spec.target,
        personal=None
        if schema is None
        else tuple(sorted(one.name for one in schema.features if one.personal)),
        declared=config.supply.data.get(spec.name, DeclaredData()),
    )
    return (fact if known is None else _registered(fact, known)), schema


def _registered(fact: DataFact, known: Known) -> DataFact:
    said = known.version.fact
    return replace(
        fact,
        rows=said.rows,
        root=said.root,
        version=said.version,
        registered=said.when,
        source=fact.source or said.source,
    )


def _schema(spec: DataSpec, *, config: Config, known: Known | None) -> Schema | None:
    """The columns that somebody declared; what was inferred from the data is no declaration."""
    if config.schema_owner(spec.name) is not None:
        return config.schema_for(spec.name)
    if known is None or known.declared is None or known.declared.assumed:
        return None
    columns, target = known.declared.columns, known.declared.target
    return Schema(
        features=tuple(one for one in columns.features if one.name != target), image=columns.image
    )


def _digest(place: Path, *, known: Known | None) -> str:
    """SHA-256 of a data set's file; of one that is registered and not here, as the ledger says."""
    if known is not None and known.version.fact.file and not place.exists():
        return known.version.fact.file.removeprefix("sha256:")
    if place.is_dir():
        return ""
    found = file_sha256(place)
    if known is not None:
        _require_registered(known, sha256=found, place=place)
    return found


def _require_registered(known: Known, *, sha256: str, place: Path) -> None:
    said = known.version.fact
    if said.file and said.file != f"sha256:{sha256}":
        message = (
            f"{place} is not the file that was registered as version {said.version} of "
            f"{said.data!r}: its digest is another; register it again, or restore the file"
        )
        raise LedgerError(message)


def assessed_data(data: tuple[DataFact, ...], report: Report) -> tuple[DataFact, ...]:
    """The data sets, and the one that a report of the model was made on, with its rows.

    Raises:
        InputError: a data set of that name is another one today.
    """
    found = list(data)
    for subject in report.subjects:
        if subject.kind != "data" or subject.digest_kind != "sha256":
            continue
        digest, rows = subject.digest.removeprefix("sha256:"), report.coverage.rows_total
        places = [place for place, one in enumerate(found) if one.sha256 == digest]
        if places:
            one = found[places[0]]
            found[places[0]] = replace(one, rows=rows if one.rows is None else one.rows)
            continue
        if any(one.name == subject.name for one in found):
            message = (
                f"the report was made on other data than {subject.name!r} is today (digests "
                "differ); assess the model anew, or restore the data"
            )
            raise InputError(message)
        found.append(DataFact(name=subject.name, role="test", sha256=digest, rows=rows))
    return tuple(found)
