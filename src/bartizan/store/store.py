"""Records and results of one workspace, in SQLite and a folder of blobs."""

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar
from zipfile import is_zipfile

import numpy as np
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import OutputError, TrustError
from bartizan.core.record import Record, decode, digest, encode
from bartizan.store.blobs import Blobs

R = TypeVar("R", bound=Record)

_METADATA = sa.MetaData()
_RECORDS = sa.Table(
    "record",
    _METADATA,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False, index=True),
    sa.Column("raw", sa.LargeBinary, nullable=False),
)
_BLOCKS = sa.Table(
    "block",
    _METADATA,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("digest", sa.String, nullable=False),
)

_AT_ONCE = 500
"""Digests in one query: SQLite took at most 999 values in one until 2020."""


class Store:
    """Records and results are kept under their digests, so what is stored is never changed.

    A block of work that is done again points to its new result.
    """

    def __init__(self, engine: sa.Engine, blobs: Blobs) -> None:
        self._engine = engine
        self._blobs = blobs

    @classmethod
    def open(cls, root: Path) -> Self:
        """Open the store in a folder, made if need be (for its owner only).

        Raises:
            OutputError: the folder cannot be made or written.
            TrustError: the database file was damaged.
        """
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not (root / ".gitignore").exists():  # a read-only copy can be verified
                (root / ".gitignore").write_text("*\n")
            place = sa.URL.create("sqlite", database=str(root / "store.sqlite"))
            engine = sa.create_engine(place)
            with _sound():
                _make_tables(engine)
        except (OSError, SQLAlchemyError) as error:
            message = (
                f"cannot keep a workspace in {root}: {_why(error)}; choose another --workspace"
            )
            raise OutputError(message) from error
        return cls(engine, Blobs(root / "blobs"))

    @classmethod
    @contextmanager
    def temporary(cls) -> Iterator[Self]:
        """A store that is gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="bartizan-") as folder:
            store = cls.open(Path(folder))
            yield store
            store.close()

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.dispose()

    def put(self, record: Record) -> str:
        """Store a record; return the digest of its bytes as stored."""
        return self.put_all([record])[0]

    def put_all(self, records: Sequence[Record]) -> list[str]:
        """Store records, all of them or none; return their digests.

        One transaction for many records: each one costs a write to the disk of its own.
        """
        raws = [encode(record) for record in records]
        names = [digest(raw) for raw in raws]
        kinds = [type(record).__name__ for record in records]
        rows = [
            {"digest": name, "kind": kind, "raw": raw}
            for name, kind, raw in zip(names, kinds, raws, strict=True)
        ]
        if rows:
            self._insert(_RECORDS, rows)
        return names

    def get(self, name: str, *, kind: type[R]) -> R | None:
        """The record of a digest, or none.

        Raises:
            TrustError: the record was changed since it was stored.
        """
        raw = self._read(sa.select(_RECORDS.c.raw).where(_RECORDS.c.digest == name))
        if raw is None:
            return None
        return decode(_whole(name, raw), kind=kind)

    def raw(self, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Records as they were stored, by digest; those that are not here are left out.

        Raises:
            TrustError: a record was changed since it was stored.
        """
        columns = sa.select(_RECORDS.c.digest, _RECORDS.c.raw)
        for first in range(0, len(names), _AT_ONCE):
            some = names[first : first + _AT_ONCE]
            for name, raw in self._rows(columns.where(_RECORDS.c.digest.in_(some))):
                yield name, _whole(name, raw)

    def of_kind(self, kind: type[Record]) -> Iterator[tuple[str, bytes]]:
        """All records of one kind as they were stored, by digest.

        Raises:
            TrustError: a record was changed since it was stored.
        """
        query = sa.select(_RECORDS.c.digest, _RECORDS.c.raw).where(_RECORDS.c.kind == kind.__name__)
        for name, raw in self._rows(query.order_by(_RECORDS.c.digest)):
            yield name, _whole(name, raw)

    def keep_block(self, key: str, arrays: Mapping[str, AnyArray]) -> str:
        """Store the result of one block of work under its key; return the digest."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
        name = self._blobs.put(buffer.getvalue())
        self._insert(_BLOCKS, [{"key": key, "digest": name}])
        return name

    def block(self, key: str) -> tuple[str, dict[str, AnyArray]] | None:
        """Digest and arrays of a finished block, or none if it has not been done."""
        name = self._read(sa.select(_BLOCKS.c.digest).where(_BLOCKS.c.key == key))
        raw = self._blobs.get(name) if name is not None else None
        if raw is None or not is_zipfile(io.BytesIO(raw)):
            return None  # never done, or written by another version: do the block again
        with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
            return name, {key: archive[key] for key in archive.files}

    def _read(self, query: sa.Select[Any]) -> Any:
        """The one value a query asks for, or none."""
        try:
            with _sound(), self._engine.connect() as connection:
                return connection.execute(query).scalar()
        except SQLAlchemyError as error:
            message = (
                f"cannot read the workspace's store: {_why(error)}; choose another --workspace"
            )
            raise OutputError(message) from error

    def _rows(self, query: sa.Select[Any]) -> list[Any]:
        """All rows that a query asks for."""
        try:
            with _sound(), self._engine.connect() as connection:
                return list(connection.execute(query).all())
        except SQLAlchemyError as error:
            message = (
                f"cannot read the workspace's store: {_why(error)}; choose another --workspace"
            )
            raise OutputError(message) from error

    def _insert(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        statement = sa.insert(table).prefix_with("OR REPLACE")
        try:
            with _sound(), self._engine.begin() as connection:
                connection.execute(statement, rows)
        except SQLAlchemyError as error:
            message = (
                f"cannot write to the workspace's store: {_why(error)}; make room, or check the "
                "folder's rights"
            )
            raise OutputError(message) from error


def _whole(name: str, raw: object) -> bytes:
    """The bytes of a record, if they are still those of its digest."""
    if not isinstance(raw, bytes) or digest(raw) != name:
        message = (
            f"record {name} in the workspace's store no longer has the content it was stored "
            "with; restore store.sqlite from a copy, or delete the workspace"
        )
        raise TrustError(message)
    return raw


def _why(error: Exception) -> str:
    """What the database itself said: no statement, no values."""
    return str(getattr(error, "orig", None) or error)


@contextmanager
def _sound() -> Iterator[None]:
    """Tell a database file that was damaged from one that cannot be reached or written.

    Raises:
        TrustError: it is damaged.
    """
    try:
        yield
    except SQLAlchemyError as error:
        if type(error) is not DatabaseError:  # those below it are locks, rights, full disks
            raise
        message = (
            f"the workspace's store.sqlite is damaged: {error.orig}; restore it from a copy, or "
            "delete the workspace"
        )
        raise TrustError(message) from error


def _make_tables(engine: sa.Engine) -> None:
    """Make the tables that are missing.

    Nobody looks first whether they are there: two processes that both look, and then both make
    them, would get in each other's way.
    """
    with engine.begin() as connection:
        for table in _METADATA.sorted_tables:
            connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
            for one in table.indexes:
                connection.execute(sa.schema.CreateIndex(one, if_not_exists=True))
