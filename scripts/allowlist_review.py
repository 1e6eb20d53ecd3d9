"""Reads the code of a library and says what unpickling one of its names could make it do.

The criteria of the automatic part of the review (see `allowlist.py`). What runs while a pickle is
opened, with whatever arguments its author chose, is read as a syntax tree, and so is what that
calls. A name is refused where something on the way

* opens files or sockets, starts programs, loads pickles or libraries, evaluates text;
* calls what it was given, or what stands in a state or an argument;
* looks up an attribute by a name that is not written in the code.
"""

import ast
import builtins
import importlib
import inspect
import sys
import types
from functools import cache, cached_property
from pathlib import Path
from typing import Any

HOOKS = (
    *("__new__", "__init__", "__post_init__", "__setstate__", "__setattr__", "__getattr__"),
    *("__getattribute__", "__setitem__", "append", "extend", "__hash__", "__eq__", "__del__"),
    *("__array_finalize__", "__missing__", "__len__", "__bool__"),
)
"""Methods that opening a pickle can start: making, state, filling, keys of dicts, the end."""
CONSTRUCTORS = ("__init__", "__post_init__")
"""Of these, what does not run where an object is only made empty and given its state."""
SINK_MODULES = {
    *("os", "posix", "nt", "io", "_io", "subprocess", "_posixsubprocess", "socket", "_socket"),
    *("pickle", "_pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "ctypes"),
    *("_ctypes", "importlib", "imp", "_imp", "runpy", "code", "codeop", "pty", "shutil"),
    *("tempfile", "pathlib", "urllib", "http", "ftplib", "smtplib", "ssl", "zipfile", "tarfile"),
    *("gzip", "bz2", "lzma", "sqlite3", "webbrowser", "multiprocessing", "concurrent"),
    *("threading", "asyncio", "sys", "gc", "pydoc", "pkgutil", "zipimport", "fileinput"),
}
"""Modules whose functions reach outside of the process or run code."""
HARMLESS = {
    *("os.fspath", "sys.getsizeof", "sys._getframe", "os.cpu_count", "threading.local"),
    *("posix.cpu_count", "os.getpid", "posix.getpid", "_thread._local", "_thread.RLock"),
    *("_thread.allocate_lock", "sys.intern", "io.StringIO", "_io.StringIO", "_io.BytesIO"),
    *("sys.getrefcount", "posixpath.join", "os.environ"),
    *("joblib.parallel.effective_n_jobs", "joblib.parallel.Parallel.__init__"),
    *("pathlib.Path", "pathlib.Path.__new__"),
}
"""Of these modules, what reads nothing and runs nothing."""
SINK_BUILTINS = {"open", "exec", "eval", "compile", "__import__", "input", "breakpoint"}
SINK_METHODS = {
    *("open", "read_text", "read_bytes", "write_text", "write_bytes", "unlink", "rmdir", "mkdir"),
    *("tofile", "fromfile", "from_file", "load_library", "import_module", "popen", "system"),
    *("urlopen", "urlretrieve", "loads", "run_path", "run_module", "exec_module", "find_class"),
}
"""Methods that are a sink whatever they belong to."""
SINK_FUNCTIONS = {
    *("load", "fromfile", "memmap", "open_memmap", "loadtxt", "genfromtxt", "savetxt", "save"),
    *("savez", "savez_compressed", "DataSource", "fromregex", "from_file", "load_model"),
    *("save_model", "load_library", "runstring", "read_csv", "read_pickle", "to_pickle"),
}
"""Functions of libraries that are a sink; by name, whichever module they are taken from."""
READ = {
    "numpy._core.fromnumeric._wrapfunc": "looks up the method that its callers write out",
    "numpy._core.fromnumeric._wrapreduction": "looks up the method that its callers write out",
    "numpy._core.fromnumeric._wrapreduction_any_all": "as _wrapreduction",
    "numpy._core.numeric.moveaxis": "transposes what it is given, by the array's own method",
    "sklearn.base._clone_parametrized": "makes one more object of the class that it is given",
    "sklearn.frozen._frozen.FrozenEstimator.__getattr__": "hands an attribute on, calls nothing",
    "sklearn.utils._metadata_requests.MetadataRequest.__getattr__": "looks up its own requests",
    "sklearn.utils.validation.check_scalar": "calls comparisons of operator that it names itself",
    "numpy.lib._function_base_impl.diff": "calls subtract or not_equal",
    "scipy.sparse._base._spbase._comparison": "calls comparisons of operator, from its callers",
    "scipy.sparse._base._spbase._inequality": "calls comparisons of operator, from its callers",
    "scipy._external.array_api_compat.common._helpers._issubclass_fast": "looks up a class",
    "scipy._lib.array_api_compat.common._helpers._issubclass_fast": "looks up a class",
    "sklearn.externals.array_api_compat.common._helpers._issubclass_fast": "looks up a class",
    "sklearn.gaussian_process.kernels.Kernel.get_params": "looks up its own parameters",
    "scipy._external.array_api_compat.common._helpers.array_namespace": "asks arrays for theirs",
    "scipy._lib._array_api_override.array_namespace": "asks arrays for theirs",
    "scipy._lib.array_api_compat.common._helpers.array_namespace": "asks arrays for theirs",
    "sklearn.externals.array_api_compat.common._helpers.array_namespace": "asks arrays for theirs",
    "numpy.linalg._linalg._multi_svd_norm": "calls amin, amax or sum, from its callers",
    "scipy.sparse._construct._eye": "makes a sparse matrix of one of two kinds",
    "torch.nn.modules.module.Module.register_parameter": "calls hooks that no pickle can register",
    "torch.nn.modules.module.Module.register_module": "calls hooks that no pickle can register",
    "torch.nn.modules.module.Module.register_buffer": "calls hooks that no pickle can register",
    "torch.nn.modules.module.Module.__setattr__": "calls hooks that no pickle can register",
    "torch.nn.modules.module.Module.add_module": "calls hooks that no pickle can register",
    "torch.nn.modules.module.Module._named_members": "calls lambdas that its callers write out",
    "torch.nn.modules.rnn.RNNBase._init_flat_weights": "looks up its own weights",
    "torch.overrides.handle_torch_function": "asks tensors of other kinds for their version",
    "torch.overrides._get_overloaded_args": "calls type, or what torch's own code says",
    "scipy.sparse._compressed._cs_matrix._insert_many": "calls a type of numpy",
    "scipy.linalg.blas._get_funcs": "looks up routines of BLAS and LAPACK, from its callers",
    "scipy.interpolate._bsplines.make_interp_spline": "solves equations by LAPACK's routines",
    "scipy._lib._util._asarray_validated": "calls a sparse matrix's own toarray",
    "torch.nn.modules.rnn.RNNBase.__setstate__": "looks up its own weights",
    "narwhals.plugins._iter_native_plugins": "asks installed packages, not the pickle",
    "narwhals.plugins._discover_entrypoints": "asks installed packages, not the pickle",
    "sklearn.model_selection._search.ParameterGrid.__len__": "multiplies numbers",
}
"""What the criteria refuse and people have read: `module.qualname` and what it does."""
DEPTH = 10
"""Calls from calls. The deepest chain met that ended in a sink had six."""


class _Unknown:
    """Something that only the running program knows."""


class _Given(_Unknown):
    """An argument, or something out of a state."""


UNKNOWN, GIVEN = _Unknown(), _Given()


class Review:
    """Reads classes and functions; each function once."""

    def __init__(self) -> None:
        """Nothing read yet."""
        self._seen: dict[tuple[Any, bool, type | None], str] = {}

    def of_class(self, kind: type, *, empty: bool = False) -> str:
        """Why a class is refused; empty = nothing was found.

        Args:
            kind: The class.
            empty: Whether it is only made empty and given a state, so that its constructor does
                not run.
        """
        for name in HOOKS:
            if empty and name in CONSTRUCTORS:
                continue
            for base in kind.__mro__:
                if base.__module__ == "builtins" or name not in vars(base):
                    continue
                if why := self.of_function(vars(base)[name], owner=kind, strict=True):
                    return f"{name}: {why}"
                break
        for name, attribute in _all_of(kind).items():
            setter = attribute.fset if isinstance(attribute, property) else None
            if setter and (why := self.of_function(setter, owner=kind, strict=True)):
                return f"setting {name}: {why}"
        return self._called(kind)

    def _called(self, kind: type) -> str:
        """Whether an object that can be called reaches outside."""
        for base in kind.__mro__:
            if "__call__" in vars(base) and base.__module__ != "builtins":
                why = self.of_function(vars(base)["__call__"], owner=kind, strict=False)
                return f"__call__: {why}" if why else ""
        return ""

    def of_value(self, function: Any) -> str:
        """Why a function is refused that is only handed around, to be called with data later."""
        if why := self.of_function(function, strict=False):
            return why
        plain = _plain(function)
        node = _tree(plain) if isinstance(plain, types.FunctionType) else None
        if node is None:
            return ""
        scope = Scope(plain, node, None)
        for call in (child for child in ast.walk(node) if isinstance(child, ast.Call)):
            if isinstance(call.func, ast.Name) and scope.resolve(call.func) is GIVEN:
                return f"calls what it is given: {call.func.id}()"
        return ""

    def of_function(
        self, function: Any, *, owner: type | None = None, strict: bool, depth: int = 0
    ) -> str:
        """Why a function is refused; empty = nothing was found.

        Args:
            function: Anything that can be called.
            owner: The class whose method it is.
            strict: Whether calling what it was given counts.
            depth: Of calls so far.
        """
        plain = _plain(function)
        if not isinstance(plain, types.FunctionType):
            return _sink(plain)
        key = (plain, strict, owner)  # what a method calls depends on whose it is
        if key not in self._seen:
            self._seen[key] = ""  # of a function that calls itself: as good as its other calls
            self._seen[key] = self._body(plain, owner=owner, strict=strict, depth=depth)
        return self._seen[key]

    def _body(self, function: Any, *, owner: type | None, strict: bool, depth: int) -> str:
        if (why := _sink(function)) or _is_read(function):
            return why
        node = _tree(function)
        if node is None:
            return "" if "<string>" in function.__code__.co_filename else "no source"
        if depth > DEPTH:
            return "too deep to follow" if strict else ""
        scope = Scope(function, node, owner)
        for call in (
            child
            for part in node.body  # what decorates it ran when it was defined
            for child in ast.walk(part)
            if isinstance(child, ast.Call)
        ):
            if why := self._call(call, scope, strict=strict, depth=depth):
                return why if depth == 0 else f"{function.__qualname__}: {why}"
        return ""

    def _call(self, call: ast.Call, scope: "Scope", *, strict: bool, depth: int) -> str:
        target = scope.resolve(call.func)
        if isinstance(target, _Unknown):
            return _unresolved(call, target, strict=strict)
        if target in (getattr, builtins.getattr) and strict:
            named = len(call.args) > 1 and isinstance(call.args[1], ast.Constant)
            return "" if named else "looks up an attribute by a name it is given"
        if inspect.isclass(target):
            return self._constructed(target, strict=strict, depth=depth)
        return self.of_function(target, owner=scope.owner, strict=strict, depth=depth + 1)

    def _constructed(self, kind: type, *, strict: bool, depth: int) -> str:
        if why := _sink(kind):
            return why
        for name in ("__new__", "__init__"):
            for base in kind.__mro__:
                if base.__module__ != "builtins" and name in vars(base):
                    method = vars(base)[name]
                    why = self.of_function(method, owner=kind, strict=strict, depth=depth + 1)
                    if why:
                        return why
                    break
        return ""


class Scope:
    """What the names in a function stand for."""

    def __init__(self, function: Any, node: Any, owner: type | None) -> None:
        """Of a function, its syntax tree, and the class that it belongs to."""
        self.owner = owner
        self.globals = function.__globals__
        cells = function.__closure__ or ()
        self.closure = {
            name: cell.cell_contents
            for name, cell in zip(function.__code__.co_freevars, cells, strict=True)
            if _filled(cell)
        }
        self.node = node
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        every += [one for one in (node.args.vararg, node.args.kwarg) if one is not None]
        self.arguments = {one.arg for one in every}
        first = every[0].arg if every else ""
        self.me = first if owner is not None and first in ("self", "cls") else ""

    @cached_property
    def local(self) -> dict[str, Any]:
        """Names that the function gives: imports are known, functions are read with it."""
        found: dict[str, Any] = {}
        for child in ast.walk(self.node):
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                found.setdefault(child.id, UNKNOWN)
        for child in ast.walk(self.node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                found |= _imported(child, self.globals)
            elif isinstance(child, ast.FunctionDef | ast.ClassDef) and child is not self.node:
                found[child.name] = len  # its calls are walked as ours are
        return found

    def resolve(self, expression: ast.expr) -> Any:  # noqa: PLR0911 (one for each kind)
        """What an expression stands for."""
        match expression:
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr):
                return self._own(attr, after=True)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == self.me != "":
                return self._own(attr)
            case ast.Attribute(value=base, attr=attr):
                found = self.resolve(base)
                if isinstance(found, types.ModuleType | type):
                    return inspect.getattr_static(found, attr, None) or _dynamic(found, attr)
                return UNKNOWN
            case ast.Lambda():
                return len
            case _:
                return UNKNOWN

    def _name(self, name: str) -> Any:
        if name == self.me:
            return self.owner
        if name in self.arguments:
            return GIVEN
        for known in (self.local, self.closure, self.globals, vars(builtins)):
            if name in known:
                return known[name]
        return UNKNOWN

    def _own(self, attr: str, *, after: bool = False) -> Any:
        """A method of the object itself, or of its class's bases."""
        kinds = () if self.owner is None else self.owner.__mro__[1 if after else 0 :]
        for kind in kinds:
            if attr in vars(kind):
                return vars(kind)[attr]
        return GIVEN if not after else len


def _unresolved(call: ast.Call, target: _Unknown, *, strict: bool) -> str:
    match call.func:
        case ast.Attribute(attr=attr) if attr in SINK_METHODS:
            return f"calls .{attr}()"
        case ast.Name(id=name) if isinstance(target, _Given) and strict:
            return f"calls what it is given: {name}()"
        case ast.Attribute(attr=attr) if isinstance(target, _Given) and strict:
            return f"calls what stands in its state: {attr}()"
        case ast.Name(id=name) if strict:
            return f"calls what it computed: {name}()"
        case _:
            return ""


def _is_read(function: Any) -> bool:
    """Whether people have read a function, or it is the standard library's, whose sinks we know."""
    known = f"{function.__module__}.{function.__qualname__}" in READ.keys() | HARMLESS
    return known or function.__module__.partition(".")[0] in sys.stdlib_module_names


def _sink(thing: Any) -> str:
    """Why calling a thing counts; empty = it does not."""
    name = getattr(thing, "__qualname__", getattr(thing, "__name__", ""))
    module = getattr(thing, "__module__", "") or ""
    if module == "builtins" or (not module and hasattr(builtins, name)):
        return f"calls {name}()" if name in SINK_BUILTINS else ""
    if f"{module}.{name}" in HARMLESS or not name:
        return ""
    if module.partition(".")[0] in SINK_MODULES or name in SINK_FUNCTIONS:
        return f"calls {module}.{name}()"
    return ""


def _plain(function: Any) -> Any:
    """The function inside of a method or a wrapper."""
    if isinstance(function, staticmethod | classmethod):
        function = function.__func__
    if isinstance(function, property):
        function = function.fget
    seen = 0
    while hasattr(function, "__wrapped__") and seen < 10:
        function, seen = function.__wrapped__, seen + 1
    return function


def _all_of(kind: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed(kind.__mro__):
        found |= vars(base)
    return found


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False


def _dynamic(found: Any, attr: str) -> Any:
    """An attribute that a module makes when it is asked for."""
    try:
        return getattr(found, attr)
    except AttributeError:
        return UNKNOWN


def _imported(node: ast.Import | ast.ImportFrom, scope: dict[str, Any]) -> dict[str, Any]:
    """What an import inside of a function gives; nothing where that is not installed."""
    found: dict[str, Any] = {}
    for name in node.names:
        given = name.asname or name.name.partition(".")[0]
        try:
            if isinstance(node, ast.Import):
                found[given] = importlib.import_module(name.name if name.asname else given)
                continue
            dots = "." * node.level + (node.module or "")
            module = importlib.import_module(dots, scope.get("__package__"))
            found[given] = getattr(module, name.name)
        except (ImportError, AttributeError, TypeError):
            found[given] = UNKNOWN
    return found


@cache
def _functions(path: str) -> dict[int, Any]:
    """Every function of a file, by the line that it begins in."""
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    except (OSError, SyntaxError):
        return {}
    found: dict[int, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = [node.lineno, *(one.lineno for one in node.decorator_list)]
            found[min(lines)] = node
    return found


def _tree(function: Any) -> Any:
    code = function.__code__
    return _functions(code.co_filename).get(code.co_firstlineno)
