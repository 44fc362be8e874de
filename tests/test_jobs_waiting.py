"""Waiting for a job and closing a lane: nothing hangs, and no thread or generator is left behind."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref

import pytest
from spectral_widgets.jobs import Lane

from .job_steps import PATIENCE_S, Steps


def test_waiting_on_the_own_lane_raises_instead_of_hanging(lane):
    def waits():
        yield lane.submit(Steps(1)).wait(PATIENCE_S)

    with pytest.raises(RuntimeError, match="own lane"):
        lane.submit(waits).wait(PATIENCE_S)
    ended: list[int] = []
    lane.submit(Steps(2), on_end=lambda job: ended.append(job.wait())).wait(PATIENCE_S)
    assert ended == [1]


def test_waiting_gives_up_after_its_timeout_and_leaves_the_job_running(lane):
    gate = threading.Event()
    job = lane.submit(Steps(1, gate=gate), label="decomposing")
    with pytest.raises(TimeoutError, match="decomposing"):
        job.wait(0.02)
    assert job.is_active
    gate.set()
    assert job.wait(PATIENCE_S) == 0


def test_a_keyboard_interrupt_while_waiting_cancels_and_closes_first(lane, monkeypatch):
    gate = threading.Event()
    steps = Steps(5, gate=gate)
    job = lane.submit(steps)
    assert steps.entered.wait(PATIENCE_S)
    real_wait = job._ended.wait
    presses = iter([True])

    def interrupted(timeout=None):
        if next(presses, False):
            raise KeyboardInterrupt
        gate.set()
        return real_wait(timeout)

    monkeypatch.setattr(job._ended, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        job.wait()
    assert (job.state, steps.n_closed) == ("cancelled", 1)


def test_closing_cancels_what_is_left_and_refuses_more():
    lane, gate = Lane("closing"), threading.Event()
    steps = Steps(2, gate=gate)
    jobs = [lane.submit(steps), lane.submit(Steps(2))]
    assert steps.entered.wait(PATIENCE_S)
    assert not lane.close(timeout=0.01)
    gate.set()
    assert lane.close(PATIENCE_S)
    assert [job.state for job in jobs] == ["cancelled", "cancelled"]
    assert steps.n_closed == 1
    with pytest.raises(RuntimeError, match="closed"):
        lane.submit(Steps(1))


def test_no_thread_before_the_first_job_nor_after_an_idle_while(monkeypatch):
    monkeypatch.setattr("spectral_widgets.jobs.lane.IDLE_S", 0.01)
    lane = Lane("lazy")
    assert not _threads_of(lane)
    assert lane.submit(Steps(1)).wait(PATIENCE_S) == 0
    give_up = time.monotonic() + PATIENCE_S
    while _threads_of(lane) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not _threads_of(lane)
    assert lane.submit(Steps(2)).wait(PATIENCE_S) == 1
    assert lane.close(PATIENCE_S)


def _threads_of(lane: Lane) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == f"lane-{lane.name}"]


def test_an_ended_job_keeps_nothing_of_its_generator_alive(lane):
    steps = Steps(2)
    watched = weakref.ref(steps)
    job = lane.submit(steps)
    assert job.wait(PATIENCE_S) == 1
    assert lane.submit(Steps(1)).wait(PATIENCE_S) == 0
    del steps
    gc.collect()
    assert watched() is None


def test_leaving_the_interpreter_closes_the_running_generator():
    program = """
import itertools, sys, threading, time
from spectral_widgets.jobs import Lane
started = threading.Event()
def endless():
    try:
        for step in itertools.count():
            started.set()
            time.sleep(0.01)
            yield step
    finally:
        sys.stderr.write("restored")
Lane("exit").submit(endless)
assert started.wait(10)
"""
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "restored")
