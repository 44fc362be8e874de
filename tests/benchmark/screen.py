"""The explorer as its kernel sees it: first row, redraw, cancel, and opening a model again; time on the clock.

What the browser adds is measured by the browser tests. A row counts from the call that opens the model: its first
numbers, which for a large layer are a preview, and the first that is complete, shuffles included.
"""

from __future__ import annotations

import copy
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator

import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.weights.model import Model
from torch import nn

from ..trained import minilm_path
from .page import Watched
from .rows import Row, Setting
from .running import ROOT

FIRST_ROW_S, REDRAW_S, CANCEL_S = 1.0, 0.1, 0.2
LAYER = "encoder.layer.2.output.dense.weight"
#: Each draws the spectrum of the layer otherwise than the one before, also when the round begins again.
REDRAWS = (
    {"bins": 20},
    {"x_scale": "linear"},
    {"bins": 120},
    {"y_scale": "log"},
    {"bins": 60},
    {"x_scale": "log"},
    {"bins": 40},
    {"y_scale": "linear"},
)
#: In a process of its own: seconds of the imports, and of the first row.
_FRESH = f"""
import time
began = time.perf_counter()
import spectral_widgets as sw
import spectral_widgets.widgets.explorer
imports = time.perf_counter() - began
from {__name__} import first_row, minilm_path
found = first_row(lambda: sw.open_model(minilm_path()), complete=True)
print(imports, found["numbers"], found["complete"])
"""


def rows(setting: Setting) -> Iterator[Row]:
    """Times of what a user waits for."""
    yield from first_rows(setting)
    yield from fresh(setting)
    yield from redraws(setting)
    yield from cancels(setting)
    yield from reopened(setting)


def timed(name: str, values: list[float], target: float | None, note: str = "") -> Row:
    """Seconds as a row."""
    return Row(name, "explore", "", tuple(values), "time", "s", target, at_most=True, clock="wall", note=note)


def first_rows(setting: Setting) -> Iterator[Row]:
    """First numbers and first complete row of a small, a usual and a wide model."""
    wide = module_of([(1024, 4096)] * 2 if setting.quick else [(4096, 14336)] * 2)
    half, size = copy.deepcopy(wide).half(), " × ".join(map(str, wide[0].weight.shape))
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/model.safetensors"
        save_file(copy.deepcopy(wide).bfloat16().state_dict(), file)
        models: dict[str, Callable[[], Model]] = {
            "digits": sw.digits_mlp,
            "MiniLM from its file": lambda: sw.open_model(minilm_path()),
            f"only {size}": lambda: sw.open_model(wide),
            f"only {size} in float16": lambda: sw.open_model(half),
            f"only {size}, from a bfloat16 file": lambda: sw.open_model(file),
        }
        for name, opened in models.items():
            times = [first_row(opened, complete=not name.startswith("only")) for _ in range(setting.rounds(5))]
            yield timed(f"first numbers, {name}", [one["numbers"] for one in times], FIRST_ROW_S)
            if "complete" in times[0]:
                yield timed(f"first complete row, {name}", [one["complete"] for one in times], FIRST_ROW_S)


def first_row(opened: Callable[[], Model], *, complete: bool) -> dict[str, float]:
    """Seconds until the first row has numbers, and until one is complete."""
    with Watched(opened) as page:
        page.bench.measure()
        page.bench.scan_layer()
        times = {"numbers": page.until(page.has_numbers)}
        if complete:
            times["complete"] = page.until(page.is_complete)
    return times


def fresh(setting: Setting) -> Iterator[Row]:
    """Imports and first row of a process that has measured nothing yet; the complete one loads the compiler first."""
    command = [sys.executable, "-c", _FRESH]
    runs = [
        subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
        for _ in range(setting.rounds(3))
    ]
    imports, numbers, complete = zip(*(map(float, run.stdout.split()) for run in runs), strict=True)
    yield timed("imports of a fresh process", list(imports), None)
    yield timed("first numbers, MiniLM, fresh process after its imports", list(numbers), FIRST_ROW_S)
    yield timed("first complete row, MiniLM, fresh process after its imports", list(complete), None)


def redraws(setting: Setting) -> Iterator[Row]:
    """From a choice to the panel that follows it, on a quiet screen and while the table is measured."""
    with Watched(lambda: sw.open_model(minilm_path()), layer=LAYER) as page:
        page.bench.scan_layer()
        page.wait()
        for what in ("for the first time", "again"):
            yield timed(f"redraw of a spectrum, {what}", [page.redraw(one) for one in REDRAWS], REDRAW_S)
        page.bench.measure()
        busy = [page.redraw(one) for one in REDRAWS]
        yield timed("redraw while the table is measured", busy, REDRAW_S)


def cancels(setting: Setting) -> Iterator[Row]:
    """From the request to the end of the job, at several moments of measuring large layers."""
    sizes, moments = ([(1024, 2048)] * 4, 3) if setting.quick else ([(4096, 4096)] * 4, 10)
    module, times = module_of(sizes), []
    for k in range(moments):
        with Watched(lambda: sw.open_model(module)) as page:
            page.bench.measure()
            page.pause(0.05 + 0.4 * k)
            times.append(page.cancelled("layers"))
    name = f"cancel while {' × '.join(map(str, sizes[0]))} are measured"
    yield timed(name, times, CANCEL_S)
    yield timed(f"{name}, the worst of {moments}", [max(times)], CANCEL_S)


def reopened(setting: Setting) -> Iterator[Row]:
    """The whole table of a model, first with an empty store, then in new processes that find it there."""
    command = [sys.executable, "-c", f"from {__name__} import whole_table; print(whole_table())"]
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "SPECTRAL_WIDGETS_CACHE": folder}
        runs = [
            subprocess.run(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
            for _ in range(1 + setting.rounds(3))
        ]
    first, *again = (float(run.stdout) for run in runs)
    yield timed("whole table of MiniLM, opened for the first time", [first], None)
    yield timed("whole table of MiniLM, opened again", again, FIRST_ROW_S)


def whole_table() -> float:
    """Seconds until every row of MiniLM is complete, after another model was opened and drawn."""
    with Watched(sw.digits_mlp) as page:
        page.bench.measure()
        page.bench.scan_layer()
        page.wait()
    with Watched(lambda: sw.open_model(minilm_path())) as page:
        page.bench.measure()
        page.bench.scan_layer()
        seconds = page.until(page.is_whole)
        page.wait()
    return seconds


def module_of(sizes: list[tuple[int, int]]) -> nn.Sequential:
    """Linear layers of Gaussian weights."""
    generator = torch.Generator().manual_seed(0)
    layers = [nn.utils.skip_init(nn.Linear, n_cols, n_rows, bias=False) for n_rows, n_cols in sizes]
    with torch.no_grad():
        for layer in layers:
            layer.weight.normal_(0, 0.02, generator=generator)
    return nn.Sequential(*layers)
