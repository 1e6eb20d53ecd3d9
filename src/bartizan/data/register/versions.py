"""Registered versions of one data set, in a folder, durable and whole or not at all."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bartizan.adapt.rows.layout import RowLayout
from bartizan.core.arrays import AnyArray, Ints
from bartizan.core.errors import InputError, LedgerError, OutputError, UsageError
from bartizan.core.evidence import Place
from bartizan.core.fact import Registered
from bartizan.core.record import Record, decode, encode
from bartizan.core.schema import Schema
from bartizan.crypto.landing import landing, refusals
from bartizan.crypto.safe_file import PRIVATE, lay, sync_folder
from bartizan.data.label_book import LabelBook
from bartizan.data.register.row_tree import SALT_BYTES, root_of
from bartizan.ledger.lock import hold
from bartizan.ledger.merkle import HASH_BYTES

_STAGING = ".staging-"
_FACT = "fact.json"
_ALWAYS = (_FACT, "kept.json", "salts", "leaves", "erased")
_LABELS = ("key", "features", "codes")


class Kept(Record, frozen=True, kw_only=True, tag_field="schema", tag="kept/1"):
    """What is needed to read a version again."""

    layout: RowLayout
    columns: Schema
    target: str | None = None
    classes: tuple[str, ...] = ()
    """Labels, in the order of their codes."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version: 48 bytes a row, and 12 more where rows have labels."""

    fact: Registered
    kept: Kept
    salts: bytes
    """16 bytes a row; zeros where a row was erased."""
    leaves: bytes
    """32 bytes a row."""
    key: bytes = b""
    """Of `features`, of this data set alone."""
    features: AnyArray | None = None
    """Shape (n,), uint64: keyed hash of each row without its label; none = there are no labels."""
    codes: AnyArray | None = None
    """Shape (n,), uint32: position of the label in `classes`; their number where it has none."""
    erased: Ints
    """Ids of erased rows, ascending."""
    place: Place | None = None
    """Where the fact stands in the ledger; none = it is not there yet."""
    digest: str = ""
    """`kept_digest` of its files as they lie on the disk; empty = it was not loaded."""

    @property
    def rows(self) -> int:
        """Rows, the erased ones among them."""
        return self.fact.rows

    def book(self) -> LabelBook | None:
        """The labels of this version, without erased rows; none where rows have no labels."""
        if self.features is None or self.codes is None:
            return None
        left = np.delete(np.arange(self.rows), self.erased)
        names = np.array([*self.kept.classes, ""])
        ranks = np.argsort(np.argsort(names[:-1]))
        codes = np.append(ranks, len(ranks)).astype(np.uint32)[self.codes[left]]
        hashes = self.features[left]
        order = np.lexsort((codes, hashes))
        return LabelBook(
            key=self.key,
            hashes=hashes[order],
            codes=codes[order],
            classes=tuple(sorted(self.kept.classes)),
        )


