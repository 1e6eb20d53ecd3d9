import io
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from PIL import Image as Picture

from bartizan.adapt.batches.images import ImageBatches
from bartizan.adapt.images.safety import facts_of
from bartizan.core.errors import InputError, SchemaError
from bartizan.core.streams import rng
from timing import within


def pixels(side: int = 16, *, seed: int = 0) -> np.ndarray[Any, Any]:
    return rng(seed, "pixels").integers(0, 256, (side, side, 3)).astype(np.uint8)


def encoded(form: str = "PNG", *, side: int = 16, seed: int = 0, **more: Any) -> bytes:
    file = io.BytesIO()
    Picture.fromarray(pixels(side, seed=seed)).save(file, form, **more)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "hidden")
    return file.getvalue()


def bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body


def telling() -> Any:
    exif = Picture.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 30.0, 0.0)}
    exif[0x013B] = "Somebody"
    return exif


CLEAN = {
    "a.png": encoded(),
    "a.jpg": encoded("JPEG"),
    "b.jpeg": encoded("JPEG", progressive=True),
    "grey.png": encoded(side=8),
    "padded.jpg": encoded("JPEG") + b"\0" * 100,
    "phone.jpg": encoded("JPEG") + encoded("JPEG", seed=1),
    "plain exif.jpg": encoded("JPEG", exif=Picture.Exif()),
}


@pytest.mark.parametrize("name", CLEAN)
def test_honest_pictures_have_no_problem(name: str) -> None:
    facts = facts_of(CLEAN[name], name=name)
    assert (facts.problem, facts.hostile, facts.personal) == ("", False, "")
    assert facts.pixels is not None


