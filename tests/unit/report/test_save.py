import errno
import os
from pathlib import Path

import pytest

from bartizan.core.errors import ConfigError, OutputError
from bartizan.report import FORMATS, render, save
from unit.report.samples import sample_report

LIGHT = ("json", "sarif", "junit", "markdown")


def test_every_format_is_written_under_its_name_and_nothing_else(tmp_path: Path) -> None:
    written = save(sample_report(), tmp_path / "new" / "out")
    assert [path.name for path in written] == list(FORMATS.values())
    assert sorted(p.name for p in (tmp_path / "new" / "out").iterdir()) == sorted(FORMATS.values())


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("old")
    save(sample_report(), tmp_path, formats=["json"])
    assert (tmp_path / "report.json").read_bytes() == render(sample_report(), fmt="json")


def test_files_have_the_rights_that_new_files_have(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    (path,) = save(sample_report(), tmp_path, formats=["json"])
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_file_in_place_of_the_directory_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot write .*out.*choose a directory .*--out"):
        save(sample_report(), tmp_path / "out", formats=["json"])


def test_a_directory_in_place_of_a_file_is_an_output_error_and_leaves_no_rest(
    tmp_path: Path,
) -> None:
    (tmp_path / "junit.xml").mkdir()
    with pytest.raises(OutputError, match=r"cannot write .*junit\.xml"):
        save(sample_report(), tmp_path, formats=["json", "junit"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["junit.xml", "report.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes anywhere")
def test_a_directory_without_the_right_to_write_is_an_output_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        save(sample_report(), tmp_path, formats=["json"])


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_named_and_files_already_written_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    write = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if "sarif" in path.name:
            write(path, content[:10])
            raise OSError(code, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)  # no disk is small enough to fill in a test
    with pytest.raises(OutputError, match=r"report\.sarif: the disk is full; free some space"):
        save(sample_report(), tmp_path, formats=LIGHT)
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk without room")
def test_a_device_without_room_raises_what_is_taken_for_a_full_disk() -> None:
    with pytest.raises(OSError, match="No space") as caught:
        Path("/dev/full").write_bytes(b"x")
    assert caught.value.errno == errno.ENOSPC


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no report format 'docx'"):
        save(sample_report(), tmp_path, formats=["docx"])
