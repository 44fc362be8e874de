"""One JupyterLab and one browser for all tests here; a fresh context, notebook and kernel for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from .browsers import PATIENCE_MS, chromium
from .lab import Lab
from .server import Server, jupyterlab

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
VIEWPORT = {"width": 1280, "height": 1600}
_TIMED = "browser: "


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was measured in the page, also when every bound holds."""
    for report in terminalreporter.getreports("passed"):
        for what, seconds in report.user_properties:
            if what.startswith(_TIMED):
                terminalreporter.write_line(f"{what}: {seconds:.3f} s")


@pytest.fixture
def timed(record_property: Callable[[str, object], None]) -> Callable[[str, float], None]:
    """Takes what was measured and its seconds, for the summary of the run; it may come from another process."""
    return lambda what, seconds: record_property(f"{_TIMED}{what}", seconds)


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    own = tmp_path_factory.mktemp("jupyter")
    folder = own / "notebooks"
    folder.mkdir()
    for notebook in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(notebook, folder)
    with jupyterlab(own) as running:
        yield running


# The browser ends with this folder: while it runs, the main thread counts as running an event loop.
@pytest.fixture(scope="package")
def chrome() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def lab(server: Server, chrome: Browser) -> Iterator[Lab]:
    """A fresh page; the test fails on any console error and on any request that leaves loopback."""
    context = chrome.new_context(viewport=VIEWPORT, color_scheme="light", accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    opened = Lab(context.new_page(), server.url, server.folder)
    try:
        yield opened
        opened.watch.check()
    finally:
        opened.shut_down()
        context.close()
