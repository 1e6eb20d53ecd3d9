"""The sample report with hostile text wherever text is free."""

from typing import Any

import msgspec

from bartizan.core.record import decode, encode
from bartizan.core.report import Report
from unit.report.samples import sample_report

PAYLOAD = (
    "</title></style></svg><script>alert(1)</script><img src=http://h/x onerror=a()>\"'{{7*7}}$x$"
)
CLOSED = {
    "access",
    "altered",
    "better",
    "digest_kind",
    "fail_on",
    "difference",
    "direction",
    "kind",
    "norm",
    "op",
    "original",
    "outcome",
    "schema",
    "severity",
    "source",
    "standing",
    "x_scale",
    "y_scale",
}
"""Fields that take one of a few words only."""


def _poison(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        names = key in ("features", "params", "versions")
        return {(_poison(k) if names else k): _poison(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_poison(one, key) for one in value]
    return value + PAYLOAD if isinstance(value, str) and key not in CLOSED else value


def hostile_report() -> Report:
    """Every name, reason, label and digest ends in `PAYLOAD`."""
    raw = msgspec.json.encode(_poison(msgspec.json.decode(encode(sample_report()))))
    return decode(raw, kind=Report)
