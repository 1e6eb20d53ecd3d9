"""Puts a model and a table together."""

import re
from dataclasses import replace
from typing import Any

import numpy as np

from bartizan.adapt.bound import Bound
from bartizan.adapt.bound_gradient import BoundGradient
from bartizan.adapt.bound_layers import BoundLayers, Inside
from bartizan.adapt.bound_trees import BoundTrees
from bartizan.adapt.framework import Framework, Trial
from bartizan.adapt.frameworks.callable import Function
from bartizan.adapt.frameworks.lightgbm import Lightgbm
from bartizan.adapt.frameworks.onnx import Graph
from bartizan.adapt.frameworks.sklearn import Estimator
from bartizan.adapt.frameworks.torch import Network
from bartizan.adapt.frameworks.xgboost import Boosted
from bartizan.adapt.images.codec import ImageCodec
from bartizan.adapt.model import Model
from bartizan.adapt.names import listed, nearest
from bartizan.adapt.networks.modules import is_module
from bartizan.adapt.onnx.session import Session
from bartizan.adapt.scoring.classes import match_classes
from bartizan.adapt.scoring.scorer import Scorer
from bartizan.adapt.table import Table
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.trees.check import with_checked_trees
from bartizan.core.arrays import Array, Ints
from bartizan.core.errors import ConfigError, ModelError, SchemaError, ShapeError
from bartizan.core.schema import Image

_ROWS = 256
"""Rows on which ways to ask are compared: enough to meet every class of usual data, and a
fraction of a second for slow models."""
_FEW_ROWS = 64
"""Rows of large images: with fewer, the better of two layouts would be luck."""
_VALUES = 4_000_000
"""Values above which images are large, 32 MB: they are copied a few times in trials, and one copy
of so many is kept and sent to every worker."""
_MADE_UP = re.compile(r"[cx]\d+")
"""Names that `load_dataset` gives to columns without one."""


def bind(model: Model, table: Table) -> Bound:
    """Make a model ready to score the rows of a table.

    Columns are matched by name where the model knows names, classes by name where it has any.
    How to ask (container, method) is found out on up to 256 rows spread over the table, fewer
    of large images, and so that the largest score is always the model's own decision.

    Args:
        model: As loaded.
        table: Its columns and classes are those of the classifier.

    Returns:
        The classifier. Its classes are those of the data, then any that only the model has.

    Raises:
        SchemaError: columns or classes do not match; the message names the nearest.
        ShapeError: the number of columns differs and the model knows no names.
        ModelError: the model crashes, or answers nonsense.
        ConfigError: a threshold or class names that the model cannot have.
    """
    framework = _framework(model.open())
    data = table.dataset
    pictures = table.codec if isinstance(table.codec, ImageCodec) else None
    codec = table.codec.flat if isinstance(table.codec, ImageCodec) else table.codec
    image = data.schema.image
    picked, names, notes = (
        _columns(framework, codec=codec) if image is None else _pixels(framework, image=image)
    )
    rows = _spread(*data.x.shape, least=_FEW_ROWS)
    tried = data.x[rows]
    trial = Trial(
        codec=codec.select(picked, names=names) if image is None else codec,
        pictures=pictures,
        x=_only(tried, picked),
        y=data.y[rows],
        classes=data.classes,
        names=model.classes,
        calibrated=model.threshold is not None,
        image=image,
    )
    scorer, doubts = with_checked_trees(
        framework.scorer(trial).renamed(model.classes),
        codec=trial.codec,
        x=trial.x,
        features=[data.schema.features[column] for column in picked if data.schema.features],
    )
    made = _assembled(model, scorer=scorer, table=table, picked=picked, notes=(*notes, *doubts))
    code = made.digest_kind != "oms-root" or model.weights is not None
    probe = data.x[rows[_spread(*tried.shape, least=1)]]  # not what models were given before
    return _stamped(made, probe=probe, answers=made.scores(probe), code=code)


