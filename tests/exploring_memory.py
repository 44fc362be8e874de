"""How much memory the explorer takes beside the model: a child process explores a layer and is watched from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_CHILD = """
import sys, time
import torch
import spectral_widgets as sw
from spectral_widgets.widgets.bench import Bench
from spectral_widgets.widgets.screen import Screen
from spectral_widgets.widgets.state import BenchState
torch.set_num_threads(1)

def explored(model):
    shown = []

    def send(message, buffers=None):
        if message["kind"] == "rows" and not shown and any(row.get("stable_rank") for row in message["rows"]):
            shown.append(time.monotonic())

    began = time.monotonic()
    name = model.layers.names[0]
    state = BenchState().changed({"layer": name, "n_shuffles": 3, "view": sys.argv[4]}, [name])
    bench = Bench(model, state, Screen(send, lambda state: None))
    bench.measure()
    bench.scan_layer()
    bench.wait()
    assert bench.scan.seeds == (0, 1, 2) and 0 in bench.scan.decomposed
    assert bench.memory.is_measured(name)
    bench.close()
    return shown[0] - began

rows, columns, file = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
explored(sw.open_model(torch.nn.Sequential(torch.nn.Linear(1504, 1600, bias=False))))
if file:
    model = sw.open_model(file)
else:
    torch.manual_seed(0)
    model = sw.open_model(torch.nn.Sequential(torch.nn.Linear(columns, rows, bias=False)))
print("ready", flush=True)
sys.stdin.readline()
print(explored(model), flush=True)
"""


def memory_of_exploring(shape: tuple[int, int], file: str = "", view: str = "raw") -> dict[str, float]:
    """Peak of anonymous memory above the open model, of the process and its children; seconds to the first number.

    A live model of one layer with this shape, or the one in ``file``; its shuffles in this view. A layer of 1600 × 1504
    was explored before, so that what libraries and the child take for themselves, some 40 MB, is not counted.
    """
    command = [sys.executable, "-c", _CHILD, *map(str, shape), file, view]
    peak_bytes, said = peak_above_ready(command)
    return {"peak_bytes": peak_bytes, "first_number_s": json.loads(said)}


def peak_above_ready(command: Sequence[str]) -> tuple[int, str]:
    """The most memory that a process and its children hold above what they held when it said that it is ready.

    It says ``ready`` in a line, waits for a line, and what it says from then on is the second result.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "SPECTRAL_WIDGETS_CACHE": "off"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == "ready\n"
        base = peak = _used(child.pid)
        child.stdin.write("\n")
        child.stdin.flush()
        while child.poll() is None:
            peak = max(peak, _used(child.pid))
            time.sleep(0.005)
        return peak - base, child.stdout.read()


def _used(process: int) -> int:
    return _anonymous(process) + sum(_anonymous(child) for child in _children(process))


def _children(process: int) -> list[int]:
    """Its children; not one that is about to be another program, and until then has the memory of its parent."""
    found = [int(word) for path in Path(f"/proc/{process}/task").glob("*/children") for word in _read(path).split()]
    command = _read(Path(f"/proc/{process}/cmdline"))
    return [child for child in found if _read(Path(f"/proc/{child}/cmdline")) not in ("", command)]


def _anonymous(process: int) -> int:
    lines = _read(Path(f"/proc/{process}/smaps_rollup")).splitlines()
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Anonymous:")), 0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # a process or thread that has ended
