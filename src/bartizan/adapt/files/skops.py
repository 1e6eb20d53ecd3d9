"""Opens skops files: a closed list of types, and nothing else runs."""

import io
import zipfile
from pathlib import Path
from typing import Any

from bartizan.adapt.files.whole import LIMIT_BYTES
from bartizan.core.errors import InputError, UnsafeFormatError

_TRUSTED = frozenset(
    {
        "functools.partial",
        "numpy.dtype",
        "scipy._lib.array_api_compat.numpy._aliases.asarray",
        "scipy.interpolate._bsplines.BSpline",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.compose._column_transformer.make_column_selector",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        "sklearn.gaussian_process.kernels.ConstantKernel",
        "sklearn.gaussian_process.kernels.Product",
        "sklearn.gaussian_process.kernels.RBF",
        "sklearn.metrics._classification.balanced_accuracy_score",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.metrics._scorer._CurveScorer",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.metrics._scorer._Scorer",
        "sklearn.model_selection._split.StratifiedKFold",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils._metadata_requests.MetadataRequest",
        "sklearn.utils._metadata_requests.MethodMetadataRequest",
        "sklearn.utils.validation.check_array",
    }
)
"""What fitted scikit-learn estimators hold beyond the types that skops trusts itself, found by
saving every estimator of the library: holders of data and pure functions. None can be given
code, a path or an address, and what a `partial` calls must itself be trusted."""


def open_skops(content: bytes, *, where: str, limit_bytes: int = LIMIT_BYTES) -> Any:
    """Open a skops file.

    Raises:
        UnsafeFormatError: it wants types outside the closed list; the message names them.
        InputError: it is damaged, or unpacks to more than the limit.
    """
    import skops.io  # noqa: PLC0415 (brings scikit-learn; only where a model is of this kind)

    _require_small(content, where=where, limit_bytes=limit_bytes)
    try:
        wanted = skops.io.get_untrusted_types(data=content)
        foreign = sorted(set(wanted) - _TRUSTED)
        if not foreign:
            return skops.io.loads(content, trusted=list(wanted))
    except Exception as error:
        message = f"{where} is not a skops file that can be opened: {_said(error)}"
        raise InputError(message) from error
    message = (
        f"{where} wants to build {', '.join(foreign[:8])}, which may run code of the file's "
        "author; Bartizan builds types of scikit-learn, numpy and scipy only: export the model "
        "to ONNX, save it in its own library's format (XGBoost JSON, LightGBM text), or hand it "
        "over in process"
    )
    raise UnsafeFormatError(message)


def save_skops(estimator: Any, path: Path) -> None:
    """Write a fitted estimator to a file that opens without running code.

    Raises:
        OSError: the file cannot be written.
    """
    import skops.io  # noqa: PLC0415 (as above)

    skops.io.dump(estimator, path)


def _require_small(content: bytes, *, where: str, limit_bytes: int) -> None:
    """Refuse an archive of which little is a lot; no member unpacks to more than it declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        message = f"{where} is not a skops file that can be opened: {_said(error)}"
        raise InputError(message) from error
    if size > limit_bytes:
        message = f"{where} unpacks to {size} bytes, more than the limit of {limit_bytes}"
        raise InputError(message)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error)[:200]}"
