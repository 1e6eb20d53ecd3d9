"""Names that people reviewed for the allowlist: what libraries rebuild objects with, what moved.

Everything here was read by the reviewer that `allowlist.py` writes into the list. The criteria of
`allowlist_review.py` find the rest.
"""

BUILTIN_CLASSES = (
    *("object", "list", "dict", "set", "frozenset", "tuple", "bytes", "bytearray", "int"),
    *("float", "complex", "bool", "range", "slice"),
)
STANDARD_CLASSES = {
    "collections": "Counter OrderedDict defaultdict deque UserDict UserList ChainMap",
    "datetime": "date datetime time timedelta timezone",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "uuid": "UUID SafeUUID",
    "array": "array",
    "pathlib": "PurePath PurePosixPath PureWindowsPath Path PosixPath WindowsPath",
    "pathlib._local": "PurePath PurePosixPath PureWindowsPath Path PosixPath WindowsPath",
    "random": "Random",
    "operator": "itemgetter",
    "_operator": "itemgetter",
}
"""Constructors that keep what they are given. A path is text until somebody opens it. A
`SimpleNamespace` is not here: it has whatever methods a file gives it."""
STANDARD_VALUES = {
    "builtins": "abs len sum round str Ellipsis NotImplemented str.lower str.upper str.strip "
    "str.split str.splitlines str.title str.casefold str.capitalize",
    "zoneinfo": "ZoneInfo",
    "math": "sqrt log log2 log10 log1p exp expm1 sin cos tan floor ceil fabs",
    "statistics": "mean median",
    "sklearn.utils.validation": "check_array",
    "sklearn.metrics._scorer": "_passthrough_scorer",
    "scipy._lib.array_api_compat.numpy._aliases": "asarray",
    "scipy._external.array_api_compat.numpy._aliases": "asarray",
}
REBUILD: dict[str, dict[str, str]] = {
    "builtins": {"type": "one", "getattr": "attribute"},
    "_codecs": {"encode": "latin1"},
    "copyreg": dict.fromkeys(("_reconstructor", "__newobj__", "__newobj_ex__"), "maker"),
    "array": {"_array_reconstructor": "class"},
    "re": {"_compile": "pattern"},
    "functools": {"partial": "partial"},
    "zoneinfo": {"ZoneInfo._unpickle": "zone"},
    "pytz": {"_p": "zone", "_UTC": "nothing", "FixedOffset": "number"},
    "dateutil.tz.tz": {"tzutc": "nothing"},
    "numpy._core._internal": {"_convert_to_stringdtype_kwargs": ""},
    "numpy._core.multiarray": {"_reconstruct": "class", "scalar": "", "_frombuffer": ""},
    "numpy._core.numeric": {"_frombuffer": ""},
    "numpy.ma.core": {"_mareconstruct": "classes"},
    "numpy.matrixlib.defmatrix": {},
    "numpy.random._pickle": {
        "__bit_generator_ctor": "called",
        "__generator_ctor": "random",
        "__randomstate_ctor": "random",
    },
    "pandas._libs.arrays": {"__pyx_unpickle_NDArrayBacked": "class"},
    "pandas._libs.internals": {"_unpickle_block": "", "__pyx_unpickle_BlockPlacement": "class"},
    "pandas._libs.tslibs.nattype": {"_nat_unpickle": "", "__nat_unpickle": ""},
    "pandas._libs.tslibs.period": {"_unpickle_period": ""},
    "pandas._libs.tslibs.timedeltas": {"_timedelta_unpickle": ""},
    "pandas._libs.tslibs.timestamps": {"_unpickle_timestamp": "", "Timestamp": "no text"},
    "pandas": {"Timestamp": "no text"},
    "pandas.core.indexes.base": {"_new_Index": "class"},
    "pandas.core.indexes.datetimes": {"_new_DatetimeIndex": "class"},
    "pandas.core.indexes.interval": {"_new_IntervalIndex": "class"},
    "pandas.core.indexes.period": {"_new_PeriodIndex": "class"},
    "pandas.core.internals.blocks": {"new_block": "", "_new_block": ""},
    "pyarrow.lib": {
        **dict.fromkeys(("_restore_array", "py_buffer", "type_for_alias", "schema", "field"), ""),
        **dict.fromkeys(("_reconstruct_table", "_reconstruct_record_batch", "chunked_array"), ""),
        **dict.fromkeys(("list_", "large_list", "struct", "dictionary", "timestamp"), ""),
    },
    "torch._utils": dict.fromkeys(
        (
            *("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter", "_rebuild_qtensor"),
            *("_rebuild_sparse_tensor", "_rebuild_device_tensor_from_numpy"),
            *("_rebuild_meta_tensor_no_storage", "_rebuild_parameter_with_state"),
        ),
        "",
    ),
    "torch.serialization": {"_get_layout": ""},
}
"""Functions that rebuild an object, by module, and the rule that their arguments must keep
(`formats/pickles/arguments.py`); empty = they build data from whatever they are given."""
NUMPY_CLASSES = {
    "numpy": "ndarray dtype matrix recarray record poly1d vectorize",
    "numpy.rec": "recarray record",
    "numpy.matrixlib.defmatrix": "matrix",
    "numpy._core.records": "recarray record",
    "numpy.ma": "MaskedArray",
    "numpy.ma.core": "MaskedArray MaskedConstant mvoid",
    "numpy.lib._polynomial_impl": "poly1d",
    "numpy.lib._function_base_impl": "vectorize",
    "numpy.random": "RandomState Generator SeedSequence MT19937 PCG64 PCG64DXSM Philox SFC64",
    "numpy.random.mtrand": "RandomState",
    "numpy.random._generator": "Generator",
    "numpy.random._mt19937": "MT19937",
    "numpy.random._pcg64": "PCG64 PCG64DXSM",
    "numpy.random._philox": "Philox",
    "numpy.random._sfc64": "SFC64",
    "numpy.random.bit_generator": "SeedSequence SeedlessSeedSequence BitGenerator",
    "numpy._globals": "_NoValueType",
}
PANDAS_CLASSES = (
    *("CategoricalDtype", "PeriodDtype"),
    *("StringDtype", "BooleanDtype", "ArrowDtype", "Timedelta", "Period"),
    *("Interval", "Int8Dtype", "Int16Dtype", "Int32Dtype", "Int64Dtype", "UInt8Dtype"),
    *("UInt16Dtype", "UInt32Dtype", "UInt64Dtype", "Float32Dtype", "Float64Dtype", "Flags"),
)
PANDAS_ARRAYS = (
    *("ArrowExtensionArray", "ArrowStringArray", "BooleanArray", "DatetimeArray"),
    *("FloatingArray", "IntegerArray", "IntervalArray", "NumpyExtensionArray", "PeriodArray"),
    *("SparseArray", "StringArray", "TimedeltaArray"),
)
PANDAS_SHELLS = (
    *("DataFrame", "Series", "Index", "RangeIndex", "MultiIndex", "CategoricalIndex"),
    *("DatetimeIndex", "TimedeltaIndex", "PeriodIndex", "IntervalIndex", "Categorical"),
    *("DatetimeTZDtype", "IntervalDtype", "SparseDtype"),
)
"""Their constructors take the name of a time zone, or of a type that holds one: a text such as
``dateutil//etc/zone``, which is the path of a file that is read. Arrays are the same. No pickler
calls them: it makes them empty, or through functions that have a rule."""
PANDAS_COMPILED = {
    "pandas._libs.sparse": "IntIndex BlockIndex",
    "pandas._libs.tslibs.period": "Period",
    "pandas._libs.tslibs.timedeltas": "Timedelta",
    "pandas._libs.interval": "Interval",
}
"""Compiled classes of numbers, under the modules that pandas 1 and 2 say they are of."""
XGBOOST_SHELLS = {"xgboost.core": "Booster"}
"""Their constructors read a file whose name they are given; their states are bytes."""
LIGHTGBM_SHELLS = {"lightgbm.basic": "Booster"}
OTHER_SHELLS = {"joblib.numpy_pickle": "NumpyArrayWrapper"}
"""What reads the array after it is the loader's, and ours reads nothing else."""
RETIRED_CLASSES = {
    # scikit-learn's losses before it had one module for them (release notes 1.1, 1.4)
    "sklearn.ensemble._gb_losses": "LeastSquaresError LeastAbsoluteError HuberLossFunction "
    "QuantileLossFunction BinomialDeviance MultinomialDeviance ExponentialLoss",
    "sklearn.ensemble._hist_gradient_boosting.loss": "LeastSquares LeastAbsoluteDeviation Poisson "
    "BinaryCrossEntropy CategoricalCrossEntropy",
    "sklearn._loss.glm_distribution": "TweedieDistribution NormalDistribution "
    "PoissonDistribution GammaDistribution InverseGaussianDistribution",
    "sklearn.linear_model._glm.link": "IdentityLink LogLink LogitLink",
    "sklearn._loss.link": "IdentityLink LogLink LogitLink HalfLogitLink MultinomialLogit Interval",
    # losses of stochastic gradient descent (1.6 kept some, and renamed others)
    "sklearn.linear_model._sgd_fast": "Hinge SquaredHinge ModifiedHuber Log SquaredLoss Huber "
    "EpsilonInsensitive SquaredEpsilonInsensitive LossFunction Classification Regression",
    # scorers by the kind of answer they want (1.4 made one of them)
    "sklearn.metrics._scorer": "_PredictScorer _ProbaScorer _ThresholdScorer",
    # metrics before they had a precision in their names (1.3)
    "sklearn.metrics._dist_metrics": "DistanceMetric EuclideanDistance SEuclideanDistance "
    "ManhattanDistance ChebyshevDistance MinkowskiDistance WMinkowskiDistance MahalanobisDistance "
    "HammingDistance CanberraDistance BrayCurtisDistance JaccardDistance MatchingDistance "
    "DiceDistance KulsinskiDistance RogersTanimotoDistance RussellRaoDistance "
    "SokalMichenerDistance SokalSneathDistance HaversineDistance",
    # the module was split by precision and went back (1.3)
    "sklearn.neighbors._ball_tree": "BallTree BallTree32 BallTree64",
    "sklearn.neighbors._kd_tree": "KDTree KDTree32 KDTree64",
    # estimators that left (0.22 to 1.9)
    "sklearn.preprocessing.imputation": "Imputer",
    "sklearn.preprocessing._data": "CategoricalEncoder",
    # pandas before 2.0
    "pandas.core.arrays.string_": "StringDtype",
    "pandas.core.internals.managers": "BlockManager SingleBlockManager",
    "pandas._libs.internals": "BlockManager BlockPlacement",
    # optimisers of networks kept their own random state (numpy 1.x)
    "numpy.random._bit_generator": "SeedSequence BitGenerator",
}
"""Classes that newer releases do not have any more, from their release notes."""
RETIRED_SHELLS = {
    # pandas before 2.0; their constructors take names of types
    "pandas.core.indexes.numeric": "Int64Index UInt64Index Float64Index NumericIndex",
    "pandas.core.arrays.numpy_": "PandasArray NumpyExtensionArray",
    "pandas.core.arrays.string_": "StringArray",
}
RETIRED_REBUILD: dict[str, dict[str, str]] = {
    "sklearn.neighbors._binary_tree": {"newObj": "class"},
    "numpy._core._internal": {"_reconstruct": "class"},  # numpy before 1.0
}
ALIASES = (
    ("numpy.core", "numpy._core"),  # numpy 2.0 made it private
    ("numpy.core.", "numpy._core."),
    ("numpy.lib.function_base", "numpy.lib._function_base_impl"),
    ("numpy.lib.polynomial", "numpy.lib._polynomial_impl"),
    ("sklearn.externals.joblib.", "joblib."),  # scikit-learn 0.21 stopped bundling it
    # scikit-learn 0.22 made its modules private, 1.0 moved metrics of distance
    ("sklearn.neighbors._dist_metrics", "sklearn.metrics._dist_metrics"),
    ("sklearn.neighbors.dist_metrics", "sklearn.metrics._dist_metrics"),
    ("sklearn.tree.tree", "sklearn.tree._classes"),
    ("sklearn.svm.classes", "sklearn.svm._classes"),
    ("sklearn.ensemble.gradient_boosting", "sklearn.ensemble._gb"),
    ("sklearn.cluster.k_means_", "sklearn.cluster._kmeans"),
    ("sklearn.cluster.hierarchical", "sklearn.cluster._agglomerative"),
    ("sklearn.cluster._hierarchical", "sklearn.cluster._agglomerative"),
    ("sklearn.decomposition.online_lda", "sklearn.decomposition._lda"),
    ("sklearn.mixture.gaussian_mixture", "sklearn.mixture._gaussian_mixture"),
    (
        "sklearn.neural_network.multilayer_perceptron",
        "sklearn.neural_network._multilayer_perceptron",
    ),
    ("pandas.core.index", "pandas.core.indexes.base"),
    ("pandas.indexes.", "pandas.core.indexes."),
)
"""Modules that moved: what their names began with, and begin with today."""
LEFT_OUT = {
    "sklearn": (
        *("datasets", "externals", "experimental", "tests", "conftest", "_testing", "_mocking"),
        *("estimator_checks", "discovery", "_show_versions", "callback", "_repr_html", "_plot"),
        *("parallel", "_optional_dependencies", "__check_build", "_test_common", "fixes"),
        *("_estimator_html_repr", "_joblib", "_pprint", "_plotting", "deprecation", "_tags"),
        *("_available_if", "_param_validation", "_set_output", "_array_api"),
    ),
    "torch.nn.modules": (),
    "scipy.sparse": ("tests", "_testutils", "linalg", "csgraph"),
    "scipy.interpolate": ("tests", "_testutils"),
    "scipy.spatial": ("tests", "_testutils"),
    "xgboost.sklearn": (),
    "lightgbm.sklearn": (),
}
"""Packages that are walked, and parts of them that read data, show pages or serve their tests."""
SHELLS_OF = {
    "imblearn": (
        *("tests", "utils", "datasets", "keras", "tensorflow", "_config", "_min_dependencies"),
        *("metrics", "_version"),
    ),
    "category_encoders": ("tests", "datasets"),
    "feature_engine": ("tests", "datasets", "_docstrings"),
    "lifelines": ("tests", "datasets", "plotting", "calibration", "generate_datasets"),
    "networkx.classes": ("tests",),
    "catboost.core": (),
    "xgboost.callback": (),
    "scipy.stats._kde": (),
    **dict.fromkeys(
        (
            *(f"pyod.models.{name}" for name in ("base", "abod", "cblof", "cof", "copod", "ecod")),
            *(f"pyod.models.{name}" for name in ("gmm", "hbos", "iforest", "inne", "kde", "knn")),
            *(f"pyod.models.{name}" for name in ("loda", "lof", "mcd", "ocsvm", "pca", "qmcd")),
            *(f"pyod.models.{name}" for name in ("rod", "sampling", "kpca", "lmdd", "sod", "sos")),
        ),
        (),
    ),
}
"""Packages that build on those above, and parts of them that are left out. Their classes are made
empty and given a state, as picklers do; none of their constructors may run, and none of their
functions is listed."""
MAY_BE_SHELLS = ("scipy.", "sklearn.model_selection.")
"""Where a class is made empty only, if it is no more than its constructor that is refused."""
FUNCTIONS_OF = (
    *("sklearn.metrics", "sklearn.feature_selection", "sklearn.preprocessing", "sklearn.cluster"),
    *("sklearn.covariance", "sklearn.decomposition", "sklearn.gaussian_process"),
    *("sklearn.neighbors", "sklearn.kernel_approximation", "scipy.spatial.distance"),
    "sklearn.neural_network",
)
"""Where functions that people hand to estimators come from: scores, kernels, distances."""
REFUSED = {
    "sklearn.linear_model._stochastic_gradient._ValidationScoreCallback": "calls what it holds",
    "imblearn.base.FunctionSampler": "calls what it holds, with more than it is given",
    "feature_engine.creation.math_features.MathFeatures": "names the methods that it calls",
    "lifelines.utils.CovariateParameterMappings": "evaluates formulas, which are code",
    "xgboost.callback.TrainingCheckPoint": "writes files where it is told to",
    "xgboost.callback.LearningRateScheduler": "calls what it holds, with more than it is given",
    "xgboost.callback.CallbackContainer": "calls what it holds, with more than it is given",
    "sklearn.metrics._dist_metrics.PyFuncDistance": "calls what it holds while others are made",
    "sklearn.metrics._dist_metrics.PyFuncDistance32": "calls what it holds while others are made",
    "sklearn.metrics._dist_metrics.PyFuncDistance64": "calls what it holds while others are made",
    "scipy.interpolate._fitpack_repro.Bunch": "its items are its methods",
    "torch.nn.modules.module._WrappedHook": "calls what it holds, with more than it is given",
    "lightgbm.sklearn._EvalFunctionWrapper": "calls what it holds, with more than it is given",
    "lightgbm.sklearn._ObjectiveFunctionWrapper": "calls what it holds, with more than it is given",
    "numpy.piecewise": "calls what it is given with arguments of the file's choice",
    "numpy.pad": "calls what it is given with arguments of the file's choice",
    "numpy.seterr": "changes settings of the whole process",
    "numpy.seterrcall": "changes settings of the whole process",
    "numpy.setbufsize": "changes settings of the whole process",
    "numpy.set_printoptions": "changes settings of the whole process",
    "numpy.printoptions": "changes settings of the whole process",
    "numpy.show_config": "serves people",
    "numpy.get_include": "serves people",
}
"""What the criteria let through and people did not."""
TORCH_FUNCTIONS = "relu gelu silu selu elu celu leaky_relu relu6 hardtanh hardswish mish softplus"
