"""Memory above the model while it is explored, in units of its largest matrix in float32.

Counted is memory that belongs to the process alone, so pages of a mapped file do not count; it is looked at every ten
milliseconds while the table and the first layer are measured. Each model has one large matrix and a small one, and a
small model is explored before, so that libraries have what they need. Last, a folder of shards with the shapes of a
model of 70 billion weights at an eighth of every side is read once, matrix by matrix.
"""

from __future__ import annotations

import gc
import resource
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import torch
from safetensors.torch import save_file
from spectral_widgets.weights import open_model
from spectral_widgets.weights.model import Model
from torch import nn

from ..memory_use import SMALL, largest_matrix_bytes, memory_of_a_pass, write_checkpoint
from .page import Watched
from .rows import Row, Setting

MOST_MATRICES = 3.0
PAUSE_S = 0.01
_ROLLUP = Path("/proc/self/smaps_rollup")


def rows(setting: Setting) -> Iterator[Row]:
    """The peak for a module, for a file in float32, and for one in bfloat16."""
    shape = (2048, 2048) if setting.quick else (4096, 4096)
    sizes = f"{shape[1]} × {shape[0]}"
    with tempfile.TemporaryDirectory() as folder:
        explored(lambda: open_model(module_of((1600, 1504))))
        yield in_matrices(f"a module, {sizes}", lambda: open_model(module_of(shape)), shape)
        for dtype in (torch.float32, torch.bfloat16):
            path = Path(folder) / f"{dtype}.safetensors"
            save_file({name: one.to(dtype) for name, one in module_of(shape).state_dict().items()}, path)
            name = f"a file in {str(dtype).removeprefix('torch.')}, {sizes}"
            yield in_matrices(name, lambda path=path: open_model(path), shape)
        yield from of_shards(Path(folder))


def of_shards(folder: Path) -> Iterator[Row]:
    """What opening and one pass over the shards took."""
    small, whole = folder / "small", folder / "whole"
    for path, shapes in ((small, {"a.weight": (64, 32)}), (whole, SMALL)):
        path.mkdir()
        write_checkpoint(path, shapes)
    found = memory_of_a_pass(whole, small)
    value = found["peak"]["Anonymous"] / largest_matrix_bytes(SMALL)
    limit = {"target": MOST_MATRICES, "at_most": True}
    yield Row("a folder of shards, read once", "open_model", "", (value,), "ratio", "matrices", **limit)
    yield Row("a folder of shards, opened", "open_model", "", (found["opened_s"],), "time", "s", clock="wall")


def in_matrices(name: str, opened: Callable[[], Model], shape: tuple[int, int]) -> Row:
    """The peak of one model as a row."""
    model = opened()
    gc.collect()
    with Peak() as peak:
        explored(lambda: model)
    value = peak.above_bytes / (4 * shape[0] * shape[1])
    return Row(name, "explore", "", (value,), "ratio", "matrices", MOST_MATRICES, at_most=True)


def explored(opened: Callable[[], Model]) -> None:
    """The table and the first layer, as :func:`explore` measures them."""
    with Watched(opened, layer="0.weight") as page:
        page.bench.measure()
        page.bench.scan_layer()
        page.wait()


def module_of(shape: tuple[int, int]) -> nn.Sequential:
    """A layer of this shape and a small one, Gaussian."""
    torch.manual_seed(0)
    n_rows, n_cols = shape
    return nn.Sequential(nn.Linear(n_cols, n_rows, bias=False), nn.Linear(n_rows, 64, bias=False))


class Peak:
    """The most memory that was held inside, above what was held at its beginning."""

    def __enter__(self) -> Peak:
        self._start = self._highest = held_bytes()
        self._ended = Event()
        self._thread = Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def above_bytes(self) -> int:
        return self._highest - self._start

    def _watch(self) -> None:
        while not self._ended.wait(PAUSE_S):
            self._highest = max(self._highest, held_bytes())


def held_bytes() -> int:
    """Memory of this process that no file stands behind; where the system does not tell, its highest resident size."""
    if _ROLLUP.is_file():
        lines = _ROLLUP.read_text(encoding="utf-8").splitlines()
        return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
