"""The main job with the mouse, from an unopened notebook to an exported finding and a reloaded page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .explorer import Explorer
from .lab import Lab

pytestmark = pytest.mark.browser
NOTEBOOK, LAYER, N_LAYERS, MANY = "01_first_look.ipynb", "2.weight", 3, 100_000
CHECK = """
assert [one.note for one in bench.findings] == ["seen in the browser"], bench.findings
assert bench.findings[0].layer == "2.weight" and bench.findings[0].provenance.fingerprint
assert bench.ablation.is_complete and bench.ablation.plan.probe.n == 64
assert bench.trap == bench.scan.of_seed(0)[0]
print("all there")
"""


def test_the_main_job(lab: Lab, tmp_path: Path) -> None:
    screen = Explorer(lab.page)
    lab.open(NOTEBOOK)
    rest = lab.run_until("bench")
    screen.await_rows(N_LAYERS)
    _look_at_a_trap(screen)
    _cancel_an_ablation(screen)
    word = _run_an_ablation(screen)
    claim = _pin(screen)
    assert word.lower() in claim
    _export(screen, claim, tmp_path)
    expected = _what_is_shown(screen)
    lab.reload()
    screen.await_spectrum(LAYER)
    expect(screen.verdict).to_be_visible()
    assert _what_is_shown(screen) == expected
    _recipe(screen)
    assert "all there" in lab.run_code(CHECK)
    lab.run_from(rest)
    expect(screen.panel("findings").locator(".sw-pin")).to_have_count(2)


def _look_at_a_trap(screen: Explorer) -> None:
    """A real click on a triangle of the chart, and the same by its button."""
    screen.choose_layer(LAYER)
    expect(screen.chips).to_have_count(2)
    expect(screen.marks).to_have_count(2)
    screen.marks.nth(1).click()
    screen.await_trap(f"Trap 2 of {LAYER}")
    expect(screen.chips.nth(1)).to_have_attribute("aria-pressed", "true")
    screen.chips.nth(0).click()
    screen.await_trap(f"Trap 1 of {LAYER}")
    screen.marks.nth(1).click()
    screen.await_trap(f"Trap 2 of {LAYER}")
    screen.marks.nth(0).click()
    screen.await_trap(f"Trap 1 of {LAYER}")
    facts = screen.panel("trap").locator(".sw-facts")
    for label in ("eigenvalue", "excess", "p-value", "long side", "short side", "mean offset"):
        expect(facts).to_contain_text(label)


def _cancel_an_ablation(screen: Explorer) -> None:
    """Many probes, stopped midway: what was measured stays and the screen says so."""
    screen.type_number("n_probes", MANY)
    screen.press("ablate")
    panel = screen.panel("ablate")
    expect(panel.locator("progress")).to_be_visible()
    expect(screen.verdict).to_be_visible()
    screen.press("cancel-ablate")
    expect(panel.locator(".sw-job-line")).to_be_hidden()
    expect(panel.locator("[role=status]").filter(has_text="Cancelled after")).to_be_visible()
    done = re.search(r"(\d+) of (\d+) probes", panel.locator(".sw-subtitle").inner_text())
    assert done is not None
    assert 0 < int(done[1]) < int(done[2]) == MANY


def _run_an_ablation(screen: Explorer) -> str:
    """To the end; gives the word of the verdict."""
    screen.type_number("n_probes", 64)
    panel = screen.panel("ablate")
    expect(panel).to_have_attribute("data-status", "ready")
    screen.press("ablate")
    expect(panel).to_have_attribute("data-status", "done")
    expect(panel.locator(".sw-subtitle")).to_have_text("64 of 64 probes")
    expect(panel.locator("svg.marks")).to_have_count(2)
    expect(panel.locator("table").first.locator("tbody tr")).to_have_count(5)
    expect(panel.locator(".sw-rule")).to_contain_text("controls")
    word = screen.verdict.locator(".sw-verdict-word").inner_text().strip()
    assert word.lower() in ("active", "inert", "undecided")
    return word


def _pin(screen: Explorer) -> str:
    """Pin with a note; gives the claim."""
    panel = screen.panel("findings")
    panel.get_by_label("Note", exact=True).fill("seen in the browser")
    screen.press("pin")
    expect(panel.locator(".sw-pin")).to_have_count(1)
    expect(panel.locator(".sw-pin textarea")).to_have_value("seen in the browser")
    return panel.locator(".sw-claim").inner_text()


def _export(screen: Explorer, claim: str, folder: Path) -> None:
    report = json.loads(screen.export("json", folder).read_text("utf-8"))
    assert [finding["claim"] for finding in report["findings"]] == [claim]
    assert report["findings"][0]["note"] == "seen in the browser"
    page = screen.export("html", folder).read_text("utf-8")
    assert page.lstrip().lower().startswith("<!doctype html")
    assert claim in page
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//""", page)
    assert claim.split(",")[0] in screen.export("csv", folder).read_text("utf-8")
    assert claim in re.sub(r"\\(.)", r"\1", screen.export("markdown", folder).read_text("utf-8"))
    assert screen.export("png", folder).read_bytes().startswith(b"\x89PNG")
    assert "<svg" in screen.export("svg", folder).read_text("utf-8")


def _what_is_shown(screen: Explorer) -> dict[str, str]:
    """The words of all panels."""
    shown = {}
    for name, part in {
        "layers": "tbody",
        "spectrum": ".sw-facts",
        "trap": ".sw-trap",
        "ablate": ".sw-ablate table",
        "findings": ".sw-claim",
    }.items():
        shown[name] = screen.panel(name).locator(part).first.inner_text()
    return shown | {"verdict": screen.verdict.inner_text()}


def _recipe(screen: Explorer) -> None:
    screen.press("recipe")
    code = screen.panel("findings").locator("pre")
    expect(code).to_contain_text("bench.ablate().wait()")
    compile(code.inner_text(), "recipe", "exec")
