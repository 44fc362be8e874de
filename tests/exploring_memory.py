"""How much memory the explorer takes beside the model: a child process explores a layer and is watched from outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
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
    state = BenchState().changed({"layer": name, "n_shuffles": 3}, [name])
    bench = Bench(model, state, Screen(send, lambda state: None))
    bench.measure()
    bench.scan_layer()
    bench.wait()
    assert bench.scan.decomposed == (0, 1, 2)
    assert bench.memory.is_measured(name)
    bench.close()
    return shown[0] - began

side, file = int(sys.argv[1]), sys.argv[2]
explored(sw.open_model(torch.nn.Sequential(torch.nn.Linear(64, 48, bias=False))))
if file:
    model = sw.open_model(file)
else:
    torch.manual_seed(0)
    model = sw.open_model(torch.nn.Sequential(torch.nn.Linear(side, side, bias=False)))
print("ready", flush=True)
sys.stdin.readline()
print(explored(model), flush=True)
"""


def memory_of_exploring(side: int, file: str = "") -> dict[str, float]:
    """Peak of anonymous memory above the open model, of the process and its children; seconds to the first number.

    A live model of one square layer with this side, or the one in ``file``.
    """
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "SPECTRAL_WIDGETS_CACHE": "off"}
    command = [sys.executable, "-c", _CHILD, str(side), file]
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
        return {"peak_bytes": peak - base, "first_number_s": json.loads(child.stdout.read())}


def _used(process: int) -> int:
    return _anonymous(process) + sum(_anonymous(child) for child in _children(process))


def _children(process: int) -> list[int]:
    found = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [int(word) for word in path.read_text().split()]
        except OSError:
            continue  # a thread that has ended
    return found


def _anonymous(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Anonymous:")), 0)
