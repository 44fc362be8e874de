"""One notebook open in JupyterLab: run its cells, switch the theme, reload, and watch what the page does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import ConsoleMessage, Page, Request

OPEN_MS, RUN_MS = 60_000, 120_000
_NOTEBOOK = "window.jupyterapp.shell.currentWidget"
_IDLE = f"() => {_NOTEBOOK}?.sessionContext?.session?.kernel?.status === 'idle'"


class Watch:
    """Everything that must not happen on a page: errors in the console, requests that leave loopback."""

    def __init__(self, page: Page) -> None:
        self.errors: list[str] = []
        self.strangers: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(f"uncaught: {error}"))
        page.on("request", self._request)
        page.on("websocket", lambda socket: self._address(socket.url))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location
            self.errors.append(f"{message.text} ({place.get('url', '')}:{place.get('lineNumber', '')})")

    def _request(self, request: Request) -> None:
        self._address(request.url)

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("blob", "data") and parts.hostname != "127.0.0.1":
            self.strangers.append(url)

    def check(self) -> None:
        """Raise AssertionError when anything was seen."""
        assert not self.strangers, f"requests left loopback: {self.strangers}"
        assert not self.errors, "errors in the console:\n" + "\n".join(self.errors)


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """A notebook of code cells."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(made, path)


class Lab:
    """The page with one notebook in front."""

    def __init__(self, page: Page, url: str, folder: Path) -> None:
        self.page, self.url, self.folder = page, url, folder
        self.watch = Watch(page)
        self.name = ""

    def open(self, name: str) -> None:
        """Open a notebook of the served folder and wait for its kernel."""
        self.name = name
        self.page.goto(f"{self.url}/lab/tree/{name}?reset", wait_until="domcontentloaded")
        self.await_notebook()

    def open_cells(self, name: str, cells: Sequence[str]) -> None:
        """Write a notebook of these cells and open it."""
        write_notebook(self.folder / name, cells)
        self.open(name)

    def await_notebook(self) -> None:
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=OPEN_MS)
        self.await_idle(OPEN_MS)

    def await_idle(self, timeout: int = RUN_MS) -> None:
        """Until the kernel has nothing to do."""
        self.page.wait_for_function(_IDLE, timeout=timeout)

    def command(self, name: str, **arguments: object) -> None:
        """One of JupyterLab's own commands, awaited."""
        self.page.evaluate(
            "([name, args]) => window.jupyterapp.commands.execute(name, args).then(() => null)", [name, arguments]
        )

    def run_cell(self, index: int) -> str:
        """Run the cell at ``index`` (of all cells) and wait for its number; gives its text output.

        Raises AssertionError with the traceback when the cell fails.
        """
        self.page.evaluate(f"(at) => {{ {_NOTEBOOK}.content.activeCellIndex = at; }}", index)
        self.command("notebook:run-cell-and-select-next")
        return self.await_cell(index)

    def await_cell(self, index: int) -> str:
        cell = f"{_NOTEBOOK}.content.model.cells.get({index})"
        done = f"{cell}.type !== 'code' || {cell}.executionState === 'idle' && {cell}.executionCount"
        self.page.wait_for_function(f"() => {done}", timeout=RUN_MS)
        outputs = self.page.evaluate(f"() => {cell}.type === 'code' ? {cell}.outputs.toJSON() : []")
        broken = [output for output in outputs if output["output_type"] == "error"]
        assert not broken, "\n".join(broken[0]["traceback"])
        return "".join("".join(output.get("text", "")) for output in outputs)

    def run_until(self, ending: str) -> int:
        """Run cells up to the first whose last line is ``ending``; gives the index of the next one."""
        cells = f"Array.from({_NOTEBOOK}.content.model.cells)"
        sources = self.page.evaluate(f"() => {cells}.map(cell => cell.sharedModel.source)")
        last = next(index for index, source in enumerate(sources) if source.strip().split("\n")[-1] == ending)
        for index in range(last + 1):
            self.run_cell(index)
        return last + 1

    def run_from(self, first: int) -> None:
        """Run the cells from ``first`` to the last, each to its end."""
        for index in range(first, self.n_cells):
            self.run_cell(index)

    def run_code(self, code: str) -> str:
        """Run code in the notebook's kernel, outside its cells; gives what it printed."""
        printed, error = self.page.evaluate(_RUN_CODE, code)
        assert not error, error
        return printed

    @property
    def n_cells(self) -> int:
        return self.page.evaluate(f"() => {_NOTEBOOK}.content.model.cells.length")

    def theme(self, name: str) -> None:
        """``JupyterLab Light`` or ``JupyterLab Dark``."""
        self.command("apputils:change-theme", theme=name)
        light = json.dumps(name.endswith("Light"))
        self.page.wait_for_function(f"() => document.body.dataset.jpThemeLight === '{light}'")

    def save(self) -> None:
        self.command("docmanager:save")

    def reload(self) -> None:
        """Save and load the page again; the kernel lives on and no cell is run."""
        self.save()
        self.page.reload(wait_until="domcontentloaded")
        self.await_notebook()

    def shut_down(self) -> None:
        """End the kernel, so that one test's work does not slow the next."""
        self.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")


_RUN_CODE = f"""async (code) => {{
  let printed = "", error = "";
  const kernel = {_NOTEBOOK}.sessionContext.session.kernel;
  const future = kernel.requestExecute({{ code, store_history: false, stop_on_error: true }});
  future.onIOPub = ({{ header, content }}) => {{
    if (header.msg_type === "stream") printed += content.text;
    if (header.msg_type === "error") error = content.traceback.join("\\n");
  }};
  await future.done;
  return [printed, error];
}}"""
