"""Estimated spectra and leading vectors by torch against numpy; ``cpu:0`` runs a GPU's code on the processor."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import SpectrumEstimate
from spectral_widgets.spectra import device as devices
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.quadrature import ROUNDING, trace_of
from spectral_widgets.spectra.slq import N_STEPS, TOP_STEPS, estimate_spectrum
from spectral_widgets.spectra.vectors import leading_vectors

from .planting import noise
from .test_device import HERE, Watched, on

FULL = "cpu:0 ran out of memory"


class Uploads(Watched):
    """Counts how often something as large as the matrix goes to the device."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.count, self._size = 0, size

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        is_copy = func.overloadpacket.__name__ == "_to_copy"
        self.count += is_copy and args[0].numel() == self._size
        return super().__torch_dispatch__(func, types, args, kwargs)


def spiked(shape, seed, dtype=np.float32):
    """Noise around a mean, so that one direction stands out and sums over rows grow."""
    return (noise(shape, seed) + 0.3).astype(dtype)


def assert_same(one: SpectrumEstimate, other: SpectrumEstimate, tolerance: float) -> None:
    assert one.top.shape == other.top.shape
    assert np.abs(one.top - other.top).max() <= tolerance * other.largest
    assert one.largest == pytest.approx(other.largest, rel=tolerance)
    for function in (np.sqrt, np.square):
        np.testing.assert_allclose(trace_of(one, function), trace_of(other, function), rtol=10 * tolerance)


@pytest.mark.parametrize("device", HERE)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, devices.PRODUCT_TOLERANCE), (np.float64, 1e-9)])
@pytest.mark.parametrize("shape", [(700, 520), (520, 700)])
def test_estimates_agree_with_those_of_the_processor(device, dtype, tolerance, shape):
    values = spiked(shape, 1, dtype)
    here, there = (sw.estimate_spectrum(on(values, one), 4, 24) for one in ("cpu", device))
    assert_same(there, here, devices.PRODUCT_TOLERANCE if device.startswith("mps") else tolerance)
    assert (there.caveat, there.mean_square) == ("", here.mean_square)


def test_every_product_of_an_estimate_runs_on_the_device_and_the_matrix_goes_there_once():
    values = spiked((260, 150), 2)
    with Uploads(values.size) as watched:
        estimate_spectrum(on(values, "cpu:0"), 16, N_STEPS)
    n_products = TOP_STEPS + 2 * N_STEPS  # sixteen probes go eight at a time
    assert watched.seen["mm"] == 2 * n_products
    assert watched.count == 1
    assert {dtype for *_, dtype in watched.precisions} == {torch.float32}
    with Watched() as watched:
        estimate_spectrum(on(values, "cpu"), 16, N_STEPS)
    assert watched.seen["mm"] == 0


def test_a_layers_estimate_runs_where_its_model_is_sent():
    model = sw.open_model(torch.nn.Sequential(torch.nn.Linear(90, 120)))
    names = ["stable_rank", "effective_rank"]
    with Watched() as watched:
        there = sw.measure(model.on("cpu:0"), names, exact=False, cache=False)
    assert watched.seen["mm"] > 0
    here = sw.measure(model, names, exact=False, cache=False)
    np.testing.assert_allclose(there[names], here[names], rtol=10 * devices.PRODUCT_TOLERANCE)


def test_without_room_for_the_matrix_the_estimate_is_that_of_the_processor_and_says_so():
    values = spiked((200, 80), 3)
    with Watched("_to_copy"):
        found = estimate_spectrum(on(values, "cpu:0"), 4, 12)
    expected = estimate_spectrum(on(values, "cpu"), 4, 12)
    assert all(np.array_equal(getattr(found, one), getattr(expected, one)) for one in ("top", "nodes", "weights"))
    assert FULL in found.caveat
    assert expected.caveat == ""


def test_a_device_that_fills_up_in_an_estimate_is_left_after_one_try():
    values = spiked((200, 80), 3)
    with Watched("mm") as watched:
        found = estimate_spectrum(on(values, "cpu:0"), 4, 12)
    assert watched.seen["mm"] == 1
    assert_same(found, estimate_spectrum(on(values, "cpu"), 4, 12), devices.PRODUCT_TOLERANCE)
    assert FULL in found.caveat


def test_a_zero_matrix_says_so_on_a_device_too():
    assert "Every entry is zero" in estimate_spectrum(on(np.zeros((30, 10)), "cpu:0")).caveat


@pytest.mark.parametrize("device", ["cpu", *HERE])
@pytest.mark.parametrize("columns", [(), (3,)])
def test_sums_over_many_rows_are_as_good_as_errors_are_quoted(device, columns):
    values = spiked((30_000, 40), 4)
    factor = noise((40, *columns), 5).astype(np.float32)
    wide = values.astype(np.float64)
    exact = wide.T @ (wide @ factor)
    found = devices.product_side(values, device).gram_times(factor)
    assert found.dtype == np.float64
    assert np.linalg.norm(found - exact) <= 0.5 * ROUNDING * np.linalg.norm(exact)


@pytest.mark.parametrize("order", ["C", "F"])
def test_a_matrix_that_goes_block_by_block_arrives_whole(monkeypatch, order):
    values = np.require(noise((101, 30), 6), np.float32, order)
    monkeypatch.setattr(devices, "_BLOCK_ENTRIES", 30 * 17)
    side = devices.product_side(values, "cpu:0")
    np.testing.assert_array_equal(side.times(np.eye(30, dtype=np.float32)), values)


@pytest.mark.parametrize("device", HERE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_leading_vectors_agree_in_float64_and_their_products_run_on_the_device(monkeypatch, device, dtype):
    monkeypatch.setattr("spectral_widgets.spectra.vectors._SMALL", 0)
    matrix = on(spiked((300, 200), 7, dtype) * np.linspace(1, 3, 200).astype(dtype), device)
    spectrum = spectrum_of(matrix)
    with Watched() as watched:
        there = leading_vectors(matrix, spectrum)
    here = leading_vectors(on(matrix.values, "cpu"), spectrum)
    assert device != "cpu:0" or {one for *_, one in watched.precisions} == {torch.float64}
    for kind in ("singular_values", "left", "right"):
        found, expected = (np.abs(getattr(one, kind)) for one in (there, here))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * expected.max())
    assert there.caveat == here.caveat == ""


@pytest.mark.parametrize("operation", ["_to_copy", "mv", "mm"])
def test_leading_vectors_go_on_without_the_device(operation):
    values = spiked((300, 200), 8)
    spectrum = spectrum_of(on(values, "cpu"))
    with Watched(operation) as watched:
        found = leading_vectors(on(values, "cpu:0"), spectrum)
    assert watched.seen[operation] == 1
    np.testing.assert_allclose(found.singular_values, leading_vectors(on(values, "cpu"), spectrum).singular_values)
    assert FULL in found.caveat


def test_leading_vectors_need_float64_which_mps_does_not_have():
    values = noise((520, 512), 9)
    with Watched() as watched:
        found = leading_vectors(on(values, "mps:0"), spectrum_of(on(values, "cpu")), 2)
    assert not watched.seen
    assert found.caveat == ""
