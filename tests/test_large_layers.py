"""Layers too large for a full spectrum on the screen, and decompositions that can be given up."""

from __future__ import annotations

import time

import numpy as np
import pytest
from spectral_widgets.metrics import estimated
from spectral_widgets.spectra import apart
from spectral_widgets.spectra.apart import gram_panels, spectrum_steps
from spectral_widgets.spectra.decompose import gram_of, spectrum_of
from spectral_widgets.weights import open_model

from .pages import trapped_module
from .planting import noise, weight_matrix

LAYER = "0.weight"


@pytest.fixture
def screen(pages, monkeypatch):
    monkeypatch.setattr(estimated, "EXACT_COST", 0)
    page = pages(open_model(trapped_module()), layer=LAYER)
    page.bench.measure()
    page.bench.scan_layer()
    page.bench.wait(60)
    return page


def test_the_screen_says_estimated_and_gives_the_exact_numbers_on_request(screen):
    bench = screen.bench
    view = bench.screen._view("spectrum")
    assert "Estimated by Lanczos quadrature" in view["message"]
    assert {"estimated", "errors"} <= set(view["chart"]["datasets"])
    assert all("estimated" in fact["value"] for fact in view["facts"])
    row = next(row for row in bench.screen._view("layers")["rows"] if row["name"] == LAYER)
    assert row["errors"]["stable_rank"] > 0
    assert row["alpha"] is None
    assert row["sketch"]
    rank = row["stable_rank"]
    bench.set(exact=view["exact"]["exact"])
    bench.wait(60)
    view = bench.screen._view("spectrum")
    row = next(row for row in bench.screen._view("layers")["rows"] if row["name"] == LAYER)
    assert view["exact"] is None
    assert "layer" in view["chart"]["datasets"]
    assert row["errors"] == {}
    assert row["alpha"] is not None
    assert row["stable_rank"] == pytest.approx(rank, rel=1e-3)


def test_panels_are_the_rows_of_the_upper_triangle():
    values = noise((700, 600), 1)
    panels = [panel for panel in gram_panels(values) if panel is not None]
    whole, start = gram_of(values), 0
    for panel in panels:
        np.testing.assert_allclose(panel, whole[start : start + len(panel), start:], atol=1e-12)
        start += len(panel)
    assert start == 600


def test_the_process_apart_gives_the_same_spectrum_and_is_used_again(monkeypatch):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    for seed in range(2):
        matrix = weight_matrix(noise((150, 90), seed))
        *before, found = spectrum_steps(matrix)
        assert before
        assert not any(before)
        np.testing.assert_allclose(found.eigenvalues, spectrum_of(matrix).eigenvalues, rtol=1e-9)
        assert found.element_variance == pytest.approx(spectrum_of(matrix).element_variance)
    assert len(apart._idle) >= 1


def test_giving_up_ends_the_process_at_once(monkeypatch):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    made = []
    real = apart._process
    monkeypatch.setattr(apart, "_process", lambda: made.append(real()) or made[-1])
    steps = spectrum_steps(weight_matrix(noise((1500, 1400), 1)))
    for _ in range(4):
        next(steps)
    start = time.monotonic()
    steps.close()
    assert time.monotonic() - start < 0.2
    assert not made[0].is_alive


def test_without_a_second_process_the_spectrum_is_computed_here(monkeypatch):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    monkeypatch.setattr(apart, "_process", lambda: None)
    matrix = weight_matrix(noise((80, 40), 1))
    (found,) = spectrum_steps(matrix)
    np.testing.assert_array_equal(found.eigenvalues, spectrum_of(matrix).eigenvalues)
