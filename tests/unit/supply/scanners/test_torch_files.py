"""Files of PyTorch, of all ages: pickles are handed on, tensors are passed over."""

import gzip
import io
import pickle
import struct
import zipfile
from typing import Any

import pytest

from boxes import opened, tar_of, zip_of

torch = pytest.importorskip("torch", reason="needs torch")


def state() -> dict[str, Any]:
    half = torch.ones(3, dtype=torch.bfloat16)
    return {
        "weight": torch.arange(500.0),
        "half": half,
        "view": half[1:],
        "complex": torch.ones(3, dtype=torch.complex64),
        "yes": torch.ones(3, dtype=torch.bool),
        "count": torch.tensor(7),
    }


def saved(**options: Any) -> bytes:
    target = io.BytesIO()
    torch.save(state(), target, **options)
    return target.getvalue()


def repacked(change: dict[str, bytes | None]) -> bytes:
    """An archive of PyTorch with other members; none = it goes."""
    with zipfile.ZipFile(io.BytesIO(saved())) as archive:
        members: dict[str, bytes | None] = {name: archive.read(name) for name in archive.namelist()}
    members |= change
    return zip_of({name: raw for name, raw in members.items() if raw is not None})


def test_an_archive_of_today_is_one_pickle_and_tensors() -> None:
    raw = saved()
    found = opened(raw)
    assert found.inside == {"box/archive/data.pkl": "torch"}
    assert (found.verdict, found.walked) == ("clean", {"zip box": len(raw)})


@pytest.mark.parametrize("protocol", [1, 2, 3, 4, 5])
def test_a_file_of_before_is_five_pickles_and_tensors(protocol: int) -> None:
    raw = saved(_use_new_zipfile_serialization=False, pickle_protocol=protocol)
    for box, size in ((raw, len(raw)), (gzip.compress(raw), len(raw))):
        found = opened(box)
        assert found.verdict == "clean"
        assert list(found.inside.values()) == [*["torch-keys"] * 3, "torch", "torch-keys"]
        assert size in found.walked.values()
    magic, number, *_ = opened(raw).leaves.values()
    assert pickle.loads(magic) == 0x1950A86A20F9469CFC6C  # noqa: S301 (made above)
    assert pickle.loads(number) == 1001  # noqa: S301 (made above)


def test_bytes_after_the_tensors_are_told_and_handed_on() -> None:
    raw = saved(_use_new_zipfile_serialization=False)
    found = opened(raw + b"cos\nsystem\n")
    assert (found.verdict, found.rules) == ("suspicious", {"torch.trailing"})
    assert found.leaves["box/(after its tensors)"] == b"cos\nsystem\n"


@pytest.mark.parametrize("left", [20, 30, 300, 2000])
def test_a_cut_file_of_before_is_inconclusive(left: int) -> None:
    found = opened(saved(_use_new_zipfile_serialization=False)[:left])
    assert (found.verdict, found.rules) == ("inconclusive", {"torch.legacy"})


def test_a_count_that_lies_allocates_nothing() -> None:
    raw = saved(_use_new_zipfile_serialization=False)
    at = raw.index(struct.pack("<q", 500))
    for count in (1 << 60, -1):
        found = opened(raw[:at] + struct.pack("<q", count) + raw[at + 8 :])
        assert (found.verdict, found.rules) == ("inconclusive", {"torch.legacy"})


def test_the_code_of_torchscript_is_not_read_and_that_is_said() -> None:
    members = {
        "m/data.pkl": b"\x80\x02N.",
        "m/constants.pkl": b"\x80\x02).",
        "m/code/__torch__.py": b"class X: ...",
        "m/version": b"3\n",
    }
    found = opened(zip_of(members))
    assert (found.verdict, found.rules) == ("inconclusive", {"torch.script"})
    assert found.inside["box/m/constants.pkl"] == "script"


def test_an_exported_graph_is_not_read_and_that_is_said() -> None:
    members = {"m/archive_format": b"pt2", "m/models/model.json": b"{}", "m/version": b"0"}
    found = opened(zip_of(members))
    assert (found.verdict, found.rules) == ("inconclusive", {"torch.export"})


def test_a_package_of_modules_is_not_read_and_that_is_said() -> None:
    found = opened(zip_of({"m/.data/extern_modules": b"", "m/x.py": b"import os"}))
    assert (found.verdict, found.rules) == ("inconclusive", {"torch.package"})


def test_two_pickles_where_one_is_read_are_told() -> None:
    found = opened(repacked({"other/data.pkl": b"\x80\x02N."}))
    assert (found.verdict, found.rules) == ("suspicious", {"torch.several"})
    assert len(found.inside) == 2


def test_names_that_differ_in_case_are_one_to_pytorch() -> None:
    found = opened(repacked({"archive/DATA.PKL": b"\x80\x02N."}))
    assert {"torch.several", "zip.duplicate"} <= found.rules


def test_a_tensor_that_is_an_archive_is_opened() -> None:
    found = opened(repacked({"archive/data/0": zip_of({"payload": b"x"})}))
    assert found.leaves["box/archive/data/0/payload"] == b"x"


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_tensor_that_is_a_pickle_is_handed_on(protocol: int) -> None:
    raw = pickle.dumps(io.BytesIO, protocol)
    found = opened(repacked({"archive/data/0": raw}))
    assert found.leaves["box/archive/data/0"] == raw


def test_only_numbers_name_tensors() -> None:
    assert "box/archive/data/model" in opened(repacked({"archive/data/model": b"I1\n."})).leaves


def test_a_label_that_is_none_is_handed_on() -> None:
    found = opened(repacked({"archive/version": b"\x80\x02cos\nsystem\n"}))
    assert "box/archive/version" in found.leaves


def test_the_oldest_files_are_pickles_with_numbers_between() -> None:
    """Laid out as torch.serialization._legacy_load reads them."""
    storage_type = b"ctorch\nFloatStorage\n"
    key = b"\x80\x02(K\x01X\x03\x00\x00\x00cpu" + storage_type + b"t."
    storages = b"\x80\x02K\x01." + key + struct.pack("<q", 2) + bytes(8) + b"\x80\x02]."
    shape = struct.pack("<i4xqqq", 1, 2, 1, 0)
    tensors = b"\x80\x02K\x01." + b"\x80\x02(K\x02K\x01" + storage_type + b"t." + shape
    found = opened(
        tar_of(
            {
                "sys_info": b"\x80\x02}.",
                "pickle": b"\x80\x02N.",
                "storages": storages,
                "tensors": tensors,
            }
        )
    )
    assert found.verdict == "clean"
    assert set(found.inside.values()) == {"torch", "torch-keys"}
    assert all(raw.endswith(b".") and raw.startswith(b"\x80") for raw in found.leaves.values())
    assert len(found.leaves) == 7
