"""Honest files to scan: made with libraries of several ages, and as packages ship them."""

import hashlib
import subprocess
import sysconfig
from pathlib import Path

import results
from benign_artifacts import artefacts

LIBRARIES = ("scikit-learn", "numpy", "scipy", "pandas", "xgboost", "lightgbm", "joblib")
_VERSIONS = "from importlib.metadata import version as v; print(*map(v, {}), sep='|')"
_MODELS = {"pkl", "pickle", "gpickle", "joblib", "npy", "npz", "pt", "onnx", "ubj", "h5"}
_PACKED = {"gz", "gzip", "bz2", "xz", "lzma", "lz4", "z"}
_LARGEST_BYTES = 64 << 20
"""Of a file that a package ships; none is so large."""


def installed(folder: Path, *, samples: int) -> Path:
    """Files made with the libraries that run here."""
    folder.mkdir()
    for count, (name, raw) in enumerate(artefacts()):
        if count >= samples:
            break
        (folder / name).write_bytes(raw)
    return folder


def older(folder: Path, *, python: str) -> Path:
    """Files made with the libraries of another Python."""
    script = results.ROOT / "tests" / "benign_artifacts.py"
    subprocess.run([python, str(script), str(folder)], check=True, capture_output=True)  # noqa: S603
    return folder


def versions(python: str) -> str:
    """Of the libraries of another Python."""
    code = _VERSIONS.format(LIBRARIES)
    done = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    found = done.stdout.strip().split("|")
    return ", ".join(f"{name} {one}" for name, one in zip(LIBRARIES, found, strict=True))


def shipped(folder: Path, *, samples: int) -> Path:
    """Files of models and of numbers that the installed packages bring along, each once."""
    folder.mkdir()
    place = Path(sysconfig.get_paths()["purelib"])
    seen: set[bytes] = set()
    for path in sorted(place.rglob("*")):
        if len(seen) >= samples:
            break
        if path.suffix[1:] not in _MODELS | _PACKED or not path.is_file():
            continue
        if path.is_symlink() or path.stat().st_size > _LARGEST_BYTES:
            continue
        raw = path.read_bytes()
        if (digest := hashlib.sha256(raw).digest()) not in seen:
            seen.add(digest)
            (folder / str(path.relative_to(place)).replace("/", "--")).write_bytes(raw)
    return folder
