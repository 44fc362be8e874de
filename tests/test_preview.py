"""First numbers of a large layer, before its spectrum is there."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.spectra.preview import estimated_stable_rank
from spectral_widgets.weights import open_model
from spectral_widgets.widgets import tasks
from spectral_widgets.widgets.memory import Memory
from spectral_widgets.widgets.state import BenchState
from spectral_widgets.widgets.views.layers import dressed

from .pages import trapped_module
from .planting import noise, weight_matrix


def exact(values: np.ndarray) -> float:
    singular = np.linalg.svd(values.astype(float), compute_uv=False)
    return float((singular**2).sum() / singular[0] ** 2)


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 10_000))
def test_it_is_never_below_the_truth_and_exact_once_all_directions_were_seen(n_rows, n_cols, seed):
    values = np.random.default_rng(seed).standard_normal((n_rows, n_cols))
    estimate, truth = estimated_stable_rank(weight_matrix(values)), exact(values)
    assert estimate >= truth * (1 - 1e-9)
    if min(n_rows, n_cols) <= 12:
        assert estimate == pytest.approx(truth, rel=1e-6)


def test_within_a_per_cent_under_a_spike_and_ten_at_a_dense_edge():
    values = noise((600, 300), seed=1)
    spiked = values + 120 * np.outer(np.ones(600) / 600**0.5, np.ones(300) / 300**0.5)
    assert estimated_stable_rank(weight_matrix(spiked)) == pytest.approx(exact(spiked), rel=0.01)
    assert estimated_stable_rank(weight_matrix(values)) == pytest.approx(exact(values), rel=0.10)


def test_scale_free_and_nan_for_zeros():
    values = noise((90, 40), seed=2)
    one, other = (estimated_stable_rank(weight_matrix(scale * values)) for scale in (1.0, 1000.0))
    assert one == pytest.approx(other, rel=1e-9)
    assert np.isnan(estimated_stable_rank(weight_matrix(np.zeros((30, 20)))))


def test_a_large_layer_shows_a_number_before_its_spectrum_and_its_spectrum_before_its_traps(monkeypatch):
    monkeypatch.setattr(tasks, "PREVIEW_COST", 0)
    model, memory, state, shown = open_model(trapped_module()), Memory(), BenchState(n_shuffles=2), []
    layer = model.layers[0]

    def show(row):
        shown.append(dressed(row, dict(memory.measured.get(layer.name, {})), state.columns))

    for _ in tasks.row_steps(layer, memory, state, show):
        continue
    working, preview, first, spectrum, done = shown
    assert (working["status"], working["stable_rank"]) == ("working", None)
    assert preview["stable_rank"] == pytest.approx(done["stable_rank"], rel=0.1)
    assert "Estimated" in preview["caveats"]["stable_rank"]
    assert first["alpha"] == spectrum["alpha"]
    assert (spectrum["status"], spectrum["traps"]) == ("working", None)
    assert (spectrum["alpha"], spectrum["sketch"]) == (done["alpha"], done["sketch"])
    assert (done["status"], done["traps"]) == ("done", sw.find_traps(layer, seeds=range(2)).median_count)
