"""Which classes may be called while a pickle is opened, and what states must be made of data.

Picklers call hardly any class: they make objects empty and hand over their state. What does call
one is a `__reduce__` of the class itself, of which there are few. A constructor computes from what
it is given, so that it may be given nothing but data.
"""

from bartizan.formats.pickles.made_of import grade_of_name
from bartizan.formats.pickles.trace import Grade, Name

_MODULES = frozenset(
    (
        *("builtins", "collections", "datetime", "decimal", "fractions", "operator", "_operator"),
        *("pathlib", "pathlib._local", "uuid", "numpy.dtypes", "pandas._libs.tslibs.offsets"),
        *("sklearn._loss._loss", "sklearn.linear_model._sgd_fast", "sklearn.linear_model.sgd_fast"),
        *(
            "sklearn.tree._tree",
            "sklearn.tree._criterion",
            "sklearn.tree._splitter",
            "sklearn.exceptions",
        ),
        *("sklearn.utils._cython_blas", "sklearn.utils._isfinite", "sklearn.utils._weight_vector"),
        *("sklearn.ensemble._hist_gradient_boosting.common", "pytz", "zoneinfo", "dateutil.tz"),
    )
)
"""All listed classes of these modules are rebuilt by a call of themselves, or are built in."""
_NAMES: dict[str, frozenset[str]] = {
    "numpy": frozenset(("dtype", "ndarray")),
    "pandas": frozenset(
        (
            *("PeriodDtype", "StringDtype", "Interval", "Timedelta", "BlockPlacement"),
            *("BlockManager", "SingleBlockManager", "Period", "IntIndex", "BlockIndex"),
        )
    ),
    "torch": frozenset(("Size", "device")),
    "joblib": frozenset(("NumpyArrayWrapper", "NDArrayWrapper", "ZNDArrayWrapper")),
}
"""Single classes with a `__reduce__` of their own, by library, wherever they lie in it."""
_STORES = frozenset(
    (
        *("_ImputerTriplet", "MethodPair", "RouterMappingPair", "MissingValues"),
        *("IncompatibleKeys", "_ASMoutput", "itemgetter"),
    )
)
"""Tuples with names: they keep what they are given, and do nothing with it."""
_SIZED = frozenset(
    (
        *("bytes", "bytearray", "ndarray", "_reconstruct", "_mareconstruct", "Tree", "dtype"),
        *(
            "matrix",
            "recarray",
            "MaskedArray",
            "Fraction",
            "Gini",
            "Entropy",
            "MSE",
            "MAE",
            "Poisson",
        ),
    )
)
"""What takes memory for a number that it is given."""
_WRITERS = frozenset(("builtins", "collections", "fractions"))
_KEEPERS = frozenset(("slice", "range", "complex", "float", "defaultdict", "object"))
"""Built-in classes that keep what they are given."""
_READ_WHOLE: dict[str, Grade] = {
    "TreePredictor": 0,
    "IsotonicRegression": 0,
    "Tree": 0,
    "_QuadTree": 0,
    "newObj": 0,
    "Booster": 1,
    **dict.fromkeys((f"CatBoost{one}" for one in ("", "Classifier", "Ranker", "Regressor")), 1),
    "_CatBoostBase": 1,
    **dict.fromkeys(
        (f"{one}EdgeDataView" for one in ("", "In", "InMulti", "Multi", "Out", "OutMulti")), 0
    ),
}
"""Classes, and what makes them, of which `__setstate__` calls methods of what the state holds."""
_HOLDERS = frozenset(
    (
        *("_reconstruct", "_mareconstruct", "NumpyArrayWrapper", "NDArrayWrapper"),
        "ZNDArrayWrapper",
    )
)
"""Arrays, which hold any objects, and what stands for them, which holds their class."""


def may_be_called(name: Name) -> bool:
    """Whether a class on the list is rebuilt by a call of itself."""
    top = name.module.partition(".")[0]
    return name.module in _MODULES or name.name in _NAMES.get(top, frozenset())


def keeps_anything(name: Name) -> bool:
    """Whether a class keeps what it is given, and does nothing with it."""
    return name.name in _STORES


def takes_memory(name: Name) -> bool:
    """Whether a number among the arguments says how much memory is taken."""
    return name.name in _SIZED


def writes_out(name: Name) -> bool:
    """Whether a class goes through all of what it is given, or writes a number out."""
    return name.module in _WRITERS and name.name not in _KEEPERS


def state_grade(by: Name) -> Grade:
    """What the state of an object may be made of, at worst."""
    if by.name in _HOLDERS:
        return 2
    if by.name.startswith("__pyx_unpickle_"):
        return 0
    return _READ_WHOLE.get(by.name, grade_of_name(by))