HOSTILE = {
    "60000 x 60000": ("a.png", bomb(60_000, 60_000)),
    "65500 x 65500": (
        "huge.jpg",
        encoded("JPEG").replace(b"\x00\x10\x00\x10\x03", b"\xff\xdc\xff\xdc\x03"),
    ),
    "zip archive": ("a.png", encoded() + zipped()),
    "PDF": ("a.jpg", encoded("JPEG") + b"%PDF-1.7 ..."),
    "script": ("a.jpg", encoded("JPEG", comment=b"<script>alert(1)</script>")),
    "5 bytes after": ("a.png", encoded() + b"hello"),
    "is called .png": ("a.png", encoded("JPEG")),
    "but zip": ("a.png", zipped()),
    "but html": ("a.jpg", b"<html><script>1</script>"),
    "but gif": ("a.png", encoded("GIF")),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_named(kind: str) -> None:
    name, raw = HOSTILE[kind]
    facts = facts_of(raw, name=name)
    if kind != "65500 x 65500":
        assert kind in facts.problem
    assert facts.hostile
    assert facts.problem


BROKEN = {
    "is empty": ("a.png", b""),
    "bmp": ("a.bmp", encoded("BMP")),
    "unknown": ("a.png", b"nothing of the kind"),
    "truncated": ("a.jpg", encoded("JPEG", side=64)[:-500]),
    "chunk": ("a.png", encoded(side=64)[:-500]),
    "animation": (
        "a.png",
        encoded(save_all=True, append_images=[Picture.fromarray(pixels(seed=1))]),
    ),
    "one colour": ("a.png", encoded(side=1)),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_and_refused_files_are_named(kind: str) -> None:
    name, raw = BROKEN[kind]
    facts = facts_of(raw, name=name)
    assert facts.problem
    assert not facts.hostile
    if kind not in ("truncated", "chunk"):
        assert kind in facts.problem


def test_a_jpeg_of_very_many_passes_is_not_opened() -> None:
    raw = encoded("JPEG", progressive=True)
    start = raw.index(b"\xff\xda")
    scan = raw[start : raw.index(b"\xff", start + 14)]
    facts = facts_of(raw[:start] + scan * 5000 + b"\xff\xd9", name="a.jpg")
    assert "5000 times" in facts.problem
    assert facts.hostile


def test_what_exif_tells_of_people_is_named_and_not_shown() -> None:
    facts = facts_of(encoded("JPEG", exif=telling()), name="a.jpg")
    assert facts.personal == "where it was taken (GPS), an artist's name"
    assert "Somebody" not in str(facts)
    assert facts.problem == ""
    png = facts_of(encoded(exif=telling()), name="a.png")
    assert "GPS" in png.personal


def test_a_bomb_costs_nothing() -> None:
    within(0.5, lambda: [facts_of(bomb(60_000, 60_000), name="a.png") for _ in range(20)])


@pytest.mark.parametrize("seed", range(200))
def test_damaged_bytes_never_raise(seed: int) -> None:
    draw = rng(seed, "damage")
    raw = bytearray(encoded(("PNG", "JPEG")[seed % 2]))
    for place in draw.integers(0, len(raw), 5):
        raw[place] = int(draw.integers(256))
    facts_of(bytes(raw[: int(draw.integers(1, len(raw) + 1))]), name="a.png")


def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    home = tmp_path / "pictures"
    for name, raw in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(raw)
    return home


def test_a_folder_becomes_facts_labels_and_pixels(tmp_path: Path) -> None:
    files = {f"cat/{k}.png": encoded(seed=k) for k in range(3)}
    files |= {
        "dog/a.png": bomb(60_000, 60_000),
        "dog/b.png": encoded(side=9),
        "dog/notes.txt": b"x",
    }
    batches = ImageBatches(folder(tmp_path, files))
    (batch,) = batches
    assert batches.target == "folder"
    assert batches.schema.image is not None
    assert batches.schema.image.shape == (16, 16, 3)
    assert batch.frame["folder"].to_list() == ["cat", "cat", "cat", "dog", "dog"]
    assert batch.raw["decoded"].to_list() == [True, True, True, False, False]
    assert batch.raw["width"].to_list() == [16, 16, 16, 60_000, 9]
    assert batch.pixels is not None
    assert (batch.pixels[1] == pixels(seed=1)).all()
    assert "notes.txt" in batches.notes[0]
    assert batch.raw.equals(next(iter(batches)).raw)


def test_a_folder_is_cut_into_batches(tmp_path: Path) -> None:
    many = {f"{k:03}.png": encoded(seed=k, side=4) for k in range(300)}
    batches = ImageBatches(folder(tmp_path, many))
    assert [(one.start, one.rows) for one in batches] == [(0, 256), (256, 44)]
    assert batches.target is None


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    home = folder(tmp_path, {"a/x.png": encoded(), "a/y.png": encoded(seed=1)})
    outside = tmp_path / "secret.png"
    outside.write_bytes(encoded(seed=9))
    (home / "a" / "z.png").symlink_to(outside)
    (home / "a" / "gone.png").symlink_to(tmp_path / "nowhere")
    (batch,) = ImageBatches(home)
    problems = dict(zip(batch.raw["file"], batch.raw["problem"], strict=True))
    assert "leads out" in problems["a/z.png"]
    assert problems["a/gone.png"]
    assert batch.raw["hostile"].sum() == 2


def test_a_file_over_the_limit_is_not_opened(tmp_path: Path) -> None:
    home = folder(tmp_path, {"a.png": encoded(side=64), "b.png": encoded(side=4)})
    batches = ImageBatches(home, limit_bytes=1000)
    (batch,) = batches
    assert "limit" in batch.raw["problem"][0]
    assert batch.raw["problem"][1] == ""


def test_a_folder_without_one_good_picture_is_still_looked_at(tmp_path: Path) -> None:
    (batch,) = ImageBatches(folder(tmp_path, {"a.png": zipped(), "b.jpg": b""}))
    assert batch.raw["decoded"].to_list() == [False, False]
    assert batch.raw.filter(pl.col("problem") != "").height == 2


def test_folders_without_pictures_are_refused(tmp_path: Path) -> None:
    home = folder(tmp_path, {"a.txt": b"text"})
    with pytest.raises(SchemaError, match="holds no picture"):
        ImageBatches(home)
    with pytest.raises(InputError, match="cannot read"):
        ImageBatches(tmp_path / "nowhere")


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    home = folder(tmp_path, {"a.png": encoded()})
    os.mkfifo(home / "pipe")
    os.mkfifo(home / "pipe.png")
    (batch,) = ImageBatches(home)
    assert batch.raw["file"].to_list() == ["a.png", "pipe.png"]
    assert batch.raw["problem"][1]
