"""Functions of libraries that call a function of the file, or keep it for later."""

from collections.abc import Iterator
from typing import Any

from hostile_artifacts.case import GADGET, Case, bare
from hostile_artifacts.opcodes import COMMAND, SYSTEM, Code, call, named, push, stacked, whole
from hostile_artifacts.proofs import made

_CALLED: dict[str, tuple[str, str, tuple[Any, ...]]] = {
    "numpy-apply-along-axis": ("numpy", "apply_along_axis", (SYSTEM, 0, [COMMAND])),
    "numpy-fromfunction": ("numpy", "fromfunction", (SYSTEM, (1,))),
    "numpy-vectorize": ("numpy", "vectorize", (SYSTEM,)),
    "numpy-frompyfunc": ("numpy", "frompyfunc", (SYSTEM, 1, 1)),
    "numpy-piecewise": ("numpy", "piecewise", ([1], [True], [SYSTEM])),
    "scipy-minimize": ("scipy.optimize._minimize", "minimize", (SYSTEM, [COMMAND])),
    "scipy-quad": ("scipy.integrate._quadpack_py", "quad", (SYSTEM, 0, 1)),
    "scipy-low-level-callable": ("scipy._lib._ccallback", "LowLevelCallable", (SYSTEM,)),
    "joblib-batch": ("joblib.parallel", "BatchedCalls", ([(SYSTEM, (COMMAND,), {})], 1)),
    "joblib-delayed": ("joblib.parallel", "delayed", (SYSTEM,)),
    "multiprocessing-worker": ("multiprocessing.pool", "mapstar", ((SYSTEM, [COMMAND]),)),
    "futures-worker": ("concurrent.futures.process", "_process_chunk", (SYSTEM, [(COMMAND,)])),
    "pandas-pipe": ("pandas.core.common", "pipe", (COMMAND, SYSTEM)),
    "dict-with-a-factory": ("collections", "defaultdict", (SYSTEM,)),
    "method-of-an-object": ("types", "MethodType", (SYSTEM, COMMAND)),
    "registered-extension": ("copyreg", "add_extension", ("posix", "system", 7)),
    "registered-reducer": ("copyreg", "pickle", (named("builtins", "int"), SYSTEM)),
    "reconstructed": ("copyreg", "_reconstructor", (SYSTEM, SYSTEM, COMMAND)),
}
"""What is called, by the name of the file: module, name, arguments."""


def _kept() -> dict[str, Code]:
    """Objects that call what they were given once they are used."""
    state: tuple[Any, ...] = (SYSTEM, (COMMAND,), {}, None)
    empty = Code(named("functools", "partial") + push((named("builtins", "int"),)) + b"\x81")
    transformer = "sklearn.preprocessing._function_transformer"
    texts = "sklearn.feature_extraction.text"
    return {
        "partial-by-its-state": Code(empty + push(state) + b"b"),
        "transformer-of-a-function": made(transformer, "FunctionTransformer", {"func": SYSTEM}),
        "vectorizer-with-a-function": made(texts, "TfidfVectorizer", {"tokenizer": SYSTEM}),
        "kernel-that-is-a-function": made("sklearn.svm._classes", "SVC", {"kernel": SYSTEM}),
        "score-that-is-a-function": made(
            "sklearn.metrics._scorer", "_Scorer", {"_score_func": SYSTEM, "_sign": 1}
        ),
    }


def cases() -> Iterator[Case]:
    """Every caller."""
    for name, (module, place, args) in _CALLED.items():
        body = call(stacked(module, place), *args)
        yield bare(name, whole(body, protocol=4), family=GADGET, weakness="callbacks")
    for name, body in _kept().items():
        yield bare(name, whole(body, protocol=4), family=GADGET, weakness="callbacks")
