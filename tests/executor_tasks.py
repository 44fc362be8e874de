"""Tasks that workers of any kind can import: they note every run in a folder, and one of them kills its worker."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any


def noted(folder: str, name: str) -> None:
    """A file per run: nothing is lost by a kill, and nobody writes into another's."""
    (Path(folder) / f"{name}.{os.getpid()}.{time.monotonic_ns()}").touch()


def runs(folder: Path) -> Counter[str]:
    """How often each task began."""
    return Counter(path.name.split(".")[0] for path in folder.iterdir())


def first_process(folder: Path, number: int) -> str:
    """Who ran a task first."""
    notes = [path.name.split(".")[1:] for path in folder.glob(f"{number}.*")]
    return min(notes, key=lambda note: int(note[1]))[0]


def doubled(number: int) -> int:
    return 2 * number


def refused(number: int) -> int:
    raise ValueError(f"{number} is refused")


def measured(payload: tuple[str, int, int | None, Any]) -> Any:
    """A row, noted; the worker that gets task ``deadly`` for the first time is killed at it."""
    from spectral_widgets.api_measuring import measured_parcel

    folder, number, deadly, work = payload
    is_first = not list(Path(folder).glob(f"{number}.*"))
    noted(folder, str(number))
    if number == deadly and is_first:
        os.kill(os.getpid(), signal.SIGKILL)
    return measured_parcel(work)


def deadly(payload: tuple[str, int]) -> int:
    """Number 0 kills every worker that takes it."""
    folder, number = payload
    noted(folder, str(number))
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def threads_used(_) -> int:
    """Threads that a task finds; its own import: other tasks need no NumPy."""
    from spectral_widgets.spectra.threads import free_threads

    return free_threads()
