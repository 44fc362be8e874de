"""Two workers of one thread against one process whose BLAS has two, over the same matrices; time on the clock.

The workers exist before it counts. That is what a second run of ``measure`` with the same executor finds.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import Any

import numpy as np
import spectral_widgets as sw
from threadpoolctl import threadpool_limits

from ..trained import ORACLE, SAMPLED, minilm_matrix
from .machine import THREADS
from .rows import Row, Setting
from .timing import Side, interleaved

SAYS = {
    "alone": "one process, two threads",
    "processes": "two processes of one thread",
    "threads": "two jobs of one thread in one process",
}


def rows(setting: Setting) -> Iterator[Row]:
    """How many times faster two workers are, for a model of small matrices and for large ones."""
    shape = (1024, 256) if setting.quick else (4096, 1024)
    rng = np.random.default_rng(0)
    work = {
        "MiniLM": [minilm_matrix(name) for name in (SAMPLED if setting.quick else ORACLE.index)],
        f"8 matrices {shape[1]} × {shape[0]}": [rng.standard_normal(shape, dtype=np.float32) for _ in range(8)],
    }
    with ExitStack() as stack:
        executors = {"processes": processes(stack), "threads": stack.enter_context(ThreadPoolExecutor(2))}
        for name, matrices in work.items():
            sides = {side: Side(partial(measured, matrices, one)) for side, one in executors.items()}
            times = interleaved({"alone": Side(partial(measured, matrices, None)), **sides}, setting.rounds(5))
            for side in executors:
                yield times.row(f"{name}, measure", side, "alone", "wall", SAYS, target=1.0)


def measured(matrices: list[Any], executor: Executor | None, _: None) -> None:
    """The table of these matrices; jobs in threads of this process are held to one BLAS thread each."""
    with threadpool_limits(1 if isinstance(executor, ThreadPoolExecutor) else None):
        sw.measure(matrices, executor=executor, progress=False)


def processes(stack: ExitStack) -> Executor:
    """Two processes of one thread each, which have imported what they need."""
    kept = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
        stack.enter_context(pool)
        sw.measure([np.eye(30) + k for k in range(8)], executor=pool, progress=False)
    finally:
        os.environ.update({name: value for name, value in kept.items() if value is not None})
    return pool
