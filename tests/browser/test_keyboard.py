"""Everything that the mouse does, by the keyboard alone; what an assistive reader is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .explorer import Explorer
from .lab import Lab

pytestmark = pytest.mark.browser
OPEN = "import spectral_widgets as sw\nbench = sw.explore(sw.digits_mlp(), n_probes=32, n_controls=9)\nbench"
MOST_TABS = 60


def test_choose_run_and_pin_with_the_keyboard_alone(lab: Lab) -> None:
    screen, keys = Explorer(lab.page), lab.page.keyboard
    lab.open_cells("keyboard.ipynb", [OPEN])
    lab.run_cell(0)
    screen.await_rows(3)
    _into(screen)
    _tab_to(screen, screen.panel("layers").locator("tbody tr[tabindex='0']"))
    keys.press("Home")
    expect(screen.row("0.weight")).to_be_focused()
    keys.press("ArrowDown")
    expect(screen.row("2.weight")).to_be_focused()
    keys.press("Enter")
    screen.await_spectrum("2.weight")
    expect(screen.row("2.weight")).to_have_attribute("aria-selected", "true")
    _tab_to(screen, screen.chips.nth(0))
    keys.press("Space")
    screen.await_trap("Trap 1 of 2.weight")
    expect(screen.chips.nth(0)).to_be_focused()
    removal = screen.panel("ablate").get_by_label("plain removal")
    _tab_to(screen, screen.panel("ablate").get_by_label("replace by random"))
    keys.press("ArrowDown")
    expect(removal).to_be_checked()
    _tab_to(screen, screen.root.locator("[data-action=ablate]"))
    keys.press("Enter")
    expect(screen.panel("ablate")).to_have_attribute("data-status", "done")
    expect(screen.verdict).to_contain_text("Active")
    _tab_to(screen, screen.panel("findings").get_by_label("Note", exact=True))
    keys.type("by keys: a b d 0 0")
    _tab_to(screen, screen.root.locator("[data-action=pin]"))
    keys.press("Space")
    expect(screen.panel("findings").locator(".sw-pin textarea")).to_have_value("by keys: a b d 0 0")
    for key in ("b", "d", "d", "x", "z"):
        keys.press(key)
    assert lab.n_cells == 2, "a key meant for the explorer changed the notebook"
    assert lab.run_code("print(bench.findings[0].note, bench.ablation.verdict.word)") == "by keys: a b d 0 0 active\n"
    _check_names_and_roles(screen)


def _check_names_and_roles(screen: Explorer) -> None:
    """Every control has a name, progress and news are announced, the chart says what it shows."""
    assert screen.root.evaluate(_NAMELESS) == []
    words = screen.panel("spectrum").locator("figure").get_attribute("aria-label") or ""
    assert words.startswith("Spectrum of 2.weight. Histogram of 200 eigenvalues, largest 13.2.")
    assert "the matrix has 2 traps, at 6.98, 0.746." in words
    assert screen.root.locator("progress:not([aria-label])").count() == 0
    assert screen.root.locator("[aria-live=polite]").count() > 0


def _into(screen: Explorer) -> None:
    """Put the focus on the first control, once JupyterLab has left the cell that it moved on to."""
    first = screen.panel("layers").get_by_label("Filter layers by name")
    for _ in range(10):
        first.focus()
        screen.page.wait_for_timeout(300)
        if first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError("the filter cannot keep the focus")


def _tab_to(screen: Explorer, target: Locator) -> None:
    """Press Tab until ``target`` has the focus; on its way the focus stays in the explorer."""
    for _ in range(MOST_TABS):
        screen.page.keyboard.press("Tab")
        place = screen.page.evaluate("() => document.activeElement.outerHTML.slice(0, 200)")
        assert screen.root.locator("*:focus").count() == 1, f"Tab left the explorer for {place}"
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{MOST_TABS} times Tab do not reach {target}")


_NAMELESS = """root => [...root.querySelectorAll("button, input, select, textarea")]
  .filter(element => !element.closest("[hidden]"))
  .filter(element => !element.getAttribute("aria-label") && !element.textContent.trim())
  .filter(element => ![...(element.labels ?? [])].some(label => label.textContent.trim()))
  .map(element => element.outerHTML)"""
