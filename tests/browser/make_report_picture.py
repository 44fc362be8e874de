"""The picture of a shared report for the README: ``python -m tests.browser.make_report_picture``."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import spectral_widgets as sw
from PIL import Image

from .browsers import chromium

PICTURE = Path(__file__).parents[2] / "notebooks" / "images" / "report.png"
_SIZE = {"width": 1240, "height": 1180}
_METRICS = ("alpha", "stable_rank", "spikes", "traps", "spectral_norm")


def shoot(picture: Path) -> None:
    """The page of the network that ships, with its tested traps, as a browser opens it from disk."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        report = sw.report(sw.digits_mlp(), ablate=True, metrics=_METRICS, progress=False)
        (path,) = report.save(Path(folder) / "report.html")
        context = browser.new_context(viewport=_SIZE, color_scheme="light", offline=True)
        page = context.new_page()
        page.goto(path.as_uri())
        page.locator(".layer.chosen .live-spectrum svg.marks").wait_for()
        page.wait_for_timeout(1000)
        raw = Path(folder) / "raw.png"
        page.screenshot(path=raw)
        context.close()
        Image.open(raw).convert("RGB").save(picture, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("picture", type=Path, nargs="?", default=PICTURE)
    shoot(parser.parse_args().picture)


if __name__ == "__main__":
    main()
