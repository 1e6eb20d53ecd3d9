"""What is written into the ledger: facts, each with who and when."""

from typing import Literal, TypeAlias

from bartizan.core.attacker import Access
from bartizan.core.finding import Outcome, Severity
from bartizan.core.record import Record

Change: TypeAlias = Literal["first", "same", "appended", "relabelled", "rewritten"]


class Registered(Record, frozen=True, kw_only=True, tag_field="schema", tag="registered/1"):
    """A version of a data set."""

    data: str
    version: int
    """1, 2, ..."""
    rows: int
    root: str
    """``sha256:<hex>``: root of the tree over the salted rows."""
    columns: str
    """Digest of the canonical description of the columns: names, types, order."""
    profile: str = ""
    """Digest of the stored `DataProfile`; empty = there is none."""
    rules: str = ""
    """Digest of the stored schema and rules that were in force."""
    file: str
    """Digest of the file as read."""
    source: str
    """Where the data came from, in words."""
    change: Change
    """What became of the version before."""
    changed: int = 0
    """Rows appended, relabelled or rewritten."""
    before: str = ""
    """Root of the version before; empty = this is the first."""
    kept: str = ""
    """Digest of what the workspace keeps of it: salts, leaves, labels, columns. Empty = an older
    version of Bartizan wrote it, or it is the same as before."""
    by: str
    when: str
    """UTC, RFC 3339."""


class Erased(Record, frozen=True, kw_only=True, tag_field="schema", tag="erased/1"):
    """Salts of rows were deleted: nobody can show any more what the rows were."""

    data: str
    version: int
    rows: tuple[int, ...]
    """Row ids, at most 5,000 in one fact."""
    kept: str = ""
    """Digest of what the workspace keeps of the version since then."""
    reason: str
    by: str
    when: str


_OF_FILES = ("artifact.", "admission.")
"""Families of entries that read files."""


class Found(Record, frozen=True, kw_only=True, tag_field="schema", tag="found/1"):
    """A finding and the evidence it rests on."""

    finding: str
    outcome: Outcome
    severity: Severity
    evidence: str
    """Digest of the evidence record."""
    subjects: tuple[str, ...]
    """Digests of what it is about."""
    decides: bool = True
    """Whether it counts: nobody waived it, and its attacker is none that was merely assumed
    beside the declared one."""
    waived_until: str = ""
    """Last day on which somebody accepts it, ISO date; empty = nobody does."""
    access: Access | None = None
    """What was seen of the model; none = that plays no part."""
    when: str

    @property
    def weighs(self) -> bool:
        """Whether it says something of the model: to accept a failure makes it no less true."""
        return self.decides or bool(self.waived_until)

    @property
    def question(self) -> str:
        """What was asked, whatever it was asked of: entry and attacker."""
        return f"{self.finding.partition('@')[0]}#{self.finding.partition('#')[2]}"

    @property
    def of_files(self) -> bool:
        """Whether its subjects are all files that were looked at, in no order of weight."""
        return self.finding.startswith(_OF_FILES)

    @property
    def about(self) -> tuple[str, ...]:
        """Digests of what it is about: other subjects are what that was asked with."""
        return self.subjects if self.of_files else self.subjects[:1]


class Quarantined(Record, frozen=True, kw_only=True, tag_field="schema", tag="quarantined/1"):
    """Rows that are believed to be wrong were left out of a copy of a data set."""

    data: str
    rows: int
    """Before."""
    taken: int
    """Rows left out."""
    before: str
    """``sha256:<hex>``: root of the tree over all rows, salted; the manifest holds the salt."""
    after: str
    """The same of the copy."""
    registered: str = ""
    """Root of the registered version that the rows are; empty = they are none."""
    manifest: str
    """Digest of the manifest, which says which rows, and lies beside the copy."""
    reason: str
    by: str
    when: str


class Relabelled(Record, frozen=True, kw_only=True, tag_field="schema", tag="relabelled/1"):
    """Rows of a copy of a data set got labels that a person approved."""

    data: str
    rows: int
    """Before."""
    changed: int
    """Rows with another label."""
    before: str
    """As in `Quarantined`."""
    after: str
    manifest: str
    reason: str
    by: str
    when: str


class Restored(Record, frozen=True, kw_only=True, tag_field="schema", tag="restored/1"):
    """What was left out or relabelled was undone."""

    data: str
    rows: int
    """Of the restored data."""
    before: str
    """Root of the copy that was undone."""
    after: str
    """Root of the restored rows: that of the rows before they were cleaned."""
    manifest: str
    by: str
    when: str


class Admitted(Record, frozen=True, kw_only=True, tag_field="schema", tag="admitted/1"):
    """An artefact may be served: it was signed, scanned and assessed, and nothing spoke against."""

    artifact: str
    """What its signer calls it."""
    root: str
    """``sha256:<hex>``: its root digest."""
    version: int = 0
    """0 = its signer says none."""
    signer: str
    bundle: str
    """Digest of the signature."""
    terms: str
    """Digest of what was demanded."""
    report: str
    """Digest of the report, as it is kept."""
    by: str
    when: str


class Signed(Record, frozen=True, kw_only=True, tag_field="schema", tag="signed/1"):
    """A model was signed, or a signature of it was accepted, for the first time."""

    model: str
    """What its signer calls it."""
    root: str
    """``sha256:<hex>``: the model's identity, the root digest of OpenSSF Model Signing."""
    version: int = 0
    """Of the model; 0 = the signer says none."""
    signer: str
    """``key:<fingerprint>``, or ``certificate:<name>``."""
    bundle: str
    """Digest of the file with the signature."""
    act: Literal["signed", "verified"]
    by: str
    when: str


class SignedOff(Record, frozen=True, kw_only=True, tag_field="schema", tag="signedoff/1"):
    """Somebody answers for a policy, in exactly these words."""

    policy: str
    """Its id in the project file."""
    digest: str
    """``sha256:<hex>`` of the file as it was."""
    role: str
    by: str
    when: str


class Audited(Record, frozen=True, kw_only=True, tag_field="schema", tag="audited/1"):
    """Something that is looked at on a schedule was looked at."""

    audit: str
    """Its id in the project file."""
    kind: str = "other"
    what: str
    """What the project file said of it then, as of its kind: if it says something else now, that
    was not looked at."""
    role: str
    by: str
    when: str

    @property
    def signature(self) -> str:
        """Who, and in which role."""
        return f"{self.by}, {self.role}"


Fact: TypeAlias = (
    Registered
    | Erased
    | Found
    | Quarantined
    | Relabelled
    | Restored
    | Admitted
    | Signed
    | SignedOff
    | Audited
)
"""One entry of the ledger: the bytes of `record.encode`."""
