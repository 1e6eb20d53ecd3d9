"""Reads the trees of scikit-learn's classifiers.

Trees, forests and `GradientBoostingClassifier` read rows in single precision and compare with
thresholds in double; `HistGradientBoostingClassifier` does all in double. `<=` passes. The parts
that no public name reaches are read all the same: what comes out is checked against the model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bartizan.adapt.tables.codec import Codec
from bartizan.adapt.trees.codes import numbers_seen, places_seen, recoded
from bartizan.adapt.trees.float import single_at_most
from bartizan.adapt.trees.join import Choice, Tree, joined
from bartizan.core.arrays import AnyArray, Array, Ints
from bartizan.core.errors import ModelError
from bartizan.core.trees import Trees


@dataclass(frozen=True, kw_only=True)
class EstimatorTrees:
    """Reads them when asked; can be pickled, the trees themselves are not kept."""

    estimator: Any
    codec: Codec

    def __call__(self) -> Trees:
        """The trees over the table's codes.

        Raises:
            ModelError: the tree IR has no words for what they do.
        """
        made = _READERS[type(self.estimator).__name__](self.estimator)
        return recoded(made, {**numbers_seen(self.codec), **self._places()})

    def _places(self) -> dict[int, Array]:
        """Codes of the encoder that histogram-based boosting puts before its trees."""
        chosen = getattr(self.estimator, "is_categorical_", None)
        if chosen is None:
            return {}
        encoder = self.estimator._preprocessor.named_transformers_["encoder"]  # noqa: SLF001 (no public name)
        pairs = zip(np.flatnonzero(chosen).tolist(), encoder.categories_, strict=True)
        return {
            place: places_seen(self.codec.columns[place], known=known.tolist())
            for place, known in pairs
        }


def tree_reader(estimator: Any, *, codec: Codec) -> EstimatorTrees | None:
    """How to read the trees of an estimator; none if it is not made of them alone."""
    kind = type(estimator)
    known = kind.__module__.startswith("sklearn.") and kind.__name__ in _READERS
    return EstimatorTrees(estimator=estimator, codec=codec) if known else None


def _grown(tree: Any, *, value: Array) -> Tree:
    """One tree of `sklearn.tree`."""
    leaf = tree.children_left < 0
    return Tree(
        feature=np.where(leaf, -1, tree.feature),
        threshold=single_at_most(np.where(leaf, 0.0, tree.threshold)),
        left=tree.children_left,
        right=tree.children_right,
        missing_left=tree.missing_go_to_left.astype(bool),
        value=value,
    )


def _averaged(estimator: Any) -> Trees:
    """A tree or a forest: shares of the classes in each leaf, averaged."""
    members = getattr(estimator, "estimators_", [estimator])
    parts = []
    for member in members:
        counts = member.tree_.value[:, 0, :]
        shares = counts / counts.sum(axis=1, keepdims=True)
        parts.append(_grown(member.tree_, value=shares / len(members)))
    return joined(parts, base=np.zeros(len(estimator.classes_)), kind="probability")


def _boosted(estimator: Any) -> Trees:
    """Gradient boosting of regression trees: log-odds, or logits of the classes."""
    first = estimator.init_
    if not (isinstance(first, str) or type(first).__name__ == "DummyClassifier"):
        message = f"the trees correct another model, {type(first).__name__} (init=...)"
        raise ModelError(message)
    rows = np.zeros((1, estimator.n_features_in_), dtype=np.float32)
    base = estimator._raw_predict_init(rows)  # noqa: SLF001 (no public name)
    k = len(estimator.classes_)
    parts = []
    for rounds in estimator.estimators_:
        for place, member in enumerate(rounds):
            value = np.zeros((member.tree_.node_count, k))
            column = 1 if len(rounds) == 1 else place
            value[:, column] = estimator.learning_rate * member.tree_.value[:, 0, 0]
            parts.append(_grown(member.tree_, value=value))
    return joined(parts, base=_columns(base, k=k), kind="logit")


def _columns(base: AnyArray, *, k: int) -> Array:
    """One score stands for the second of two classes."""
    values = np.asarray(base, dtype=np.float64).reshape(-1)
    return values if len(values) == k else np.array([0.0, values[0]])


def _histograms(estimator: Any) -> Trees:
    """Boosting on histograms: log-odds, or logits; leaves hold the learning rate already."""
    k = len(estimator.classes_)
    chosen = getattr(estimator, "is_categorical_", None)
    columns = np.arange(estimator.n_features_in_)
    if chosen is not None:  # its encoder puts columns of categories first
        columns = np.concatenate((np.flatnonzero(chosen), np.flatnonzero(~chosen)))
    parts = [
        _binned(predictor, column=place + (len(rounds) == 1), columns=columns, k=k)
        for rounds in estimator._predictors  # noqa: SLF001 (no public name)
        for place, predictor in enumerate(rounds)
    ]
    base = _columns(estimator._baseline_prediction, k=k)  # noqa: SLF001 (no public name)
    return joined(parts, base=base, kind="logit")


def _binned(predictor: Any, *, column: int, columns: Ints, k: int) -> Tree:
    """One tree of boosting on histograms."""
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(bool)
    value = np.zeros((len(nodes), k))
    value[leaf, column] = nodes["value"][leaf]
    tests = np.flatnonzero(nodes["is_categorical"].astype(bool) & ~leaf)
    sets = predictor.raw_left_cat_bitsets
    return Tree(
        feature=np.where(leaf, -1, columns[np.where(leaf, 0, nodes["feature_idx"])]),
        threshold=np.where(leaf, 0.0, nodes["num_threshold"]),
        left=nodes["left"].astype(np.int64),
        right=nodes["right"].astype(np.int64),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=value,
        choices=[
            Choice(node=int(node), codes=_codes(sets[nodes["bitset_idx"][node]])) for node in tests
        ],
    )


def _codes(words: AnyArray) -> Ints:
    """Places of the bits that are set in eight words of 32."""
    bits = (words[:, None] >> np.arange(32, dtype=words.dtype)) & 1
    return np.flatnonzero(bits.reshape(-1))


_READERS: Mapping[str, Callable[[Any], Trees]] = {
    "DecisionTreeClassifier": _averaged,
    "ExtraTreeClassifier": _averaged,
    "ExtraTreesClassifier": _averaged,
    "GradientBoostingClassifier": _boosted,
    "HistGradientBoostingClassifier": _histograms,
    "RandomForestClassifier": _averaged,
}