def _spread(n: int, width: int, *, least: int) -> Ints:
    """Places of rows all over a table, ascending: 256, or so many as are not too large."""
    most = min(_ROWS, max(least, _VALUES // max(width, 1)))
    return np.unique(np.linspace(0, n - 1, most).astype(np.int64))


def _only(x: Array, picked: Ints) -> Array:
    """The columns that a model takes; the rows themselves where it takes them as they are."""
    if np.array_equal(picked, np.arange(x.shape[1])):
        return x
    return np.ascontiguousarray(x[:, picked])


def _assembled(
    model: Model, *, scorer: Scorer, table: Table, picked: Ints, notes: tuple[str, ...]
) -> Bound:
    """The classifier in the data's columns and classes."""
    width = table.dataset.schema.width
    classes, order = match_classes(scorer.labels, data=table.dataset.classes, naming=scorer.naming)
    if model.threshold is not None and (len(classes) != 2 or scorer.kind == "label"):
        message = "a threshold needs a model of two classes that gives scores; leave it out"
        raise ConfigError(message)
    if scorer.naming == "places" and len(classes) > len(table.dataset.classes):
        more = len(classes) - len(table.dataset.classes)
        told = (
            f"the labels were taken for the places of the model's outputs, counted from 0; {more} "
            f"of its {len(classes)} classes do not occur in the data"
        )
        notes = (*notes, told)
    return _kind(scorer)(
        name=model.name,
        classes=classes,
        score_kind="logit" if model.threshold is not None else scorer.kind,
        notes=(*model.notes, *notes, *scorer.notes),
        digest=model.digest,
        digest_kind=model.digest_kind,
        width=width,
        scorer=scorer,
        picked=None if np.array_equal(picked, np.arange(width)) else picked,
        order=None if np.array_equal(order, np.arange(len(order))) else order,
        threshold=model.threshold,
    )


def _kind(scorer: Scorer) -> type[Bound]:
    """How much the model shows."""
    if scorer.trees:
        return BoundTrees
    if isinstance(scorer.slope, Inside):
        return BoundLayers
    return BoundGradient if scorer.slope else Bound


def _framework(raw: Any) -> Framework:
    """Which framework an object belongs to."""
    if isinstance(raw, Session):
        return Graph(session=raw)
    if is_module(raw):
        return Network(module=raw)
    library = type(raw).__module__.split(".")[0]
    if library in ("xgboost", "lightgbm"):
        made = Boosted(raw=raw) if library == "xgboost" else Lightgbm(raw=raw)
        try:
            _ = made.booster
        except Exception as error:
            title = {"xgboost": "XGBoost", "lightgbm": "LightGBM"}[library]
            message = f"the {title} model cannot be used: {type(error).__name__}: {error}"
            raise ModelError(message) from error
        return made
    return Estimator(raw=raw) if hasattr(raw, "predict") else Function(raw=raw)


def _columns(
    framework: Framework, *, codec: Codec
) -> tuple[Ints, tuple[str, ...], tuple[str, ...]]:
    """Which of the table's columns the model takes, its names for them, and notes."""
    have, wanted = codec.names, framework.names
    everything = np.arange(len(have))
    if wanted is None:
        if framework.width is not None and framework.width != len(have):
            message = (
                f"the model takes {framework.width} columns and knows no names, the table has "
                f"{len(have)}: {listed(have)}; leave out what it was not trained on"
            )
            raise ShapeError(message)
        return everything, have, ()
    missing = [name for name in wanted if name not in have]
    if missing and len(have) == len(wanted) and all(map(_MADE_UP.fullmatch, have)):
        return everything, wanted, ("columns without names were matched to the model's in order",)
    if missing:
        extra = [name for name in have if name not in wanted]
        hint = nearest(missing[0], extra or have)
        message = f"the model wants columns that the table does not have: {listed(missing)}{hint}"
        raise SchemaError(message)
    picked = np.array([have.index(name) for name in wanted], dtype=np.int64)
    extra = [name for name in have if name not in wanted]
    note = f"columns the model does not know were left out: {listed(extra)}"
    return picked, wanted, (note,) if extra else ()


def _pixels(framework: Framework, *, image: Image) -> tuple[Ints, tuple[str, ...], tuple[str, ...]]:
    """All values of an image, under no names; without notes."""
    if framework.width is not None and framework.width != image.size:
        message = (
            f"the model takes {framework.width} values, an image of the data has {image.size} "
            f"({image.height} x {image.width} x {image.channels}); bring the images to the size "
            "that it was trained on"
        )
        raise ShapeError(message)
    return np.arange(image.size), (), ()


def _stamped(bound: Bound, *, probe: Array, answers: Array, code: bool) -> Bound:
    """With what it answered, if there is code in it that no file tells.

    The digest of a model without a file is that of its answers.
    """
    if not code:
        return bound
    known = replace(bound, probe=probe, answers=answers)
    return known if bound.digest_kind == "oms-root" else replace(known, digest=known.behaviour)
