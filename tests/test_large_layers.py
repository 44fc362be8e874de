"""Layers too large for a full spectrum on the screen, and decompositions that can be given up."""

from __future__ import annotations

import time
import weakref

import numpy as np
import pandas as pd
import pytest
from spectral_widgets.spectra import apart, costs
from spectral_widgets.spectra.apart import spectrum_steps
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.weights import open_model
from spectral_widgets.widgets import scanning
from spectral_widgets.widgets.memory import Memory
from spectral_widgets.widgets.tasks import cost_of

from .pages import trapped_module
from .planting import noise, weight_matrix

LAYER = "0.weight"


@pytest.fixture
def screen(pages, monkeypatch):
    monkeypatch.setattr(costs, "EXACT_COST", 0)
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


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
@pytest.mark.parametrize("turned", [False, True])
def test_the_process_apart_gives_the_same_spectrum_and_is_used_again(monkeypatch, dtype, turned):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    for seed, shape in enumerate([(150, 90), (5000, 40), (60, 60)]):
        values = (noise(shape, seed) + 0.1).astype(dtype)
        matrix = weight_matrix(np.asfortranarray(values) if turned else values)
        *before, found = spectrum_steps(lambda: matrix)  # noqa: B023 - consumed at once
        assert before
        assert not any(before)
        np.testing.assert_allclose(found.eigenvalues, spectrum_of(matrix).eigenvalues, rtol=1e-9)
        assert found.element_variance == pytest.approx(spectrum_of(matrix).element_variance)
    assert len(apart._idle) >= 1


def test_the_matrix_is_gone_while_its_eigenvalues_are_computed(monkeypatch):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    held = []

    def source():
        matrix = weight_matrix(noise((1300, 1200), 1).astype(np.float32))
        held.append(weakref.ref(matrix.values))
        return matrix

    is_gone = [held[0]() is None for _ in spectrum_steps(source) if held]
    assert not is_gone[0]
    assert sum(is_gone) >= 2  # some steps before the last


def test_giving_up_ends_the_process_at_once(monkeypatch):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    made = []
    real = apart._process
    monkeypatch.setattr(apart, "_process", lambda: made.append(real()) or made[-1])
    matrix = weight_matrix(noise((1500, 1400), 1))
    for n_steps in (1, 4):
        steps = spectrum_steps(lambda: matrix)
        for _ in range(n_steps):
            next(steps)
        start = time.monotonic()
        steps.close()
        assert time.monotonic() - start < 0.2
        assert not made[-1].is_alive


def test_without_a_second_process_the_spectrum_is_computed_here(monkeypatch):
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    monkeypatch.setattr(apart, "_process", lambda: None)
    matrix = weight_matrix(noise((80, 40), 1))
    (found,) = spectrum_steps(lambda: matrix)
    np.testing.assert_array_equal(found.eigenvalues, spectrum_of(matrix).eigenvalues)


@pytest.mark.parametrize(
    ("engine", "view"),
    [("calibrated", "raw"), ("weightwatcher", "raw"), ("calibrated", "centred"), ("weightwatcher", "double_centred")],
)
def test_large_layers_have_the_same_rows_and_scans_as_small_ones(pages, monkeypatch, engine, view):
    def seen():
        page = pages(open_model(trapped_module()), layer=LAYER, engine=engine, view=view, n_shuffles=4).start()
        page.bench.set(trap={"seed": 0, "index": 0})
        page.wait()
        return page.bench.scan, page.bench.published, page.bench.table(), page.panel("trap")["status"]

    small = seen()
    monkeypatch.setattr(apart, "APART_FROM_SIDE", 20)
    large = seen()
    assert large[0].counts == small[0].counts
    assert sum(large[0].counts) > 0
    assert large[0].decomposed[0] == 0
    places = [[[(e.row, e.column, e.value) for e in one.culprits] for one in both[0].traps] for both in (large, small)]
    assert places[0] == places[1]
    assert large[0].spectrum_of(0).eigenvalues == pytest.approx(small[0].spectrum_of(0).eigenvalues, rel=1e-9)
    assert [one.value for one in large[0].statistics.giants] == [one.value for one in small[0].statistics.giants]
    assert large[0].view == small[0].view == view
    assert large[1] == small[1]
    assert large[3] == small[3] == "ready"
    pd.testing.assert_frame_equal(large[2], small[2], rtol=1e-6)


# ---- the first number


def test_a_small_layer_has_a_number_before_the_large_one_that_is_chosen_is_read(pages, monkeypatch):
    monkeypatch.setattr(scanning, "PREVIEW_COST", 1000)
    page = pages(open_model(trapped_module()), layer=LAYER)
    costs = {layer.name: cost_of(layer) for layer in page.bench.model.layers}
    assert costs[LAYER] == max(costs.values()) > 1000
    read = []
    monkeypatch.setattr(Memory, "_read", lambda self, layer: read.append(layer.name) or layer.read())
    page.bench.scan_layer()
    page.bench.wait(60)
    assert read[:2] == [min(costs, key=costs.__getitem__), LAYER]
    rows = [row for message in page.of("rows") for row in message["rows"]]
    assert next(row["name"] for row in rows if row.get("stable_rank") is not None) == read[0]
