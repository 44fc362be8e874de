"""Every quantity that we share with WeightWatcher 0.7.7, computed side by side on trained and on random matrices.

Its eigenvalues are those of ``WᵀW``, ours of ``WᵀW / n_rows``; a conversion stands at every comparison. The second half
holds a test for each difference that is left, so that none is explained by words alone. Sampled layers run here, the
others in the nightly suite.
"""

from __future__ import annotations

import logging
import warnings
from functools import cache
from math import fsum

import numpy as np
import pytest
from spectral_widgets import metrics
from spectral_widgets.metrics.evidence import Evidence
from spectral_widgets.records import ErgCut, Spectrum, TailFit, WeightMatrix
from spectral_widgets.rmt import mp_quantiles
from spectral_widgets.spectra.decompose import eigenvalues_of, spectrum_of
from spectral_widgets.spectra.erg import erg_cut
from spectral_widgets.spectra.shuffles import permutation, shuffled
from spectral_widgets.spectra.tails import fit_tail
from spectral_widgets.spectra.weightwatcher import published_rule

from .planting import noise, planted_entries, weight_matrix
from .trained import ORACLE, SAMPLED, STORIES_LAYERS, STORIES_SAMPLED, minilm_matrix, stories_matrix
from .weightwatcher_tool import analysed, cut_by_product

RELATIVE = 1e-9
SHARED = ["frobenius_norm", "spectral_norm", "log_norm", "log_spectral_norm", "stable_rank", "numerical_rank"]
SHARED += ["alpha", "alpha_error", "tail_distance", "tail_xmin", "tail_size", "alpha_weighted", "log_alpha_norm"]
RANDOM = {
    "Gaussian, tall": lambda: noise((400, 120), 0),
    "Gaussian, square": lambda: noise((250, 250), 1),
    "Student-t(3)": lambda: noise((600, 200), 2, "student3"),
    "uniform, small": lambda: 0.02 * noise((300, 150), 3, "uniform"),
    "planted entries": lambda: planted_entries((500, 200), 4.0, 6, 4)[0],
    "offset": lambda: noise((300, 100), 5) + 0.4,
    "power law 2": lambda: with_power_law(2.0, (500, 300), 6),
    "power law 3.5": lambda: with_power_law(3.5, (400, 250), 7),
    "twenty columns": lambda: noise((100, 20), 8),
}
CELLS = {
    f"random: {name}": (lambda make=make: weight_matrix(make().astype(np.float32))) for name, make in RANDOM.items()
}
CELLS |= {f"MiniLM: {name}": (lambda name=name: minilm_matrix(name)) for name in ORACLE.index}
CELLS |= {f"stories15M: {name}": (lambda name=name: stories_matrix(name)) for name in STORIES_LAYERS}
QUICK = {f"MiniLM: {name}" for name in SAMPLED} | {f"stories15M: {name}" for name in STORIES_SAMPLED}
QUICK |= {name for name in CELLS if name.startswith("random")}

cells = pytest.mark.parametrize(
    "cell", [pytest.param(one, marks=() if one in QUICK else pytest.mark.slow) for one in CELLS]
)
#: The fit of its bulk takes a second a matrix: a few here, all in the nightly suite.
bulk_cells = pytest.mark.parametrize(
    "cell", [pytest.param(one, marks=() if one in sorted(QUICK)[::4] else pytest.mark.slow) for one in CELLS]
)


def with_power_law(alpha: float, shape: tuple[int, int], seed: int) -> np.ndarray:
    """A matrix in random directions whose eigenvalues are a sample of the power law of this exponent."""
    rng = np.random.default_rng(seed)
    eigenvalues = rng.pareto(alpha - 1, shape[1]) + 1
    left, right = (np.linalg.qr(rng.standard_normal((side, shape[1])))[0] for side in shape)
    return left * np.sqrt(eigenvalues) @ right.T


@cache
def evidence(cell: str) -> Evidence:
    return Evidence(CELLS[cell]())


@cache
def row_of(cell: str):
    return analysed(evidence(cell).of(WeightMatrix).values, ERG=True)


@cache
def ours_of(cell: str) -> dict[str, float]:
    (row,) = metrics.table_of([evidence(cell)], SHARED).measurements
    return {one.metric: one.value for one in row}


@cells
def test_the_power_law_fit_is_the_same(cell):
    ours, row, n_rows = ours_of(cell), row_of(cell), evidence(cell).layer.n_rows
    assert ours["alpha"] == pytest.approx(row.alpha, rel=RELATIVE)
    assert ours["tail_distance"] == pytest.approx(row.D, rel=RELATIVE)
    # Its column `sigma` is the standard error of alpha.
    assert ours["alpha_error"] == pytest.approx(row.sigma, rel=RELATIVE)
    assert ours["tail_xmin"] * n_rows == pytest.approx(row.xmin, rel=RELATIVE)
    assert evidence(cell).of(TailFit).xmax * n_rows == pytest.approx(row.xmax, rel=RELATIVE)
    assert ours["tail_size"] == row.num_pl_spikes
    assert {"under-trained": "above", "over-trained": "below", "": ""}[row.warning] in evidence(cell).of(TailFit).caveat


