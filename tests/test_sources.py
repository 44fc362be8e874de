"""What users have at hand, taken as a matrix."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.records import Complaint, SubtractMean
from torch import nn

LAYER = nn.Linear(60, 40)


@pytest.mark.parametrize(
    "source",
    [LAYER, nn.Sequential(LAYER), LAYER.weight, sw.open_model(LAYER), sw.open_model(LAYER).layers["weight"]],
    ids=["module", "chain of one", "parameter", "model", "layer"],
)
def test_a_matrix_is_the_same_however_it_is_given(source):
    expected = np.linalg.svd(LAYER.weight.detach().numpy().astype(np.float64), compute_uv=False) ** 2
    got = np.sort(sw.spectrum(source).eigenvalues)[::-1]
    np.testing.assert_allclose(got / got[0], expected / expected[0], rtol=1e-10)


def test_a_module_is_scanned_here_and_on_an_executor_alike():
    with ThreadPoolExecutor(1) as executor:
        away = sw.find_traps(LAYER, seeds=range(3), executor=executor)
    here = sw.find_traps(LAYER, seeds=range(3))
    assert here.seeds == away.seeds == (0, 1, 2)
    assert [trap.eigenvalue for trap in here.traps] == [trap.eigenvalue for trap in away.traps]


def test_the_difference_of_two_modules_is_that_of_their_weights():
    other = nn.Linear(60, 40)
    given = sw.difference_spectrum(LAYER, other).spectrum.eigenvalues
    np.testing.assert_array_equal(given, sw.difference_spectrum(LAYER.weight, other.weight).spectrum.eigenvalues)


def test_a_module_of_several_layers_is_told_how_to_give_one():
    with pytest.raises(Complaint, match=r"has 2 weight matrices: give one of them.*layers\['0.weight'\]"):
        sw.find_traps(nn.Sequential(LAYER, nn.ReLU(), nn.Linear(40, 20)))


def test_a_module_without_weights_is_refused():
    with pytest.raises(Complaint):
        sw.spectrum(nn.ReLU())


def test_a_state_dict_is_opened_as_the_module_it_came_from():
    module = nn.Sequential(LAYER, nn.ReLU(), nn.Linear(40, 20))
    whole, epoch = sw.open_model(module), {"epoch": 3, "model": module.state_dict()}
    for source in (module.state_dict(), epoch, dict(module.named_parameters())):
        model = sw.open_model(source)
        assert [layer.name for layer in model.layers] == [layer.name for layer in whole.layers]
        for one, other in zip(model.layers, whole.layers, strict=True):
            assert np.array_equal(one.read().values, other.read().values)
        assert model.module is None
        pd.testing.assert_frame_equal(sw.measure(source, progress=False), sw.measure(model, progress=False))
        with pytest.raises(Complaint, match="no network to run them"):
            sw.ablate(model, SubtractMean(model.ref("0.weight")))
    assert sw.find_traps({"weight": LAYER.weight}, seeds=[0]).layer.name == "weight"


@pytest.mark.parametrize("source", [{}, {"a": 1}, {"a": np.zeros((3, 3))}, {"model": {"a": "b"}}])
def test_a_mapping_without_tensors_is_refused(source):
    with pytest.raises(Complaint, match="dict without tensors"):
        sw.measure(source)


def test_a_seed_given_twice_is_one_shuffle():
    assert sw.find_traps(LAYER, seeds=[4, 1, 4]).seeds == (4, 1)


@pytest.mark.parametrize("rate", [0, 1, "a", None, float("nan")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(Complaint, match="between 0 and 1"):
        sw.find_traps_in_model(LAYER, rate=rate)


def test_metrics_that_are_no_names_are_refused():
    with pytest.raises(Complaint, match="are no names"):
        sw.measure(LAYER, metrics=5)


@pytest.mark.parametrize("source", ["0.weight", 3, None])
def test_what_is_no_matrix_is_named(source):
    with pytest.raises(Complaint, match=f"A {type(source).__name__} is no weight matrix"):
        sw.spectrum(source)


def noise():
    return np.random.default_rng(0).standard_normal((60, 40))


REFUSED = {
    "too large to square": (lambda: noise() * 1e200, "multiply all entries by a constant"),
    "too small to square": (lambda: noise() * 1e-200, "multiply all entries by a constant"),
    "complex": (lambda: noise() + 1j, "is complex"),
    "a complex tensor": (lambda: torch.from_numpy(noise() + 1j), "is complex"),
    "masked": (lambda: np.ma.masked_greater(noise(), 2.0), "are masked"),
    "sparse": (lambda: torch.eye(30).to_sparse(), "is sparse"),
    "without values": (lambda: torch.zeros(30, 20, device="meta"), "meta device"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_matrix_that_has_no_numbers_to_square_is_refused(name):
    make, words = REFUSED[name]
    with pytest.raises(Complaint, match=words):
        sw.spectrum(make())


def test_a_layer_too_large_to_square_has_a_row_that_says_so():
    layers = {"a": torch.randn(30, 20).double() * 1e200, "b": torch.randn(30, 20)}
    table = sw.measure(layers, metrics=["alpha"])
    assert np.isnan(table.alpha["a"])
    assert np.isfinite(table.alpha["b"])


@pytest.mark.parametrize("scale", [1e-42, 1e-37, 1e-30, 1e30, 1e36])
def test_metrics_of_single_precision_at_the_ends_of_its_range_are_those_of_its_middle(scale):
    usual = noise().astype(np.float32)
    names = {"alpha": 1e-6, "stable_rank": 1e-6, "traps": 0, "weibull_shape": 1e-2}
    given, expected = (sw.measure(one, metrics=list(names)) for one in (usual * np.float32(scale), usual))
    for name in names:
        rounding = 1e-2 if scale < 1e-38 else names[name]
        assert given[name].item() == pytest.approx(expected[name].item(), rel=rounding)


SEEDED = {
    "ablate": lambda seed: sw.ablate(LAYER, edit_of_layer(), seed=seed),
    "attribute": lambda seed: sw.attribute(LAYER, edit_of_layer(), seed=seed),
    "align": lambda seed: sw.align(nn.Sequential(LAYER), nn.Sequential(LAYER), seed=seed),
    "bootstrap": lambda seed: sw.tail_bootstrap(noise(), samples=2, seed=seed),
    "farms": lambda seed: sw.farms(noise(), seed=seed),
    "estimate": lambda seed: sw.estimate_spectrum(noise(), seed=seed),
    "stream": lambda seed: sw.streaming_top_vector(np.tile(noise(), (5, 1)), seed=seed),
    "report": lambda seed: sw.report(LAYER, seeds=[0], seed=seed),
}


def edit_of_layer():
    return SubtractMean(sw.open_model(LAYER).ref("weight"))


@pytest.mark.parametrize("name", SEEDED)
@pytest.mark.parametrize("seed", [-1, 1.5, "x", None, True])
def test_a_seed_that_is_no_whole_number_is_refused_before_any_work(name, seed):
    with pytest.raises(Complaint, match=r"seed=.*give a whole number from 0 on"):
        SEEDED[name](seed)


@pytest.mark.parametrize(("name", "least"), [("n_probes", 1), ("n_controls", 0)])
@pytest.mark.parametrize("count", [-1, 1.5, "x"])
def test_counts_that_are_none_are_refused(name, least, count):
    for call in (lambda **asked: sw.ablate(LAYER, edit_of_layer(), **asked), lambda **asked: sw.report(LAYER, **asked)):
        with pytest.raises(Complaint, match=f"{name}=.*give a whole number from {least} on"):
            call(**{name: count})


def test_what_is_no_edit_or_no_trap_is_named():
    with pytest.raises(Complaint, match="A str is no edit"):
        sw.ablate(LAYER, "0.weight")
    with pytest.raises(Complaint, match="A SubtractMean has no dose"):
        sw.dose_response(LAYER, edit_of_layer())
