"""Write the list of names that a pickle may use, from the libraries that are installed.

    python scripts/allowlist.py            # writes src/bartizan/formats/pickles/roles.json
    python scripts/allowlist.py --refused  # says what was refused, and why

Run it in the full environment (`make test` makes one) when the pinned versions change, read what
changed with `git diff`, and put your name and the day into the call: they go into the list. The
libraries of `allowlist_names.SHELLS_OF` must be installed too, with `--no-deps`, so that they do
not move the pinned versions of the others:

    pip install --no-deps imbalanced-learn==0.14.2 sklearn-compat==0.1.6 category_encoders==2.11.2 \
        statsmodels==0.15.0 patsy==1.0.3 feature-engine==1.9.4 lifelines==0.30.3 autograd==1.9.1 \
        autograd-gamma==0.4.2 formulaic==1.2.2 interface-meta==2.0.1 wrapt==2.5.2 catboost==1.2.10 \
        graphviz==0.21 plotly==7.1.0 pyod==3.6.7 numba==0.68.1 llvmlite==0.50.0 \
        pytz==2026.6 networkx==3.6.1
"""

import argparse
import ast
import enum
import importlib
import inspect
import json
import pkgutil
import re
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import allowlist_names as names
import numpy as np
from allowlist_review import Review

_TARGET = Path(__file__).parents[1] / "src" / "bartizan" / "formats" / "pickles" / "roles.json"
_LIBRARIES = (
    *("scikit-learn", "numpy", "scipy", "pandas", "pyarrow", "xgboost-cpu", "lightgbm", "torch"),
    *("joblib", "imbalanced-learn", "category_encoders", "feature-engine", "lifelines"),
    *("networkx", "catboost", "pyod"),
)
_REACHES_OUT = re.compile(
    r"^\s*(import|from|cimport)\s+(os|sys|pickle|subprocess|ctypes|importlib|socket)\b"
    r"|\b(open|exec|eval|compile|__import__|import_module)\s*\(",
    re.MULTILINE,
)
"""What the source of a compiled module must not hold for its classes to be listed."""

Roles = dict[str, dict[str, str]]


class Listing:
    """What has been collected: names by role."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.roles: dict[str, defaultdict[str, set[str]]] = {
            role: defaultdict(set) for role in ("class", "shell", "value")
        }
        self.rebuild: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.refused: dict[str, str] = {}
        self.review = Review()

    def add(self, role: str, module: str, spelled: str) -> None:
        """Names of one module, blanks between them."""
        self.roles[role][module] |= set(spelled.split())

    def document(self, *, reviewer: str, day: date) -> dict[str, Any]:
        """As it is stored: sorted, without a name of lesser role."""
        taken: dict[str, set[str]] = defaultdict(set)
        found: dict[str, Any] = {}
        rebuild = {module: dict(sorted(one.items())) for module, one in self.rebuild.items() if one}
        for module, one in rebuild.items():
            taken[module] |= set(one)
        for role in ("class", "shell", "value"):
            kept = {module: listed - taken[module] for module, listed in self.roles[role].items()}
            for module, listed in kept.items():
                taken[module] |= listed
            found[role] = {
                module: " ".join(sorted(kept[module])) for module in sorted(kept) if kept[module]
            }
        return {
            "reviewer": reviewer,
            "day": day.isoformat(),
            "python": ".".join(map(str, sys.version_info[:2])),
            "versions": {name.removesuffix("-cpu"): version(name) for name in _LIBRARIES},
            "aliases": [list(pair) for pair in names.ALIASES],
            "rebuild": dict(sorted(rebuild.items())),
            **found,
        }


def collected() -> Listing:
    """Everything, from every library."""
    listing = Listing()
    _by_hand(listing)
    for package, left_out in names.LEFT_OUT.items():
        for module in _modules(package, left_out=left_out):
            _of_module(listing, module)
    for package, left_out in names.SHELLS_OF.items():
        for module in _modules(package, left_out=left_out):
            _shells_of(listing, module)
    _numpy(listing)
    _scipy(listing)
    _pandas(listing)
    _torch(listing)
    return listing


def _by_hand(listing: Listing) -> None:
    listing.add("class", "builtins", " ".join(names.BUILTIN_CLASSES))
    for role, tables in (
        ("class", (names.STANDARD_CLASSES, names.NUMPY_CLASSES, names.RETIRED_CLASSES)),
        ("shell", (names.XGBOOST_SHELLS, names.LIGHTGBM_SHELLS, names.OTHER_SHELLS)),
        ("shell", (names.RETIRED_SHELLS,)),
        ("value", (names.STANDARD_VALUES,)),
    ):
        for table in tables:
            for module, spelled in table.items():
                listing.add(role, module, spelled)
    for known in (names.REBUILD, names.RETIRED_REBUILD):
        for module, functions in known.items():
            listing.rebuild[module] |= functions


def _modules(package: str, *, left_out: tuple[str, ...]) -> Iterator[ModuleType]:
    """A package's modules, without those that are left out or cannot be imported."""
    root = importlib.import_module(package)
    yield root
    for info in pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}."):
        if not set(info.name.split(".")) & set(left_out):
            try:
                yield importlib.import_module(info.name)
            except ImportError as error:
                print(f"left out: {info.name} ({error})", file=sys.stderr)


