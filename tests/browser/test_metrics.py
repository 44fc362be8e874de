"""Columns and the chart of metrics in JupyterLab: by the mouse, by keys, saved to a file, and after a reload."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Locator, expect

from .explorer import LONG_MS, Explorer
from .lab import Lab

pytestmark = pytest.mark.browser
OPEN = "import spectral_widgets as sw\nbench = sw.explore(sw.digits_mlp(), layer='0.weight', n_shuffles=3)\nbench"
SAYS = "print(list(bench._bench.state.columns[-2:]), bench._bench.state.chart_x, 'farms_alpha' in bench.recipe)"


@pytest.fixture
def screen(lab: Lab) -> Explorer:
    lab.open_cells("metrics.ipynb", [OPEN])
    lab.run_cell(0)
    opened = Explorer(lab.page)
    opened.await_rows(3)
    opened.await_spectrum("0.weight")
    return opened


def test_columns_bands_and_the_chart_of_metrics(lab: Lab, screen: Explorer, tmp_path: Path) -> None:
    _choose_columns(screen)
    _sort(screen)
    _see_bands(screen)
    _save(lab, screen, tmp_path)
    _press_a_mark(screen)
    _scatter(screen)
    assert lab.run_code(SAYS) == "['effective_rank', 'farms_alpha'] stable_rank True\n"
    lab.reload()
    screen.await_rows(3)
    expect(_head(screen, "farms_alpha")).to_be_visible()
    expect(_axis(screen, "chart_x")).to_have_value("stable_rank")


def _head(screen: Explorer, metric: str) -> Locator:
    return screen.panel("layers").locator(f"th[data-column={metric}]")


def _axis(screen: Explorer, key: str) -> Locator:
    return screen.panel("metrics").locator(f"[data-key={key}] select")


def _choose_columns(screen: Explorer) -> None:
    """The fold by the keyboard, a metric that is measured already, and one that is measured on request."""
    panel = screen.panel("layers")
    panel.locator(".sw-columns summary").focus()
    screen.page.keyboard.press("Enter")
    panel.get_by_label("Find a metric").fill("effective")
    box = panel.locator(".sw-columns input[value=effective_rank]")
    box.focus()
    screen.page.keyboard.press("Space")
    expect(_head(screen, "effective_rank")).to_be_visible()
    expect(screen.row("2.weight").locator(".sw-col-effective_rank")).to_have_text(re.compile(r"^[0-9]"))
    panel.get_by_label("Find a metric").fill("")
    panel.locator(".sw-columns input[value=farms_alpha]").check()
    for name in ("0.weight", "2.weight"):
        expect(screen.row(name).locator(".sw-col-farms_alpha")).to_have_text(re.compile(r"^[0-9]"), timeout=LONG_MS)
    panel.locator(".sw-columns summary").click()


def _sort(screen: Explorer) -> None:
    head = _head(screen, "farms_alpha")
    head.locator("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    cells = screen.panel("layers").locator("tbody .sw-col-farms_alpha")
    values = [float(re.sub(r"[^0-9.]", "", text)) for text in cells.all_inner_texts() if text[:1].isdigit()]
    assert values == sorted(values, reverse=True)
    assert len(values) >= 2


def _see_bands(screen: Explorer) -> None:
    cell = screen.row("2.weight").locator(".sw-col-alpha")
    expect(cell.locator(".sw-band")).to_have_text("W")
    cell.hover()
    expect(screen.root.locator(".sw-tip")).to_contain_text("well-trained")
    panel = screen.panel("layers")
    panel.get_by_label("Colour by band").uncheck()
    expect(panel.locator(".sw-band")).to_have_count(0)
    panel.get_by_label("Colour by band").check()
    expect(panel.locator(".sw-band-legend")).to_contain_text("Martin and Mahoney")


def _save(lab: Lab, screen: Explorer, folder: Path) -> None:
    with lab.page.expect_download() as coming:
        screen.press("table-csv")
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    frame = pd.read_csv(path, comment="#", index_col="layer")
    assert list(frame.index) == ["0.weight", "2.weight", "4.weight"]
    assert frame["farms_alpha"].notna().any()


def _press_a_mark(screen: Explorer) -> None:
    panel = screen.panel("metrics")
    expect(panel.locator(".sw-chart-words")).to_contain_text("from")
    mark = panel.locator("svg.marks path[aria-label*='2.weight']").last
    mark.click()
    screen.await_spectrum("2.weight")
    expect(screen.row("2.weight")).to_have_attribute("aria-selected", "true")


def _scatter(screen: Explorer) -> None:
    _axis(screen, "chart_x").select_option("stable_rank")
    panel = screen.panel("metrics")
    expect(panel.locator("svg.marks")).to_contain_text("stable rank")
    panel.locator("[data-key=chart_log] label", has_text="Both").click()
    expect(panel.locator(".sw-error:visible")).to_have_count(0)
