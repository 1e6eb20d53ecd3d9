"""Questions to a model of known traits, and outcomes made by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bartizan.assess.outcome import Attacked
from bartizan.assess.profile import Profile
from bartizan.assess.request import Request
from bartizan.assess.run import Assessment
from bartizan.core.attacker import Access, Attacker
from bartizan.core.classifier import Classifier
from bartizan.core.entry import Entry
from bartizan.core.evidence import Subject
from bartizan.core.report import Tool
from bartizan.store import Store
from plain import Plain
from worlds import WORLDS

WORLD = WORLDS["bounded"]
SMALL = Profile("small", 80, 150, 100, 8, "")


def subject(digest: str = "sha256:1", *, kind: str = "declared") -> Subject:
    """The model, as a report names it."""
    return Subject(kind="model", name="m", digest=digest, digest_kind=kind)  # type: ignore[arg-type]


def question(model: Classifier, attacker: Attacker, *entries: Entry, **more: Any) -> Request:
    """A request about rows of the world, unless others are given."""
    parts: dict[str, Any] = {
        "subject": subject(), "model": model, "codec": Plain(), "attackers": (attacker,),
        "entries": entries, "profile": SMALL,
    }  # fmt: skip
    if "data" not in more:
        parts["data"] = WORLD.data(model)
    return Request(**{**parts, **more})


def asked(
    *entries: Entry, access: Access = "labels", shown: Access = "scores", **more: Any
) -> Request:
    """What somebody called eve is asked to try on the world's model."""
    eve = Attacker(**{"name": "eve", "access": access, "norm": "Linf", "eps": 0.1, **more})
    return question(WORLD.shown(shown), eve, *entries)


def assessment(request: Request, store: Store, **more: Any) -> Assessment:
    """The request on its way."""
    tool = Tool(name="bartizan", version="0", catalog="")
    data = Subject(kind="data", name="rows", digest="sha256:0", digest_kind="sha256")
    return Assessment(request, store=store, tool=tool, data_subject=data, **more)


def attacked(rows: Sequence[int], price: Sequence[float], **more: Any) -> Attacked:
    """What an attack found at these prices; infinity where the model held."""
    n = len(rows)
    found = np.isfinite(price)
    parts: dict[str, Any] = {
        "rows": np.array(rows),
        "points": np.array(price, dtype=float)[:, None],
        "price": np.array(price, dtype=float),
        "decided": np.where(found, 1, -1),
        "queries": np.full(n, 10),
        "needed": np.where(found, 4, -1),
        "lower": np.zeros(n),
        "vanished": np.full(n, np.nan),
        "rejected": 1,
    }
    return Attacked(**{**parts, **more})
