"""The questions in JupyterLab: by the mouse, from the trap panel, cancelled, by keys alone, and after a reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .explorer import Explorer
from .lab import Lab

pytestmark = pytest.mark.browser
OPEN = "import spectral_widgets as sw\nbench = sw.explore(sw.digits_mlp(), layer='2.weight', n_shuffles=3)\nbench"
SAME = """
namespace = {}
exec(bench.answer.code, namespace)
print([scan.counts for scan in namespace["result"]] == [scan.counts for scan in bench._bench.answered.last])
"""


@pytest.fixture
def screen(lab: Lab) -> Explorer:
    lab.open_cells("questions.ipynb", [OPEN])
    lab.run_cell(0)
    opened = Explorer(lab.page)
    opened.await_rows(3)
    opened.await_spectrum("2.weight")
    return opened


def test_questions_by_the_mouse(lab: Lab, screen: Explorer) -> None:
    panel = screen.panel("study")
    expect(panel.locator(".sw-question-group", has_text="This trap")).to_contain_text("Choose a trap first")
    _ask_about_the_layer(screen)
    _follow_a_row(screen)
    _remove_the_cause(screen)
    assert lab.run_code(SAME) == "True\n"
    _pin(screen)
    _cancel(screen)
    _switch_the_view(screen)
    sentence = _ask_again(screen)
    lab.reload()
    screen.await_spectrum("2.weight")
    assert screen.await_answer() == sentence


def _ask_about_the_layer(screen: Explorer) -> None:
    screen.choose_question("What in the entries makes traps?")
    screen.press("ask")
    assert "foretells 2 traps" in screen.await_answer()
    panel = screen.panel("study")
    expect(panel.locator("svg.marks")).to_have_count(1)
    expect(panel.locator("caption")).to_have_count(2)
    expect(panel.locator("svg.marks")).to_contain_text("where one entry makes a trap")
    panel.locator("summary").click()
    expect(panel.locator("pre")).to_contain_text("result = sw.entry_survival(layer)")
    panel.locator("summary").click()


def _follow_a_row(screen: Explorer) -> None:
    """A row of the whole model's table leads to its layer, and back."""
    screen.choose_question("Which layers hold traps?")
    screen.press("ask")
    assert re.search(r"layers of \d hold traps at 1 % FDR", screen.await_answer())
    panel = screen.panel("study")
    panel.locator("tbody button", has_text="0.weight").click()
    screen.await_spectrum("0.weight")
    panel.locator("tbody button", has_text="2.weight").click()
    screen.await_spectrum("2.weight")


def _remove_the_cause(screen: Explorer) -> None:
    """The button of the trap panel opens the question and runs it."""
    screen.chips.nth(1).click()
    screen.await_trap("Trap 2 of 2.weight")
    button = screen.root.locator("[data-action=ask-removal]")
    expect(button).to_have_text("Remove these entries")
    button.click()
    expect(screen.panel("study").locator(".sw-question-title")).to_have_text("Does the trap go when its entries go?")
    sentence = screen.await_answer()
    assert sentence.startswith("Trap 2 of 2.weight ")
    assert " without the 3 named entries: 2 traps before, 3 after in its own shuffle" in sentence
    expect(screen.panel("study")).to_be_in_viewport()


def _pin(screen: Explorer) -> None:
    claim = screen.await_answer()
    screen.press("pin-answer")
    expect(screen.panel("findings").locator(".sw-claim")).to_have_text(claim)


def _cancel(screen: Explorer) -> None:
    """Many shuffles, stopped midway: what was found stays, and says so."""
    screen.choose_question("Is it settled over shuffles?")
    panel = screen.panel("study")
    panel.get_by_label("Stop when settled").uncheck()
    panel.get_by_label("Most shuffles").fill("200")
    screen.page.keyboard.press("Tab")
    screen.press("ask")
    expect(panel.locator(".sw-answer-sentence")).to_contain_text("2.weight")
    screen.press("cancel-study")
    expect(panel).to_have_attribute("data-status", "done")
    expect(panel.locator("p[role=status]", has_text="Stopped before the end")).to_be_visible()
    expect(panel.get_by_label("Most shuffles")).to_be_enabled()


def _switch_the_view(screen: Explorer) -> None:
    """Less the means, the trap of the mean offset is gone from the spectrum on the screen."""
    expect(screen.chips).to_have_count(2)
    screen.panel("spectrum").get_by_text("Rows and columns", exact=True).click()
    expect(screen.chips).to_have_count(1)
    expect(screen.marks).to_have_count(1)
    screen.panel("spectrum").get_by_text("Raw", exact=True).click()
    expect(screen.chips).to_have_count(2)


def _ask_again(screen: Explorer) -> str:
    screen.choose_question("Mean offset or single entries?")
    screen.press("ask")
    return screen.await_answer()


def test_questions_by_the_keyboard_alone(lab: Lab, screen: Explorer) -> None:
    keys, panel = lab.page.keyboard, screen.panel("study")
    first = panel.get_by_label("What in the entries makes traps?")
    lab.page.wait_for_timeout(500)
    first.focus()
    keys.press("Space")
    expect(first).to_be_checked()
    keys.press("ArrowDown")
    expect(panel.locator(".sw-question-title")).to_have_text("Is it settled over shuffles?")
    expect(panel.get_by_label("Is it settled over shuffles?")).to_be_focused()
    keys.press("Tab")
    expect(panel.get_by_label("Most shuffles")).to_be_focused()
    keys.press("Control+a")
    keys.type("5")
    keys.press("Tab")
    keys.press("Tab")
    expect(panel.locator("[data-action=ask]")).to_be_focused()
    keys.press("Enter")
    assert "after 5 shuffles" in screen.await_answer()
    expect(panel.locator("[data-action=ask]")).to_be_focused()
    for _ in range(20):
        keys.press("Tab")
        if panel.locator("summary:focus").count():
            break
    keys.press("Enter")
    expect(panel.locator("pre")).to_be_visible()
    assert lab.n_cells == 2, "a key meant for the explorer changed the notebook"
