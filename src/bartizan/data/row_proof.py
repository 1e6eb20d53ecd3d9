"""One row of a registered data set, shown without any other."""

from base64 import b64decode, b64encode

from bartizan.adapt.batches import Batches
from bartizan.adapt.canonical import canonical_batch
from bartizan.adapt.canonical_cells import Value, decode_row
from bartizan.adapt.row_layout import RowLayout
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.record import Record
from bartizan.data.row_tree import SALT_BYTES, path_of
from bartizan.data.versions import Version
from bartizan.ledger.merkle import leaf_hash, verify_inclusion


class RowProof(Record, frozen=True, kw_only=True, tag_field="schema", tag="rowproof/1"):
    """That a row stands in a version of a data set. It shows that row and nothing of the others."""

    data: str
    version: int
    row: int
    """Row id, from 0."""
    rows: int
    """Rows of the version."""
    layout: RowLayout
    salt: str
    """Base64 of 16 bytes."""
    content: str
    """Base64 of the canonical row."""
    path: tuple[str, ...]
    """Hexadecimal hashes, from the row's sibling to the root's child."""


def row_proof(version: Version, batches: Batches, *, row: int) -> RowProof:
    """Show one row.

    Args:
        version: The version, loaded.
        batches: Its rows; they are kept nowhere else.
        row: Its id.

    Raises:
        UsageError: there is no such row, or it was erased.
        LedgerError: the data has another row there now.

    Cost: one pass over the data up to the row, and a microsecond for each row of the version.
    """
    if not 0 <= row < version.rows:
        message = f"expected a row id from 0 to {version.rows - 1}, got {row}"
        raise UsageError(message)
    if row in version.erased:
        message = f"row {row} was erased: its salt is gone, and nobody can show it any more"
        raise UsageError(message)
    salt = version.salts[row * SALT_BYTES : (row + 1) * SALT_BYTES]
    leaf = version.leaves[row * 32 : (row + 1) * 32]
    gone = int((version.erased < row).sum())
    for content in _candidates(version, batches, places=sorted({row, row - gone})):
        if leaf_hash(salt + content) == leaf:
            return RowProof(
                data=version.fact.data,
                version=version.fact.version,
                row=row,
                rows=version.rows,
                layout=version.kept.layout,
                salt=b64encode(salt).decode(),
                content=b64encode(content).decode(),
                path=tuple(one.hex() for one in path_of(version.leaves, index=row)),
            )
    message = f"row {row} is not in the data any more as it was registered; verify the data"
    raise LedgerError(message)


def verify_row(proof: RowProof, *, root: str) -> dict[str, Value]:
    """Check a proof and read the row.

    Args:
        proof: From anybody.
        root: ``sha256:<hex>``, from a `Registered` fact that is proven to stand in the ledger.

    Returns:
        The row: values by column.

    Raises:
        LedgerError: the proof does not show it.
    """
    try:
        salt = b64decode(proof.salt, validate=True)
        content = b64decode(proof.content, validate=True)
        path = [bytes.fromhex(one) for one in proof.path]
        head = bytes.fromhex(root.removeprefix("sha256:"))
        if len(salt) != SALT_BYTES:
            message = f"expected a salt of {SALT_BYTES} bytes, got {len(salt)}"
            raise LedgerError(message)
        verify_inclusion(
            leaf_hash(salt + content), index=proof.row, size=proof.rows, path=path, root=head
        )
        return decode_row(content, layout=proof.layout)
    except (ValueError, InputError) as error:
        message = f"the proof of row {proof.row} cannot be read: {error}"
        raise LedgerError(message) from error


def _candidates(version: Version, batches: Batches, *, places: list[int]) -> list[bytes]:
    """Canonical rows at some places of the data; fewer where it ends before."""
    found = []
    for batch in batches:
        inside = [at - batch.start for at in places if batch.start <= at < batch.start + batch.rows]
        if inside:
            rows = canonical_batch(batch, layout=version.kept.layout)
            found += [rows[at] for at in inside]
        if batch.start + batch.rows > places[-1]:
            break
    return found
