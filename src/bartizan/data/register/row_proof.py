"""One row of a registered data set, shown without any other."""

from bartizan.adapt.batches.reading import Batches
from bartizan.adapt.rows.canonical import canonical_batch
from bartizan.adapt.rows.canonical_cells import Value, decode_row
from bartizan.adapt.rows.layout import RowLayout
from bartizan.core.errors import InputError, LedgerError, UsageError
from bartizan.core.fact import Registered
from bartizan.core.record import Record
from bartizan.data.register.row_tree import SALT_BYTES, path_of
from bartizan.data.register.versions import Version
from bartizan.ledger.canonical_base64 import decoded, encoded
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
                salt=encoded(salt),
                content=encoded(content),
                path=tuple(one.hex() for one in path_of(version.leaves, index=row)),
            )
    message = f"row {row} is not in the data any more as it was registered; verify the data"
    raise LedgerError(message)


def verify_row(proof: RowProof, *, fact: Registered) -> dict[str, Value]:
    """Check a proof and read the row.

    Args:
        proof: From anybody.
        fact: Of the version, proven to stand in the ledger. Its root fixes the rows, and it says
            how many there are and what the columns are, which the root alone does not.

    Returns:
        The row: values by column.

    Raises:
        LedgerError: the proof does not show it.
    """
    claimed = (proof.data, proof.version, proof.rows, proof.layout.digest)
    if claimed != (fact.data, fact.version, fact.rows, fact.columns):
        message = (
            f"the proof is of {proof.rows} rows of {proof.data!r} version {proof.version}, and not "
            f"of what was registered as {fact.data!r} version {fact.version}"
        )
        raise LedgerError(message)
    try:
        entry = _entry(proof)
        path = [bytes.fromhex(one) for one in proof.path]
        root = bytes.fromhex(fact.root.removeprefix("sha256:"))
        verify_inclusion(leaf_hash(entry), index=proof.row, size=proof.rows, path=path, root=root)
        return decode_row(entry[SALT_BYTES:], layout=proof.layout)
    except (ValueError, InputError) as error:
        message = f"the proof of row {proof.row} cannot be read: {error}"
        raise LedgerError(message) from error


def _entry(proof: RowProof) -> bytes:
    """What the leaf is a hash of."""
    salt = decoded(proof.salt, what=f"the salt of row {proof.row}")
    if len(salt) != SALT_BYTES:
        message = f"the proof of row {proof.row} has a salt of {len(salt)} bytes, expected 16"
        raise LedgerError(message)
    return salt + decoded(proof.content, what=f"the content of row {proof.row}")


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
