"""A convolution whose kernel offsets differ in size: no slice has a trap, and one law for all would find hundreds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.spectra.weightwatcher import published_rule, published_rule_pooled
from spectral_widgets.weights import open_model
from torch import nn

from .weightwatcher_tool import analysed

OUTPUTS, INPUTS = 256, 128
SIZES = np.geomspace(0.01, 0.2, 9)


def unequal(n_outputs: int = OUTPUTS, sizes: np.ndarray = SIZES) -> nn.Module:
    """Independent Gaussian entries, nine slices of nine sizes: nothing in it is trained."""
    conv = nn.Conv2d(INPUTS, n_outputs, 3, bias=False)
    entries = np.random.default_rng(11).normal(size=(n_outputs, INPUTS, 9)) * sizes
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(entries.reshape(n_outputs, INPUTS, 3, 3)))
    return conv


@pytest.fixture(scope="module")
def model():
    return open_model(unequal())


def test_one_law_for_all_slices_would_call_hundreds_of_values_traps(model):
    values = [spectrum_of(layer.read()).eigenvalues for layer in model.layers.cut("slices")]
    together = np.sort(np.concatenate(values))
    assert len(together) == 9 * INPUTS == 1152
    assert published_rule(together, OUTPUTS, INPUTS).count > 250


@pytest.mark.parametrize(
    ("n_outputs", "sizes", "expected"),
    [(OUTPUTS, SIZES, 281), (512, 1 / np.arange(1, 10), 300)],
    ids=["1 to 20", "1/k"],
)
def test_weightwatcher_calls_hundreds_of_values_traps_and_ours_none(n_outputs, sizes, expected):
    """The tool's own ``analyze(randomize=True)`` on our permutations, slice by slice; it pools all slices in one fit.

    303 of 1,152 values is the number that is told of the tool, without the sizes of the slices. 128 inputs and nine
    offsets make 1,152; with 512 outputs and standard deviations 1, 1/2, … 1/9 it calls 300 of them traps on these
    shuffles, and 297 to 327 on others. Sizes from 1 to 20 at 256 outputs make 281 (281 to 284 on others), the same
    sizes at 128 outputs 77. No slice here has any, and equal slices make none in the tool either.
    """
    conv = unequal(n_outputs, sizes)
    row = analysed(conv.weight.detach().numpy(), range(20))
    assert row.num_evals == 1152
    assert row.rand_num_spikes == row.num_traps == expected
    slices = open_model(conv, cut="slices").layers
    spectra = [find_traps(layer.read(), seeds=(k,)).spectra[0] for k, layer in enumerate(slices)]
    pooled = [spectrum.eigenvalues for spectrum in spectra]
    assert published_rule_pooled(pooled, n_outputs, INPUTS).count == expected
    assert [find_traps(layer.read(), seeds=(k,)).counts for k, layer in enumerate(slices)] == [(0,)] * 9


def test_equal_slices_make_no_false_traps_in_either():
    conv = unequal(sizes=np.ones(9))
    assert analysed(conv.weight.detach().numpy(), range(20)).rand_num_spikes == 0


def test_no_slice_has_a_trap(model):
    slices = model.layers.cut("slices")
    assert [layer.cut for layer in slices] == [f"kernel offset ({k // 3}, {k % 3})" for k in range(9)]
    found = [len(find_traps(layer.read(), seeds=(0, 1, 2), level=0.01).traps) for layer in slices]
    assert found == [0] * 9


def test_each_slice_has_its_own_variance(model):
    for layer, size in zip(model.layers.cut("slices"), SIZES, strict=True):
        assert spectrum_of(layer.read()).element_variance == pytest.approx(size**2, rel=0.05)


def test_the_flattened_matrix_says_that_it_is_flattened_and_has_no_trap_either(model):
    (layer,) = model.layers
    assert (layer.name, layer.cut, layer.shape) == ("weight", "flattened", (OUTPUTS, INPUTS, 3, 3))
    assert find_traps(layer.read(), seeds=(0, 1, 2), level=0.01).traps == ()


def test_a_trap_in_one_slice_is_found_in_that_slice_alone(model):
    conv = unequal()
    with torch.no_grad():
        conv.weight[7, 9, 1, 2] = 6.0 * SIZES[5] * OUTPUTS**0.5
    slices = open_model(conv, cut="slices").layers
    found = {layer.cut: find_traps(layer.read(), seeds=(0,), level=0.01).traps for layer in slices}
    (trap,) = found.pop("kernel offset (1, 2)")
    assert not any(found.values())
    assert [(entry.row, entry.column) for entry in trap.culprits] == [(7, 9)]
