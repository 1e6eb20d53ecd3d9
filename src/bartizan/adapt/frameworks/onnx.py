"""ONNX files, run by onnxruntime on one thread."""

from dataclasses import dataclass, replace

import numpy as np

from bartizan.adapt.framework import Trial
from bartizan.adapt.gradients.onnx import with_slope
from bartizan.adapt.images.layout import choose_layout
from bartizan.adapt.onnx.forward import GraphForward
from bartizan.adapt.onnx.picture import Picture, picture_layouts
from bartizan.adapt.onnx.session import Output, Session
from bartizan.adapt.scoring.containers import AsTensor
from bartizan.adapt.scoring.feeding import Feed
from bartizan.adapt.scoring.rows import quietly
from bartizan.adapt.scoring.scorer import Scorer, agrees, spoken
from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.trees.onnx import graph_reader
from bartizan.core.arrays import AnyArray, Array
from bartizan.core.classifier import ScoreKind
from bartizan.core.errors import ModelError, SchemaError
from bartizan.core.schema import Label
from bartizan.formats.protobuf import inspect_onnx

_NUMBERS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(bool)": np.bool_,
}
_LABELS = ("tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)")
_SCORES = ("tensor(float)", "tensor(double)", "seq(map(int64,tensor(float)))")
_MAPS = "seq(map("
_ROUNDING = 1e-5
"""How far shares that were added up in single precision may lie outside 0 and 1."""
_SUM = 1e-2
"""How far the sum of probabilities may be from 1: half precision keeps three digits. Logits may
lie between 0 and 1 by chance, but not in this way."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Rows as the inputs of a session: one tensor, or one a column."""

    codec: Codec
    types: tuple[tuple[str, str], ...]
    """Name and type of each input."""

    def __call__(self, x: Array) -> dict[str, AnyArray]:
        """(n, d) -> tensors by name."""
        if len(self.types) == 1 and len(self.codec.columns) > 1:
            name, kind = self.types[0]
            return {name: self._tensor(x, kind=kind)}
        return {
            name: self._column(x[:, position], position=position, kind=kind)
            for position, (name, kind) in enumerate(self.types)
        }

    def _tensor(self, x: Array, *, kind: str) -> AnyArray:
        if kind in _NUMBERS:
            return np.ascontiguousarray(self.codec.array(x), dtype=_NUMBERS[kind])
        columns = [self._column(x[:, i], position=i, kind=kind) for i in range(x.shape[1])]
        return np.concatenate(columns, axis=1)

    def _column(self, values: Array, *, position: int, kind: str) -> AnyArray:
        column = self.codec.columns[position]
        if kind in _NUMBERS:
            numbers = column.numbers(values) if column.categories else values
            return np.ascontiguousarray(numbers[:, None], dtype=_NUMBERS[kind])
        if column.categories:
            texts = np.array([*column.categories, ""], dtype=object)
            return texts[column.positions(values)][:, None]
        spelled = [f"{value:g}" for value in values]
        return np.array(spelled, dtype=object)[:, None]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """The framework of ONNX files."""

    session: Session

    @property
    def names(self) -> tuple[str, ...] | None:
        """The inputs' names, if there is one a column."""
        inputs = self.session.opened.get_inputs()
        return tuple(value.name for value in inputs) if len(inputs) > 1 else None

    @property
    def width(self) -> int | None:
        """Columns of the single input, if it says."""
        inputs = self.session.opened.get_inputs()
        shape = inputs[0].shape
        if len(inputs) > 1:
            return len(inputs)
        return shape[1] if len(shape) == 2 and isinstance(shape[1], int) else None

    def scorer(self, trial: Trial) -> Scorer:
        """Scores if their largest is the label that the model gives, else its labels."""
        if trial.image is None:
            return self._sloped(self._scorer(self._feed(trial.codec), trial), trial)
        inputs = self.session.opened.get_inputs()
        made = choose_layout(
            lambda way: self._scorer(Picture(name=inputs[0].name, layout=way), trial),
            trial=trial,
            ways=iter(picture_layouts(inputs, image=trial.image, where=self.session.where)),
        )
        return self._sloped(made, trial)

    def _sloped(self, scorer: Scorer, trial: Trial) -> Scorer:
        """With its gradient, where it gives scores of numbers and is not made of trees."""
        if not isinstance(scorer.ask, Output) or scorer.kind == "label" or scorer.trees is not None:
            return scorer
        inputs = self.session.opened.get_inputs()
        forward = GraphForward(
            content=self.session.content,
            inputs=tuple(value.name for value in inputs),
            types=tuple(value.type for value in inputs),
            output=scorer.ask.name,
            batch=scorer.ask.batch,
        )
        feed = (
            scorer.feed.layout
            if isinstance(scorer.feed, Picture)
            else AsTensor(codec=trial.codec, dtype=forward.dtype)
        )
        return with_slope(scorer, forward=forward, feed=feed, x=trial.x, exact=trial.calibrated)

    def _scorer(self, feed: Feed, trial: Trial) -> Scorer:
        """The graph asked through one container."""
        labels, scores = self._output(_LABELS), self._output(_SCORES, maps=True)
        decisions = None if labels is None else quietly(lambda x: labels(feed(x)), trial.x)
        if scores is not None:
            made = self._scored(scores, feed=feed, trial=trial)
            if decisions is None:
                return made
            made = _named(made, decisions.reshape(-1), trial=trial)
            if made.naming == "places" or agrees(made, decisions.reshape(-1), x=trial.x):
                return made
        if labels is None or decisions is None:
            message = f"{self.session.where} has no output of scores or labels"
            raise ModelError(message)
        known = self._known or spoken(decisions, names=trial.names, data=trial.classes)
        return Scorer(feed=feed, ask=labels, kind="label", answers=known, naming="names")

    def _feed(self, codec: Codec) -> Inputs:
        types = tuple((value.name, value.type) for value in self.session.opened.get_inputs())
        unknown = next(
            (kind for _, kind in types if kind not in (*_NUMBERS, "tensor(string)")), None
        )
        if unknown is not None:
            message = f"{self.session.where} wants inputs of {unknown}; expected numbers or text"
            raise ModelError(message)
        for position, column in enumerate(codec.columns):
            kind = types[position if len(types) > 1 else 0][1]
            if kind in _NUMBERS and not column.numeric:
                message = (
                    f"the model takes column {column.name!r} as a number, the data holds text "
                    "there; encode it as the model's training data was"
                )
                raise SchemaError(message)
        return Inputs(codec=codec, types=types)

    def _output(self, types: tuple[str, ...], *, maps: bool = False) -> Output | None:
        """The output of one of these types; that which is called a probability first."""
        found = [
            value
            for value in self.session.opened.get_outputs()
            if value.type in types or (maps and value.type.startswith(_MAPS))
        ]
        if not found:
            return None
        best = max(found, key=lambda value: "prob" in value.name.lower())
        is_map = best.type.startswith(_MAPS)
        rows = self.session.opened.get_inputs()[0].shape[:1]
        batch = rows[0] if rows and isinstance(rows[0], int) else None
        return Output(session=self.session, name=best.name, maps=is_map, batch=batch)

    @property
    def _known(self) -> tuple[Label, ...] | None:
        """Labels that the file itself holds."""
        return inspect_onnx(self.session.content).labels

    def _scored(self, output: Output, *, feed: Feed, trial: Trial) -> Scorer:
        answer = quietly(lambda x: output(feed(x)), trial.x)
        values = answer.reshape(len(answer), -1)
        if len(values) != len(trial.x):
            message = f"the model was asked about {len(trial.x)} rows and answered {len(values)}"
            raise ModelError(message)
        k = max(2, values.shape[1])
        kind: ScoreKind = "probability" if _are_shares(values) else "logit"
        labels: tuple[Label, ...] | None = self._keys(output, feed=feed, x=trial.x) or self._known
        named = labels is not None and len(labels) == k
        types = tuple(kind for _, kind in feed.types) if isinstance(feed, Inputs) else ()
        return Scorer(
            feed=feed,
            ask=output,
            kind=kind,
            answers=labels if named and labels is not None else tuple(range(k)),
            naming="names" if named else "places",
            trees=graph_reader(self.session.content, codec=trial.codec, types=types, kind=kind)
            if types
            else None,  # trees of images are not read
        )

    def _keys(self, output: Output, *, feed: Feed, x: Array) -> tuple[Label, ...] | None:
        """The labels under which a map gives its probabilities."""
        if not output.maps:
            return None
        first = self.session.opened.run([output.name], feed(x[:1]))[0][0]
        return tuple(first)


def _are_shares(values: Array) -> bool:
    """Whether scores are probabilities by their looks; (n, k) with one column for the second."""
    inside = ((values >= -_ROUNDING) & (values <= 1.0 + _ROUNDING)).all()
    whole = values.shape[1] < 2 or (np.abs(values.sum(axis=1) - 1.0) <= _SUM).all()
    return bool(inside and whole)


def _named(scorer: Scorer, decisions: AnyArray, *, trial: Trial) -> Scorer:
    """Under the data's class names, if the file's own labels bear out that these are in order."""
    if scorer.naming == "names" or len(scorer.answers) != len(trial.classes):
        return scorer
    named = replace(scorer, answers=trial.classes, naming="names")
    try:
        return named if agrees(named, decisions, x=trial.x) else scorer
    except ModelError:
        return scorer
