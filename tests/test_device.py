"""Spectra and products by torch against numpy, on every device at hand; ``cpu:0`` runs a GPU's code on the processor.

Precision is watched, and memory taken away, from inside torch's dispatcher: what is tested runs as it is.
"""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from threading import Barrier, Thread

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import Complaint, WeightMatrix
from spectral_widgets.spectra import device as devices
from spectral_widgets.spectra.decompose import eigenvalues_of, spectrum_of
from torch.utils._python_dispatch import TorchDispatchMode

from .planting import noise, planted_entries, weight_matrix

HERE = ["cpu:0"]
HERE += ["cuda:0"] if torch.cuda.is_available() else []
HERE += ["mps:0"] if torch.backends.mps.is_available() else []
MATMUL = {"mm", "addmm_", "addmm", "mv", "_linalg_eigh"}


def on(values: np.ndarray, device: str) -> WeightMatrix:
    plain = weight_matrix(values)
    return WeightMatrix(plain.ref, plain.values, plain.unfolding, device)


class Watched(TorchDispatchMode):
    """Counts operations, notes the precision each product runs in, and takes memory away from the named ones."""

    def __init__(self, full: str = "", times: int = 10**6) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()
        self.precisions: set[tuple[bool, str, torch.dtype]] = set()
        self._full, self._left = full, times

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        self.seen[name] += 1
        if name in MATMUL:
            by_torch = torch.backends.cuda.matmul.fp32_precision
            self.precisions.add((torch.is_autocast_enabled("cpu"), by_torch, args[0].dtype))
        if name == self._full and self._left:
            self._left -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return func(*args, **(kwargs or {}))


@pytest.fixture
def careless():
    """A user who allows TF32 and bfloat16 everywhere."""
    before = [(one, one.fp32_precision) for one in (torch.backends.cuda.matmul, torch.backends.mkldnn.matmul)]
    torch.backends.cuda.matmul.fp32_precision = "tf32"
    torch.backends.mkldnn.matmul.fp32_precision = "bf16"
    yield lambda: [one.fp32_precision for one, _ in before]
    for one, found in before:
        one.fp32_precision = found


@pytest.mark.parametrize("device", HERE)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(700, 520), (40, 30), (520, 700), (30, 1)])
def test_eigenvalues_agree_with_numpy_within_the_stated_tolerance(device, dtype, shape):
    values = weight_matrix((noise(shape, 0) + 0.3).astype(dtype)).values
    values.flags.writeable = False
    expected = eigenvalues_of(values)
    found = eigenvalues_of(values, device)
    assert np.abs(found - expected).max() <= devices.EIGENVALUE_TOLERANCE * expected[-1]


