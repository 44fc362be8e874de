"""Train until a CPU budget is spent and keep log-spaced checkpoints on the way."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from safetensors.numpy import save_file

FIRST_CHECKPOINT = 100
SPACING = (1, 2, 3, 5, 7)  # per decade, nearly even on a log axis
CHUNK = 100  # steps between two looks at the clock

log = logging.getLogger(__name__)


class Training(Protocol):
    """A training that can be carried on by any number of steps."""

    step: int

    def advance(self, n_steps: int) -> None: ...

    def state(self) -> dict[str, np.ndarray]: ...


def checkpoint_steps(first: int = FIRST_CHECKPOINT) -> Iterator[int]:
    """100, 200, 300, 500, 700, 1000, … for ever."""
    decade = first
    while True:
        yield from (decade * factor for factor in SPACING)
        decade *= 10


def record(training: Training, folder: Path, is_over: Callable[[], bool]) -> None:
    """Train, and write a checkpoint at each of ``checkpoint_steps`` and where ``is_over`` says stop."""
    folder.mkdir(parents=True, exist_ok=True)
    for planned in checkpoint_steps():
        stop = False
        while training.step < planned and not stop:
            training.advance(min(CHUNK, planned - training.step))
            stop = is_over()
        save(training, folder)
        if stop:
            return


def save(training: Training, folder: Path) -> None:
    """Write ``step_000000100.safetensors`` and the like; the CPU time of this process is metadata."""
    cpu_s = time.process_time()
    path = folder / f"step_{training.step:09d}.safetensors"
    times = json.dumps({"step": training.step, "cpu_minutes": round(cpu_s / 60, 2)})
    save_file(training.state(), path, metadata={"times": times})
    log.info("step %d, %.1f steps per CPU second", training.step, training.step / cpu_s)


class Budget:
    """Over when the process has used so many CPU minutes, or was asked to end (SIGTERM)."""

    def __init__(self, cpu_minutes: float) -> None:
        self.cpu_s = 60 * cpu_minutes
        self.was_asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.was_asked = True

    def __call__(self) -> bool:
        return self.was_asked or time.process_time() > self.cpu_s


def parser_of(text: str | None) -> argparse.ArgumentParser:
    """Command line of a training: where to, and how long."""
    parser = argparse.ArgumentParser(description=(text or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cpu-minutes", type=float, default=60.0)
    return parser


def run(training: Training, options: argparse.Namespace) -> None:
    """Train on one thread, as the command line says."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # forgotten second moments decay into subnormal numbers, which are slow
    record(training, options.out, Budget(options.cpu_minutes))
