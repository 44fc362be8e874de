"""The screen decomposes the shuffles that somebody looks at, and no others."""

from __future__ import annotations

import numpy as np
import spectral_widgets as sw
import torch
from spectral_widgets import open_model
from spectral_widgets.spectra.weightwatcher import published_rule
from spectral_widgets.widgets.memory import key_of
from torch import nn


def scanned(pages, **settings):
    """One layer beyond the size that is decomposed fully anyway, with everything done that a fresh screen does."""
    torch.manual_seed(0)
    model = open_model(nn.Sequential(nn.Linear(350, 330)))
    return pages(model, layer="0.weight", **{"n_shuffles": 5, **settings}).start()


def whole(page, **settings):
    return sw.find_traps(page.bench.layer, range(5), spectra="all", **settings)


def test_looking_at_a_shuffle_decomposes_it_and_shows_that_it_works(pages):
    page = scanned(pages)
    bench, full = page.bench, whole(page)
    assert bench.scan.counts == full.counts
    assert bench.scan.decomposed == (0, 1, 2)  # what is drawn, and what the published rule needs
    page.clear()
    assert page.ask("set", changes={"shuffle": 4})["ok"]
    assert bench.scan.decomposed == (0, 1, 2, 4)
    assert (bench.scan.spectrum_of(4).eigenvalues == full.spectrum_of(4).eigenvalues).all()
    shown = [data for data in page.of("panel") if data["panel"] == "spectrum"]
    assert any("Computing the spectrum of the shuffle with seed 4" in one["data"]["message"] for one in shown)
    assert "shuffled" in page.panel("spectrum")["chart"]["datasets"]
    assert page.panel("spectrum")["message"] == bench.scan.caveat
    assert [one["outcome"] for one in page.of("finished") if one["job"] == "scan"] == ["done"]
    page.clear()
    assert page.ask("set", changes={"shuffle": 1})["ok"]
    assert page.of("finished") == []


def test_the_published_rule_is_asked_about_the_same_shuffles(pages):
    page = scanned(pages)
    bench = page.bench
    spectra = whole(page).spectra[:3]
    expected = tuple(published_rule(one.eigenvalues, one.n_rows, one.n_cols).count for one in spectra)
    assert bench.memory.published[key_of("0.weight", bench.state)] == expected


def test_a_screen_that_opens_on_a_late_shuffle_of_a_view_has_its_spectrum(pages):
    page = scanned(pages, view="centred", shuffle=3)
    found = page.bench.scan.spectrum_of(3)
    np.testing.assert_array_equal(found.eigenvalues, whole(page, view="centred").spectrum_of(3).eigenvalues)


def test_a_cancelled_scan_goes_on_with_the_spectrum_that_is_looked_at(pages):
    page = scanned(pages)
    page.bench.set(seed=5)
    page.bench.cancel("scan")
    page.wait()
    page.bench.set(seed=0, shuffle=3)
    page.wait()
    assert 3 in page.bench.scan.decomposed
