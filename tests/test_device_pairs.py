"""Pairs, references, windows and whole decompositions run where the matrix lies; ``cpu:0`` runs a GPU's code here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.spectra.dense import Dense
from spectral_widgets.spectra.device import EIGENVALUE_TOLERANCE
from spectral_widgets.spectra.lanczos import exact_top
from spectral_widgets.spectra.vectors import leading_vectors
from torch import nn

from .planting import noise
from .test_device import HERE, Watched, on

FULL = "cpu:0 ran out of memory"
DECOMPOSES = {"_linalg_svd", "_linalg_eigh"}


def spiked(shape, seed):
    return (noise(shape, seed) + 0.2).astype(np.float32)


def pair_of_nets():
    torch.manual_seed(0)
    nets = [nn.Sequential(nn.Linear(40, 50), nn.ReLU(), nn.Linear(50, 30)) for _ in range(2)]
    return [sw.open_model(net) for net in nets]


def assert_same_frames(one, other):
    names = list(one.attrs["cards"])
    np.testing.assert_allclose(one[names].astype(float), other[names].astype(float), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("device", HERE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(700, 520), (520, 700), (40, 30)])
def test_decompositions_and_products_agree_with_numpy(device, dtype, shape):
    values = spiked(shape, 1).astype(dtype)
    dense, wide = Dense(device), values.astype(np.float64)
    left, sizes, right = dense.svd(values)
    exact = np.linalg.svd(wide, compute_uv=False)
    assert np.abs(sizes - exact).max() <= EIGENVALUE_TOLERANCE * exact[0]
    np.testing.assert_allclose((left * sizes) @ right, wide, rtol=0, atol=1e-12 * exact[0])
    np.testing.assert_allclose(left.T @ left, np.eye(len(sizes)), rtol=0, atol=1e-12)
    np.testing.assert_allclose(dense.product(values, values.T), wide @ wide.T, rtol=0, atol=1e-12 * exact[0] ** 2)
    assert dense.caveat == ""


def test_a_comparison_decomposes_and_multiplies_on_the_device_only():
    base, other = pair_of_nets()
    with Watched() as watched:
        there = sw.compare(base.on("cpu:0"), other)
    assert watched.seen["_linalg_svd"] == 4
    assert watched.seen["mm"] == 2 * 2 + 3 + 2  # cosines on two sides, kernels and where inputs are fewer their product
    assert {dtype for *_, dtype in watched.precisions} == {torch.float64}
    with Watched() as watched:
        here = sw.compare(base, other)
    assert not DECOMPOSES & set(watched.seen)
    assert_same_frames(there, here)
    assert not (there["caveats"] != here["caveats"]).any()


@pytest.mark.parametrize("operation", ["_linalg_svd", "mm", "_linalg_eigh"])
def test_a_comparison_without_room_is_that_of_the_processor_and_says_so(operation):
    base, other = pair_of_nets()
    with Watched(operation):
        there = sw.compare(base.on("cpu:0"), other)
    assert_same_frames(there, sw.compare(base, other))
    assert there["caveats"].str.contains(FULL).all()


def test_nets_are_aligned_on_the_device_as_here():
    base, other = pair_of_nets()
    with Watched() as watched:
        there = sw.align(base.on("cpu:0"), other)
    assert watched.seen["mm"] > 0
    assert watched.seen["_linalg_svd"] > 0
    here = sw.align(base, other)
    for name, order in here.permutations.items():
        np.testing.assert_array_equal(there.permutations[name], order)
    assert there.alignment_after == pytest.approx(here.alignment_after, rel=1e-9)
    with Watched("mm"):
        full = sw.align(base.on("cpu:0"), other)
    assert FULL in full.caveat
    assert full.distance_after == here.distance_after


STUDIES = {
    "reference": lambda matrix: sw.reference_test(matrix, "shuffles", range(3)),
    "edge": lambda matrix: sw.reference_test(matrix, "tracy-widom"),
    "averaging": lambda matrix: sw.self_averaging(matrix, range(3)),
    "windows": lambda matrix: sw.farms(matrix, windows=2),
}
NUMBERS = {
    "reference": lambda one: [*one.eigenvalues, *one.maxima],
    "edge": lambda one: one.eigenvalues,
    "averaging": lambda one: [*one.largest_variances, *one.edge_variances],
    "windows": lambda one: [one.alpha, *one.eigenvalues],
}


@pytest.mark.parametrize("study", STUDIES)
def test_eigenvalues_of_studies_are_those_of_the_device(study):
    values = spiked((120, 90), 3)
    with Watched() as watched:
        there = STUDIES[study](on(values, "cpu:0"))
    assert watched.seen["_linalg_eigh"] > 0
    with Watched() as watched:
        here = STUDIES[study](on(values, "cpu"))
    assert watched.seen["_linalg_eigh"] == 0
    np.testing.assert_allclose(NUMBERS[study](there), NUMBERS[study](here), rtol=1e-6, atol=1e-9)
    with Watched("_linalg_eigh"):
        full = STUDIES[study](on(values, "cpu:0"))
    np.testing.assert_allclose(NUMBERS[study](full), NUMBERS[study](here), rtol=1e-6, atol=1e-9)
    assert FULL in full.caveat
    assert full.caveat.replace(here.caveat, "").count(FULL) == 1


@pytest.mark.parametrize("above", [0.0, 1.05, 1e9])
def test_the_exact_top_is_that_of_the_processor(above):
    values = spiked((90, 60), 4)
    here = exact_top(values, above)
    with Watched() as watched:
        there = exact_top(values, above, device="cpu:0")
    assert watched.seen["_linalg_eigh"] > 0
    assert there.largest == pytest.approx(here.largest, rel=1e-10)
    np.testing.assert_allclose(there.eigenvalues, here.eigenvalues, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(abs(there.right[:, :1]), abs(here.right[:, :1]), rtol=0, atol=1e-9)
    with Watched("_linalg_eigh"):
        full = exact_top(values, above, device="cpu:0")
    assert FULL in full.caveat
    np.testing.assert_array_equal(full.eigenvalues, here.eigenvalues)


def test_a_layer_cut_to_its_leading_directions_is_cut_on_the_device():
    matrix = on(spiked((90, 60), 5), "cpu:0")
    with Watched() as watched:
        there = sw.effective_correlation_space(matrix, 7)
    assert watched.seen["_linalg_svd"] == 1
    here = sw.effective_correlation_space(replace(matrix, device="cpu"), 7)
    np.testing.assert_allclose(there.values, here.values, rtol=0, atol=1e-12)


def test_many_leading_vectors_come_from_a_decomposition_on_the_device():
    matrix = on(spiked((90, 60), 6), "cpu:0")
    spectrum = sw.spectrum(matrix)
    with Watched() as watched:
        there = leading_vectors(matrix, spectrum, 30)
    assert watched.seen["_linalg_eigh"] == 1
    here = leading_vectors(replace(matrix, device="cpu"), spectrum, 30)
    np.testing.assert_allclose(abs(there.right), abs(here.right), rtol=0, atol=1e-9)
