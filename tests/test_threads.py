"""Limits on the threads of BLAS and torch: held inside, never raised, put back after success, error and cancel."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.jobs import Lane
from spectral_widgets.spectra import threads as room
from spectral_widgets.spectra.routes import fitting_threads
from spectral_widgets.spectra.threads import background_threads, limited_threads, n_cores
from threadpoolctl import threadpool_limits

FOUND = 2


def counts() -> tuple[set[int], int]:
    """Threads of the BLAS libraries and of torch, as they are now for this thread."""
    return {one.num_threads for one in room._libraries()}, torch.get_num_threads()


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """A process that was given two threads, whatever the tests run with."""
    before = [(one, one.num_threads) for one in room._libraries()], torch.get_num_threads()
    for one, _ in before[0]:
        one.set_num_threads(FOUND)
    torch.set_num_threads(FOUND)
    yield
    for one, found in before[0]:
        one.set_num_threads(found)
    torch.set_num_threads(before[1])


def test_numpys_and_scipys_libraries_are_known():
    assert len(room._libraries()) >= 1
    assert counts() == ({FOUND}, FOUND)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_the_smallest_of_nested_limits_holds_and_none_raises_what_was_found(limits):
    def nested(rest: list[int], least: int) -> None:
        assert counts() == ({min(least, FOUND)}, min(least, FOUND))
        if rest:
            with limited_threads(rest[0]):
                nested(rest[1:], min(least, rest[0]))
            assert counts() == ({min(least, FOUND)}, min(least, FOUND))

    nested(limits, FOUND)


def test_an_error_puts_the_counts_back():
    with pytest.raises(ZeroDivisionError), limited_threads(1):
        raise ZeroDivisionError
    assert counts() == ({FOUND}, FOUND)


def steps_that(seen: list, how: str) -> Iterator[int]:
    """A generator that notes its threads in every step and when it is closed, and may fail or never end."""
    try:
        for number in range(3) if how != "endless" else iter(int, 1):
            np.ones((40, 40)) @ np.ones((40, 40))
            seen.append(counts())
            yield number
        if how == "fails":
            raise ZeroDivisionError
    finally:
        seen.append(counts())


@pytest.mark.parametrize("how", ["ends", "fails", "endless"])
def test_a_lane_works_within_its_limit_and_leaves_it_before_anyone_is_told(how):
    lane, seen, after = Lane("threads", partial(limited_threads, 1)), [], []
    job = lane.submit(lambda: steps_that(seen, how), on_end=lambda job: after.append(counts()))
    if how == "endless":
        while len(seen) < 3:
            job.wait(0.01) if not job.is_active else threading.Event().wait(0.005)
        job.cancel()
    if how == "fails":
        with pytest.raises(ZeroDivisionError):
            job.wait(10)
    else:
        job.wait(10)
    assert counts() == ({FOUND}, FOUND)
    assert after == [({FOUND}, FOUND)]
    assert len(seen) >= 4
    assert set(map(repr, seen)) == {repr(({1}, 1))}
    assert lane.close(5)


def test_two_lanes_at_once_do_not_fight():
    lanes = [Lane(f"lane {k}", partial(limited_threads, 1)) for k in range(2)]
    seen: list = []
    meet = [threading.Event() for _ in range(2)]

    def steps(here: int) -> Iterator[int]:
        meet[here].set()
        assert meet[1 - here].wait(10)
        for number in range(40):
            seen.append(counts()[0])
            yield number

    jobs = [lane.submit(partial(steps, here)) for here, lane in enumerate(lanes)]
    for job in jobs:
        job.wait(20)
    assert len(seen) == 80
    assert seen == [{1}] * 80
    assert counts() == ({FOUND}, FOUND)
    assert all(lane.close(5) for lane in lanes)


def test_a_thread_that_starts_afterwards_finds_what_the_user_set():
    lane, found = Lane("before", partial(limited_threads, 1)), []
    lane.submit(lambda: steps_that([], "ends")).wait(10)
    late = threading.Thread(target=lambda: found.append(counts()))
    late.start()
    late.join(10)
    assert found == [({FOUND}, FOUND)]
    assert lane.close(5)


@pytest.mark.parametrize(("side", "expected"), [(99, FOUND), (100, 1), (511, 1), (512, FOUND)])
def test_small_spectra_take_one_thread_and_give_the_others_back(side, expected):
    with fitting_threads(side):
        assert counts()[0] == {expected}
    assert counts() == ({FOUND}, FOUND)


def test_the_work_leaves_a_core_to_the_screen():
    assert background_threads() == max(1, n_cores() - 1)


def test_the_users_own_limits_work_while_and_after_a_lane_has_worked():
    lane = Lane("before", partial(limited_threads, 1))
    lane.submit(lambda: steps_that([], "ends")).wait(10)
    with threadpool_limits(1, user_api="blas"):
        assert counts()[0] == {1}
        inside: list = []
        lane.submit(lambda: steps_that(inside, "ends")).wait(10)
        assert [one[0] for one in inside] == [{1}] * 4
        assert counts()[0] == {1}
    assert counts()[0] == {FOUND}
    assert lane.close(5)