@cells
def test_the_scale_metrics_are_the_same(cell):
    ours, row, n_rows = ours_of(cell), row_of(cell), evidence(cell).layer.n_rows
    # Its `norm` and `spectral_norm` are squares.
    assert ours["frobenius_norm"] ** 2 == pytest.approx(row.norm, rel=RELATIVE)
    assert ours["spectral_norm"] ** 2 == pytest.approx(row.spectral_norm, rel=RELATIVE)
    assert ours["spectral_norm"] == pytest.approx(row.sv_max, rel=RELATIVE)
    assert ours["log_norm"] == pytest.approx(row.log_norm, rel=RELATIVE, abs=RELATIVE)
    assert ours["log_spectral_norm"] == pytest.approx(row.log_spectral_norm, rel=RELATIVE, abs=RELATIVE)
    shift = ours["alpha"] * np.log10(n_rows)
    assert ours["alpha_weighted"] + shift == pytest.approx(row.alpha_weighted, rel=RELATIVE, abs=RELATIVE)
    assert ours["log_alpha_norm"] + shift == pytest.approx(row.log_alpha_norm, rel=RELATIVE, abs=RELATIVE)


@cells
def test_ranks_are_the_same_and_the_entropy_up_to_its_epsilon(cell):
    ours, row = ours_of(cell), row_of(cell)
    assert ours["stable_rank"] == pytest.approx(row.stable_rank, rel=RELATIVE)
    assert ours["numerical_rank"] == row.matrix_rank == row.num_evals - row.rank_loss
    eigenvalues = evidence(cell).of(Spectrum).eigenvalues
    with_epsilon = eigenvalues / eigenvalues.sum() + 1e-10
    entropy = -(with_epsilon * np.log(with_epsilon)).sum() / np.log(row.matrix_rank + 1e-10)
    assert entropy == pytest.approx(row.entropy, rel=RELATIVE)
    (measured,) = metrics.table_of([evidence(cell)], ["spectral_entropy"]).measurements
    assert measured[0].value == pytest.approx(row.entropy, rel=1e-6)


@cells
def test_the_trace_log_cut_is_the_same(cell):
    cut, row = evidence(cell).of(ErgCut), row_of(cell)
    assert cut.n_tail == row.detX_num == row.num_ERG_spikes
    # Where the mean eigenvalue is one its column is called `detX_val_unrescaled`; `detX_val` is of `WᵀW`.
    assert cut.xmin == pytest.approx(row.detX_val_unrescaled, rel=RELATIVE)
    assert cut.xmin / cut.scale * evidence(cell).layer.n_rows == pytest.approx(row.detX_val, rel=RELATIVE)
    # Its `ERG_gap` counts eigenvalues between the two cuts, our gap is that of their starts.
    assert cut.n_tail - evidence(cell).of(TailFit).n_tail == row.ERG_gap


@cells
def test_the_condition_number_is_that_of_its_singular_values(cell):
    (measured,) = metrics.table_of([evidence(cell)], ["condition_number"]).measurements
    assert measured[0].value == pytest.approx(row_of(cell).sv_max / row_of(cell).sv_min, rel=1e-6)


@bulk_cells
def test_the_fit_of_its_bulk_is_our_published_rule_on_the_true_spectrum(cell):
    matrix, spectrum = evidence(cell).of(WeightMatrix), evidence(cell).of(Spectrum)
    row = analysed(matrix.values, mp_fit=True)
    rule = published_rule(spectrum.eigenvalues, spectrum.n_rows, spectrum.n_cols)
    assert rule.sigma == pytest.approx(row.sigma_mp, rel=1e-6)
    assert rule.bulk_edge * spectrum.n_rows == pytest.approx(row.bulk_max, rel=1e-6)
    assert rule.bulk_edge / spectrum.eigenvalues[-1] == pytest.approx(row.mp_softrank, rel=1e-6)
    assert rule.count == row.num_spikes


def test_running_the_tool_leaves_nothing_behind():
    before = warnings.filters[:], logging.getLogger().handlers[:], np.random.get_state()[1].tolist()  # noqa: NPY002
    first, second = (analysed(noise((60, 30), 15), range(6), mp_fit=True) for _ in range(2))
    after = warnings.filters[:], logging.getLogger().handlers[:], np.random.get_state()[1].tolist()  # noqa: NPY002
    assert before == after
    assert first.dropna().tolist() == second.dropna().tolist()


