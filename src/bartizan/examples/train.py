"""Two models for the worked example: a strong one and a plain one."""

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, assert_never

from bartizan.examples.card_fraud import TARGET

if TYPE_CHECKING:
    import polars as pl
    from sklearn.pipeline import Pipeline

Kind: TypeAlias = Literal["hist-gradient-boosting", "logistic-regression"]
_WEIGHT = {0: 1.0, 1: 8.0}
"""A missed fraud counts as much as eight honest customers who are asked to confirm. Without
it a model that is right nearly always lets most fraud pass."""
KINDS: tuple[Kind, ...] = ("hist-gradient-boosting", "logistic-regression")


def train(frame: "pl.DataFrame", kind: Kind, *, seed: int = 0) -> "Pipeline":
    """Fit a fraud model on a stream.

    Args:
        frame: A stream of `card_fraud.stream`, with its label.
        kind: Which model.
        seed: Seed of the model, >= 0.

    Returns:
        The fitted pipeline; it takes frames with the stream's feature columns, and its classes
        are 0 and 1.

    Cost:
        About a second for 20,000 rows.
    """
    x = frame.drop(TARGET)
    texts = [name for name, kind_ in x.schema.items() if not kind_.is_numeric()]
    numbers = [name for name in x.columns if name not in texts]
    match kind:
        case "hist-gradient-boosting":
            model = _boosting(texts, numbers, seed=seed)
        case "logistic-regression":
            model = _logistic(texts, numbers)
        case _:
            assert_never(kind)
    return model.fit(x, frame[TARGET].to_numpy())


def _columns(*steps: tuple[str, Any, list[str]]) -> Any:
    from sklearn.compose import ColumnTransformer  # noqa: PLC0415  # only the demo needs it

    return ColumnTransformer(list(steps), verbose_feature_names_out=False)


def _boosting(texts: list[str], numbers: list[str], *, seed: int) -> "Pipeline":
    """Trees as most fraud desks would fit them first: texts as codes, everything else raw."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415  # see _columns
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import OrdinalEncoder  # noqa: PLC0415

    # A category never seen in training counts as missing, which the trees can handle.
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=float("nan"))
    return make_pipeline(
        _columns(("text", codes, texts), ("number", "passthrough", numbers)),
        HistGradientBoostingClassifier(
            categorical_features=list(range(len(texts))),
            # small leaves and many trees overfit a few hundred frauds; these do not
            max_iter=150,
            learning_rate=0.06,
            max_leaf_nodes=15,
            class_weight=_WEIGHT,
            random_state=seed,
        ),
    )


def _logistic(texts: list[str], numbers: list[str]) -> "Pipeline":
    """A scorecard: one weight for each category and for each scaled number."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  # see _columns
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder, StandardScaler  # noqa: PLC0415

    flags = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(
        _columns(("text", flags, texts), ("number", StandardScaler(), numbers)),
        LogisticRegression(max_iter=2000, class_weight=_WEIGHT),  # converges in a few hundred steps
    )
