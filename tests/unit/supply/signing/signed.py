"""A signed model for tests."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bartizan.core.artifact import Artifact, Vouched
from bartizan.crypto.oms.ec_key import SigningKey
from bartizan.supply.signing.signing import Pen, Signature, sign
from bartizan.supply.signing.trust import Trust, TrustedKey, TrustPolicy, trusted
from bartizan.supply.signing.verification import vouched
from unit.crypto.oms.authorities import NOW


@dataclass(frozen=True)
class Signed:
    """A model, its key and its signature."""

    model: Path
    pen: Pen
    signature: Signature

    def trust(self, *, models: tuple[str, ...] = (), **policy: Any) -> Trust:
        pem = self.pen.key.public.pem.decode()
        key = TrustedKey(pem=pem, models=models)
        return trusted(TrustPolicy(key=(key,), **policy), folder=self.model.parent)

    def check(self, *, trust: Trust | None = None, **options: Any) -> Vouched[Artifact]:
        return vouched(self.model, trust=trust or self.trust(), **{"now": NOW, **options})


def folder_model(place: Path) -> Path:
    """A model of three files in two folders."""
    model = place / "fraud"
    (model / "parts").mkdir(parents=True)
    (model / "model.onnx").write_bytes(bytes(range(256)))
    (model / "parts" / "one").write_bytes(b"one")
    (model / "parts" / "two").write_bytes(b"two")
    return model


def signed(place: Path, *, make: Callable[[Path], Path] = folder_model, **options: Any) -> Signed:
    """Make a model and sign it."""
    model, pen = make(place), Pen(key=SigningKey.new())
    return Signed(model, pen, sign(model, pen=pen, now=NOW, **options))
