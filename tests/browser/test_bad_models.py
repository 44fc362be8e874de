"""Models with something wrong: the screen says what, and the rest goes on."""

from __future__ import annotations

import pytest
import torch
from playwright.sync_api import expect
from torch import nn

from .explorer import Explorer
from .lab import Lab

pytestmark = pytest.mark.browser
HOSTILE = "<img src=x onerror=alert(1)>"
OPEN_FILE = "import spectral_widgets as sw\nbench = sw.explore(sw.open_model('weights.pt'))\nbench"
OPEN_HOSTILE = f"""
import torch, spectral_widgets as sw
torch.manual_seed(0)
torch.save({{"{HOSTILE}.weight": torch.randn(60, 40) + 1}}, "hostile.pt")
bench = sw.explore(sw.open_model("hostile.pt", name="{HOSTILE}"))
bench
"""


def _state_with_a_broken_layer() -> dict[str, torch.Tensor]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        state = nn.Sequential(nn.Linear(40, 60), nn.Linear(60, 50), nn.Linear(50, 30)).state_dict()
    state["1.weight"][3, 4] = torch.nan
    state["2.weight"][5, 6] = 30.0
    return state


def test_weights_alone_and_a_broken_layer(lab: Lab) -> None:
    screen = Explorer(lab.page)
    torch.save(_state_with_a_broken_layer(), lab.folder / "weights.pt")
    lab.open_cells("weights.ipynb", [OPEN_FILE])
    lab.run_cell(0)
    screen.await_rows(2)
    broken = screen.row("1.weight")
    expect(broken).to_have_attribute("data-status", "failed")
    expect(broken.locator(".sw-row-caveat")).to_contain_text("1.weight")
    expect(broken.locator(".sw-row-caveat")).to_contain_text("NaN")
    broken.locator("td").nth(1).click()
    spectrum = screen.panel("spectrum")
    expect(spectrum).to_have_attribute("data-status", "failed")
    expect(spectrum.get_by_role("alert").filter(has_text="NaN").first).to_be_visible()
    screen.choose_layer("2.weight")
    screen.chips.nth(0).click()
    screen.await_trap("Trap 1 of 2.weight")
    expect(screen.panel("trap").locator(".sw-culprits tbody tr").first).to_contain_text("30")
    ablate = screen.panel("ablate")
    expect(ablate).to_have_attribute("data-status", "unavailable")
    expect(ablate).to_contain_text("with_module")
    expect(screen.root.locator("[data-action=ablate]")).to_be_hidden()


def test_names_are_text_and_never_markup(lab: Lab) -> None:
    screen = Explorer(lab.page)
    dialogs: list[str] = []
    lab.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    lab.open_cells("hostile.ipynb", [OPEN_HOSTILE])
    lab.run_cell(0)
    screen.await_rows(1)
    name = f"{HOSTILE}.weight"
    screen.choose_layer(name)
    screen.chips.nth(0).click()
    screen.await_trap(f"Trap 1 of {name}")
    screen.press("pin")
    expect(screen.panel("findings").locator(".sw-claim")).to_contain_text(HOSTILE)
    screen.press("recipe")
    expect(screen.panel("findings").locator("pre")).to_contain_text(HOSTILE)
    assert screen.root.locator("img").count() == 0
    assert dialogs == []
