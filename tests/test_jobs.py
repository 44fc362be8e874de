"""Laws of the lane: what a job gives, where its generator lives, who goes first, and that nothing hangs."""

from __future__ import annotations

import asyncio
import gc
import logging
import subprocess
import sys
import threading
import time
import weakref
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.jobs import Bridge, Job, Lane, Throttled, progress_of

PATIENCE_S = 20.0


@pytest.fixture
def lane():
    lane = Lane("test")
    yield lane
    assert lane.close(PATIENCE_S)


class Steps:
    """A generator that remembers on which thread it was made, stepped and closed."""

    def __init__(self, n_steps: int, fail_at: int | None = None, gate: threading.Event | None = None):
        self.n_steps, self.fail_at, self.gate = n_steps, fail_at, gate
        self.threads: set[int] = set()
        self.n_closed = 0
        self.entered = threading.Event()

    def __call__(self):
        try:
            for step in range(self.n_steps):
                self.threads.add(threading.get_ident())
                self.entered.set()
                if self.gate is not None:
                    assert self.gate.wait(PATIENCE_S)
                if step == self.fail_at:
                    raise LookupError(f"step {step}")
                yield step
        finally:
            self.threads.add(threading.get_ident())
            self.n_closed += 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(), max_size=8))
def test_a_job_gives_what_the_list_of_steps_gives(values):
    lane, seen = Lane("law"), []
    job = lane.submit(lambda: iter(values), on_step=lambda job: seen.append(job.last))
    assert job.wait(PATIENCE_S) == (values[-1] if values else None)
    assert seen == values
    assert job.state == "done"
    assert lane.close(PATIENCE_S)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 6), st.integers(0, 6))
def test_cancelling_at_any_step_closes_the_generator_once_on_the_lane_thread(n_steps, stop_after):
    lane, steps, threads = Lane("law"), Steps(n_steps), []

    def look(job):
        threads.append(threading.get_ident())
        if job.last == stop_after:
            job.cancel()

    job = lane.submit(steps, on_step=look, on_end=look)
    last = job.wait(PATIENCE_S)
    was_cancelled = stop_after < n_steps
    assert job.state == ("cancelled" if was_cancelled else "done")
    assert last == (stop_after if was_cancelled else (n_steps - 1 if n_steps else None))
    assert steps.n_closed == 1
    assert steps.threads == set(threads)
    assert threading.get_ident() not in threads
    assert lane.close(PATIENCE_S)


def test_a_job_cancelled_while_waiting_never_starts(lane):
    gate, second = threading.Event(), Steps(3)
    first = lane.submit(Steps(1, gate=gate))
    job = lane.submit(second)
    job.cancel()
    assert job.state == "waiting"
    gate.set()
    assert job.wait(PATIENCE_S) is None
    assert (job.state, second.n_closed, job.elapsed_s) == ("cancelled", 0, 0.0)
    assert first.wait(PATIENCE_S) == 0


def test_an_urgent_job_overtakes_and_the_long_one_goes_on(lane):
    order: list[str] = []
    gate = threading.Event()
    slow = Steps(4, gate=gate)
    long = lane.submit(slow, on_step=lambda job: order.append("long"))
    assert slow.entered.wait(PATIENCE_S)
    later = lane.submit(Steps(1), on_step=lambda job: order.append("later"))
    urgent = lane.submit(Steps(3), urgent=True, on_step=lambda job: order.append("urgent"))
    gate.set()
    for job in (long, later, urgent):
        job.wait(PATIENCE_S)
    assert order == ["long", "urgent", "urgent", "urgent", "long", "long", "long", "later"]


@pytest.mark.parametrize("fail_at", [0, 1, 2])
def test_an_error_is_raised_to_the_waiter_and_the_lane_lives_on(lane, fail_at):
    steps = Steps(3, fail_at=fail_at)
    job = lane.submit(steps)
    with pytest.raises(LookupError, match=f"step {fail_at}"):
        job.wait(PATIENCE_S)
    assert (job.state, steps.n_closed) == ("failed", 1)
    assert job.last == (fail_at - 1 if fail_at else None)
    assert lane.submit(Steps(2)).wait(PATIENCE_S) == 1