def _of_module(listing: Listing, module: ModuleType) -> None:
    """Classes and functions that a module defines."""
    for name, thing in sorted(vars(module).items()):
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if inspect.isclass(thing):
            _class(listing, thing, module=module, name=name)
        elif name == "newObj":
            if not _compiled_refusal(module):
                listing.rebuild[module.__name__][name] = "class"
        elif isinstance(thing, FunctionType) and module.__name__.startswith(names.FUNCTIONS_OF):
            _function(listing, thing, module=module.__name__, name=name)


def _shells_of(listing: Listing, module: ModuleType) -> None:
    """Classes that a module defines, to be made empty only."""
    for name, thing in sorted(vars(module).items()):
        if not inspect.isclass(thing) or thing.__module__ != module.__name__:
            continue
        if issubclass(thing, enum.Enum):
            listing.rebuild[module.__name__][name] = "member"
        else:
            _class(listing, thing, module=module, name=name, role="shell")


def _class(
    listing: Listing, kind: type, *, module: ModuleType, name: str, role: str = "class"
) -> None:
    if issubclass(kind, type) or "<locals>" in kind.__qualname__:
        return
    path = f"{module.__name__}.{name}"
    if path in names.REFUSED:
        why = names.REFUSED[path]
    elif _is_compiled(module):
        why = _compiled_refusal(module)
    else:
        why = listing.review.of_class(kind, empty=role == "shell")
    reviewed = path in names.REFUSED or _is_compiled(module)
    if why and role == "class" and path.startswith(names.MAY_BE_SHELLS) and not reviewed:
        role, why = "shell", listing.review.of_class(kind, empty=True)
    if why:
        listing.refused[path] = why
        return
    listing.add(role, module.__name__, name)


def _function(listing: Listing, function: Any, *, module: str, name: str) -> None:
    why = names.REFUSED.get(f"{module}.{name}") or listing.review.of_value(function)
    if why:
        listing.refused[f"{module}.{name}"] = why
    else:
        listing.add("value", module, name)


def _is_compiled(module: ModuleType) -> bool:
    return not str(getattr(module, "__file__", "")).endswith(".py")


def _compiled_refusal(module: ModuleType) -> str:
    """Why classes of a compiled module are not listed: its source reaches out, or is not here."""
    base = str(module.__file__).partition(".cpython")[0]
    for ending in (".pyx", ".pyx.tp"):
        source = Path(base + ending)
        if source.exists():
            found = _REACHES_OUT.search(source.read_text(encoding="utf-8"))
            return f"its source has {found.group().strip()}" if found else ""
    return "compiled, and its source is not here"


def _numpy(listing: Listing) -> None:
    """Scalar types, ufuncs, functions of arrays, polynomials."""
    for name, thing in sorted(vars(np).items()):
        if isinstance(thing, type) and issubclass(thing, np.generic):
            listing.add("class", "numpy", f"{thing.__name__} {name}")
        elif isinstance(thing, np.ufunc):
            for module in ("numpy", "numpy._core._multiarray_umath", "numpy._core.umath"):
                listing.add("value", module, name)
        elif name.startswith("_") or isinstance(thing, type):
            continue
        elif getattr(thing, "__module__", "") == "numpy":
            plain = getattr(thing, "_implementation", thing)  # other arrays may take it over
            if isinstance(plain, FunctionType):
                _function(listing, plain, module="numpy", name=name)
    _kinds(listing, np.dtypes, base=np.dtype)
    for module in _modules("numpy.polynomial", left_out=("tests",)):
        _kinds(listing, module, base=np.polynomial.polynomial.ABCPolyBase)


