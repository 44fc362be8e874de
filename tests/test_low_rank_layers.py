"""A low-rank adapter measured by itself: the table of its product, which is formed only where entries are needed."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets import metrics
from spectral_widgets.weights import open_model

ON_FACTORS = ["frobenius_norm", "spectral_norm", "stable_rank", "numerical_rank", "spectral_entropy", "effective_rank"]


def adapter(folder, n_out, n_in, rank):
    generator = torch.Generator().manual_seed(rank)
    tensors = {
        "h.0.q_proj.lora_A.weight": torch.randn(rank, n_in, generator=generator),
        "h.0.q_proj.lora_B.weight": torch.randn(n_out, rank, generator=generator),
    }
    save_file({f"base_model.model.{name}": tensor for name, tensor in tensors.items()}, folder / "adapter.safetensors")
    return open_model(folder / "adapter.safetensors")


@pytest.mark.parametrize(("n_out", "n_in", "rank"), [(90, 60, 40), (40, 70, 3), (50, 50, 50)])
def test_the_table_is_that_of_the_product(n_out, n_in, rank, tmp_path):
    model = adapter(tmp_path, n_out, n_in, rank)
    names = [name for name in metrics.metric_names() if name not in ("hill_excess", "tail_p_value")]
    first, second = (model.store.read(slot.name).double().numpy() for slot in model.store.slots)
    factored, formed = (sw.measure(layers, names, seeds=range(2)) for layers in (model, [second @ first]))
    for name in names:
        # The product that is read for its entries is in float32.
        expected = pytest.approx(formed[name].iloc[0], rel=2e-3, abs=1e-5, nan_ok=True)
        assert factored[name].iloc[0] == expected, name
    # What noise gives is known for one matrix, not for a product of two.
    assert np.isnan(sw.measure(model, ["hill_excess"]).hill_excess.iloc[0])


def test_a_product_too_large_for_any_machine_has_a_spectrum(tmp_path):
    side, rank = 1_000_000, 2
    model = adapter(tmp_path, side, side, rank)
    row = sw.measure(model, ON_FACTORS).iloc[0]
    first, second = (model.store.read(slot.name).double().numpy() for slot in model.store.slots)
    # ‖BA‖² is the trace of (BᵀB)(AAᵀ), and the singular values squared are its eigenvalues.
    squares = np.linalg.eigvals((second.T @ second) @ (first @ first.T)).real
    assert row.numerical_rank == rank
    assert row.frobenius_norm == pytest.approx(np.sqrt(squares.sum()), rel=1e-9)
    assert row.spectral_norm == pytest.approx(np.sqrt(squares.max()), rel=1e-9)
    assert row.stable_rank == pytest.approx(squares.sum() / squares.max(), rel=1e-9)


def test_a_doubt_about_few_eigenvalues_stays_beside_that_about_noise(tmp_path):
    frame = sw.measure(adapter(tmp_path, 40, 70, 3), ["hill_alpha"])
    assert "Only 2 eigenvalues enter" in frame.caveats.iloc[0]
    assert "product of two matrices" in frame.caveats.iloc[0]
