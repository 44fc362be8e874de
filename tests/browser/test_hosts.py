"""The explorer and a lab in every host that runs here, with no network: a dial that reaches Python, or a still."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
import spectral_widgets as sw
from playwright.sync_api import Browser, Page, expect
from spectral_widgets.freezing import freeze_file
from spectral_widgets.freezing.saved_state import VIEW
from spectral_widgets.widgets import assets

from .hosts import EXPLORER, LAB, VSCODE_POLICY, open_page, state_of, webview
from .lab import Lab, write_notebook
from .server import Server, marimo

pytestmark = pytest.mark.browser
IMPORT = "import spectral_widgets as sw"
CELLS = [IMPORT, f"bench = {EXPLORER}\nbench", f"lesson = {LAB}\nlesson"]
#: Kernels start, and import the package, before anything is drawn.
LONG_MS = 120_000
SOON_MS = 4000


def use(page: Page) -> None:
    """The explorer is drawn and a click reaches Python; the lab is drawn and a key on its dial does."""
    explorer, lab = page.locator(".sw-explorer:not(.sw-lab)"), page.locator(".sw-lab")
    spectrum = explorer.locator("[data-panel=spectrum]")
    expect(spectrum.locator("svg.marks").first).to_be_visible()
    explorer.locator("tbody tr[data-name='0.weight'] td").nth(1).click()
    expect(spectrum.locator(".sw-subtitle")).to_contain_text("0.weight")
    lab.locator("[data-complete=true]").wait_for()
    expect(lab.locator("svg.marks").first).to_be_visible()
    said = lab.locator(".sw-answer-sentence").inner_text()
    lab.locator("input[type=range]").first.press("ArrowLeft")
    expect(lab.locator(".sw-answer-sentence")).not_to_have_text(said)
    lab.locator("[data-complete=true]").wait_for()


def test_jupyterlab_saves_what_another_can_read_without_a_kernel(lab: Lab, chrome: Browser, tmp_path: Path) -> None:
    """Saved with its outputs, frozen, converted, and opened from disk."""
    lab.open_cells("saved.ipynb", CELLS)
    for index in range(len(CELLS)):
        lab.run_cell(index)
    use(lab.page)
    lab.save()
    saved = lab.folder / "saved.ipynb"
    assert VIEW in saved.read_text(encoding="utf-8")
    assert saved.stat().st_size < 1_000_000
    plain = convert(saved, tmp_path / "plain.html")
    still(chrome, plain)
    freeze_file(saved)
    nbformat.read(saved, as_version=4)
    assert saved.stat().st_size < 500_000
    still(chrome, convert(saved, tmp_path / "frozen.html"))


def convert(notebook: Path, page: Path) -> Path:
    """By nbconvert's own command; what its template loads from elsewhere is left out."""
    flags = ("--HTMLExporter.mathjax_url=", "--HTMLExporter.require_js_url=")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(notebook), f"--output={page}", *flags]
    subprocess.run(command, check=True, capture_output=True)
    return page


def still(chrome: Browser, file: Path) -> None:
    """Both pictures and their tables are on the page, which asks nobody for anything."""
    context, page, refused = open_page(chrome)
    page.goto(file.as_uri())
    for alt in ("Explorer of ", "Lab 3"):
        picture = page.locator(f"img[alt^='{alt}']")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") > 300
    expect(page.locator("table", has_text="2.weight").first).to_be_visible()
    expect(page.locator("summary", has_text="Answer")).to_be_visible()
    context.close()
    assert refused == []


def test_cancel_reaches_the_explorer_while_another_cell_runs(lab: Lab) -> None:
    """Long work in the explorer, a sleeping cell beside it: Cancel acts before that cell ends."""
    network = "torch.nn.Sequential(*(torch.nn.Linear(900, 900) for _ in range(40)))"
    slow = f"import torch\nbench = sw.explore({network})\nbench"
    lab.open_cells("busy.ipynb", [IMPORT, slow, "import time\ntime.sleep(20)\n'awake'"])
    lab.run_cell(0)
    lab.run_cell(1)
    cancel = lab.page.locator("[data-action=cancel-layers]")
    expect(cancel).to_be_visible()
    lab.page.evaluate(_START_NEXT)
    time.sleep(0.5)  # the sleeping cell has begun, which no page tells
    cancel.click()
    expect(cancel).to_be_hidden(timeout=8000)
    expect(lab.page.locator(".jp-OutputArea-output", has_text="awake")).to_have_count(0)


