"""Laws of the lane: what a job gives, where its generator lives, who goes first, and how errors come out."""

from __future__ import annotations

import logging
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.jobs import Job, Lane

from .job_steps import PATIENCE_S, Steps


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
