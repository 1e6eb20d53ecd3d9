"""How to train a model anew: by what it shows of its training, or by a function that knows."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from bartizan.adapt.binding import bind
from bartizan.adapt.factory import named_object
from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.loading import load_model
from bartizan.adapt.model import Model
from bartizan.adapt.scoring.containers import AsArray, AsObjects, AsPandas, AsPolars
from bartizan.adapt.table import Table
from bartizan.adapt.training.foreign import trained
from bartizan.adapt.training.narrowed import narrowed
from bartizan.adapt.training.refit import Refit
from bartizan.core.arrays import Array
from bartizan.core.classifier import Classifier, Recipe
from bartizan.core.dataset import Dataset
from bartizan.core.errors import ModelError, UsageError
from bartizan.core.record import digest
from bartizan.core.schema import Label

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where in memory an object lies: another place in every process."""


def load_recipe(source: Any = None, *, model: Model, table: Table) -> Recipe:
    """Find out how a model is trained anew.

    Args:
        source: ``"module:function"``, or the function itself, called as
            ``function(x, y, seed)``: `x` in the table's container (a frame or an array; images
            of shape (n, h, w, c)), `y` class labels as the data spells them, shape (n,), `seed`
            a whole number; it returns what `load_model` takes. If not given, the model itself
            is copied with its settings, which takes an estimator or a pipeline.
        model: The model in question.
        table: Its data; what is trained answers over the columns and classes of the model bound
            to this table.

    Returns:
        The recipe. Its `repr` tells it from others, and is the same in every process. Where a
        model does not show how it was trained, `fit` raises and says why.

    Raises:
        UsageError: there is no such module or function, or it cannot be called.
        ModelError: importing the module raised, or the model cannot be asked about the table.
    """
    if source is not None:
        function, classes = recipe_function(source), bind(model, table).classes
        return Function(function=function, table=table, like=model, classes=classes)
    raw = model.open()
    if hasattr(raw, "fit") and hasattr(raw, "get_params"):
        return Refit(like=model, table=table)
    why = (
        f"a model of type {type(raw).__name__} ({model.format}) does not hold how it was trained; "
        "name a function that trains one, called as function(x, y, seed): --recipe "
        "module:function, or `recipe` under [[model]]"
    )
    return Untrainable(why=why)


def data_recipe(source: Any, *, table: Table) -> Recipe:
    """The recipe of a function that trains on a data set, where there is no model yet.

    Args:
        source: ``"module:function"``, or the function itself; called as for `load_recipe`.
        table: The data; what is trained answers over its columns and classes.

    Raises:
        UsageError: there is no such module or function, or it cannot be called.
        ModelError: importing the module raised.
    """
    return Function(function=recipe_function(source), table=table, classes=table.dataset.classes)


def recipe_function(source: Any) -> Callable[..., Any]:
    """A recipe's function, by its name or as it is; it is not called.

    Args:
        source: As for `load_recipe`.

    Raises:
        UsageError: there is no such module or function, or it cannot be called.
        ModelError: importing the module raised.
    """
    function = source
    if isinstance(source, str):
        function = named_object(source, directory=str(Path.cwd()))
    if not callable(function):
        message = (
            f"the recipe {source!r} is a {type(function).__name__}; expected a function "
            "called as function(x, y, seed) that returns a trained model"
        )
        raise UsageError(message)
    return cast("Callable[..., Any]", function)


@dataclass(frozen=True, kw_only=True)
class Untrainable:
    """The recipe of a model that does not show how it was trained."""

    why: str

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Refuse.

        Raises:
            ModelError: always.
        """
        del data, rng
        raise ModelError(self.why)


@dataclass(frozen=True, kw_only=True, repr=False)
class Function:
    """A recipe that somebody wrote."""

    function: Callable[..., Any]
    table: Table
    classes: tuple[Label, ...]
    like: Model | None = None
    """The model in question, for its name and threshold; none = there is only data."""

    def __repr__(self) -> str:
        """Name and source: another text is another recipe."""
        return f"Function({self._name}, {_source_digest(self.function)})"

    def fit(self, data: Dataset, rng: np.random.Generator) -> Classifier:
        """Let the function train on rows of a data set.

        Args:
            data: Rows of the table's columns and classes.
            rng: Gives the function its seed.

        Raises:
            ModelError: it raised, or the model it returned crashes.
            InputError: what it returned is no model, or one of other columns or classes.
        """
        rows, labels = self._container(data.x), np.array(data.classes)[data.y]
        seed = int(rng.integers(2**31))
        what = f"the recipe {self._name}, called with {len(labels)} rows,"
        made = trained(lambda: self.function(rows, labels, seed), what=what)
        model = load_model(made, threshold=None if self.like is None else self.like.threshold)
        model = model if self.like is None else replace(model, name=self.like.name)
        return narrowed(model, table=self.table, data=data, classes=self.classes)

    @property
    def _name(self) -> str:
        own = getattr(self.function, "__qualname__", type(self.function).__qualname__)
        return f"{getattr(self.function, '__module__', '')}:{own}"

    def _container(self, x: Array) -> Any:
        """Rows as whoever wrote the function knows them."""
        codec = self.table.codec
        if isinstance(codec, ImageCodec):
            return codec.decode(x)
        if codec.container == "array":
            return (AsArray if codec.numeric else AsObjects)(codec=codec)(x)
        if codec.container == "pandas":
            return AsPandas(codec=codec, exact=True)(x)
        return AsPolars(codec=codec)(x)


def _source_digest(function: Callable[..., Any]) -> str:
    """Of the module that a function stands in; of its byte code where there is no text."""
    try:
        text = inspect.getsource(inspect.getmodule(function) or function)
    except (OSError, TypeError):  # typed at a prompt, or compiled
        code = getattr(function, "__code__", None)
        text = f"{getattr(code, 'co_code', b'').hex()} {getattr(code, 'co_consts', ())}"
    return digest(_ADDRESS.sub("", text).encode())
