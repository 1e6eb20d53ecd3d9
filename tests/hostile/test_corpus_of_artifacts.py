"""The corpus itself: a hostile file that is not what it says would prove nothing."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from hostile_artifacts.archives import lz4_frame, seven_zip, zeros
from hostile_artifacts.case import Case, write_all
from hostile_artifacts.corpus import CASES
from hostile_artifacts.dispatch import interleaved
from hostile_artifacts.keras_files import hdf5
from hostile_artifacts.opcodes import BENIGN, payload, whole
from hostile_artifacts.recording import calls_of, instructions_of
from hostile_artifacts.weaknesses import WEAKNESSES

_PICKLED = [case for case in CASES if case.pickle is not None]
_BY_NAME = {case.name: case for case in CASES}


def stream_of(case: Case) -> bytes:
    assert case.pickle is not None
    return case.pickle()


def test_every_class_of_bypass_is_covered_and_no_other_is_named() -> None:
    wanted = {(family, name) for family, names in WEAKNESSES.items() for name in names}
    assert {(case.family, case.weakness) for case in CASES} == wanted


def test_names_and_files_are_unique() -> None:
    for counted in (Counter(c.name for c in CASES), Counter(c.file for c in CASES)):
        assert [one for one, n in counted.items() if n > 1] == []


def test_there_are_enough_and_few_of_them_may_be_called_anything_milder() -> None:
    least = Counter(case.least for case in CASES)
    assert len(CASES) >= 750
    assert least["malicious"] >= 0.93 * len(CASES)
    assert least["inconclusive"] <= 0.035 * len(CASES)


@pytest.mark.parametrize("case", _PICKLED, ids=lambda case: case.name)
def test_a_pickle_with_a_payload_would_call_something(case: Case) -> None:
    assert calls_of(stream_of(case))


@pytest.mark.parametrize(
    "case", [case for case in _PICKLED if case.parses], ids=lambda case: case.name
)
def test_a_valid_pickle_can_be_disassembled(case: Case) -> None:
    assert instructions_of(stream_of(case)) >= 3


def test_a_harmless_pickle_calls_nothing() -> None:
    assert calls_of(whole(BENIGN)) == []


def test_what_is_called_is_what_the_file_is_named_after() -> None:
    said = {name: calls_of(stream_of(_BY_NAME[name])) for name in ("pip-main", "joblib-load")}
    assert said == {"pip-main": ["call pip.main"], "joblib-load": ["call joblib.load"]}


def test_the_payload_runs_before_the_break() -> None:
    for case in CASES:
        if case.weakness in ("payload-before-break", "truncated-tail", "unknown-opcode"):
            assert calls_of(stream_of(case)) == ["call posix.system"]


def test_a_break_is_one() -> None:
    for name in ("payload-then-nothing", "payload-then-unknown-opcode"):
        with pytest.raises(ValueError, match=r"exhausted|unknown"):
            instructions_of(stream_of(_BY_NAME[name]))


def test_files_are_the_same_whenever_they_are_built(tmp_path: Path) -> None:
    light = [case for case in CASES if case.weakness not in ("ratio-bomb", "entry-bomb")]
    first, again = (write_all(light, tmp_path / name) for name in ("a", "b"))
    changed = [n for n, path in first.items() if path.read_bytes() != again[n].read_bytes()]
    # a tar that is compressed by the standard library carries the time
    assert [name for name in changed if "tar" not in name] == []
    assert sum(path.stat().st_size for path in first.values()) < 16 << 20


def test_a_zip_of_torch_opens_as_one() -> None:
    with zipfile.ZipFile(io.BytesIO(_BY_NAME["torch-zip"].content())) as archive:
        assert archive.testzip() is None
        assert archive.read("archive/data.pkl") == payload()


def test_a_prepended_zip_opens_as_one() -> None:
    for name in ("zip-prepended", "zip-behind-a-picture", "zip-prepended-without-shift"):
        with zipfile.ZipFile(io.BytesIO(_BY_NAME[name].content())) as archive:
            assert archive.read("archive/data.pkl") == payload()


@pytest.mark.parametrize("name", ["zip-deflated", "zip-bzip2"])
def test_a_compressed_member_unpacks_to_the_payload(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(_BY_NAME[name].content())) as archive:
        assert archive.read("archive/data.pkl") == payload()


@pytest.mark.parametrize("name", ["tar", "tar-gz", "tar-bz2", "tar-xz"])
def test_a_tar_opens_as_one(name: str) -> None:
    with tarfile.open(fileobj=io.BytesIO(_BY_NAME[name].content())) as archive:
        member = archive.extractfile("data.pkl")
        assert member is not None
        assert member.read() == payload()


def test_compressed_joblib_unpacks_to_the_stream() -> None:
    opened: dict[str, Callable[[bytes], bytes]] = {
        "zlib": zlib.decompress,
        "gzip": gzip.decompress,
        "bz2": bz2.decompress,
        "xz": lzma.decompress,
        "lzma": lzma.decompress,
    }
    for packer, unpack in opened.items():
        assert unpack(_BY_NAME[f"joblib-{packer}-array"].content()) == interleaved()
    assert gzip.decompress(_BY_NAME["joblib-gzip-two-members"].content()) == interleaved()


def test_joblib_reads_the_interleaved_array_as_its_own(tmp_path: Path) -> None:
    numpy_pickle = pytest.importorskip("joblib.numpy_pickle")
    harmless = interleaved().replace(b"cposix\nsystem\n", b"cbuiltins\nstr\n")
    path = tmp_path / "m.joblib"
    path.write_bytes(harmless)
    array, said = numpy_pickle.load(path)
    assert (array.tolist(), said) == ([float(n) for n in range(40)], "true")


def test_a_deflated_bomb_unpacks_to_zeros() -> None:
    assert zlib.decompress(zeros(3), -15) == bytes(3 << 20)
    assert len(zeros(512)) * 900 < 512 << 20


def test_a_frame_of_lz4_opens_in_the_library() -> None:
    frame = pytest.importorskip("lz4.frame", reason="lz4 is a peer of this test only")
    assert frame.decompress(lz4_frame(payload())) == payload()


def test_a_frame_of_lz4_has_the_checksum_that_the_library_accepts() -> None:
    # lz4 4.4 of PyPI opens what begins like this, and refuses any other last byte
    assert lz4_frame(b"")[:7].hex() == "04224d18607073"


def test_a_7z_archive_opens_in_the_library(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr", reason="py7zr is a peer of this test only")
    with py7zr.SevenZipFile(io.BytesIO(seven_zip("data.pkl", payload()))) as archive:
        archive.extractall(tmp_path)  # noqa: S202 (written three lines above)
    assert (tmp_path / "data.pkl").read_bytes() == payload()


def test_hdf5_written_by_hand_opens_in_the_library(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="h5py is a peer of this test only")
    path = tmp_path / "m.h5"
    path.write_bytes(hdf5("model_config", b'{"class_name": "Lambda"}'))
    with h5py.File(path, "r") as file:
        assert json.loads(file.attrs["model_config"])["class_name"] == "Lambda"
        assert list(file) == []


def test_onnx_and_its_external_data_are_read_by_the_library() -> None:
    onnx = pytest.importorskip("onnx", reason="onnx is the extra `convert`")
    model = onnx.load_model_from_string(_BY_NAME["onnx-data-absolute"].content())
    (tensor,) = model.graph.initializer
    assert tensor.external_data[0].value == "/etc/passwd"
    nested = onnx.load_model_from_string(_BY_NAME["onnx-data-in-an-attribute"].content())
    assert nested.graph.node[0].attribute[0].t.external_data[0].value == "../../x"
