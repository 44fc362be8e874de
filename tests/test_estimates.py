"""Estimated spectra against full ones: errors in units of what was quoted, and the laws that hold exactly."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.metrics import Evidence, measure_one, metrics_named
from spectral_widgets.metrics.estimated import ESTIMATORS
from spectral_widgets.records import LayerRef
from spectral_widgets.rmt import quadrature_shares
from spectral_widgets.spectra.costs import EXACT_COST, cost_of_spectrum, is_too_large
from spectral_widgets.spectra.decompose import spectrum_of
from spectral_widgets.spectra.quadrature import cdf_of, of_traces, quantiles_of, trace_of
from spectral_widgets.spectra.slq import estimate_spectrum

from .planting import noise, weight_matrix

SEEDS = range(8)
STATISTICAL = ("spectral_entropy", "effective_rank", "eigenvalue_participation")


def heavy(shape, seed):
    """Orthogonal times a Pareto spectrum of exponent 2.2 in the eigenvalues."""
    rng = np.random.default_rng([seed, 7])
    left, right = np.linalg.qr(rng.standard_normal(shape))[0], np.linalg.qr(rng.standard_normal(2 * shape[1:]))[0]
    return (left * np.sqrt(rng.pareto(1.2, shape[1]) + 0.1)) @ right


def spiked(shape, seed):
    rng = np.random.default_rng([seed, 8])
    return noise(shape, seed) + 0.5 * np.outer(rng.standard_normal(shape[0]), rng.standard_normal(shape[1]))


def low_rank(shape, seed):
    rng = np.random.default_rng([seed, 9])
    return rng.standard_normal((shape[0], 90)) @ rng.standard_normal((90, shape[1]))


FAMILIES = {
    "noise": lambda seed: noise((320, 160), seed),
    "square": lambda seed: noise((170, 170), seed),
    "spiked": lambda seed: spiked((320, 160), seed),
    "student": lambda seed: noise((320, 160), seed, "student3"),
    "heavy": lambda seed: heavy((320, 160), seed),
    "low_rank": lambda seed: low_rank((320, 160), seed),
}


@pytest.fixture(scope="module")
def pairs():
    """Full spectra and estimates of matrices in float32, by family."""

    def members(make):
        return [weight_matrix(make(seed).astype(np.float32)) for seed in SEEDS]

    matrices = {name: members(make) for name, make in FAMILIES.items()}
    return {
        name: [(spectrum_of(one), estimate_spectrum(one, seed=seed)) for seed, one in enumerate(found)]
        for name, found in matrices.items()
    }


def errors_of(members, metric):
    """Distance to the truth in standard errors, one a matrix."""
    function = metrics_named((metric,))[0].function
    found = [(ESTIMATORS[metric](estimate), function(spectrum)) for spectrum, estimate in members]
    return np.array([(one.value - truth) / one.error for one, truth in found])


@pytest.mark.parametrize("metric", STATISTICAL)
@pytest.mark.parametrize("family", FAMILIES)
def test_standard_errors_cover_the_truth(pairs, family, metric):
    errors = errors_of(pairs[family], metric)
    # A t law of 14 degrees has a mean square of 1.17; eight draws of it stay below 3 and each below 5.
    assert np.mean(errors**2) < 3
    assert np.abs(errors).max() < 5


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_known_exactly_or_by_a_bound_is_so(pairs, family):
    for spectrum, estimate in pairs[family]:
        assert estimate.sum_of_eigenvalues == pytest.approx(spectrum.eigenvalues.sum(), rel=1e-6)
        assert estimate.element_variance == pytest.approx(spectrum.element_variance, rel=1e-5)
        largest = spectrum.eigenvalues[-1]
        assert abs(estimate.largest - largest) <= estimate.largest_error + 2e-6 * largest
        gaps = np.abs(estimate.top[:, None] - spectrum.eigenvalues).min(axis=1)
        assert (gaps <= estimate.top_errors + 2e-6 * largest).all()
        np.testing.assert_allclose(estimate.weights.sum(axis=1), 1)


@pytest.mark.parametrize(("family", "most"), [("noise", 0.03), ("spiked", 0.03), ("student", 0.04), ("heavy", 0.15)])
def test_the_distribution_function_is_off_by_a_few_per_cent(pairs, family, most):
    for spectrum, estimate in pairs[family]:
        share, error = cdf_of(estimate, spectrum.eigenvalues)
        truth = (np.arange(spectrum.n_cols) + 0.5) / spectrum.n_cols
        assert np.abs(share - truth).max() < most
        assert (error >= 0).all()


def test_quantiles_are_within_their_errors(pairs):
    shares = np.array([0.25, 0.5, 0.7])
    for family in ("noise", "spiked", "student", "heavy"):
        truths = [np.quantile(spectrum.eigenvalues, shares) for spectrum, _ in pairs[family]]
        found = zip([quantiles_of(estimate, shares) for _, estimate in pairs[family]], truths, strict=True)
        errors = np.array([(value - truth) / error for (value, error), truth in found])
        assert np.mean(errors**2) < 3


def test_more_probes_give_smaller_errors():
    matrix = weight_matrix(noise((200, 130), 3))

    def error(n_probes):
        estimates = [estimate_spectrum(matrix, n_probes, 24, seed=seed) for seed in range(4)]
        return np.mean([trace_of(one, np.square)[1] for one in estimates])

    # One over the root of eight times as many.
    assert error(64) == pytest.approx(error(8) / 8**0.5, rel=0.5)


def test_a_small_matrix_is_known_in_full():
    values = noise((60, 20), 5)
    estimate = estimate_spectrum(weight_matrix(values))
    np.testing.assert_allclose(estimate.top, spectrum_of(weight_matrix(values)).eigenvalues[::-1], rtol=1e-9)
    squares = spectrum_of(weight_matrix(values)).eigenvalues ** 2
    assert trace_of(estimate, np.square)[0] == pytest.approx(squares.sum())


@settings(deadline=None, max_examples=15)
@given(st.integers(2, 60), st.integers(2, 60), st.integers(0, 1000), st.sampled_from([1e-6, 1.0, 1e6]))
def test_scale_and_transpose(n_rows, n_cols, seed, scale):
    values = np.random.default_rng([seed, 1]).standard_normal((n_rows, n_cols))
    forms = (values, scale * values, values.T.copy())
    one, scaled, turned = (estimate_spectrum(weight_matrix(form), 4, 12) for form in forms)
    assert scaled.largest == pytest.approx(scale**2 * one.largest, rel=1e-8)
    assert trace_of(scaled, np.sqrt)[0] == pytest.approx(scale * trace_of(one, np.sqrt)[0], rel=1e-5)
    assert turned.largest == pytest.approx(one.largest, rel=1e-8)
    assert trace_of(turned, np.sqrt)[0] == pytest.approx(trace_of(one, np.sqrt)[0], rel=1e-5)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 12), st.integers(0, 1000))
def test_shares_of_a_quadrature_rise_from_zero_to_one(count, seed):
    rng = np.random.default_rng(seed)
    nodes, weights = np.sort(rng.exponential(size=count)), rng.dirichlet(np.ones(count))
    points = np.concatenate([[-1.0], np.sort(rng.exponential(size=9)), [1e9]])
    shares = quadrature_shares(nodes, weights, points)
    assert (np.diff(shares) >= -1e-12).all()
    assert (shares[0], shares[-1]) == (0.0, pytest.approx(1.0))


def test_a_zero_matrix_has_no_ranks():
    estimate = estimate_spectrum(weight_matrix(np.zeros((30, 10))))
    assert np.isnan(ESTIMATORS["stable_rank"](estimate).value)
    assert of_traces(estimate, [np.sqrt], lambda sums: float(sums[0]))[0] == 0.0


def test_a_matrix_drawn_from_the_same_bare_seed_is_no_trap():
    matrix = weight_matrix(np.random.default_rng(0).standard_normal((300, 150)))
    truth = spectrum_of(matrix).eigenvalues
    value, error = trace_of(estimate_spectrum(matrix, seed=0), np.square)
    assert abs(value - (truth**2).sum()) < 5 * error


def test_what_needs_every_eigenvalue_is_missing_and_says_how_to_get_it():
    evidence = Evidence(weight_matrix(noise((200, 100), 1)), exact=False)
    alpha, rank = (measure_one(evidence, metrics_named((name,))[0]) for name in ("alpha", "stable_rank"))
    assert np.isnan(alpha.value)
    assert "exact=True" in alpha.caveat
    assert (rank.is_estimated, alpha.is_estimated) == (True, False)
    assert rank.caveat.startswith("Estimated")


def test_a_table_has_standard_errors_beside_what_was_estimated():
    values = noise((200, 100), 2)
    estimated = sw.measure(values, ["stable_rank", "frobenius_norm"], exact=False, progress=False, cache=False)
    exact = sw.measure(values, ["stable_rank", "frobenius_norm"], progress=False, cache=False)
    assert "stable_rank_standard_error" in estimated
    assert "frobenius_norm_standard_error" not in estimated
    assert not any(column.endswith("_standard_error") for column in exact)
    gap = abs(estimated["stable_rank"] - exact["stable_rank"]).item()
    assert gap <= estimated["stable_rank_standard_error"].item()


@pytest.mark.parametrize("settings", [{"probes": 0}, {"probes": -3}, {"probes": 1}, {"steps": 0}, {"steps": 1.5}])
def test_an_estimate_without_probes_or_steps_is_refused(settings):
    with pytest.raises(sw.Complaint, match="give a whole number from 2 on"):
        sw.estimate_spectrum(noise((30, 20), 1), **settings)


def test_a_vocabulary_is_too_large_and_a_layer_of_70_billion_weights_is_not():
    def ref(rows, columns):
        return LayerRef("layer", "other", None, (rows, columns), rows, columns, "bfloat16")

    assert is_too_large(ref(128_256, 8192))
    assert is_too_large(ref(53_248, 16_384))
    assert not is_too_large(ref(28_672, 8192))
    assert cost_of_spectrum(ref(28_672, 8192)) < EXACT_COST


def test_an_estimate_can_be_drawn_with_its_errors():
    estimate = sw.estimate_spectrum(noise((300, 150), 4))
    rows = sw.charts.esd_rows(estimate)
    assert "errors" in rows
    assert "estimated" in rows
    assert "layer" not in rows
    assert sum(row["count"] for row in rows["estimated"]) == 150
    assert all(row["base"] < row["density"] for row in rows["errors"])
    assert "Estimated" in sw.charts.esd_text(estimate)
    sw.charts.esd(estimate).to_dict()
