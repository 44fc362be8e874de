"""Pieces of work beside each other: results in order, errors in their place, an end at any moment, one BLAS thread."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
import weakref
from contextlib import closing, suppress
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.spectra import abreast as room
from spectral_widgets.spectra import threads
from spectral_widgets.spectra.abreast import (
    MIN_ENTRIES,
    MIN_ENTRIES_BESIDE,
    MOST_BYTES,
    MOST_BYTES_OF_TWO,
    abreast,
    beside_steps,
    n_abreast,
)
from spectral_widgets.spectra.threads import free_threads, limited_threads, n_cores

PLENTY = 8


def counted(number, n_steps):
    for _ in range(n_steps):
        yield
    return number


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 30), max_size=9), st.integers(1, 4))
def test_results_come_in_order_whoever_is_first(lengths, n_threads):
    pieces = [partial(counted, number, n_steps) for number, n_steps in enumerate(lengths)]
    found = [one for one in abreast(pieces, n_threads) if one is not None]
    assert found == list(range(len(lengths)))


def failing(error):
    yield
    raise error


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("error", [ZeroDivisionError("here"), TimeoutError("its own")])
def test_an_error_is_raised_after_the_results_before_it(n_threads, error):
    pieces = [partial(counted, 7, 2), partial(failing, error), partial(counted, 8, 2)]
    found = []
    with pytest.raises(type(error), match=str(error)):
        found.extend(one for one in abreast(pieces, n_threads) if one is not None)
    assert found == [7]


def endless(closed):
    try:
        while True:
            time.sleep(0.001)
            yield
    finally:
        closed.append(threading.get_ident())


@pytest.mark.parametrize("n_threads", [1, 2])
def test_leaving_ends_what_runs_and_starts_nothing_more(n_threads):
    closed, before = [], free_threads()
    with closing(abreast([partial(endless, closed)] * 5, n_threads)) as steps:
        assert next(steps) is None
        assert next(steps) is None
    assert len(closed) == n_threads
    assert not [one for one in threading.enumerate() if one.name.startswith("abreast")]
    assert free_threads() == before


def last_of(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


@pytest.mark.parametrize("n_entries", [0, MIN_ENTRIES_BESIDE])
def test_a_call_beside_gives_its_result_or_its_error(n_entries):
    assert last_of(beside_steps(lambda: 7, n_entries)) == 7
    with pytest.raises(ZeroDivisionError):
        last_of(beside_steps(lambda: 1 // 0, n_entries))


def test_a_long_call_is_left_while_it_runs_and_the_next_waits_for_its_end():
    release, began = threading.Event(), threading.Event()
    left = beside_steps(lambda: release.wait(20), MIN_ENTRIES_BESIDE)
    next(left)
    left.close()
    after = beside_steps(began.set, MIN_ENTRIES_BESIDE)
    for _ in range(3):
        next(after)
    assert not began.is_set()
    release.set()
    last_of(after)
    assert began.is_set()
    assert not room._left


def test_an_error_lets_go_of_what_was_worked_on():
    held = []

    def work():
        values = np.ones(1000)
        held.append(weakref.ref(values))
        raise MemoryError(values.size)

    gc.disable()
    try:
        for steps in (beside_steps(work, MIN_ENTRIES_BESIDE), abreast([partial(failing_work, work)] * 2, 2)):
            with suppress(MemoryError):
                last_of(steps)
            del steps
        assert held
        assert all(one() is None for one in held)
    finally:
        gc.enable()


def failing_work(work):
    yield
    work()


_EXIT = """
import time, torch
from spectral_widgets.spectra.abreast import MIN_ENTRIES_BESIDE, abreast, beside_steps
def work():
    for _ in range(400):
        torch.ones(200, 200) @ torch.ones(200, 200)
def piece():
    while True:
        time.sleep(0.001)
        yield
steps = beside_steps(work, MIN_ENTRIES_BESIDE)
pieces = abreast([piece] * 40, 2)
next(steps), next(pieces)
"""


def test_the_interpreter_ends_in_good_order_while_work_is_under_way():
    done = subprocess.run([sys.executable, "-c", _EXIT], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def limits(seen):
    seen.append(free_threads())
    yield


def test_each_has_one_blas_thread_when_there_are_several():
    seen, found = [], [(one, one.num_threads) for one in threads._libraries()]
    for one, _ in found:
        one.set_num_threads(2)
    try:
        list(abreast([partial(limits, seen)] * 3, 2))
        assert free_threads() == min(2, n_cores())
    finally:
        for one, before in found:
            one.set_num_threads(before)
    assert seen == [1] * 3


def test_how_many_follows_the_threads_the_work_and_the_memory(monkeypatch):
    monkeypatch.setattr(room, "free_threads", lambda: PLENTY)
    assert n_abreast(MIN_ENTRIES - 1, 1, 10) == 1
    assert n_abreast(MIN_ENTRIES, 1, 1) == 1
    assert n_abreast(MIN_ENTRIES, 1, 3) == 3
    assert n_abreast(MIN_ENTRIES, 1, 10) == PLENTY
    assert n_abreast(MIN_ENTRIES, MOST_BYTES // 3, 10) == 3
    assert n_abreast(MIN_ENTRIES, MOST_BYTES_OF_TWO, 10) == 2
    assert n_abreast(MIN_ENTRIES, MOST_BYTES_OF_TWO + 1, 10) == 1


@settings(deadline=None)
@given(st.integers(1, 4))
def test_a_limit_is_kept(limit):
    with limited_threads(limit):
        assert n_abreast(MIN_ENTRIES, 1, 10) <= limit
