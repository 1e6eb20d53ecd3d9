"""Records and results of one workspace, in SQLite and a folder of blobs."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bartizan.core.arrays import AnyArray
from bartizan.core.errors import OutputError
from bartizan.core.record import Record, decode, digest, encode
from bartizan.store.blobs import Blobs

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


class Store:
    """Append-only: a record or a result, once stored, is never changed."""

    def __init__(self, engine: sa.Engine, blobs: Blobs) -> None:
        self._engine = engine
        self._blobs = blobs

    @classmethod
    def open(cls, root: Path) -> Self:
        """Open the store in a folder, made if need be (for its owner only).

        Raises:
            OutputError: the folder cannot be made or written.
        """
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            (root / ".gitignore").write_text("*\n")
            engine = sa.create_engine(f"sqlite:///{root / 'store.sqlite'}")
            _METADATA.create_all(engine)
        except (OSError, SQLAlchemyError) as error:
            message = f"cannot keep a workspace in {root}: {error}; choose another --workspace"
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
        raw = encode(record)
        name = digest(raw)
        row = {"digest": name, "kind": type(record).__name__, "raw": raw}
        self._insert(_RECORDS, row)
        return name

    def get(self, name: str, *, kind: type[Record]) -> Record | None:
        """The record of a digest, or none."""
        query = sa.select(_RECORDS.c.raw).where(_RECORDS.c.digest == name)
        with self._engine.connect() as connection:
            raw = connection.execute(query).scalar()
        return None if raw is None else decode(raw, kind=kind)

    def keep_block(self, key: str, arrays: Mapping[str, AnyArray]) -> str:
        """Store the result of one block of work under its key; return the digest."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, **dict(arrays))
        name = self._blobs.put(buffer.getvalue())
        self._insert(_BLOCKS, {"key": key, "digest": name})
        return name

    def block(self, key: str) -> tuple[str, dict[str, AnyArray]] | None:
        """Digest and arrays of a finished block, or none if it has not been done."""
        query = sa.select(_BLOCKS.c.digest).where(_BLOCKS.c.key == key)
        with self._engine.connect() as connection:
            name = connection.execute(query).scalar()
        raw = self._blobs.get(name) if name is not None else None
        if name is None or raw is None:
            return None
        try:
            with np.load(io.BytesIO(raw), allow_pickle=False) as archive:
                return name, {key: archive[key] for key in archive.files}
        except (ValueError, OSError, BadZipFile):
            return None  # written by another version: do the block again

    def _insert(self, table: sa.Table, row: dict[str, Any]) -> None:
        statement = sa.insert(table).prefix_with("OR REPLACE")
        try:
            with self._engine.begin() as connection:
                connection.execute(statement, row)
        except SQLAlchemyError as error:
            message = f"cannot write to the workspace's store: {error}"
            raise OutputError(message) from error
