"""Is an artefact what somebody trusted has signed?"""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bartizan.core.artifact import Artifact, Vouched
from bartizan.core.entry import ControlResult
from bartizan.core.errors import InputError, TrustError
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.admission.gate import Gate
from bartizan.supply.signing.signing import Pen, sign
from bartizan.supply.signing.trust import Signatory, Trust
from bartizan.supply.signing.verification import vouched


def judged(check: Callable[[], Vouched[Artifact]]) -> tuple[Gate, Vouched[Artifact] | None]:
    """Check the signature.

    Args:
        check: What returns the artefact that was signed, or raises.

    Returns:
        The answer, and the artefact as it was signed; none = it was not.
    """
    try:
        found = check()
    except TrustError as error:
        counts = {"broken-signatures": 1}
        gate = Gate(outcome="fail", severity="critical", reason=str(error), counts=counts)
        return gate, None
    except InputError as error:
        return Gate(outcome="inconclusive", reason=str(error)), None
    said = found.voucher
    version = f", version {said.version}" if said.version else ""
    when = f" on {said.signed[:10]}" if said.signed else ""
    left = f"; nothing is said about {', '.join(said.unsigned)}" if said.unsigned else ""
    reason = f"{said.signer} signed {found.artifact.root} as {found.artifact.name!a}{version}{when}"
    counts = {"broken-signatures": 0, "signed-files": len(found.artifact.digests)}
    return Gate(outcome="pass", reason=reason + left, counts=counts), found


def control() -> ControlResult:
    """Whether a model that was signed is accepted, and one flipped bit in it is not."""
    now, key = datetime(2026, 1, 1, tzinfo=UTC), SigningKey.new()
    signatory = Signatory(fingerprint=key.public.fingerprint, key=key.public)
    trust = Trust(signatories=(signatory,))
    with tempfile.TemporaryDirectory(prefix="bartizan-") as folder:
        model = Path(folder) / "planted"
        model.write_bytes(b"planted")
        sign(model, pen=Pen(key=key), now=now)
        honest, _ = judged(lambda: vouched(model, trust=trust, now=now))
        model.write_bytes(b"qlanted")
        changed, _ = judged(lambda: vouched(model, trust=trust, now=now))
    if honest.outcome != "pass" or changed.outcome != "fail":
        detail = f"a signed file was called {honest.outcome}, a changed one {changed.outcome}"
        return ControlResult(passed=False, detail=detail)
    detail = "a signed file was accepted, and refused with one bit flipped"
    return ControlResult(passed=True, detail=detail)
