"""The further choices of an ablation by the keyboard, and the words that labels allow."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .explorer import LONG_MS, Explorer
from .lab import Lab

pytestmark = pytest.mark.browser
OPEN = (
    "import spectral_widgets as sw\n"
    "bench = sw.explore(sw.digits_mlp(), layer='2.weight', edit='remove', n_probes=32, n_controls=4)\nbench"
)
RUN_AGAIN = "bench.set(trap={'seed': 0, 'index': 0}) and None"


def test_labels_chosen_by_keys_turn_active_into_benign(lab: Lab) -> None:
    screen, keys = Explorer(lab.page), lab.page.keyboard
    lab.open_cells("choices.ipynb", [OPEN])
    lab.run_cell(0)
    screen.await_rows(3)
    lab.run_code(RUN_AGAIN)
    panel = screen.panel("ablate")
    screen.press("ablate")
    expect(panel).to_have_attribute("data-status", "done", timeout=LONG_MS)
    expect(screen.verdict).to_contain_text("Active")
    expect(panel.locator(".sw-rule")).to_contain_text("nobody can know whether a change is for the worse")
    fold = panel.locator("details").first
    fold.locator("summary").focus()
    keys.press("Enter")
    expect(fold).to_have_attribute("open", "")
    labelled = panel.get_by_label("labelled test images")
    panel.get_by_label("random inputs that fit").focus()
    for _ in range(4):
        keys.press("ArrowDown")
    expect(labelled).to_be_checked()
    expect(fold.locator("summary")).to_contain_text("1 changed")
    expect(panel.locator(".sw-rule")).to_contain_text("accuracy decides")
    screen.press("ablate")
    expect(panel.locator(".sw-subtitle")).to_have_text("1297 of 1297 probes", timeout=LONG_MS)
    expect(panel).to_have_attribute("data-status", "done", timeout=LONG_MS)
    expect(screen.verdict).to_contain_text("Benign")
    expect(panel.locator("table").nth(1)).to_contain_text("change of accuracy")
    assert lab.run_code("print(bench.ablation.verdict.word, bench.ablation.plan.probe.labels is not None)") == (
        "benign True\n"
    )
