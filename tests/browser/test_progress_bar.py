"""The bar of a long call moves while its cell runs, cancels it, and leaves a line of text behind."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .lab import Lab

pytestmark = pytest.mark.browser
MAKE = """import numpy as np
import spectral_widgets as sw
matrices = [np.random.default_rng(0).standard_normal((300, 200))] * 2000"""
RUN = """try:
    sw.measure(matrices, cache=False)
except sw.Interrupted as stop:
    found = stop.partial
0 < len(found) < 2000, len(found.columns) > 10"""


def test_the_bar_moves_while_the_cell_runs_and_cancels_it(lab: Lab) -> None:
    lab.open_cells("bar.ipynb", [MAKE, RUN])
    lab.run_cell(0)
    lab.page.evaluate(_START)
    bar = lab.page.locator(".sw-bar")
    expect(bar.locator("progress")).to_have_attribute("aria-label", "Measuring")
    words = bar.locator(".sw-bar-words")
    before = words.text_content()
    expect(words).not_to_have_text(before or "")
    expect(words).to_contain_text("of 2000 · ")
    expect(words).to_contain_text("left")
    bar.get_by_role("button", name="Cancel").click()
    output = lab.page.locator(".jp-OutputArea-output")
    expect(output.filter(has_text="(True, True)")).to_have_count(1)
    expect(output.filter(has_text="Measuring: ")).to_have_count(1)
    expect(bar).to_have_count(0)


# Starts the chosen cell and does not wait for it.
_START = """() => {
  window.jupyterapp.commands.execute("notebook:run-cell");
  return null;
}"""
