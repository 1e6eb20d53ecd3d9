"""How the features that attacks use relate to those that the model rests on."""

from collections.abc import Sequence

import msgspec
import numpy as np

from bartizan.core.arrays import Array
from bartizan.core.finding import Finding

_FEW = 3
"""A rank correlation of fewer features says nothing."""


def related(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Put the part of each feature in the attacks beside its importance.

    Only attacks of attackers who decide count; where several broke rows, the mean of their parts.

    Returns:
        The same findings; those with importances have `attacked` filled in, where an attack
        broke rows, and a remark on how the two orders agree.
    """
    spent = _spent(findings)
    if not spent:
        return tuple(findings)
    return tuple(_beside(f, spent) if f.importances else f for f in findings)


def _spent(findings: Sequence[Finding]) -> dict[str, float]:
    """Mean share of the price that goes into each feature."""
    used = [f.weaknesses for f in findings if f.decides and f.weaknesses]
    names = {weakness.feature for weaknesses in used for weakness in weaknesses}
    parts = [{w.feature: w.spent for w in weaknesses} for weaknesses in used]
    return {name: sum(part.get(name, 0.0) for part in parts) / len(parts) for name in names}


def _beside(finding: Finding, spent: dict[str, float]) -> Finding:
    importances = tuple(
        msgspec.structs.replace(one, attacked=spent.get(one.feature, 0.0))
        for one in finding.importances
    )
    values = np.array([one.value for one in importances])
    parts = np.array([one.attacked or 0.0 for one in importances])
    remark = _remark([one.feature for one in importances], values, parts)
    remarks = (*finding.remarks, remark) if remark else finding.remarks
    return msgspec.structs.replace(finding, importances=importances, remarks=remarks)


def _remark(names: Sequence[str], values: Array, parts: Array) -> str:
    """One sentence on whether attacks go where the model looks."""
    if len(names) < _FEW or np.ptp(values) == 0 or np.ptp(parts) == 0:
        return ""
    from scipy.stats import rankdata  # noqa: PLC0415 (a second, and rarely needed)

    agree = float(np.corrcoef(rankdata(values), rankdata(parts))[0, 1])
    most = int(parts.argmax())
    place = int((values > values[most]).sum()) + 1
    return (
        f"Attacks put most into {names[most]}, which is number {place} of {len(names)} by "
        f"importance; the rank correlation of both orders is {agree:.2f}. A feature that attacks "
        "use more than the model needs is cheap to move: verify it, or give it less weight."
    )
