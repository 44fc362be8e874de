"""What users have at hand, taken as a matrix."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.records import Complaint
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


@pytest.mark.parametrize("source", ["0.weight", 3, None])
def test_what_is_no_matrix_is_named(source):
    with pytest.raises(Complaint, match=f"A {type(source).__name__} is no weight matrix"):
        sw.spectrum(source)
