"""How a finding came to be."""

from typing import Literal, TypeAlias

import msgspec

from bartizan.core.attacker import Access, Attacker
from bartizan.core.record import Record

DigestKind: TypeAlias = Literal["sha256", "oms-root", "probe", "declared"]
SubjectKind: TypeAlias = Literal["model", "data", "artifact"]


LINE = "line"
"""In `Evidence.basis`, where the policy draws the line between pass and fail; empty = nowhere."""
CHOSEN = "chosen"
"""In `Evidence.basis`, the entries that somebody chose; empty = the whole catalogue was run."""


class Subject(Record, frozen=True, kw_only=True):
    """What a claim is about."""

    kind: SubjectKind
    name: str
    digest: str
    digest_kind: DigestKind
    """`sha256` of a file; `oms-root` = over the digests of all files, as OpenSSF Model Signing
    defines it; `probe` = of the answers on fixed inputs, for models without a file."""
    detail: str = ""
    """Format and size in words."""


class Evidence(Record, frozen=True, kw_only=True, tag_field="schema", tag="evidence/1"):
    """Everything that is needed to repeat a finding, and nothing that changes when it is."""

    finding: str
    subjects: tuple[Subject, ...]
    attacker: Attacker | None = None
    access: Access | None = None
    """What was seen of the model: by the attacker or, where a check stands for all of them, by the
    one who sees most; none = that plays no part."""
    params: dict[str, str | int | float | bool | tuple[float, ...]] = msgspec.field(
        default_factory=dict
    )
    basis: dict[str, str] = msgspec.field(default_factory=dict)
    """What else decides the result beside subjects and attacker, by name: the digest of data or of
    a schema, or a setting in words."""
    profile: str = ""
    """How much was tried; empty = there is no such measure."""
    seed: int
    block_rows: int
    rows: int
    """Rows attacked or judged."""
    asked: int = 0
    """Questions to the model behind the finding, whichever run asked them."""
    versions: dict[str, str]
    catalog: str
    """Digest of the catalogue the entry came from."""
    control: str
    """What the planted case showed."""
    probe: str = ""
    """What a look at the model's gradient showed, for attackers who see it."""
    results: tuple[str, ...] = ()
    """Digests of the stored result arrays, one a block."""


class Place(Record, frozen=True, kw_only=True):
    """Where in a log an entry stands."""

    origin: str
    """Name of the log."""
    index: int
    """Position of the entry, counted from 0."""
    leaf: str
    """Hash of the entry in the log's tree, ``sha256:<hex>``."""


class Receipt(Record, frozen=True, kw_only=True, tag_field="schema", tag="receipt/1"):
    """What cannot be repeated: times and places."""

    finding: str
    evidence: str
    finished: str
    """UTC, RFC 3339."""
    wall_s: float
    model_s: float
    """Seconds inside the model, summed over workers."""
    calls: int
    """Calls of the model in this run; one carries many questions."""
    queries: int
    """Questions asked in this run; what was taken over from an earlier one is not counted."""
    workers: int
    """Processes that shared the work."""
    place: Place | None = None
    """Where the evidence stands in the workspace's ledger; none = the workspace has none."""
