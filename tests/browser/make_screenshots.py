"""Pictures of the screen and of each panel, light and dark: ``python -m tests.browser.make_screenshots FOLDER``.

With ``--labs`` pictures of every lab instead, or of those that are named.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, expect
from spectral_widgets.labs import LABS

from .browsers import chromium
from .explorer import Explorer
from .lab import Lab
from .server import Server, jupyterlab

_CELL = "import spectral_widgets as sw\n\nbench = sw.explore(sw.digits_mlp(), edit='remove')\nbench"
_NOTE = "The mean of the layer moved, and the shuffle keeps it."
_HEIGHT = 6000
PANELS = ("layers", "metrics", "spectrum", "trap", "study", "ablate", "findings")


def shoot(server: Server, browser: Browser, out: Path, theme: str, width: int) -> None:
    """One session at one window width; pictures are named theme-width-what.png."""
    context = browser.new_context(viewport={"width": width, "height": _HEIGHT}, color_scheme="light")
    lab = Lab(context.new_page(), server.url, server.folder)
    lab.open_cells(f"look-{theme}-{width}.ipynb", [_CELL])
    lab.theme(f"JupyterLab {theme.title()}")
    lab.command("application:toggle-left-area")
    lab.run_cell(0)
    screen = Explorer(lab.page)
    screen.await_rows(3)

    def keep(what: str) -> None:
        lab.page.mouse.move(2, _HEIGHT - 2)
        lab.page.wait_for_timeout(500)
        screen.root.screenshot(path=out / f"{theme}-{width}-{what}.png")

    keep("empty")
    screen.choose_layer("2.weight")
    screen.marks.first.click()
    screen.await_trap("Trap 1 of 2.weight")
    screen.panel("study").get_by_label("What in the entries makes traps?").check()
    screen.press("ask")
    expect(screen.panel("study")).to_have_attribute("data-status", "done")
    screen.press("ablate")
    expect(screen.panel("ablate")).to_have_attribute("data-status", "done")
    screen.panel("findings").get_by_label("Note", exact=True).fill(_NOTE)
    screen.press("pin")
    expect(screen.panel("findings").locator(".sw-pin")).to_have_count(1)
    keep("all")
    for name in PANELS:
        screen.panel(name).screenshot(path=out / f"{theme}-{width}-{name}.png")
    lab.watch.check()
    lab.shut_down()
    context.close()


def shoot_labs(server: Server, browser: Browser, out: Path, theme: str, width: int, names: Sequence[str]) -> None:
    """Each lab with its answer open; pictures are named theme-width-lab-name.png."""
    context = browser.new_context(viewport={"width": width, "height": _HEIGHT}, color_scheme="light")
    lab = Lab(context.new_page(), server.url, server.folder)
    cells = [f"bench = sw.lab({name!r})\nbench" for name in names]
    lab.open_cells(f"labs-{theme}-{width}.ipynb", ["import spectral_widgets as sw", *cells])
    lab.theme(f"JupyterLab {theme.title()}")
    lab.command("application:toggle-left-area")
    lab.run_cell(0)
    for index, name in enumerate(names):
        lab.run_cell(index + 1)
        root = lab.page.locator(".sw-lab").nth(index)
        root.locator("[data-complete=true]").wait_for()
        root.locator("[data-action=answer]").click()
        lab.page.mouse.move(2, _HEIGHT - 2)
        lab.page.wait_for_timeout(500)
        root.screenshot(path=out / f"{theme}-{width}-lab-{name}.png")
    lab.watch.check()
    lab.shut_down()
    context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--widths", type=int, nargs="+", default=[1280])
    parser.add_argument("--themes", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    parser.add_argument("--labs", nargs="*", choices=list(LABS))
    choice = parser.parse_args()
    choice.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as own, jupyterlab(Path(own)) as server, chromium() as browser:
        for theme in choice.themes:
            for width in choice.widths:
                if choice.labs is None:
                    shoot(server, browser, choice.folder, theme, width)
                else:
                    shoot_labs(server, browser, choice.folder, theme, width, choice.labs or list(LABS))


if __name__ == "__main__":
    main()