class Versions:
    """The folder of one data set."""

    def __init__(self, root: Path, *, name: str) -> None:
        self._root = root / name
        self._name = name

    def numbers(self) -> list[int]:
        """Numbers of the versions that are there, ascending."""
        if not self._root.is_dir():
            return []
        names = (one.name for one in self._root.iterdir() if one.is_dir())
        return sorted(int(name) for name in names if name.isdecimal())

    @contextmanager
    def alone(self, *, wait_s: float) -> Iterator[None]:
        """Keep other processes from writing; tidy up what one left that was cut off.

        Raises:
            OutputError: another process kept writing all the time, or the folder cannot be made.
        """
        with refusals(self._root):
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            release = hold(self._root / "lock", wait_s=wait_s)
        except OutputError as error:
            if isinstance(error.__cause__, OSError):  # nobody holds the lock: it cannot be made
                message = (
                    f"the register of {self._name!r} cannot be written: "
                    f"{error.__cause__.strerror}; check the rights of {self._root}"
                )
                raise OutputError(message) from error
            message = (
                f"data set {self._name!r} is being registered by another process, which did not "
                f"finish within {wait_s:g} s; try again"
            )
            raise OutputError(message) from error
        try:
            for left in self._root.glob(f"{_STAGING}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
        finally:
            release()

    def load(self, number: int) -> Version:
        """Read a version and check that it is whole.

        Raises:
            UsageError: there is no such version.
            LedgerError: its files were changed, cut off or are missing.
        """
        folder = self._root / str(number)
        if number not in self.numbers():
            there = ", ".join(map(str, self.numbers())) or "none"
            message = f"data set {self._name!r} has no version {number}; there are: {there}"
            raise UsageError(message)
        try:
            version = _read(folder)
        except (OSError, InputError, ValueError) as error:
            message = f"{folder} is damaged: {error}; restore it from a copy"
            raise LedgerError(message) from error
        _require_whole(version, folder=folder, name=self._name, number=number)
        return version

    def add(self, version: Version) -> None:
        """Write a version; it is there under its number, whole, or not at all.

        Raises:
            OutputError: it cannot be written, or the disk is full.
        """
        staging = self._root / f"{_STAGING}{secrets.token_hex(8)}"
        place = self._root / str(version.fact.version)
        try:
            with refusals(place):
                staging.mkdir(mode=0o700)
                for name, raw in _files(version).items():
                    lay(staging / name, raw, mode=PRIVATE)
                sync_folder(staging)
                staging.rename(place)
                sync_folder(self._root)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def place(self, number: int, place: Place) -> None:
        """Note where the fact of a version stands in the ledger."""
        with landing(self._root / str(number) / "place.json", force=True) as file:
            file.write(encode(place))

    def erase(self, version: Version, *, rows: Ints) -> None:
        """Overwrite what could show these rows; first of all it is written down that they go.

        A run that is cut off in between leaves rows that are marked and will be overwritten by
        the next call.

        Raises:
            OutputError: the files cannot be written.
        """
        folder = self._root / str(version.fact.version)
        marked = np.union1d(version.erased, rows)
        with landing(folder / "erased", force=True) as file:
            file.write(marked.astype("<i8").tobytes())
        self._blank(version, rows=marked)

    def finish(self, version: Version) -> None:
        """Overwrite rows that are marked as erased, where an earlier run was cut off."""
        salts = np.frombuffer(version.salts, dtype=np.uint8).reshape(-1, SALT_BYTES)
        left = version.erased[salts[version.erased].any(axis=1)]
        if len(left):
            self._blank(version, rows=left)

    def _blank(self, version: Version, *, rows: Ints) -> None:
        folder = self._root / str(version.fact.version)
        widths = {"salts": SALT_BYTES}
        if version.features is not None:
            widths |= {"features": 8, "codes": 4}
        with refusals(folder):
            for name, width in widths.items():
                _blank(folder / name, rows=rows, width=width)


def _blank(path: Path, *, rows: AnyArray, width: int) -> None:
    """Overwrite entries of a file with zeros, in place and durably."""
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        for row in rows.tolist():
            os.pwrite(handle, bytes(width), row * width)
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(version: Version) -> dict[str, bytes]:
    found = {
        _FACT: encode(version.fact),
        "kept.json": encode(version.kept),
        "salts": version.salts,
        "leaves": version.leaves,
        "erased": version.erased.astype("<i8").tobytes(),
    }
    if version.features is not None and version.codes is not None:
        found |= {
            "key": version.key,
            "features": version.features.astype("<u8").tobytes(),
            "codes": version.codes.astype("<u4").tobytes(),
        }
    return found


def kept_digest(version: Version) -> str:
    """Digest of what a version keeps: what the ledger names, so that nobody can exchange it."""
    return _digest(_files(version))


def _digest(files: Mapping[str, bytes]) -> str:
    """Of all files but the fact, which holds this digest; names and lengths count as well."""
    state = hashlib.sha256()
    for name, raw in sorted(files.items()):
        if name != _FACT:
            state.update(f"{name} {len(raw)}\n".encode())
            state.update(raw)
    return f"sha256:{state.hexdigest()}"


def _read(folder: Path) -> Version:
    kept = decode((folder / "kept.json").read_bytes(), kind=Kept)
    names = (*_ALWAYS, *(_LABELS if kept.target is not None else ()))
    raw = {name: (folder / name).read_bytes() for name in names}
    place = folder / "place.json"
    return Version(
        fact=decode(raw[_FACT], kind=Registered),
        kept=kept,
        salts=raw["salts"],
        leaves=raw["leaves"],
        erased=np.frombuffer(raw["erased"], dtype="<i8").astype(np.int64),
        key=raw.get("key", b""),
        features=_numbers(raw.get("features"), "<u8"),
        codes=_numbers(raw.get("codes"), "<u4"),
        place=decode(place.read_bytes(), kind=Place) if place.exists() else None,
        digest=_digest(raw),
    )


def _numbers(raw: bytes | None, dtype: str) -> AnyArray | None:
    if raw is None:
        return None
    values = np.frombuffer(raw, dtype=dtype)
    return values.astype(values.dtype.newbyteorder("="))


def _require_whole(version: Version, *, folder: Path, name: str, number: int) -> None:
    """Refuse files that do not go together, or another version's."""
    fact, rows = version.fact, version.rows
    erased, codes = version.erased, version.codes
    wrong = {
        _FACT: (fact.data, fact.version) != (name, number),
        "kept.json": version.kept.layout.digest != fact.columns,
        "salts": len(version.salts) != rows * SALT_BYTES,
        "leaves": len(version.leaves) != rows * HASH_BYTES
        or f"sha256:{root_of(version.leaves).hex()}" != fact.root,
        "erased": bool(
            len(erased) and (np.any(np.diff(erased) <= 0) or erased[0] < 0 or erased[-1] >= rows)
        ),
        "features": version.features is not None and len(version.features) != rows,
        "codes": codes is not None
        and (len(codes) != rows or int(codes.max(initial=0)) > len(version.kept.classes)),
    }
    for file, bad in wrong.items():
        if bad:
            message = f"{folder / file} was changed or cut off; restore it from a copy"
            raise LedgerError(message)
