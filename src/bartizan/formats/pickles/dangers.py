"""Names that no model has a use for, and what somebody else uses them for.

The allowlist decides what passes. This list makes the difference between "unknown" and "known to
be an attack": a mere import of one of these is one. Written by hand, from the advisories that
scanners of pickles published until November 2026 and from the modules themselves.
"""

from bartizan.formats.pickles.trace import Name

_STARTS = "starts programs"
_RUNS = "runs code that it is given as text or bytes"
_IMPORTS = "imports modules by name"
_FILES = "reads, writes or deletes files"
_NETWORK = "talks to the network"
_NATIVE = "calls machine code"
_ANY = "turns any object into something that can be called"
_LOADS = "opens another pickle, past every check of this one"
_STATE = "changes the running interpreter"

_BY_REASON: dict[str, str] = {
    _STARTS: "os posix nt subprocess _posixsubprocess pty commands popen2 multiprocessing "
    "concurrent.futures asyncio _winapi winreg webbrowser antigravity _aix_support _osx_support "
    "distutils setuptools pip ensurepip venv idlelib lib2to3.pgen2 turtledemo pydoc cmdstanpy",
    _RUNS: "code codeop runpy timeit trace pdb bdb cProfile profile doctest unittest _pyrepl "
    "compileall py_compile IPython ptpython numpy.testing numpy.f2py "
    "numpy.distutils torch.jit torch.fx torch._dynamo torch._inductor torch.package torch.hub "
    "torch.utils.cpp_extension torch.utils.bottleneck torch.distributed torch.testing "
    "torch.onnx torch._higher_order_ops torch.utils._config_module torch.cuda.nvrtc jinja2 mako "
    "scipy.stats._distn_infrastructure scipy.stats._continuous_distns scipy.stats._discrete_distns "
    "statsmodels.base.data statsmodels.formula patsy formulaic numba.core.serialize",
    _IMPORTS: "importlib imp _imp pkgutil zipimport _frozen_importlib _frozen_importlib_external "
    "six.moves",
    _FILES: "shutil tempfile fileinput glob io _io _pyio codecs.open mmap "
    "sqlite3 dbm zipfile tarfile gzip bz2 lzma  linecache logging.handlers logging.config "
    "mailbox netrc numpy.lib.npyio numpy.lib._npyio_impl "
    "numpy.lib.format numpy.lib._datasource scipy.io scipy.datasets sklearn.datasets "
    "pandas.io pyarrow.parquet pyarrow.csv pyarrow.fs pyarrow.dataset pyarrow.feather",
    _NETWORK: "socket _socket ssl urllib urllib2 urllib3 http httplib ftplib smtplib poplib "
    "imaplib nntplib telnetlib xmlrpc socketserver requests aiohttp httpx paramiko",
    _NATIVE: "ctypes _ctypes cffi _cffi_backend numpy.ctypeslib",
    _ANY: "types functools operator _operator itertools.starmap weakref _weakref "
    ""
    "_functools unittest.mock mock",
    _LOADS: "pickle _pickle cPickle marshal shelve dill cloudpickle jsonpickle joblib.memory "
    "joblib.externals torch.serialization.load yaml",
    _STATE: "sys gc signal faulthandler atexit threading _thread resource builtins.globals "
    "sysconfig",
}
"""Modules with everything below them, and single names, blanks between them, by reason."""
_BUILTINS = {
    _RUNS: "eval exec execfile compile",
    _IMPORTS: "__import__ reload",
    _FILES: "open file input raw_input",
    _ANY: "getattr setattr delattr apply map filter reduce vars globals locals",
    _STATE: "breakpoint exit quit",
}
_SINGLE: dict[str, str] = {
    _LOADS: "numpy.load numpy.lib.npyio.load pandas.read_pickle joblib.load "
    "joblib.numpy_pickle.load joblib.numpy_pickle_compat.load torch.load torch.serialization.load "
    "torch.storage._load_from_bytes sklearn.externals.joblib.load",
    _FILES: "numpy.fromfile numpy.memmap numpy.core.memmap numpy._core.memmap numpy.save "
    "numpy.savez numpy.savetxt numpy.loadtxt numpy.genfromtxt numpy.fromregex numpy.DataSource "
    "numpy.lib.npyio.DataSource numpy.ndarray.tofile logging.FileHandler torch.save "
    "torch.from_file joblib.dump xgboost.core.Booster.load_model "
    "joblib.numpy_pickle_compat.NDArrayWrapper joblib.numpy_pickle_compat.ZNDArrayWrapper "
    "joblib.numpy_pickle.NDArrayWrapper joblib.numpy_pickle.ZNDArrayWrapper",
    _RUNS: "pandas.eval pandas.core.computation.eval.eval numexpr.evaluate "
    "numpy.core._internal._ctypes sympy.sympify scipy.stats._distn_infrastructure.rv_generic "
    "collections.namedtuple dataclasses.make_dataclass typing.get_type_hints",
    _ANY: "numpy.apply_along_axis numpy.apply_over_axes numpy.frompyfunc numpy.fromfunction "
    "copyreg.pickle copyreg.constructor copyreg.add_extension",
    _STATE: "_codecs.register codecs.register warnings.warn_explicit",
    _IMPORTS: "_codecs.lookup codecs.lookup pydoc.locate torch._utils._import_dotted_name "
    "sklearn.utils.discovery.all_estimators",
    _STARTS: "uuid._get_command_stdout joblib.parallel.Parallel",
}
_ALIASES = {"__builtin__": "builtins", "__builtins__": "builtins", "copy_reg": "copyreg"}
"""Names of Python 2 that are looked up as they are by protocols 4 and 5."""


def danger_of(name: Name) -> str:
    """What a name is used for in attacks, as the end of "it ..."; empty if it is not listed.

    A name on the allowlist is not asked: `operator` is dangerous, `operator.itemgetter` is not.

    Example:
        >>> danger_of(Name("os", "system")), danger_of(Name("os.path", "join"))
        ('starts programs', 'starts programs')
        >>> danger_of(Name("my_package", "Model"))
        ''
    """
    module = _ALIASES.get(name.module, name.module)
    if module == "builtins" and (found := _BUILTIN.get(name.name.partition(".")[0])):
        return found
    return _dotted(f"{module}.{name.name}") or _through(name.name)


def _dotted(path: str) -> str:
    """The reason of the longest beginning of a path that is listed."""
    parts = path.split(".")[:20]  # no name of the list has more than five
    for length in range(len(parts), 0, -1):
        if found := _LISTED.get(".".join(parts[:length])):
            return found
    return ""


def _through(name: str) -> str:
    """Of a name with dots: protocol 4 walks through the modules that a module imported."""
    parts = name.split(".")[:20]
    for first in range(len(parts) - 1):
        if found := _dotted(".".join(parts[first:])):
            return found
    return ""


def _spread(tables: dict[str, str]) -> dict[str, str]:
    return {name: reason for reason, spelled in tables.items() for name in spelled.split()}


_LISTED = _spread(_BY_REASON) | _spread(_SINGLE)
_BUILTIN = _spread(_BUILTINS)
