"""Ranks, distances from noise and from shuffles, participation: oracles, theory of noise, and planted truth."""

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon
from spectral_widgets import metrics
from spectral_widgets.records import LeadingVectors
from spectral_widgets.rmt import mp_quantile
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.nulls import fit_null
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.spectra.vectors import leading_vectors

from .metric_subjects import ALL, matrix, random_values, value


def noise(seed, shape=(400, 200)):
    return np.random.default_rng(seed).standard_normal(shape)


def planted(seed, strength, shape=(400, 200)):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) + strength * rng.standard_normal((shape[0], 4)) @ rng.standard_normal(
        (4, shape[1])
    )


def test_effective_rank_agrees_with_an_entropy_of_scipy():
    values = random_values(4)
    singular_values = np.linalg.svd(values, compute_uv=False)
    assert value(ALL["effective_rank"], values) == pytest.approx(np.exp(stats.entropy(singular_values)), rel=1e-9)


@pytest.mark.parametrize("aspect", [0.25, 0.5, 1.0])
def test_participation_of_noise_is_known(aspect):
    side = int(400 * aspect)
    found = [value(ALL["eigenvalue_participation"], noise(seed, (400, side))) / side for seed in range(10)]
    assert np.mean(found) == pytest.approx(1 / (1 + aspect), rel=0.01)


def test_ranks_are_ordered():
    """Participation of eigenvalues ≤ exp of their entropy, and that of the flatter singular values is larger still."""
    for seed in range(6):
        values = random_values(seed)
        rows = [value(ALL[name], values) for name in ("stable_rank", "eigenvalue_participation", "effective_rank")]
        assert rows[0] <= rows[1] + 1e-9 <= rows[2] + 2e-9 <= value(ALL["numerical_rank"], values) + 3e-9


def test_noise_lies_in_its_bulk_and_directions_do_not():
    assert np.mean([value(ALL["bulk_fraction"], noise(seed)) for seed in range(5)]) > 0.985
    assert value(ALL["bulk_fraction"], planted(0, 2.0)) == pytest.approx(196 / 200, abs=0.011)
    assert np.mean([value(ALL["mp_soft_rank"], noise(seed)) for seed in range(5)]) == pytest.approx(1, abs=0.03)
    assert value(ALL["mp_soft_rank"], planted(0, 2.0)) < 0.01


def test_soft_rank_is_edge_over_largest():
    values = planted(1, 0.5)
    spectrum = spectrum_of(matrix(values))
    expected = fit_null(spectrum).high / spectrum.eigenvalues[-1]
    assert value(ALL["mp_soft_rank"], values) == pytest.approx(expected)


def test_wasserstein_to_the_null_agrees_with_scipy():
    values = planted(2, 0.5, (300, 100))
    spectrum = spectrum_of(matrix(values))
    null = fit_null(spectrum)
    law = [mp_quantile((k + 0.5) / 100, null.aspect, null.variance) for k in range(100)]
    expected = stats.wasserstein_distance(spectrum.eigenvalues, law) / null.variance
    assert value(ALL["null_wasserstein"], values) == pytest.approx(expected, rel=1e-4)


def test_wasserstein_to_the_null_grows_with_what_was_learned():
    found = [value(ALL["null_wasserstein"], planted(3, strength)) for strength in (0.0, 0.3, 1.0, 3.0)]
    assert found == sorted(found)
    assert found[0] < 0.02


@pytest.fixture(scope="module")
def scanned():
    one = matrix(planted(4, 0.6, (120, 80)))
    return spectrum_of(one), find_traps(one, seeds=range(4))


ORACLES = {
    "shuffled_distance": lambda own, other: jensenshannon(own / own.sum(), other / other.sum()),
    "shuffled_ks": lambda own, other: stats.ks_2samp(own, other).statistic,
    "shuffled_wasserstein": lambda own, other: stats.wasserstein_distance(own, other) / own.mean(),
}


@pytest.mark.parametrize("name", ORACLES)
def test_distances_to_the_shuffle_agree_with_scipy(scanned, name):
    spectrum, scan = scanned
    expected = ORACLES[name](spectrum.eigenvalues, scan.spectra[0].eigenvalues)
    assert ALL[name].function(scan, spectrum) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", ORACLES)
def test_a_shuffle_changes_noise_less_than_what_was_learned(name):
    assert 5 * value(ALL[name], noise(5, (120, 80))) < value(ALL[name], planted(5, 0.6, (120, 80)))


@pytest.mark.parametrize("shape", [(300, 200), (50, 40), (200, 200)])
def test_leading_vectors_are_those_of_numpy(shape):
    one = matrix(planted(6, 0.5, shape))
    found = leading_vectors(one, spectrum_of(one), 5)
    left, sizes, right = np.linalg.svd(one.values)
    assert found.singular_values == pytest.approx(sizes[:5], rel=1e-8)
    assert np.abs(np.sum(found.right * right[:5].T, axis=0)) == pytest.approx(np.ones(5), abs=1e-6)
    assert np.abs(np.sum(found.left * left[:, :5], axis=0)) == pytest.approx(np.ones(5), abs=1e-6)
    assert found.caveat == ""


def test_vectors_of_noise_have_the_participation_of_porter_and_thomas():
    shares = [value(ALL["leading_participation"], noise(seed, (300, 250))) for seed in range(20)]
    error = np.std(shares, ddof=1) / 20**0.5
    # The smaller of two sides lies a little below the mean of one.
    assert 1 - 0.12 < np.mean(shares) < 1 + 4 * error


def test_a_giant_entry_localises_its_direction():
    values = noise(7)
    values[17, 3] = 60.0
    assert value(ALL["leading_participation"], values) < 0.1
    assert value(ALL["least_participation"], values) < 0.1
    values = planted(7, 3.0)
    values[17, 3] = 300.0
    assert value(ALL["leading_participation"], values) > 0.5
    assert value(ALL["least_participation"], values) < 0.2


def test_vectors_are_measured_on_request_only():
    one = matrix(noise(8, (60, 40)))
    evidence = metrics.Evidence(one, seeds=range(1))
    next(iter(metrics.measure_steps([evidence])))
    assert evidence.known(LeadingVectors) is None
    next(iter(metrics.measure_steps([evidence], ["leading_participation"])))
    assert evidence.known(LeadingVectors) is not None