# ---- the differences


def test_its_distance_to_the_shuffled_spectrum_compares_sorted_values_and_not_densities():
    """``rand_distance``: root of the Jensen–Shannon divergence of the two eigenvalue lists, each over its sum."""
    values = with_power_law(2.5, (300, 150), 9).astype(np.float32)
    row = analysed(values, range(2))
    # The count uses the first shuffle; the distances a second one, also where `max_rand_eval` is of the first.
    again = eigenvalues_of(shuffled(values, permutation(values.size, 1)))
    own = eigenvalues_of(values)
    first, second = own / own.sum(), again / again.sum()
    # The mean of the two lists is taken before either is normalised to one.
    middle = (own + again) / (own + again).sum()
    divergence = sum((part * np.log(part / middle)).sum() for part in (first, second)) / 2
    assert row.rand_distance == pytest.approx(np.sqrt(divergence), rel=1e-6)
    assert row.ww_softrank == pytest.approx(again[-1] / own[-1], rel=RELATIVE)
    assert row.ww_maxdist == pytest.approx((own[-1] - again[-1]) * 300, rel=RELATIVE)


def test_it_drops_small_eigenvalues_whatever_the_scale_of_the_weights():
    """Its floor is 1e-5 on ``WᵀW``, ours a share of the largest: tiny weights lose their tail there and not here."""
    values = with_power_law(2.5, (300, 150), 10).astype(np.float32)
    unit, tiny = analysed(values), analysed(values * np.float32(1e-3))
    assert unit.alpha == pytest.approx(fit_tail(spectrum_of(weight_matrix(values))).alpha, rel=RELATIVE)
    tiny_fit = fit_tail(spectrum_of(weight_matrix(values * np.float32(1e-3))))
    assert tiny_fit.alpha == pytest.approx(unit.alpha, rel=1e-5)
    assert abs(tiny.alpha - unit.alpha) > 0.01


def test_below_twenty_eigenvalues_it_changes_its_estimator_and_we_give_none():
    values = noise((100, 15), 11).astype(np.float32)
    row, fit = analysed(values), fit_tail(spectrum_of(weight_matrix(values)))
    assert np.isfinite(row.alpha)
    assert np.isnan(fit.alpha)
    assert "at least 20 are needed" in fit.caveat


def test_singular_values_between_the_two_tolerances_count_there_and_not_here():
    values = np.diag(np.append(np.ones(59), 2.0**-24)).astype(np.float32)
    (measured,) = metrics.table_of([weight_matrix(values)], ["numerical_rank"]).measurements
    # A singular value of 6e-8 is real in float32; its square is below the rounding of a Gram matrix in float64.
    assert (analysed(values).matrix_rank, measured[0].value) == (60, 59)


def test_its_product_of_numbers_leaves_the_range_of_a_double_where_sums_of_logarithms_do_not():
    eigenvalues = mp_quantiles((np.arange(4000) + 0.5) / 4000, 1.0)
    cut = erg_cut(Spectrum(eigenvalues, 4000, 4000, 1.0))
    logs = np.log(eigenvalues / eigenvalues.mean())[::-1].tolist()
    assert fsum(logs[: cut.n_tail]) < 0 < fsum(logs[: cut.n_tail - 1])
    assert fsum(one for one in logs if one > 0) > np.log(np.finfo(float).max)
    assert cut_by_product(eigenvalues) < 0.99 * cut.n_tail
    # Of half as many eigenvalues the product of the large ones still fits.
    fewer = mp_quantiles((np.arange(2000) + 0.5) / 2000, 1.0)
    assert cut_by_product(fewer) == erg_cut(Spectrum(fewer, 2000, 2000, 1.0)).n_tail


def test_a_convolution_is_pooled_over_its_slices_and_halved():
    """Its eigenvalues are those of all kernel offsets together, times 1/2; ours are of one slice, or flattened."""
    kernel = noise((30, 20, 3, 3), 14).astype(np.float32)
    row = analysed(kernel)
    pooled = np.concatenate([eigenvalues_of(kernel[:, :, i, j]) * 30 / 2 for i in range(3) for j in range(3)])
    assert row.num_evals == len(pooled) == 180
    assert row.norm == pytest.approx(pooled.sum(), rel=RELATIVE)
    assert row.norm == pytest.approx((kernel.astype(np.float64) ** 2).sum() / 2, rel=RELATIVE)
    assert row.spectral_norm == pytest.approx(pooled.max(), rel=RELATIVE)
    assert row.alpha == pytest.approx(fit_tail(Spectrum(np.sort(pooled), 30, 20, 1.0)).alpha, rel=RELATIVE)
