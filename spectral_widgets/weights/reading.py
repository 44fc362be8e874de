"""Tensors read from a file piece by piece: the float matrix is the only thing of its size that is ever held."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import BinaryIO

import torch

from .interrupting import look_up
from .store import Place

#: Bytes read at a time.
PIECE_BYTES = 4 * 2**20
_PAGE_OUT = 21  # madvise: give the pages back, never their content


def read_floats(place: Place, dtype: torch.dtype, *, drop: bool = False) -> torch.Tensor:
    """The numbers at a place as a flat tensor: float32, or float64 where stored so.

    Positioned reads and no memory map: a mapped file counts as memory of the process, and one that is written anew
    meanwhile would end the process. ``drop`` tells the system not to keep the pages for another reader. Raises
    ``OSError`` for a file that ends too early.
    """
    out_type = torch.float64 if dtype == torch.float64 else torch.float32
    n_entries = place.size_bytes // dtype.itemsize
    out = torch.empty(n_entries, dtype=out_type)
    with place.path.open("rb", buffering=0) as file:
        file.seek(place.offset)
        _fill(file, out, dtype)
        if drop and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(file.fileno(), place.offset, place.size_bytes, os.POSIX_FADV_DONTNEED)
    return out


def _fill(file: BinaryIO, out: torch.Tensor, dtype: torch.dtype) -> None:
    step = PIECE_BYTES // dtype.itemsize
    piece = torch.empty(0 if dtype == out.dtype else min(step, len(out)), dtype=dtype)
    for start in range(0, len(out), step):
        look_up()
        target = out[start : start + step]
        source = target if dtype == out.dtype else piece[: len(target)]
        _read_into(file, source)
        if source is not target:
            target.copy_(source)


def _read_into(file: BinaryIO, tensor: torch.Tensor) -> None:
    view = tensor.view(torch.uint8).numpy().data
    while len(view):
        n_bytes = file.readinto(view)  # type: ignore[attr-defined]
        if not n_bytes:
            raise OSError("the file ends before the tensor does")
        view = view[n_bytes:]


def page_out(tensor: torch.Tensor) -> None:
    """Let the system take back the pages of a mapped tensor; its values are read again when they are asked for."""
    page = os.sysconf("SC_PAGE_SIZE") if sys.platform == "linux" else 0
    if not page or tensor.numel() == 0:
        return
    start = tensor.untyped_storage().data_ptr() + tensor.storage_offset() * tensor.element_size()
    low, high = -(-start // page) * page, (start + tensor.nbytes) // page * page
    if high > low:
        # A refusal, as by kernels before 5.4, costs nothing but memory.
        ctypes.CDLL(None).madvise(ctypes.c_void_p(low), ctypes.c_size_t(high - low), _PAGE_OUT)


def fills_memory(paths: list[Path]) -> bool:
    """Whether files together are larger than half of the memory: keeping their pages would push out all others."""
    return 2 * sum(path.stat().st_size for path in paths) > memory_bytes() > 0


def memory_bytes() -> int:
    """Memory of the machine, or less where its container may not have all; 0 where the system does not say."""
    names = getattr(os, "sysconf_names", {})
    if not {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(names):
        return 0
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    words = limit.read_text().strip() if limit.is_file() else "max"
    return min(total, int(words)) if words.isdecimal() else total
