"""Whether what a name makes is data: a fact about libraries, not a judgement.

Code of Python that runs while a pickle is opened must not meet objects whose attributes a file
chose, or it would run what the file says. Data are what such code may meet.
"""

from bartizan.formats.pickles.trace import Argument, Grade, Made, Name, Opaque

_DATA = frozenset(
    (
        *("numpy", "pandas", "pyarrow", "datetime", "decimal", "fractions", "uuid", "random"),
        *("zoneinfo", "pytz", "dateutil", "_codecs", "builtins"),
    )
)
"""Libraries of which all objects are data, as long as data is all that they are made of."""
_DATA_MODULES = frozenset(
    (
        *("sklearn.metrics._dist_metrics", "sklearn.neighbors._dist_metrics"),
        *("sklearn.neighbors.dist_metrics", "joblib.numpy_pickle", "scipy.spatial._ckdtree"),
    )
)
"""Modules of the same kind: compiled classes that hold arrays, and what stands for arrays."""
_INERT = frozenset(("collections", "torch"))
"""Libraries of which objects hold anything, and do nothing with it."""
_TORCH_DATA = ("torch._utils", "torch", "torch.storage", "torch.serialization")
"""Modules of PyTorch that make tensors and what they consist of, and no layers."""
_OTHERS = frozenset(
    (
        *(Name("builtins", name) for name in ("type", "range", "object")),
        Name("numpy", "vectorize"),
        Name("numpy.lib._function_base_impl", "vectorize"),
        Name("numpy.lib.function_base", "vectorize"),
    )
)
"""Classes, a range of any length, and what calls a function."""


def grade_of_name(by: Name) -> Grade:
    """What a call of a name makes, if all that it is given is data.

    Example:
        >>> grade_of_name(Name("numpy", "dtype")), grade_of_name(Name("sklearn.svm", "SVC"))
        (0, 2)
    """
    top = by.module.partition(".")[0]
    if by in _OTHERS:
        return 2
    if top in _DATA or by.module in _DATA_MODULES:
        return 0
    if top in _INERT and (top != "torch" or by.module in _TORCH_DATA):
        return 1
    return 2


def grade_of_argument(value: Argument) -> Grade:
    """Of what an argument is made, all that it holds included."""
    if isinstance(value, tuple):
        return max(map(grade_of_argument, value), default=0)
    if isinstance(value, Name):
        return grade_of_value(value)
    return value.grade if isinstance(value, Opaque | Made) else 0


def grade_of_value(name: Name) -> Grade:
    """What a name itself is, handed over and not called."""
    if name in _MISSING:
        return 0
    return 1 if name.module == "torch" else 2


_MISSING = frozenset((Name("pandas", "NA"), Name("pandas._libs.missing", "NA")))
"""What stands for a value that is missing."""
