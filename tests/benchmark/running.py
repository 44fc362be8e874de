"""Benchmarks one after the other, each in a child of its own, with progress and remaining time on standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import perf_counter

from .machine import environment
from .registry import BENCHMARKS
from .rows import Part, Row, Setting

ROOT = Path(__file__).parents[2]
#: Lines of a failed child's standard error that are shown.
LAST_LINES = 12


def planned(names: Iterable[str], setting: Setting) -> list[tuple[str, Setting]]:
    """Every benchmark with every number of threads that it asks for."""
    return [(name, replace(setting, threads=threads)) for name in names for threads in BENCHMARKS[name].threads]


def run_all(plan: list[tuple[str, Setting]]) -> Iterator[Part]:
    """The parts of a run, as they are done."""
    began = perf_counter()
    for k, (name, setting) in enumerate(plan):
        head = f"[{k + 1}/{len(plan)}] {name}, {setting.threads} thread{'s' if setting.threads > 1 else ''}"
        spent = perf_counter() - began
        say(f"{head}: {BENCHMARKS[name].says}. {clock(spent)} so far, about {clock(remaining(plan, k, spent))} left")
        yield run_one(name, setting)


def remaining(plan: list[tuple[str, Setting]], done: int, spent: float) -> float:
    """Seconds that the rest will take: what it usually takes, at the pace so far."""
    usual = [BENCHMARKS[name].seconds[setting.quick] for name, setting in plan]
    pace = spent / sum(usual[:done]) if done else 1.0
    return pace * sum(usual[done:])


def run_one(name: str, setting: Setting) -> Part:
    """One benchmark in a child. A failure keeps the rows that were done before it."""
    began, rows, tail = perf_counter(), [], deque[str](maxlen=LAST_LINES)
    load = os.getloadavg()[0]
    with _child(name, setting) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        listener = Thread(target=tail.extend, args=(child.stderr,))
        listener.start()
        for line in child.stdout:
            rows.append(Row.from_json(json.loads(line)))
            say(f"    {rows[-1].name}, {clock(perf_counter() - began)}")
        listener.join()
    if code := child.returncode:
        say("".join(tail))
    failure = f"It ended with code {code}: {tail[-1].strip() if tail else 'no reason was given'}" if code else ""
    return Part(name, setting.threads, perf_counter() - began, tuple(rows), today(), failure, load)


def _child(name: str, setting: Setting) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.benchmark.child", name, json.dumps(asdict(setting))],
        cwd=ROOT,
        env=environment(setting.threads),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def today() -> str:
    """The date, the same everywhere."""
    return datetime.now(UTC).date().isoformat()


def clock(seconds: float) -> str:
    """Minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"


def say(text: str) -> None:
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)
