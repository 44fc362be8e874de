"""Every lab in JupyterLab: a dial by keys and by the mouse, and the curve that follows; then what all labs share."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect
from spectral_widgets.labs import LABS

from .lab import Lab

pytestmark = pytest.mark.browser
REDRAW_S = 0.5
OPEN = "bench = sw.lab({!r})\nbench"


class Desk:
    """One lab on the page, as its user sees it."""

    def __init__(self, lab: Lab, index: int) -> None:
        self.lab, self.root = lab, lab.page.locator(".sw-lab").nth(index)

    def open(self, index: int) -> Desk:
        self.lab.run_cell(index)
        self.root.locator("[data-complete=true]").wait_for()
        self.root.locator("svg.marks").first.wait_for()
        return self

    def press(self, action: str) -> None:
        self.root.locator(f"[data-action={action}]").click()

    def slider(self, key: str = "") -> Locator:
        """A dial by its name, or the first."""
        place = f"[data-key={key}] " if key else ""
        return self.root.locator(f"{place}input[type=range]").first

    @property
    def curves(self) -> str:
        """All that is drawn in the charts, as paths and places."""
        return self.root.evaluate(_CURVES)

    def await_other(self, before: str) -> str:
        """Until the charts show something else; gives what."""
        handle = self.root.element_handle()
        self.lab.page.wait_for_function(f"([root, before]) => ({_CURVES})(root) !== before", arg=[handle, before])
        self.root.locator("[data-complete=true]").wait_for()
        return self.curves


_CURVES = """root => [...root.querySelectorAll("svg.marks [role='graphics-symbol'], svg.marks path, svg.marks line")]
  .map(mark => mark.getAttribute("d") + mark.getAttribute("transform")).join()"""


def test_a_dial_moves_the_curve_of_every_lab(lab: Lab, timed: Callable[[str, float], None]) -> None:
    """The last one is then frozen into a picture."""
    lab.open_cells("labs.ipynb", ["import spectral_widgets as sw", *map(OPEN.format, LABS)])
    lab.run_cell(0)
    for index, name in enumerate(LABS):
        desk = Desk(lab, index).open(index + 1)
        by_keys(desk)
        by_mouse(desk)
        redraws = [desk.root.evaluate(_REDRAW, stop) / 1000 for stop in (2, 0, 3, 1, 4)]
        timed(f"redraw of the lab {name}", statistics.median(redraws))
        assert statistics.median(redraws) < REDRAW_S
    desk.press("freeze")
    expect(lab.page.locator(".jp-OutputArea img")).to_be_visible()
    expect(lab.page.locator(".jp-OutputArea summary")).to_have_text("Answer")


def by_keys(desk: Desk) -> None:
    """An arrow key moves the dial by one place."""
    before, said = desk.curves, desk.slider().get_attribute("aria-valuetext")
    desk.slider().focus()
    desk.lab.page.keyboard.press("ArrowLeft")
    assert desk.await_other(before) != before
    assert desk.slider().get_attribute("aria-valuetext") != said
    expect(desk.slider()).to_be_focused()


def by_mouse(desk: Desk) -> None:
    """The thumb is taken and drawn far from where it was."""
    before = desk.curves
    desk.slider().scroll_into_view_if_needed()
    box = desk.slider().bounding_box()
    assert box is not None
    place = desk.slider().evaluate("dial => (dial.value - dial.min) / (dial.max - dial.min)")
    mouse, height = desk.lab.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] * 0.9, height)
    mouse.down()
    mouse.move(box["x"] + box["width"] * 0.6, height, steps=3)
    mouse.move(box["x"] + box["width"] * (0.25 if place > 0.5 else 0.75), height, steps=3)
    mouse.up()
    assert desk.await_other(before) != before


# From moving a dial to another curve on the screen.
_REDRAW = f"""async (root, stop) => {{
  const curves = {_CURVES};
  const slider = root.querySelector("input[type=range]"), before = curves(root);
  let touched = false;
  // Reading all curves takes milliseconds: they are read when the charts were touched, not at every frame.
  const watch = new MutationObserver(() => (touched = true));
  watch.observe(root.querySelector(".sw-lab-charts"), {{ subtree: true, childList: true, attributes: true }});
  const start = performance.now();
  slider.value = stop;
  slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
  for (let now = start; now - start < 20000; now = await new Promise(requestAnimationFrame)) {{
    if (!touched) continue;
    touched = false;
    const shown = performance.now();
    if (curves(root) !== before) {{
      watch.disconnect();
      return shown - start;
    }}
  }}
  throw new Error("the curve never changed");
}}"""


@pytest.fixture
def desk(lab: Lab) -> Desk:
    lab.open_cells("spike.ipynb", ["import spectral_widgets as sw\n" + OPEN.format("spike")])
    return Desk(lab, 0).open(0)


def test_what_every_lab_has(lab: Lab, desk: Desk) -> None:
    root, before = desk.root, desk.curves
    root.get_by_label("Show theory").uncheck()
    without = desk.await_other(before)
    root.get_by_label("Show theory").check()
    before = desk.await_other(without)
    desk.press("new-seed")
    expect(root.get_by_label("Seed")).to_have_value("1")
    before = desk.await_other(before)
    _drag_the_line(desk)
    desk.press("play")
    expect(root.locator("[data-action=play]")).to_have_text("Pause")
    moved = {desk.slider("strength").get_attribute("aria-valuetext")}
    for _ in range(3):
        before = desk.await_other(before)
        moved.add(desk.slider("strength").get_attribute("aria-valuetext"))
    assert len(moved) > 2
    desk.press("play")
    desk.press("reset")
    expect(desk.slider("strength")).to_have_attribute("aria-valuetext", "1.5")
    expect(root.locator(".sw-draws")).to_have_text("40 draws")
    desk.press("answer")
    expect(root.locator(".sw-lab-answer")).to_be_visible()
    desk.press("recipe")
    expect(root.locator("pre.sw-code")).to_contain_text("lab_named('spike')")
    sentence = root.locator(".sw-answer-sentence").inner_text()
    lab.reload()
    expect(root.locator(".sw-answer-sentence")).to_have_text(sentence)


def _drag_the_line(desk: Desk) -> None:
    """The line of the signal's strength is taken in the chart; its dial follows."""
    grip = desk.root.locator("svg.marks line[stroke-width='14']").first
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box is not None
    mouse, x, y = desk.lab.page.mouse, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = desk.curves
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 40, y, steps=4)
    mouse.up()
    desk.await_other(before)
    assert float(desk.slider("strength").get_attribute("aria-valuetext") or "nan") < 1.5
