import subprocess
import sys

import msgspec
import pytest

from bartizan.core.errors import ConfigError, OutputError
from bartizan.report import FORMATS, render
from unit.report.samples import sample_report


@pytest.mark.parametrize("fmt", FORMATS)
def test_equal_reports_give_equal_bytes(fmt: str) -> None:
    assert render(sample_report(), fmt=fmt) == render(sample_report(), fmt=fmt)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_ends_with_a_line_break_or_a_closed_page(fmt: str) -> None:
    assert render(sample_report(), fmt=fmt).rstrip(b"\n").endswith((b"}", b">", b"0"))


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"no report format 'pdf'; choose from html, json"):
        render(sample_report(), fmt="pdf")


@pytest.mark.parametrize("fmt", FORMATS)
def test_text_that_no_file_can_hold_is_an_output_error(fmt: str) -> None:
    report = msgspec.structs.replace(sample_report(), headline="half a pair: \ud800")
    if fmt == "junit":  # it replaces what XML cannot hold, and a lone surrogate is such a thing
        assert "half a pair: \N{REPLACEMENT CHARACTER}" in render(report, fmt=fmt).decode()
        return
    with pytest.raises(OutputError, match=f"the {fmt} report holds text that is not valid"):
        render(report, fmt=fmt)


def test_json_and_sarif_load_neither_charts_nor_templates() -> None:
    code = (
        "import sys\n"
        "from unit.report.samples import sample_report\n"
        "from bartizan.report import render\n"
        "for fmt in ('json', 'sarif', 'junit', 'markdown'): render(sample_report(), fmt=fmt)\n"
        "sys.exit(','.join({'matplotlib', 'jinja2'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
