import io
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from bartizan.adapt import load_dataset
from bartizan.adapt.images.file import form_of
from bartizan.adapt.images.folder import Folder, read_folder
from bartizan.core.errors import InputError, SchemaError, UsageError

H, W = 6, 4


def picture(mode: str = "RGB", *, shade: int = 90, size: tuple[int, int] = (W, H)) -> Picture.Image:
    return Picture.new("L", size, shade).convert(mode)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "signs"
    for place, name in enumerate(("stop", "go", "go")):
        put(home / name / f"{place}.png", picture(shade=10 * place))
    return home


def put(path: Path, made: Picture.Image, **settings: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path, **settings)


def refused(folder: Path, message: str, kind: type[InputError] = InputError) -> None:
    with pytest.raises(kind, match=message):
        read_folder(folder)


def read(folder: Path) -> Folder:
    return read_folder(folder)


def test_sub_folders_are_classes_in_the_order_of_their_names(folder: Path) -> None:
    table = load_dataset(folder, target=None)
    data = table.dataset
    assert (data.name, data.classes, data.y.tolist()) == ("signs", ("go", "stop"), [0, 0, 1])
    assert data.x[:, 0].tolist() == [10, 20, 0]
    assert data.schema.image is not None
    assert data.schema.image.shape == (H, W, 3)
    assert load_dataset(str(folder), target="folder").dataset.digest == data.digest


def test_a_target_that_a_folder_cannot_have_is_refused(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"is a directory; .* say target 'folder'"):
        load_dataset(folder, target="label")


def test_the_digest_is_that_of_names_and_contents(folder: Path) -> None:
    before = read(folder).digest
    assert read(folder).digest == before
    (folder / "go" / "1.png").rename(folder / "go" / "1b.png")
    renamed = read(folder).digest
    put(folder / "go" / "1b.png", picture(shade=11))
    assert len({before, renamed, read(folder).digest}) == 3


def test_several_sizes_are_told_with_two_files_and_their_sizes(folder: Path) -> None:
    put(folder / "stop" / "wide.png", picture(size=(9, H)))
    refused(folder, r"1\.png has 4 x 6 pixels, .*wide\.png has 9 x 6; .*resize", SchemaError)


def test_grey_stays_grey_unless_there_is_a_colour(folder: Path, tmp_path: Path) -> None:
    grey = tmp_path / "grey"
    put(grey / "a" / "1.png", picture("L"))
    put(grey / "b" / "2.png", picture("1", shade=255))
    put(grey / "b" / "3.png", picture("LA"))
    made = read(grey)
    assert made.values.shape == (3, H, W, 1)
    assert made.values[:, 0, 0, 0].tolist() == [90, 255, 90]
    put(folder / "stop" / "grey.png", picture("L"))
    mixed = read(folder)
    assert mixed.values.shape == (4, H, W, 3)
    assert mixed.notes == ("1 grey pictures among colours were made colour",)


def test_palettes_and_cmyk_are_converted_with_a_note(folder: Path) -> None:
    red = Picture.new("RGB", (W, H), (200, 30, 10))
    put(folder / "stop" / "palette.png", red.convert("P", palette=Picture.Palette.ADAPTIVE))
    put(folder / "stop" / "press.jpg", red.convert("CMYK"), quality=100)
    made = read(folder)
    assert made.values[3, 0, 0].tolist() == [200, 30, 10]
    assert np.abs(made.values[4, 0, 0] - np.array([200.0, 30, 10])).max() < 12
    assert made.notes == (
        "1 pictures with a palette were made colour",
        "1 CMYK pictures were made RGB",
    )


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_dropped_where_it_hides_nothing_and_refused_elsewhere(
    folder: Path, mode: str
) -> None:
    put(folder / "stop" / "alpha.png", picture(mode))
    assert read(folder).values[3, 0, 0].tolist() == [90, 90, 90]
    clear = picture(mode)
    clear.putalpha(254)
    put(folder / "stop" / "alpha.png", clear)
    refused(folder, r"alpha\.png has transparent pixels")


def test_a_palette_with_a_transparent_colour_is_refused(folder: Path) -> None:
    put(folder / "stop" / "keyed.png", picture("P"), transparency=90)
    refused(folder, r"keyed\.png has transparent pixels")


