"""Is an artefact of a format that may be served?"""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from bartizan.core.entry import FLAGGED, ControlResult
from bartizan.core.finding import Flagged
from bartizan.supply.admission.gate import Gate
from bartizan.supply.admission.terms import Terms

BESIDE = "data"
"""What the scanner calls plain text and pictures, which lie beside a model and are none."""


_ENDINGS = (
    *("", ".md", ".txt", ".rst", ".json", ".toml", ".yaml", ".yml", ".cfg", ".ini", ".csv"),
    *(".parquet", ".png", ".jpg", ".jpeg"),
)
"""Of names of files that lie beside models. PMML, for one, is text too, and a model."""


def named(kind: str, *, name: str, readers: Sequence[str]) -> str:
    """What a file of an artefact is.

    Args:
        kind: Its format by content, ``unknown`` if it is that of no model.
        name: Inside the artefact.
        readers: Scanners that account for its bytes.

    Returns:
        `BESIDE` for what no loader takes for a model, else the format.
    """
    ending = PurePosixPath(name).suffix.lower()
    plain = kind == "unknown" and tuple(readers) == (BESIDE,) and ending in _ENDINGS
    return BESIDE if plain else kind


def judged(formats: Mapping[str, str], *, terms: Terms) -> Gate:
    """Judge the formats of an artefact's files.

    Args:
        formats: By name of a file, its format by content.
        terms: What is demanded.
    """
    allowed = frozenset(terms.formats)
    others = {name: one for name, one in formats.items() if one not in {*allowed, BESIDE}}
    models = [name for name, one in formats.items() if one in allowed]
    counts = {"files-of-other-formats": len(others), "files": len(formats)}
    if others:
        first, form = next(iter(others.items()))
        told = f"{first} is {form}, which the policy does not allow"
        more = f", and {len(others) - 1} other files" if len(others) > 1 else ""
        flagged = tuple(
            Flagged(column=name, value=one, why="a format that the policy does not allow")
            for name, one in list(others.items())[:FLAGGED]
        )
        return Gate(
            outcome="fail", severity="high", reason=told + more, counts=counts, flagged=flagged
        )
    if not models:
        reason = "no file in it is a model of a known format"
        return Gate(outcome="inconclusive", reason=reason, counts=counts)
    said = ", ".join(sorted({formats[name] for name in models}))
    return Gate(outcome="pass", reason=f"it is {said}, which may be served", counts=counts)


def control() -> ControlResult:
    """Whether a pickle among other files is refused, and an honest model is not."""
    terms = Terms(formats=("onnx",))
    mixed = judged({"a": "onnx", "b": "pickle"}, terms=terms)
    honest = judged({"a": "onnx", "README.md": BESIDE}, terms=terms)
    if mixed.outcome != "fail" or honest.outcome != "pass":
        detail = f"a pickle was called {mixed.outcome}, an ONNX model {honest.outcome}"
        return ControlResult(passed=False, detail=detail)
    return ControlResult(passed=True, detail="a pickle was refused, an ONNX model was not")
