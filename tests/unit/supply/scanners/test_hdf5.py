"""HDF5 files: configurations of Keras inside, and places outside."""

import io
import json

import pytest

from bartizan.supply.scanners.hdf5 import SCANNER
from model_files import hdf5, hdf5_external
from scanned import is_clean, scanned

HONEST = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Dense"}]}}
LAMBDA = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda"}]}}


def test_an_honest_configuration_is_clean() -> None:
    raw = hdf5({"keras_version": b"3", "model_config": json.dumps(HONEST).encode()})
    assert is_clean(scanned(SCANNER, raw), raw)


def test_code_in_the_configuration_is_malicious() -> None:
    """CVE-2025-9905: readers of such files do not ask for safe mode."""
    found = scanned(SCANNER, hdf5({"model_config": json.dumps(LAMBDA).encode()}))
    assert (found.verdict, found.rules) == ("malicious", {"keras.lambda"})


def test_links_into_other_files_are_suspicious() -> None:
    found = scanned(SCANNER, hdf5({}, links=hdf5_external("w", "/etc/secret.h5")))
    assert (found.verdict, found.rules) == ("suspicious", {"hdf5.external"})
    assert found.notices[0].what == "/etc/secret.h5"


@pytest.mark.parametrize(
    "raw",
    [
        hdf5({"model_config": b"{"}),
        hdf5({})[:40],
        b"\x00" * 512 + hdf5({}),
        hdf5({}).replace(b"OHDR\x02", b"OHDR\x09"),
    ],
)
def test_what_cannot_be_read_is_inconclusive(raw: bytes) -> None:
    assert scanned(SCANNER, raw, path="m.h5").verdict == "inconclusive"


@pytest.mark.parametrize("before", [512, 4096, 1 << 16])
def test_a_signature_further_on_is_told_and_a_name_alone_is_not(before: int) -> None:
    text = b"x" * before
    assert scanned(SCANNER, text + hdf5({}), path="m.h5").verdict == "inconclusive"
    assert scanned(SCANNER, text, path="m.h5").verdict == "clean"


def test_a_key_that_stands_twice_is_told_and_hides_nothing() -> None:
    raw = b'{"z": 1, "z": 2, "class_name": "Lambda", "config": {}}'
    found = scanned(SCANNER, hdf5({"model_config": raw}))
    assert found.verdict == "malicious"
    assert "json.doubled" in found.rules


def test_bytes_after_the_end_are_not_accounted_for() -> None:
    raw = hdf5({})
    assert scanned(SCANNER, raw + b"PK\x03\x04").covered == len(raw)


@pytest.mark.parametrize("version", ["earliest", "latest"])
@pytest.mark.parametrize("form", ["fixed", "variable"])
def test_files_of_the_library_are_read(version: str, form: str) -> None:
    h5py = pytest.importorskip("h5py")
    text = json.dumps({**LAMBDA, "padding": "x" * 20_000})
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=version) as file:
        file.attrs["layer_names"] = [b"a", b"b"]
        file.attrs["model_config"] = text.encode() if form == "fixed" else text
        for number in range(5):
            file.create_group(f"g{number}/sub").create_dataset("w", data=[[1.0, 2.0]])
    found = scanned(SCANNER, buffer.getvalue())
    assert (found.verdict, found.rules, found.fault) == ("malicious", {"keras.lambda"}, "")
    assert found.covered == len(buffer.getvalue())


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_everything_outside_is_found_in_files_of_the_library(version: str) -> None:
    h5py = pytest.importorskip("h5py")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=version) as file:
        file["link"] = h5py.ExternalLink("/other.h5", "/x")
        file["soft"] = h5py.SoftLink("/link")
        file.create_dataset("raw", (10,), dtype="u1", external=[("/etc/passwd", 0, 10)])
        layout = h5py.VirtualLayout((4,), dtype="f4")
        layout[:] = h5py.VirtualSource("/third.h5", "x", (4,))
        file.create_virtual_dataset("virtual", layout)
    found = scanned(SCANNER, buffer.getvalue())
    assert {(n.where, n.what) for n in found.notices} == {
        ("/link", "/other.h5"),
        ("/raw", "/etc/passwd"),
        ("/virtual", ""),
    }


def test_what_lies_in_dense_storage_is_told() -> None:
    h5py = pytest.importorskip("h5py")
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver="latest") as file:
        for number in range(20):
            file.attrs[f"a{number}"] = number
    assert scanned(SCANNER, buffer.getvalue()).rules == {"hdf5.unread"}
