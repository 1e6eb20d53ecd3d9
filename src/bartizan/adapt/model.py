"""A model as loaded, before it meets data."""

from dataclasses import dataclass, field
from typing import Any, Literal

from bartizan.adapt.factory import call_factory
from bartizan.adapt.files.opening import opened
from bartizan.adapt.networks.modules import take_weights
from bartizan.core.schema import Label


@dataclass(frozen=True, kw_only=True)
class Model:
    """A model and where it came from. Can be pickled where the object can."""

    name: str
    path: str | None
    """The file, or ``module:factory``; none for an object of this process."""
    digest: str
    """`sha256:` and the root digest of OpenSSF Model Signing over the file, or over the weights of
    a factory: what `supply sign` signs. Empty for `probe`: binding computes that from the
    answers."""
    digest_kind: Literal["oms-root", "probe"]
    format: str
    """What it is: `skops`, `onnx`, `xgboost-json`, `xgboost-ubj`, `lightgbm`, `pickle`,
    `factory`, `endpoint`, `scikit-learn`, `xgboost`, `torch` or `callable`."""
    threshold: float | None = None
    """Probability of the second class from which on it is chosen; none = the model decides."""
    classes: tuple[Label, ...] | None = None
    """What the user calls the model's classes, in the model's order."""
    notes: tuple[str, ...] = ()
    directory: str = ""
    """Where a factory's module was looked for."""
    raw: Any = field(default=None, repr=False, compare=False)
    """The object, if it is in this process."""
    content: bytes | None = field(default=None, repr=False, compare=False)
    """What to open it from in another process; the weights of a factory's module."""
    weights: str = ""
    """The file that the weights came from."""

    def __getstate__(self) -> dict[str, Any]:
        """Everything but what can be made again."""
        again = self.content is not None or self.format == "factory"
        return {**self.__dict__, "raw": None if again else self.raw}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over a state as it is; a frozen class cannot set it name by name."""
        self.__dict__.update(state)

    def open(self) -> Any:
        """The object to ask: an estimator, a booster, a session, a module or a function."""
        if self.raw is not None:
            return self.raw
        if self.format == "factory":
            made = call_factory(str(self.path), directory=self.directory)
            if self.weights:
                take_weights(made, self.content or b"", where=self.weights)
        else:
            made = opened(self.content or b"", kind=self.format, where=str(self.path))
        self.__dict__["raw"] = made
        return made
