"""Shuffles of one scan beside each other: the same traps, left at once, and full spectra side by side as well."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.spectra import abreast as room
from spectral_widgets.spectra import reshuffled
from spectral_widgets.spectra.traps import find_traps_fine_steps

from .planting import weight_matrix


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
    for n_threads in (1, 3):
        monkeypatch.setattr(room, "free_threads", lambda n_threads=n_threads: n_threads)
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


def test_full_spectra_of_shuffles_are_made_side_by_side(monkeypatch):
    both = threading.Barrier(2, timeout=20)
    real = reshuffled.spectrum_of

    def met(matrix):
        both.wait()
        return real(matrix)

    monkeypatch.setattr(reshuffled, "spectrum_of", met)
    monkeypatch.setattr(room, "free_threads", lambda: 2)
    scan = sw.find_traps(trapped((900, 400)), range(4), spectra="all")
    assert scan.decomposed == (0, 1, 2, 3)
