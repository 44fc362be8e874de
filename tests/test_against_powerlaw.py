"""The tail fit against the package ``powerlaw`` on 50 spectra, and its exponent against scipy's Pareto law.

``powerlaw`` 2.0 silently looks for α between 0 and 3 alone, so the range is opened before it is asked.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats
from spectral_widgets.records import Spectrum
from spectral_widgets.spectra.tails import fit_tail

RELATIVE = 1e-10
SIZES = (20, 35, 60, 100, 160)
SEEDS = range(2)


def _matrix(rng: np.random.Generator, size: int, entries: np.ndarray, rows: int) -> np.ndarray:
    matrix = entries.reshape(rows, size)
    return np.linalg.eigvalsh(matrix.T @ matrix / rows)


#: Five kinds of spectra: samples of a power law, a body below one, noise, heavy-tailed entries, a squeezed bulk.
KINDS = {
    "power law": lambda rng, size: rng.pareto(1.2, size) + 1,
    "body and tail": lambda rng, size: np.where(rng.random(size) < 0.6, rng.random(size), rng.pareto(2.5, size) + 1),
    "noise": lambda rng, size: _matrix(rng, size, rng.standard_normal(2 * size * size), 2 * size),
    "Student-t(3)": lambda rng, size: _matrix(rng, size, rng.standard_t(3, 3 * size * size), 3 * size),
    "log-normal": lambda rng, size: 1e-4 * rng.lognormal(sigma=1.5, size=size),
}
CASES = [(kind, size, seed) for kind in KINDS for size in SIZES for seed in SEEDS]


def eigenvalues_of(kind: str, size: int, seed: int) -> np.ndarray:
    return np.sort(KINDS[kind](np.random.default_rng([seed, size]), size))


def theirs(eigenvalues: np.ndarray, **options: object):
    with warnings.catch_warnings():
        # Matplotlib's and numpy's, raised while it imports and while it tries the shortest tails.
        warnings.simplefilter("ignore")
        import powerlaw

        return powerlaw.Fit(eigenvalues, verbose=False, xmin_distribution="power_law", **options)


def ours(eigenvalues: np.ndarray):
    return fit_tail(Spectrum(eigenvalues, len(eigenvalues), len(eigenvalues), 1.0))


@pytest.mark.parametrize(("kind", "size", "seed"), CASES)
def test_exponent_distance_and_start_are_those_of_powerlaw(kind, size, seed):
    eigenvalues = eigenvalues_of(kind, size, seed)
    fit, expected = ours(eigenvalues), theirs(eigenvalues, parameter_ranges={"alpha": [1.0001, None]})
    assert fit.alpha == pytest.approx(expected.alpha, rel=RELATIVE)
    assert fit.distance == pytest.approx(expected.D, rel=RELATIVE)
    assert fit.xmin == pytest.approx(expected.xmin, rel=RELATIVE)
    assert fit.alpha_error == pytest.approx(expected.power_law.standard_err, rel=RELATIVE)
    assert fit.n_tail == np.count_nonzero(eigenvalues >= expected.xmin)


def test_there_are_fifty_spectra_with_exponents_on_both_sides_of_three():
    exponents = [ours(eigenvalues_of(*case)).alpha for case in CASES]
    assert len(CASES) == 50
    assert min(exponents) < 2.5
    assert max(exponents) > 6
    assert sum(one > 3 for one in exponents) > 10


def test_without_the_opened_range_it_stops_at_three():
    eigenvalues = eigenvalues_of("noise", 100, 0)
    assert ours(eigenvalues).alpha > 3 > theirs(eigenvalues).alpha


@pytest.mark.parametrize("kind", KINDS)
def test_the_exponent_is_scipys_maximum_likelihood_of_a_pareto_law(kind):
    eigenvalues = eigenvalues_of(kind, 160, 0)
    fit = ours(eigenvalues)
    shape, _, _ = stats.pareto.fit(eigenvalues[-fit.n_tail :], floc=0.0, fscale=fit.xmin)
    assert fit.alpha == pytest.approx(shape + 1, rel=1e-6)
    # Its distance takes the larger of both sides of each step, ours the lower side, as the published fit does.
    distance = stats.kstest(eigenvalues[-fit.n_tail :], stats.pareto(fit.alpha - 1, scale=fit.xmin).cdf).statistic
    assert -1e-12 <= distance - fit.distance <= 1 / fit.n_tail + 1e-12
