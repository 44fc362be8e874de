"""Large spectra that can be given up, and that take their memory in turns: made by a process that can be ended."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from typing import IO, cast

import numpy as np

from ..records import LayerRef, Spectrum, WeightMatrix
from .abreast import MIN_ENTRIES_BESIDE, beside_steps
from .decompose import floored, spectrum_of
from .lanczos_blocks import mean_square_of
from .threads import background_threads

#: Below this short side a decomposition takes a tenth of a second or so, and is made here.
APART_FROM_SIDE = 1500
_POLL_S = 0.02
_SENT_ENTRIES = 1 << 18
_idle: list[_Process] = []
_lock = threading.Lock()


def goes_apart(ref: LayerRef) -> bool:
    """Whether the spectrum of this matrix is made in another process, so that its matrix may be let go of."""
    return min(ref.n_rows, ref.n_cols) >= APART_FROM_SIDE


def spectrum_steps(source: Callable[[], WeightMatrix]) -> Iterator[Spectrum | None]:
    """The spectrum of what ``source`` gives, as the last of many short steps, ``None`` before.

    LAPACK cannot be interrupted. So the rows of a large matrix are handed to another process, and closing this
    generator ends that one: what was asked for in vain takes no processor any longer. The matrix is let go of when its
    last row is sent. A caller that holds no other reference so needs, of a square float32 matrix, one for the matrix
    and one for half of its Gram matrix, and then only that half, where a whole one beside the matrix would be three.
    Where no process can be started, the spectrum is computed here in a single step.
    """
    matrix = yield from beside_steps(source, MIN_ENTRIES_BESIDE)
    n_rows, n_cols = matrix.values.shape
    if n_cols < APART_FROM_SIDE or matrix.device != "cpu" or (process := _process()) is None:
        yield spectrum_of(matrix)
        return
    try:
        _, variance = yield from mean_square_of(matrix.values)
        answer = process.ask(matrix.values)
        del matrix
        eigenvalues = yield from _awaited(answer)
        with _lock:
            _idle.append(process)
        process = None
    finally:
        if process is not None:
            process.end()
    yield Spectrum(floored(eigenvalues), n_rows, n_cols, variance)


def _awaited(answer: _Answer) -> Generator[None, None, np.ndarray]:
    yield
    while not answer.done.wait(_POLL_S):
        yield
    if answer.eigenvalues is None:
        raise np.linalg.LinAlgError("Eigenvalues did not converge")
    return answer.eigenvalues


class _Answer:
    def __init__(self) -> None:
        self.done = threading.Event()
        self.eigenvalues: np.ndarray | None = None


class _Process:
    """One child and its pipes."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", f"{__package__}.eigenvalue_process"]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment())
        self._to = cast(IO[bytes], self._child.stdin)
        self._from = cast(IO[bytes], self._child.stdout)

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def ask(self, values: np.ndarray) -> _Answer:
        """Hand the rows over and wait for the eigenvalues, both in a thread, which holds the values no longer."""
        answer, left = _Answer(), [values]
        side = values.shape[1]

        def work() -> None:
            try:
                self._send(left.pop())
                if self._from.read(1) == b"\x01":
                    data = self._from.read(8 * side)
                    answer.eigenvalues = np.frombuffer(data) if len(data) == 8 * side else None
            except (OSError, ValueError):
                pass  # it was ended meanwhile, and its pipes are closed
            answer.done.set()

        threading.Thread(target=work, name="eigenvalues", daemon=True).start()
        return answer

    def _send(self, values: np.ndarray) -> None:
        kind = np.dtype("<f8" if values.dtype == np.float64 else "<f4")
        self._to.write(np.array([*values.shape, kind.itemsize], "<i8").tobytes())
        n_block = max(1, _SENT_ENTRIES // values.shape[1])
        for start in range(0, len(values), n_block):
            block = np.ascontiguousarray(values[start : start + n_block], dtype=kind)
            self._to.write(block.reshape(-1).view(np.uint8).data)
        self._to.flush()

    def end(self) -> None:
        self._child.kill()
        self._child.wait()
        # Closed pipes under a thread that still writes: it hears so, and ends.
        for pipe in (self._from, self._to):
            with suppress(OSError):
                pipe.close()


def _environment() -> dict[str, str]:
    """All cores but the one for the screen, and no more memory than is written to: half of a Gram matrix is not, at
    first, and what is freed goes back to the system at once."""
    threads = str(background_threads())
    counts = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), threads)
    sparing = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20), "MALLOC_ARENA_MAX": "1", "NUMPY_MADVISE_HUGEPAGE": "0"}
    return {**os.environ, **counts, **sparing}


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
