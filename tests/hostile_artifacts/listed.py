"""Gadgets out of names that every model may use: none of them is dangerous alone.

An unpickler looks methods up on the object itself, and some classes call methods of what their
state holds. A file may give an object whatever attributes it likes, so that these are called.
"""

from collections.abc import Iterator, Mapping

from hostile_artifacts.case import GADGET, Case, Least
from hostile_artifacts.opcodes import Code, call, named, push, whole


def _made(module: str, name: str, state: Mapping[str, object] | None = None) -> Code:
    """NEWOBJ, and BUILD: an object that was never constructed."""
    body = named(module, name) + b")\x81"
    return Code(body if state is None else body + push(dict(state)) + b"b")


def _model(**state: object) -> Code:
    return _made("sklearn.linear_model._base", "LinearRegression", state)


_KERNELS = "sklearn.gaussian_process.kernels"
_ANY = _made(_KERNELS, "Sum", {"k1": _model(), "k2": _model()})
"""Calls its parts with whatever it is called with."""
_OWN = {"append": _ANY}
_TYPE = Code(
    named("numpy", "dtype")
    + push(("O8", False, True))
    + b"R"
    + push((3, "|", None, None, None, -1, -1, 0))
    + b"b"
)
"""Items are objects, and the flags say that they are not: bytes are taken for addresses."""
_ARRAY = Code(
    call(named("numpy._core.multiarray", "_reconstruct"), named("numpy", "ndarray"), (0,), b"b")
    + push((1, (1,), _TYPE, False, b"\x41" * 8))
    + b"b"
)


def _bodies() -> dict[str, tuple[str, Least, bytes]]:
    """By name: weakness, the mildest verdict, instructions."""
    bunch = _made("sklearn.utils._bunch", "Bunch")
    item = push("append") + _ANY
    computed = call(named("numpy", "str_"), "append") + _ANY
    state_dict = call(named("collections", "OrderedDict")) + push(_OWN) + b"b"
    first = _model(coef_=1)
    predictor = "sklearn.ensemble._hist_gradient_boosting.predictor"
    nodes = {"nodes": _model(dtype=1, astype=_ANY)}
    flags = {"_typ": "dataframe", "_mgr": None, "_flags": _model(keys=_ANY)}
    text = {"_handle": _model(encode=_ANY)}
    viewer = _model(_adjdict={}, _graph=_model(nbunch_iter=_ANY))
    held = [_model(items=_ANY)]
    walked = _made("sklearn.model_selection._search", "ParameterGrid", {"param_grid": held})
    edges = {"viewer": viewer, "nbunch": "x"}
    shown = {"_sklearn_version": _made(_KERNELS, "Sum", {"k1": _model(get_params=_ANY), "k2": 1})}
    interface = {"__array_interface__": {"data": (1094795585, False), "shape": (4,)}}
    encode, huge = named("_codecs", "encode"), 1 << 30
    return {
        "method-of-its-own": ("own-methods", "malicious", _model(append=_ANY) + push(1) + b"a"),
        "method-in-a-second-state": (
            "own-methods",
            "malicious",
            first + push(_OWN) + b"b" + push(1) + b"a",
        ),
        "item-that-answers-as-a-method": (
            "own-methods",
            "malicious",
            bunch + item + b"s" + push(1) + b"a",
        ),
        "item-with-a-computed-key": (
            "own-methods",
            "malicious",
            bunch + computed + b"s" + push(1) + b"a",
        ),
        "attribute-of-a-state-dict": ("own-methods", "malicious", state_dict + push(1) + b"a"),
        "nodes-that-convert-themselves": (
            "methods-of-states",
            "malicious",
            _made(predictor, "TreePredictor", nodes),
        ),
        "flags-that-list-their-keys": (
            "methods-of-states",
            "malicious",
            _made("pandas.core.frame", "DataFrame", flags),
        ),
        "text-that-encodes-itself": (
            "methods-of-states",
            "malicious",
            _made("lightgbm.basic", "Booster", text),
        ),
        "version-that-is-shown": (
            "methods-of-states",
            "malicious",
            _made("sklearn.linear_model._base", "LinearRegression", shown),
        ),
        "edges-that-ask-their-graph": (
            "methods-of-states",
            "malicious",
            _made("networkx.classes.reportviews", "OutEdgeDataView", edges),
        ),
        "evaluations-that-are-walked-through": (
            "methods-of-states",
            "malicious",
            _made("catboost.core", "CatBoost", {"_test_evals": [walked]}),
        ),
        "key-that-computes-its-hash": (
            "methods-of-states",
            "malicious",
            b"}" + _made("scipy.spatial.distance", "MetricInfo", {"a": _ANY}) + push(1) + b"s",
        ),
        "matrix-at-any-address": (
            "computing-constructors",
            "malicious",
            call(named("numpy", "matrix"), _model(**interface)),
        ),
        "tree-of-any-object": (
            "computing-constructors",
            "malicious",
            call(named("sklearn.neighbors._ball_tree", "BallTree"), _model(__array__=_ANY)),
        ),
        "array-of-addresses": ("lying-types", "malicious", _ARRAY),
        "argument-after-a-thousand": (
            "hidden-arguments",
            "malicious",
            (call(encode, "x", "latin1") + b"0") * 1_100 + call(encode, "x", "rot13"),
        ),
        "arguments-in-a-list": (
            "hidden-arguments",
            "malicious",
            named("builtins", "bytearray") + push([huge]) + b"R",
        ),
        "bytes-of-a-gigabyte": (
            "sizes",
            "inconclusive",
            call(named("builtins", "bytes"), huge),
        ),
        "array-of-a-gigabyte": (
            "sizes",
            "inconclusive",
            named("numpy", "ndarray") + push(((huge,),)) + b"\x81",
        ),
        "list-of-a-range": (
            "sizes",
            "malicious",
            call(named("builtins", "list"), call(named("builtins", "range"), huge)),
        ),
    }


def _one(name: str, weakness: str, *, least: Least, stream: bytes) -> Case:
    """One file."""
    return Case(
        name=name,
        family=GADGET,
        weakness=weakness,
        ending=".pkl",
        least=least,
        content=lambda: stream,
        pickle=lambda: stream,
    )


def cases() -> Iterator[Case]:
    """Each in protocol 2."""
    for name, (weakness, least, body) in _bodies().items():
        yield _one(name, weakness, least=least, stream=whole(body))