@pytest.mark.parametrize("device", HERE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("columns", [(), (3,)])
def test_products_agree_with_exact_ones_within_the_stated_tolerance(device, dtype, columns):
    values = noise((600, 530), 1).astype(dtype)
    side = devices.product_side(values, device)
    for matrix, product in ((values, side.times), (values.T, side.transposed_times)):
        factor = noise((matrix.shape[1], *columns), 2).astype(dtype)
        exact = matrix.astype(np.float64) @ factor.astype(np.float64)
        found = product(factor)
        assert found.shape == exact.shape
        assert np.linalg.norm(found - exact) <= devices.PRODUCT_TOLERANCE * np.linalg.norm(exact)
    assert side.caveat == ""


@pytest.mark.parametrize("device", HERE)
@pytest.mark.parametrize("shape", [(600, 530), (530, 600), (2051, 2049), (3, 2048), (1, 7), (7, 1)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_step_of_lanczos_agrees_with_exact_products(device, shape, order):
    values = np.require(noise(shape, 1), np.float32, order)
    right, last = (noise((side,), seed).astype(np.float32) for side, seed in zip(shape[::-1], (2, 3), strict=True))
    exact = values.astype(np.float64) @ right - 0.3 * last
    image, back = devices.product_side(values, device).step(right, np.float32(0.3), last)
    for found, expected in ((image, exact), (back, values.T.astype(np.float64) @ exact)):
        assert found.shape == expected.shape
        assert np.linalg.norm(found - expected) <= devices.PRODUCT_TOLERANCE * np.linalg.norm(expected)


def test_blocks_of_rows_change_nothing(monkeypatch):
    values = noise((500, 70), 3)
    whole = eigenvalues_of(values, "cpu:0")
    monkeypatch.setattr(devices, "_BLOCK_ENTRIES", 70 * 33)
    with Watched() as watched:
        in_blocks = eigenvalues_of(values, "cpu:0")
    assert watched.seen["addmm_"] == 16
    assert np.allclose(in_blocks, whole, rtol=0, atol=1e-14 * whole[-1])


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_runs_in_less_than_it_should_and_switches_are_put_back(careless, fails):
    values = noise((90, 60), 4).astype(np.float32)
    # The first try of the Gram matrix fails, or none: the way out of an error restores as well.
    with torch.autocast("cpu", dtype=torch.bfloat16), Watched("addmm_" if fails else "", 1) as watched:
        eigenvalues = eigenvalues_of(values, "cpu:0")
        side = devices.product_side(values, "cpu:0")
        product = side.times(values[0])
        assert torch.is_autocast_enabled("cpu")
    assert watched.precisions == {(False, "ieee", torch.float64), (False, "ieee", torch.float32)}
    assert careless() == ["tf32", "bf16"]
    assert np.allclose(eigenvalues, eigenvalues_of(values), rtol=0, atol=1e-12 * eigenvalues[-1])
    assert np.allclose(product, values @ values[0], rtol=1e-5, atol=1e-4)


def test_the_last_of_two_threads_puts_the_switches_back(careless):
    both, inside = Barrier(2), []

    def work() -> None:
        with devices.full_precision("cpu"):
            both.wait(5)
            inside.append(careless())
            both.wait(5)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert inside == [["ieee", "ieee"]] * 2
    assert careless() == ["tf32", "bf16"]


@pytest.mark.parametrize(
    ("operation", "times", "is_said"),
    [("addmm_", 1, False), ("addmm_", 2, True), ("zeros", 9, True), ("_linalg_eigh", 1, True), ("", 0, False)],
)
def test_without_memory_the_spectrum_is_the_same_and_one_sentence_says_so(operation, times, is_said):
    values = noise((200, 80), 5)
    with Watched(operation, times) if operation else nullcontext():
        spectrum = spectrum_of(on(values, "cpu:0"))
    expected = spectrum_of(weight_matrix(values))
    assert np.allclose(spectrum.eigenvalues, expected.eigenvalues, rtol=0, atol=1e-12 * expected.eigenvalues[-1])
    assert spectrum.element_variance == pytest.approx(expected.element_variance, rel=1e-12)
    said = "cpu:0 ran out of memory for a 200 × 80 matrix, so the processor computed it; the numbers are the same."
    assert spectrum.caveat == (said if is_said else "")


def test_a_gram_matrix_that_is_there_is_kept_when_its_eigenvalues_find_no_room():
    with Watched("_linalg_eigh") as watched:
        eigenvalues_of(noise((200, 80), 6), "cpu:0")
    assert watched.seen["addmm_"] == 1


@pytest.mark.parametrize("operation", ["_to_copy", "mv"])
def test_products_go_on_without_the_device(operation):
    values = noise((200, 80), 7).astype(np.float32)
    with Watched(operation) as watched:
        side = devices.product_side(values, "cpu:0")
        products = [side.times(values[k]) for k in range(3)]
    assert watched.seen[operation] == 1
    assert np.array_equal(products, [values @ values[k] for k in range(3)])
    assert "ran out of memory" in side.caveat


def test_a_step_goes_on_without_the_device():
    values = noise((200, 80), 7).astype(np.float32)
    vectors = values[0], np.float32(0.5), values[:, 0].copy()
    with Watched("mv") as watched:
        side = devices.product_side(values, "cpu:0")
        steps = [side.step(*vectors) for _ in range(2)]
    assert watched.seen["mv"] == 1
    for found, expected in zip(steps, [devices.product_side(values).step(*vectors)] * 2, strict=True):
        assert all(map(np.array_equal, found, expected))
    assert "ran out of memory" in side.caveat


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    with pytest.raises(RuntimeError, match="size mismatch"):
        devices.product_side(noise((20, 10), 8), "cpu:0").times(np.ones(11))


def test_small_sides_stay_on_the_processor_and_mps_has_no_eigenvalues():
    least = devices.MIN_SIDE
    assert [devices.has_products(one, least - 1) for one in ("cpu", "cuda:0", "mps:0")] == [False] * 3
    assert [devices.has_products(one, least) for one in ("cpu", "cuda:0", "mps:0")] == [False, True, True]
    assert [devices.has_eigenvalues(one, least) for one in ("cpu", "cuda:0", "mps:0")] == [False, True, False]


@pytest.mark.parametrize("device", HERE)
def test_traps_are_the_same_on_every_device(device):
    values, _ = planted_entries((140, 90), 1.6, 2, seed=9)
    here, there = (sw.find_traps(on(values.astype(np.float32), one), seeds=range(3)) for one in ("cpu", device))
    assert there.counts == here.counts
    assert sum(here.counts) > 0
    for one, other in zip(here.traps, there.traps, strict=True):
        assert other.eigenvalue == pytest.approx(one.eigenvalue, rel=1e-6)


def test_a_models_matrices_know_where_it_lies_and_can_be_sent_elsewhere():
    module = torch.nn.Sequential(
        torch.nn.Linear(40, 60), torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(60, 30))
    )
    model = sw.open_model(module)
    assert {layer.read().device for layer in model.layers} == {"cpu"}
    sent = model.on("cpu:0")
    assert {layer.read().device for layer in sent.layers} == {"cpu:0"}
    assert sent.code == f"{model.code}.on('cpu:0')"
    assert "float32 on cpu, spectra on cpu:0;" in repr(sent)
    assert "spectra on" not in repr(model.on("cpu"))
    with Watched() as watched:
        there = sw.measure(sent, ["stable_rank", "spectral_norm"], cache=False)
    assert watched.seen["_linalg_eigh"] == 2
    here = sw.measure(model, ["stable_rank", "spectral_norm"], cache=False)
    assert np.allclose(here[["stable_rank", "spectral_norm"]], there[["stable_rank", "spectral_norm"]], rtol=1e-11)


@pytest.mark.parametrize("name", ["nonsense", "meta", "cuda:99"])
def test_a_device_that_is_not_here_is_refused(name):
    with pytest.raises(Complaint, match="There is no device"):
        sw.open_model(torch.nn.Linear(8, 8)).on(name)
