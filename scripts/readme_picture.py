"""Take the picture of a report that the README shows.

    python scripts/readme_picture.py out/report.html

Needs playwright and a Chromium (BARTIZAN_CHROMIUM, else /usr/bin/chromium).
"""

import argparse
import os
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

_PICTURE = Path(__file__).parents[1] / "docs" / "images" / "report.png"
_SIZE = {"width": 1200, "height": 1760}
"""Enough for the verdict, the tiles, the measures and the chart of the first finding."""
_COLOURS = 64
"""A report has about a dozen colours and the shades between them; the file stays below 300 kB."""


def take(report: Path, *, picture: Path, browser: str) -> None:
    """Write a PNG of the top of a report, light scheme, two pixels a point."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        # Containers have no user namespaces, so the sandbox cannot start there.
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        page = chromium.new_page(viewport=_SIZE, device_scale_factor=2, color_scheme="light")
        page.goto(report.resolve(strict=True).as_uri())
        page.screenshot(path=picture)
        chromium.close()
    with Image.open(picture) as shot:
        small = shot.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    small.save(picture, optimize=True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Take the picture of a report for the README.")
    parser.add_argument("report", type=Path, help="path of a report.html")
    parser.add_argument("--out", type=Path, default=_PICTURE, help="where the PNG goes")
    arguments = parser.parse_args()
    browser = os.environ.get("BARTIZAN_CHROMIUM", "/usr/bin/chromium")
    take(arguments.report, picture=arguments.out, browser=browser)
    print(arguments.out)


if __name__ == "__main__":
    main()
