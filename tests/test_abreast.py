"""Pieces of work beside each other: results in order, errors in their place, an end at any moment, one BLAS thread."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.spectra import abreast as room
from spectral_widgets.spectra.abreast import (
    MIN_ENTRIES,
    MIN_ENTRIES_BESIDE,
    MOST_BYTES,
    MOST_BYTES_OF_TWO,
    abreast,
    beside_steps,
    n_abreast,
)
from spectral_widgets.spectra.threads import free_threads, limited_threads
from spectral_widgets.spectra.traps import find_traps_fine_steps

from .planting import weight_matrix

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


def test_a_long_call_is_left_while_it_runs():
    release = threading.Event()
    steps = beside_steps(lambda: release.wait(20), MIN_ENTRIES_BESIDE)
    next(steps)
    steps.close()
    assert [one for one in threading.enumerate() if one.name == "beside"]
    release.set()
    for one in threading.enumerate():
        if one.name == "beside":
            one.join(20)
    assert not [one for one in threading.enumerate() if one.name == "beside"]


def limits(seen):
    seen.append(free_threads())
    yield


def test_each_has_one_blas_thread_when_there_are_several():
    seen = []
    list(abreast([partial(limits, seen)] * 3, 2))
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


def trapped(shape):
    values = np.random.default_rng(3).standard_normal(shape, dtype=np.float32) + np.float32(0.1)
    values[5, 5] = 90
    return weight_matrix(values)


@pytest.mark.parametrize("spectra", ["none", "first"])
@pytest.mark.parametrize(
    ("engine", "device"), [("calibrated", "cpu"), ("weightwatcher", "cpu"), ("calibrated", "cpu:0")]
)
def test_a_scan_is_the_same_on_one_thread_and_on_several(monkeypatch, spectra, engine, device):
    matrix, scans = replace(trapped((900, 400)), device=device), []
    for threads in (1, 3):
        monkeypatch.setattr(room, "free_threads", lambda threads=threads: threads)
        scans.append(sw.find_traps(matrix, range(5), engine=engine, spectra=spectra))
    alone, beside = scans
    assert alone.seeds == beside.seeds == tuple(range(5))
    assert alone.counts == beside.counts
    assert sum(alone.counts) >= 5
    assert alone.decomposed == beside.decomposed
    assert [(one.seed, one.index, one.cause) for one in alone.traps] == [
        (one.seed, one.index, one.cause) for one in beside.traps
    ]
    assert np.allclose(alone.largest, beside.largest, rtol=1e-7)
    assert all(
        np.allclose(one.left, other.left, atol=1e-4) for one, other in zip(alone.traps, beside.traps, strict=True)
    )


def test_a_scan_on_several_threads_is_left_at_once(monkeypatch):
    monkeypatch.setattr(room, "free_threads", lambda: 2)
    steps = find_traps_fine_steps(trapped((1200, 900)), range(50), spectra="none")
    for scan in steps:
        if scan is not None:
            break
    steps.close()
    assert scan.seeds == (0,)
    assert not [one for one in threading.enumerate() if one.name.startswith("abreast")]
