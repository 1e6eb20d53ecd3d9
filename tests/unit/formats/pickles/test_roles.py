import json
import re
from importlib import import_module
from importlib.resources import files

import pytest

from bartizan.formats.pickles.dangers import danger_of
from bartizan.formats.pickles.roles import Listed, allowlist, listed, role_of, versions
from bartizan.formats.pickles.trace import Name

HOSTILE = [
    *("os.system", "posix.system", "nt.system", "subprocess.Popen", "builtins.eval"),
    *("builtins.exec", "builtins.compile", "builtins.open", "builtins.setattr"),
    *("builtins.__import__", "importlib.import_module", "runpy.run_path", "code.interact"),
    *("pdb.run", "timeit.timeit", "cProfile.run", "doctest.debug_script", "ctypes.CDLL"),
    *("socket.socket", "urllib.request.urlopen", "http.client.HTTPSConnection"),
    *("shutil.rmtree", "marshal.loads", "types.CodeType", "types.FunctionType"),
    *("pkgutil.resolve_name", "operator.attrgetter", "operator.methodcaller"),
    *("functools.partialmethod", "functools.reduce", "pickle.loads", "_pickle.loads", "pip.main"),
    *("joblib.load", "numpy.load", "numpy.fromfile", "numpy.memmap", "numpy.DataSource"),
    *("numpy.testing._private.utils.runstring", "numpy.f2py.crackfortran.getlincoef"),
    *("pandas.read_pickle", "pandas.eval", "pandas.io.pytables.HDFStore", "torch.load"),
    *("torch.hub.load", "torch.jit.unsupported_tensor_ops.execWrapper", "io.FileIO"),
    *("torch.fx.graph_module.reduce_graph_module", "logging.FileHandler", "_io.FileIO"),
    *("scipy.stats._distn_infrastructure.rv_generic", "scipy.io.loadmat", "asyncio.run"),
    *("sklearn.datasets.load_files", "uuid._get_command_stdout", "weakref.finalize"),
    *("idlelib.run.Executive", "lib2to3.pgen2.grammar.Grammar.loads", "sys.modules"),
    *("_aix_support._read_cmd_output", "_osx_support._read_output", "_pyrepl.pager.pipe_pager"),
]


def name(path: str) -> Name:
    module, _, last = path.rpartition(".")
    return Name(module, last)


@pytest.mark.parametrize("path", HOSTILE)
def test_what_attacks_use_is_dangerous_and_on_no_list(path: str) -> None:
    assert danger_of(name(path))
    assert role_of(name(path)) is None


def test_no_name_of_the_list_stands_in_a_module_that_only_attacks_use() -> None:
    # Two exceptions only hold what they are given; of the others, a rule says what that may be.
    known = {"operator.itemgetter", "_operator.itemgetter"}
    for path, rule in (("functools.partial", "partial"), ("builtins.getattr", "attribute")):
        assert listed(name(path)) == Listed(role="rebuild", rule=rule)
        known.add(path)
    found = {
        f"{module}.{one}"
        for module, names in allowlist().names.items()
        for one in names
        if danger_of(Name(module, one))
    }
    assert found == known


@pytest.mark.parametrize(
    ("module", "dotted"),
    [
        ("shutil", "os.system"),
        ("sklearn.base", "os.system"),
        ("numpy", "ndarray.tofile"),
        ("sklearn.svm._classes", "SVC.fit"),
    ],
)
def test_a_name_with_dots_is_no_name_of_the_list(module: str, dotted: str) -> None:
    assert role_of(Name(module, dotted)) is None


def test_a_way_through_an_honest_module_is_seen() -> None:
    assert danger_of(Name("sklearn.base", "os.system")) == "starts programs"
    assert danger_of(Name("my_module", "np.os.system")) == "starts programs"
    assert danger_of(Name("my_module", "cosine")) == ""


@pytest.mark.parametrize(
    ("module", "last", "role"),
    [
        ("sklearn.linear_model._logistic", "LogisticRegression", "class"),
        ("sklearn.feature_selection._univariate_selection", "f_classif", "value"),
        ("numpy._core.multiarray", "_reconstruct", "rebuild"),
        ("xgboost.core", "Booster", "shell"),
        ("joblib.numpy_pickle", "NumpyArrayWrapper", "shell"),
        ("torch._utils", "_rebuild_tensor_v2", "rebuild"),
        # names of older releases
        ("numpy.core.multiarray", "_reconstruct", "rebuild"),
        ("sklearn.tree.tree", "DecisionTreeClassifier", "class"),
        ("sklearn.ensemble.forest", "RandomForestClassifier", "class"),
        ("sklearn.externals.joblib.numpy_pickle", "NumpyArrayWrapper", "shell"),
        ("sklearn.neighbors._dist_metrics", "newObj", "rebuild"),
        ("scipy.sparse.csr", "csr_matrix", "class"),
        ("pandas.core.indexes.numeric", "Int64Index", "shell"),
        # libraries that build on those of models
        ("imblearn.pipeline", "Pipeline", "shell"),
        ("category_encoders.target_encoder", "TargetEncoder", "shell"),
        ("networkx.classes.graph", "Graph", "shell"),
        ("catboost.core", "CatBoostClassifier", "shell"),
        ("lifelines.utils", "CensoringType", "rebuild"),
    ],
)
def test_what_models_are_made_of_has_a_role(module: str, last: str, role: str) -> None:
    assert role_of(Name(module, last)) == role


def test_what_cython_rebuilds_a_listed_class_with_is_listed() -> None:
    found = listed(Name("sklearn._loss._loss", "__pyx_unpickle_CyHuberLoss"))
    assert found is not None
    assert (found.role, found.rule) == ("rebuild", "class")
    assert listed(Name("sklearn._loss._loss", "__pyx_unpickle_CyNobody")) is None
    assert listed(Name("os", "__pyx_unpickle_system")) is None


def test_the_list_says_what_it_was_made_from() -> None:
    known = allowlist()
    assert {"scikit-learn", "numpy", "scipy", "pandas", "xgboost", "lightgbm"} <= set(versions())
    assert known.reviewer
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", known.day)


def test_every_name_of_the_list_is_a_name_and_stands_there_once() -> None:
    raw = json.loads(files("bartizan.formats.pickles").joinpath("roles.json").read_text())
    seen: set[tuple[str, str]] = set()
    for role in ("class", "shell", "value", "rebuild"):
        for module, names in raw[role].items():
            for one in names if role == "rebuild" else names.split():
                assert f"{module}.{one}".replace(".", "_").isidentifier()
                assert (module, one) not in seen
                seen.add((module, one))
    assert len(seen) > 1000


def test_names_of_the_standard_library_are_there() -> None:
    standard = ("collections", "datetime", "decimal", "fractions", "pathlib", "math", "copyreg")
    for module in standard:
        for one in allowlist().names[module]:
            assert hasattr(import_module(module), one)