# Starts the chosen cell and does not wait for it.
_START_NEXT = """() => {
  window.jupyterapp.commands.execute("notebook:run-cell");
  return null;
}"""


def test_notebook_7(server: Server, chrome: Browser) -> None:
    write_notebook(server.folder / "seven.ipynb", CELLS)
    context, page, refused = open_page(chrome)
    page.goto(f"{server.url}/notebooks/seven.ipynb", wait_until="domcontentloaded")
    page.wait_for_function(f"() => {_SEVEN}?.sessionContext?.session?.kernel?.status === 'idle'", timeout=60_000)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => null)")
    page.locator(".sw-lab").wait_for(timeout=LONG_MS)
    use(page)
    page.evaluate(f"() => {_SEVEN}.sessionContext.shutdown()")
    context.close()
    assert refused == []


_SEVEN = "window.jupyterapp?.shell.currentWidget"


def test_voila(server: Server, chrome: Browser) -> None:
    write_notebook(server.folder / "app.ipynb", CELLS)
    context, page, refused = open_page(chrome)
    page.goto(f"{server.url}/voila/render/app.ipynb", wait_until="commit", timeout=LONG_MS)
    page.locator(".sw-lab").wait_for(timeout=LONG_MS)
    use(page)
    context.close()
    # Voilà's own page asks for icons and formulas elsewhere and does without them.
    assert [url for url in refused if "fontawesome" not in url and "mathjax" not in url.lower()] == []


MARIMO = f"""import marimo

app = marimo.App(width="full")


@app.cell
def _():
    {IMPORT}
    bench = {EXPLORER}
    bench
    return (sw,)


@app.cell
def _(sw):
    lesson = {LAB}
    lesson
    return


if __name__ == "__main__":
    app.run()
"""


def test_marimo(chrome: Browser, tmp_path: Path) -> None:
    app = tmp_path / "app.py"
    app.write_text(MARIMO)
    with marimo(tmp_path, app) as running:
        context, page, refused = open_page(chrome)
        page.goto(running.url, wait_until="domcontentloaded")
        page.locator(".sw-lab").wait_for(timeout=LONG_MS)
        use(page)
        page.locator(".sw-lab [data-action=freeze]").click()
        expect(page.locator("img[alt^='Lab 3']")).to_be_visible()
        context.close()
    assert refused == []


# ---- a webview as VS Code has it


@pytest.fixture(scope="module")
def widgets():
    explorer = sw.explore(sw.digits_mlp(), layer="2.weight").wait(60)
    lab = sw.lab("spike", n_draws=10).wait(60)
    for widget in (explorer, lab):
        widget._prepare_still()
    yield explorer, lab
    explorer.close()
    lab.close()


def test_a_webview_without_messages_shows_the_pictures_and_says_so(chrome: Browser, widgets) -> None:
    context, page, refused = open_page(chrome)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    webview(page, [state_of(one) for one in widgets], VSCODE_POLICY)
    for alt in ("Explorer of ", "Lab 3"):
        width = page.locator(f"img[alt^='{alt}']").evaluate("image => image.decode().then(() => image.naturalWidth)")
        assert width > 300
    words = page.locator("[role=status]", has_text="This is a still picture, because no kernel has answered yet.")
    expect(words).to_have_count(2, timeout=SOON_MS)
    expect(page.get_by_role("button", name="Try again")).to_have_count(2)
    context.close()
    assert refused == []
    assert errors == []


def test_a_webview_that_passes_messages_on_draws_the_screens(chrome: Browser, widgets) -> None:
    """VS Code's policy is off as it comes; the modules load, and the screens stand there and ask the kernel."""
    context, page, refused = open_page(chrome)
    webview(page, [state_of(one) for one in widgets], "", {name: assets.chunk(name) for name in assets.CHUNKS})
    expect(page.locator(".sw-explorer:not(.sw-lab) [data-panel=spectrum]")).to_be_visible()
    expect(page.locator(".sw-lab")).to_have_count(1)
    context.close()
    assert refused == []
