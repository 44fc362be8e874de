"""What is told of a job: its progress, on the right thread, at a bearable pace."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.jobs import Bridge, Throttled, progress_of

from .job_steps import PATIENCE_S, Steps


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
