"""Large spectra in pieces that can be given up: products here, eigenvalues in a process that can be ended."""

from __future__ import annotations

import atexit
import subprocess
import sys
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import IO, cast

import numpy as np

from ..records import Spectrum, WeightMatrix
from .decompose import floored, spectrum_of
from .lanczos_blocks import mean_square_of

#: Below this short side a decomposition takes a tenth of a second or so, and is made here.
APART_FROM_SIDE = 1500
_POLL_S = 0.02
_PANEL_COST = 1 << 30
_ROW_ENTRIES = 1 << 20
_idle: list[_Process] = []
_lock = threading.Lock()


def spectrum_steps(matrix: WeightMatrix) -> Iterator[Spectrum | None]:
    """The spectrum as the last of many short steps, ``None`` before.

    LAPACK cannot be interrupted. So a large Gram matrix is made panel by panel, each one is handed over to another
    process as soon as it is there, and closing this generator ends that process: what was asked for in vain takes no
    processor any longer. Nothing but a panel is held here beside the matrix. Where no process can be started, the
    spectrum is computed here in a single step.
    """
    values = matrix.values
    if values.shape[1] < APART_FROM_SIDE or matrix.device != "cpu" or (process := _process()) is None:
        yield spectrum_of(matrix)
        return
    try:
        eigenvalues = yield from _asked(process, values)
        with _lock:
            _idle.append(process)
        process = None
    finally:
        if process is not None:
            process.end()
    _, variance = yield from mean_square_of(values)
    yield Spectrum(floored(eigenvalues), len(values), values.shape[1], variance)


def _asked(process: _Process, values: np.ndarray) -> Generator[None, None, np.ndarray]:
    side = values.shape[1]
    process.send(side.to_bytes(8, "little"))
    for panel in gram_panels(values):
        if panel is not None:
            process.send_triangle(panel)
        yield
    answer = process.receive(side)
    while not answer.done.wait(_POLL_S):
        yield
    if answer.eigenvalues is None:
        raise np.linalg.LinAlgError("Eigenvalues did not converge")
    return answer.eigenvalues


def gram_panels(values: np.ndarray) -> Iterator[np.ndarray | None]:
    """Rows of the upper triangle of ``WᵀW / n_rows`` in float64, some at a time: ``(k, n_cols - start)``.

    ``None`` stands for a piece of work after which a panel is not whole yet.
    """
    n_rows, side = values.shape
    width = min(512, side)
    rows = max(1, _ROW_ENTRIES // side)
    pause = max(1, _PANEL_COST // (rows * side * width))
    for start in range(0, side, width):
        panel = np.zeros((min(width, side - start), side - start))
        for count, first in enumerate(range(0, n_rows, rows), 1):
            block = np.ascontiguousarray(values[first : first + rows, start:], dtype=np.float64)
            panel += block[:, : len(panel)].T @ block
            if count % pause == 0:
                yield None
        panel /= n_rows
        yield panel


class _Answer:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.eigenvalues: np.ndarray | None = None


class _Process:
    """One child and its pipes."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", f"{__package__}.eigenvalue_process"]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._to = cast(IO[bytes], self._child.stdin)
        self._from = cast(IO[bytes], self._child.stdout)

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def send(self, data: bytes | memoryview) -> None:
        self._to.write(data)

    def send_triangle(self, panel: np.ndarray) -> None:
        """Rows of a panel from the diagonal on."""
        for row in range(len(panel)):
            self.send(panel[row, row:].data.cast("B"))

    def receive(self, side: int) -> _Answer:
        self._to.flush()
        answer = _Answer()

        def read() -> None:
            if self._from.read(1) == b"\x01":
                data = self._from.read(8 * side)
                answer.eigenvalues = np.frombuffer(data) if len(data) == 8 * side else None
            answer.done.set()

        threading.Thread(target=read, name="eigenvalues", daemon=True).start()
        return answer

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        self._from.close()
        with suppress(OSError):  # what was still on its way has no reader any more
            self._to.close()


def _process() -> _Process | None:
    """One that waits for work, or a new one; ``None`` where none can be started."""
    with _lock:
        while _idle:
            process = _idle.pop()
            if process.is_alive:
                return process
            process.end()
    try:
        return _Process()
    except OSError:
        return None


@atexit.register
def _end_idle() -> None:
    with _lock:
        while _idle:
            _idle.pop().end()
