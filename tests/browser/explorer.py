"""The explorer as its user sees it: panels, rows, marks and buttons, found by what they are."""

from __future__ import annotations

import json
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

LONG_MS = 60_000


class Explorer:
    """The first explorer on a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.root = page, page.locator(".sw-explorer").first

    def await_open(self) -> None:
        expect(self.root).to_be_visible(timeout=LONG_MS)

    def panel(self, name: str) -> Locator:
        """One of layers, metrics, spectrum, trap, study, ablate, findings."""
        return self.root.locator(f"[data-panel={name}]")

    # ---- layers

    def row(self, layer: str) -> Locator:
        return self.panel("layers").locator(f"tbody tr[data-name={json.dumps(layer)}]")

    def await_rows(self, count: int) -> None:
        """Until this many rows are measured and nothing is waiting."""
        done = self.panel("layers").locator("tr[data-status=done]")
        expect(done).to_have_count(count, timeout=LONG_MS)

    # ---- spectrum and trap

    def choose_layer(self, layer: str) -> None:
        self.row(layer).locator("td").nth(1).click()
        self.await_spectrum(layer)

    def await_spectrum(self, layer: str) -> None:
        """Until the spectrum of this layer is drawn and all shuffles are done."""
        panel = self.panel("spectrum")
        expect(panel).to_have_attribute("data-status", "ready", timeout=LONG_MS)
        expect(panel.locator(".sw-subtitle")).to_contain_text(layer)
        expect(panel.locator(".sw-job-line")).to_be_hidden(timeout=LONG_MS)
        expect(panel.locator("svg.marks").first).to_be_visible()

    @property
    def marks(self) -> Locator:
        """Triangles of the traps in the chart."""
        return self.panel("spectrum").locator("svg.marks g.mark-symbol.role-mark > path[aria-label*='trap']")

    @property
    def chips(self) -> Locator:
        """Buttons of the traps under the chart."""
        return self.panel("spectrum").locator("button.sw-chip")

    def await_trap(self, title: str) -> None:
        """Until the trap panel explains the trap with this title."""
        panel = self.panel("trap")
        expect(panel.locator(".sw-subtitle")).to_contain_text(title)
        expect(panel.locator(".sw-lead")).to_be_visible()

    # ---- questions

    def choose_question(self, title: str) -> None:
        """Choose a question by its words and wait until the panel shows it."""
        panel = self.panel("study")
        panel.get_by_label(title, exact=True).check()
        expect(panel.locator(".sw-question-title")).to_have_text(title)

    def await_answer(self) -> str:
        """Until the chosen question is answered; gives the sentence."""
        panel = self.panel("study")
        expect(panel).to_have_attribute("data-status", "done", timeout=LONG_MS)
        expect(panel.locator(".sw-job-line")).to_be_hidden()
        return panel.locator(".sw-answer-sentence").inner_text()

    # ---- ablation

    def press(self, action: str) -> None:
        self.root.locator(f"[data-action={action}]").click()

    def type_number(self, key: str, value: int) -> None:
        """Fill a number field and wait until the kernel has it."""
        self.root.locator(f"[data-key={key}] input").fill(str(value))
        self.page.keyboard.press("Tab")

    @property
    def verdict(self) -> Locator:
        return self.panel("ablate").locator(".sw-verdict")

    # ---- findings

    def export(self, wanted: str, folder: Path) -> Path:
        """Press an export button and keep the file that comes."""
        with self.page.expect_download() as coming:
            self.root.locator(f"[data-format={wanted}]").click()
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path