def _kinds(listing: Listing, module: ModuleType, *, base: type) -> None:
    """Subclasses of a class in a module."""
    for name, thing in sorted(vars(module).items()):
        if isinstance(thing, type) and issubclass(thing, base):
            listing.add("class", module.__name__, name)


def _scipy(listing: Listing) -> None:
    """Functions of scipy.special, which are compiled and compute numbers."""
    for place in ("scipy.special", "scipy.special._ufuncs", "scipy.special._special_ufuncs"):
        module = importlib.import_module(place)
        ufuncs = [name for name, thing in vars(module).items() if isinstance(thing, np.ufunc)]
        listing.add("value", place, " ".join(ufuncs))
    listing.add("class", "scipy.spatial._ckdtree", "cKDTree cKDTreeNode")


def _pandas(listing: Listing) -> None:
    """Reviewed classes, under their public names and where they are defined."""
    import pandas as pd  # noqa: PLC0415 (slow to import)
    from pandas.tseries import offsets  # noqa: PLC0415 (slow to import)

    shells = [getattr(pd, name) for name in names.PANDAS_SHELLS]
    shells += [getattr(pd.arrays, name) for name in names.PANDAS_ARRAYS]
    for role, kinds in (
        ("class", [getattr(pd, name) for name in names.PANDAS_CLASSES]),
        ("shell", shells),
    ):
        for kind in kinds:
            for module in {kind.__module__, *_defined(kind)}:
                listing.add(role, module, kind.__name__)
    for module, spelled in names.PANDAS_COMPILED.items():
        listing.add("class", module, spelled)
    listing.add("value", "pandas", "NA NaT")
    listing.add("value", "pandas._libs.missing", "NA")
    listing.add("value", "pandas._libs.tslibs.nattype", "NaT")
    listing.add("class", "pandas._libs.missing", "NAType")
    for name in offsets.__all__:
        listing.add("class", "pandas._libs.tslibs.offsets", name)


def _defined(kind: type) -> Iterator[str]:
    """Modules whose source defines a class of that name, and that hold this one."""
    for name, module in sorted(sys.modules.items()):
        if not name.startswith("pandas.") or getattr(module, kind.__name__, None) is not kind:
            continue
        file = Path(str(getattr(module, "__file__", None)))
        if file.suffix == ".py":
            tree = ast.parse(file.read_text(encoding="utf-8"))
            if any(
                isinstance(one, ast.ClassDef) and one.name == kind.__name__ for one in tree.body
            ):
                yield name


def _torch(listing: Listing) -> None:
    """Types of numbers, storages, tensors of parameters, activations."""
    import torch  # noqa: PLC0415 (slow to import)

    for name, thing in sorted(vars(torch).items()):
        if isinstance(thing, torch.dtype) or (isinstance(thing, type) and name.endswith("Storage")):
            listing.add("value", "torch", name)
    listing.add("value", "torch.storage", "UntypedStorage TypedStorage")
    listing.add("class", "torch", "Size device")
    listing.add("shell", "torch.nn.parameter", "Parameter Buffer")
    listing.add("value", "torch.nn.functional", names.TORCH_FUNCTIONS)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Write the list of names a pickle may use.")
    parser.add_argument("--reviewer", default="Bartizan maintainers", help="who read the names")
    parser.add_argument("--day", type=date.fromisoformat, default=date.today())  # noqa: DTZ011
    parser.add_argument("--refused", action="store_true", help="say what was refused, and why")
    parser.add_argument("--out", type=Path, default=_TARGET)
    arguments = parser.parse_args()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # modules that are on their way out say so
        listing = collected()
    if arguments.refused:
        for name, why in sorted(listing.refused.items()):
            print(f"{name}: {why}")
        return
    document = listing.document(reviewer=arguments.reviewer, day=arguments.day)
    arguments.out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{arguments.out}: {arguments.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
