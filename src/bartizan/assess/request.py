"""Everything one assessment is asked to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bartizan.assess.block import BLOCK_ROWS
from bartizan.assess.profile import Profile
from bartizan.core.attacker import Attacker
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.codec import Codec
from bartizan.core.dataset import Dataset
from bartizan.core.entry import Entry
from bartizan.core.evidence import Subject
from bartizan.core.finding import Severity, Waived
from bartizan.core.provenance import Provenance


@dataclass(frozen=True, kw_only=True)
class Request:
    """The question; the answer is a report."""

    subject: Subject
    """The model."""
    binding: str = ""
    """How its answers are read, such as at which threshold: what its digest does not say."""
    model: Classifier
    codec: Codec
    data: Dataset
    """Labelled rows the model was not trained on."""
    reference: Dataset | None = None
    """Rows that scale distances and that attackers own; none = the data."""
    train: Dataset | None = None
    """Rows the model was trained on, if they are known."""
    provenance: Provenance | None = None
    """Who contributed these rows, and when, if that is known."""
    recipe: Recipe | None = None
    """How to train it anew, if that is known."""
    cost_per_1000: float | None = None
    """Money for a thousand questions to the model, if it is sold by them."""
    attackers: tuple[Attacker, ...]
    basis: Mapping[str, str] = field(default_factory=dict)
    """What its result rests on beside model and attackers, for the evidence: `Evidence.basis`."""
    entries: tuple[Entry, ...]
    profile: Profile
    seed: int = 0
    workers: int = 1
    block_rows: int = BLOCK_ROWS
    time_budget_s: float | None = None
    resume: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)
    """Lines that replace the entries' own, by entry id."""
    fail_on: Severity = "high"
    reproduce: str = ""
    """The command that asks the same question."""
    catalog: str = ""
    """Digest of the catalogue the entries came from."""
    versions: Mapping[str, str] = field(default_factory=dict)
    waive: Callable[[str], Waived | None] = lambda _: None
    waivers: tuple[str, ...] = ()
    """Ids of findings that should be there, as somebody waives them."""
    warnings: tuple[str, ...] = ()
    drift: Callable[[], str] = lambda: ""
    """Asked at the end: why the model is no longer the one that the run began with, if so."""
