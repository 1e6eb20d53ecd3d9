import hashlib

import pytest

from bartizan.core.errors import InputError
from bartizan.crypto.oms.manifest import FileDigest, Manifest


def file(name: str, content: bytes) -> FileDigest:
    return FileDigest(name=name, digest=hashlib.sha256(content).digest(), size_bytes=len(content))


def test_the_root_is_the_hash_over_the_hashes_in_the_order_of_the_parts_of_the_paths() -> None:
    made = Manifest.of([file("a.txt", b"2"), file("b", b"3"), file("a/b", b"1")])
    assert [one.name for one in made.files] == ["a/b", "a.txt", "b"]
    joined = b"".join(hashlib.sha256(content).digest() for content in (b"1", b"2", b"3"))
    assert made.root == f"sha256:{hashlib.sha256(joined).hexdigest()}"
    assert made.size_bytes == 3


def test_a_model_that_is_one_file_has_the_root_of_a_folder_with_that_file() -> None:
    assert Manifest.of_content(b"model").root == Manifest.of([file("model.onnx", b"model")]).root


def test_the_root_hangs_on_every_byte_and_on_the_order() -> None:
    roots = {
        Manifest.of([file("a", b"1"), file("b", b"2")]).root,
        Manifest.of([file("a", b"2"), file("b", b"1")]).root,
        Manifest.of([file("a", b"1")]).root,
        Manifest.of([file("a", b"12")]).root,
    }
    assert len(roots) == 4


def test_what_identifies_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="at least one file"):
        Manifest.of([])
    with pytest.raises(InputError, match="same name"):
        Manifest.of([file("a", b"1"), file("a", b"2")])


def test_a_size_that_is_not_known_leaves_the_sum_unknown() -> None:
    known, unknown = file("a", b"1"), FileDigest(name="b", digest=bytes(32))
    assert Manifest.of([known, unknown]).size_bytes == -1