def test_an_error_while_making_or_closing_fails_the_job(lane):
    def make_fails():
        raise StopIteration

    def close_fails():
        try:
            yield 1
            yield 2
        finally:
            raise OSError("could not restore")

    assert _outcome(lane.submit(make_fails)) == ("failed", StopIteration)
    job = lane.submit(close_fails, on_step=lambda job: job.cancel())
    assert _outcome(job) == ("failed", OSError)
    assert lane.submit(Steps(1)).wait(PATIENCE_S) == 0


def _outcome(job: Job) -> tuple[str, type]:
    try:
        job.wait(PATIENCE_S)
    except BaseException as error:
        return job.state, type(error)
    return job.state, type(None)


def test_a_failing_callback_is_logged_and_does_not_stop_the_job(lane, caplog):
    def fail(job):
        raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        assert lane.submit(Steps(3), on_step=fail, on_end=fail).wait(PATIENCE_S) == 2
    assert len(caplog.records) == 4
    assert lane.submit(Steps(1)).wait(PATIENCE_S) == 0


def test_many_jobs_from_many_threads_all_end(lane):
    jobs: list[Job[int]] = []

    def submit_some(offset):
        for number in range(25):
            jobs.append(lane.submit(Steps(number % 4 + 1), urgent=(number + offset) % 3 == 0))

    threads = [threading.Thread(target=submit_some, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(jobs) == 100
    assert sorted(job.wait(PATIENCE_S) for job in jobs) == sorted(n % 4 for n in range(25) for _ in range(4))
    assert lane.jobs == ()


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


def test_elapsed_time_stands_still_after_the_end(lane):
    job = lane.submit(Steps(2))
    job.wait(PATIENCE_S)
    first = job.elapsed_s
    time.sleep(0.02)
    assert job.elapsed_s == first > 0


@given(st.integers(0, 1000), st.integers(0, 1000), st.floats(0, 1e6))
def test_progress_is_proportional(done, more, elapsed_s):
    progress = progress_of(done, done + more, elapsed_s)
    assert 0 <= progress.share <= 1
    if more == 0:
        assert (progress.remaining_s, progress.share) == (0.0, 1.0)
    elif done == 0:
        assert progress.remaining_s is None
    else:
        assert progress.remaining_s * done == pytest.approx(elapsed_s * more)


@pytest.mark.parametrize("wrong", [(-1, 3, 0.0), (4, 3, 0.0), (1, 3, -1.0), (1, 3, float("nan"))])
def test_impossible_progress_is_refused(wrong):
    with pytest.raises(ValueError, match="0 <= done <= total"):
        progress_of(*wrong)


def test_the_bridge_calls_here_when_there_is_no_loop():
    called = []
    Bridge().call(called.append, threading.get_ident())
    assert called == [threading.get_ident()]


def test_the_bridge_calls_on_the_loop_that_built_it_and_directly_once_that_is_closed():
    threads: list[int] = []

    async def main():
        bridge, arrived = Bridge(), asyncio.Event()

        def arrive():
            threads.append(threading.get_ident())
            arrived.set()

        worker = threading.Thread(target=bridge.call, args=(arrive,))
        worker.start()
        await asyncio.wait_for(arrived.wait(), PATIENCE_S)
        worker.join(PATIENCE_S)
        return bridge

    bridge = asyncio.run(main())
    assert threads == [threading.get_ident()]
    bridge.call(threads.append, -1)
    assert threads[-1] == -1


def test_a_throttled_sender_keeps_its_pace_its_order_and_the_last_call():
    sent: list[tuple[float, int]] = []
    send = Throttled(lambda number: sent.append((time.monotonic(), number)), per_second=20)
    for number in range(200):
        send(number)
        time.sleep(0.001)
    give_up = time.monotonic() + PATIENCE_S
    while (not sent or sent[-1][1] != 199) and time.monotonic() < give_up:
        time.sleep(0.01)
    times, numbers = zip(*sent, strict=True)
    assert (numbers[0], numbers[-1]) == (0, 199)
    assert list(numbers) == sorted(set(numbers))
    assert min(after - before for before, after in pairwise(times)) > 0.049
    assert len(sent) < 40


def test_flush_sends_the_waiting_call_once():
    sent: list[int] = []
    send = Throttled(sent.append, per_second=0.001)
    send(1)
    send(2)
    send(3)
    send.flush()
    send.flush()
    assert sent == [1, 3]
