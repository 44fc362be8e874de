"""Memory above the model while it is explored, in units of its largest matrix in float32.

Counted is memory that belongs to the process and its children alone, so pages of a mapped file do not count; it is
looked at every few milliseconds while the table and the first layer are measured. Last, a folder of shards with the
shapes of a model of 70 billion weights at an eighth of every side is read once, matrix by matrix.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from safetensors.torch import save_file

from ..exploring_memory import memory_of_exploring
from ..memory_use import SMALL, largest_matrix_bytes, memory_of_a_pass, write_checkpoint
from .rows import Row, Setting

MOST_MATRICES = 3.0


def rows(setting: Setting) -> Iterator[Row]:
    """The peak for modules in two views, for files in two precisions, and for shards."""
    side = 2048 if setting.quick else 4096
    square, wide = (side, side), (side, 3 * side // 2)
    yield explored("a module", square)
    yield explored("a module, double-centred", square, view="double_centred")
    yield explored("a wide module", wide)
    with tempfile.TemporaryDirectory() as folder:
        for dtype in (torch.float32, torch.bfloat16):
            path, name = Path(folder) / f"{dtype}.safetensors", str(dtype).removeprefix("torch.")
            weight = torch.randn(square, generator=torch.Generator().manual_seed(0))
            save_file({"0.weight": weight.to(dtype)}, path)
            yield explored(f"a file in {name}", square, str(path))
        yield from of_shards(Path(folder))


def explored(name: str, shape: tuple[int, int], file: str = "", view: str = "raw") -> Row:
    """The peak for one model as a row."""
    value = memory_of_exploring(shape, file, view)["peak_bytes"] / (4 * shape[0] * shape[1])
    name = f"{name}, {shape[0]} × {shape[1]}"
    return Row(name, "explore", "", (value,), "ratio", "matrices", MOST_MATRICES, at_most=True)


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