def deep_png(colour_type: int, channels: int) -> bytes:
    """A PNG of 16 bits a value, which pillow would quietly cut down to 8."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        total = zlib.crc32(kind + content)
        return len(content).to_bytes(4) + kind + content + total.to_bytes(4)

    head = W.to_bytes(4) + H.to_bytes(4) + bytes([16, colour_type, 0, 0, 0])
    lines = (b"\0" + b"\x12\x34" * channels * W) * H
    parts = chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(("colour_type", "channels"), [(0, 1), (2, 3), (4, 2), (6, 4)])
def test_16_bits_are_refused(folder: Path, colour_type: int, channels: int) -> None:
    (folder / "stop" / "deep.png").write_bytes(deep_png(colour_type, channels))
    refused(folder, r"deep\.png has more than 8 bits a value")


def test_an_animation_is_refused(folder: Path) -> None:
    frames = [picture(shade=shade) for shade in (1, 200)]
    put(folder / "stop" / "moves.png", frames[0], save_all=True, append_images=frames[1:])
    refused(folder, r"moves\.png holds 2 pictures")


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_a_picture_that_is_cut_off_is_told(folder: Path, suffix: str) -> None:
    file = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (H, W, 3), dtype=np.uint8)
    Picture.fromarray(noise).save(file, format="PNG" if suffix == "png" else "JPEG")
    for cut in (len(file.getvalue()) // 2, 40):
        (folder / "stop" / f"cut.{suffix}").write_bytes(file.getvalue()[:cut])
        refused(folder, rf"cut\.{suffix}.* no PNG or JPEG .*is (it )?cut off")


@pytest.mark.parametrize("content", [b"GIF89a" + b"\0" * 50, b"hello"])
def test_what_is_no_picture_is_told(folder: Path, content: bytes) -> None:
    (folder / "stop" / "odd.png").write_bytes(content)
    refused(
        folder, r"odd\.png is no PNG or JPEG file, .* convert it, or take it out of the folder$"
    )


def test_a_head_without_a_picture_is_told(folder: Path) -> None:
    (folder / "stop" / "odd.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    refused(folder, r"odd\.png.* no PNG or JPEG")


@pytest.mark.parametrize("side", [6_000, 10_000, 50_000])
def test_a_bomb_is_refused_by_its_head(side: int) -> None:
    raw = bytearray(deep_png(2, 3))
    raw[16:25] = side.to_bytes(4) + side.to_bytes(4) + b"\x08"
    raw[29:33] = zlib.crc32(raw[12:29]).to_bytes(4)
    with pytest.raises(InputError, match=r"^bomb\.png has .* pixels, more than .* make it smaller"):
        form_of(bytes(raw), where="bomb.png")


def test_more_than_memory_holds_is_refused_before_it_is_unpacked(folder: Path) -> None:
    needed = 3 * H * W * 3 * 8
    assert len(read_folder(folder, limit_bytes=needed).labels) == 3
    with pytest.raises(InputError, match=r"3 images need .* GiB"):
        read_folder(folder, limit_bytes=needed - 1)


def test_links_that_lead_out_are_refused_and_others_are_not(folder: Path, tmp_path: Path) -> None:
    (folder / "stop" / "again.png").symlink_to(folder / "go" / "1.png")
    assert len(read(folder).labels) == 4
    put(tmp_path / "secret" / "s.png", picture())
    (folder / "stop" / "out.png").symlink_to(tmp_path / "secret" / "s.png")
    refused(folder, r"out\.png is a link that leads out")
    (folder / "stop" / "out.png").unlink()
    (folder / "other").symlink_to(tmp_path / "secret")
    refused(folder, "other is a link that leads out")


@pytest.mark.parametrize("to", ["nowhere.png", "odd.png"])
def test_a_link_that_leads_nowhere_or_to_itself_is_told(folder: Path, to: str) -> None:
    (folder / "stop" / "odd.png").symlink_to(to)
    refused(folder, r"odd\.png is a link that leads nowhere")


def test_a_folder_that_links_to_its_parent_is_read_once(folder: Path) -> None:
    (folder / "stop" / "up").symlink_to("..")
    (folder / "again").symlink_to(".")
    found = read(folder)
    assert len(found.labels) == 3
    assert any("again" in note for note in found.notes)


def test_pictures_are_read_as_stored_and_those_that_say_they_are_turned_are_counted(
    folder: Path,
) -> None:
    before = read(folder)
    assert not before.notes
    turned = Picture.Exif()
    turned[0x0112] = 6
    put(folder / "stop" / "turned.jpg", picture(), exif=turned)
    upright = Picture.Exif()
    upright[0x0112] = 1
    put(folder / "stop" / "upright.jpg", picture(), exif=upright)
    found = read(folder)
    assert found.values.shape[1:3] == (H, W)
    assert any(note.startswith("1 pictures were read as they are stored") for note in found.notes)


def test_damaged_exif_data_does_not_damage_the_picture(folder: Path) -> None:
    put(folder / "stop" / "odd.jpg", picture(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert len(read(folder).labels) == 4


def test_what_is_no_picture_and_empty_classes_are_noted(folder: Path) -> None:
    (folder / "stop" / "Thumbs.db").write_text("x")
    (folder / "readme.txt").write_text("x")
    (folder / ".git").mkdir()
    (folder / "stop" / ".hidden.png").write_text("x")
    (folder / "yield").mkdir()
    made = read(folder)
    assert len(made.labels) == 3
    assert made.notes == (
        "sub-folders without pictures were left out: yield",
        "what is no PNG or JPEG file was left out: readme.txt, stop/Thumbs.db",
    )


def test_a_picture_outside_the_classes_is_refused(folder: Path) -> None:
    put(folder / "loose.PNG", picture(), format="PNG")
    refused(folder, r"loose\.PNG lies in no class", SchemaError)


def test_classes_one_level_deeper_are_pointed_at(folder: Path) -> None:
    train = folder.rename(folder.parent / "train")
    home = folder.parent / "all"
    home.mkdir()
    train.rename(home / "train")
    refused(home, r"holds no pictures; .*; did you mean .*all/train\?$", SchemaError)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "holds no pictures; expected one sub-folder for each class", SchemaError)


def test_a_picture_that_cannot_be_read_is_told(folder: Path) -> None:
    os.mkfifo(folder / "stop" / "pipe.png")
    refused(folder, r"pipe\.png is not a regular file")
