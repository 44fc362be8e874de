"""Trap counts of WeightWatcher 0.7.7 run side by side with our ``weightwatcher`` engine on the very same shuffles.

Nothing here is recorded: the tool's own ``analyze(randomize=True)`` runs on each matrix, with our permutation wherever
it would draw one, and both must count alike, artefacts included. 50 generated matrices and a sample of MiniLM here; the
other 31 matrices of MiniLM are in the nightly suite.
"""

from __future__ import annotations

import numpy as np
import pytest
from spectral_widgets.records import Complaint, TrapScan, WeightMatrix
from spectral_widgets.spectra.entries import entry_statistics
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.spectra.weightwatcher import (
    POOLED_SHUFFLES,
    POOLING_SIDE,
    PublishedRule,
    published_rule_of,
    published_rule_pooled,
)

from .planting import noise, planted_entries, planted_mean, weight_matrix
from .trained import ORACLE, SAMPLED, minilm_matrix
from .weightwatcher_tool import analysed

LARGE = [(784, 200), (300, 120), (512, 128), (256, 256), (150, 100), (401, 400)]
SMALL = [(200, 10), (64, 64), (90, 60), (99, 99), (50, 50), (500, 30)]
#: What is planted, with how many thresholds.
PLANTS = {
    "noise": lambda shape, seed: noise(shape, seed),
    "Student-t(3)": lambda shape, seed: noise(shape, seed, "student3"),
    "Laplace": lambda shape, seed: noise(shape, seed, "laplace"),
    "entries 3": lambda shape, seed: planted_entries(shape, 3.0, 2, seed)[0],
    "entries 20": lambda shape, seed: planted_entries(shape, 20.0, 5, seed)[0],
    "mean 6": lambda shape, seed: planted_mean(shape, 6.0, seed),
    "mean 28": lambda shape, seed: planted_mean(shape, 28.0, seed),
}
PHANTOM, SQUARE = ("mean 28", (3072, 1024)), ("mean 6", (256, 256))
CASES = [(plant, shape) for shape in LARGE for plant in ("noise", "Student-t(3)", "entries 3", "entries 20", "mean 6")]
CASES += [(plant, shape) for shape in SMALL for plant in ("Laplace", "Student-t(3)", "entries 3")]
CASES += [("Laplace", (784, 200)), PHANTOM]


def generated(plant: str, shape: tuple[int, int]) -> WeightMatrix:
    """In float32, since the tool would round to it."""
    return weight_matrix(PLANTS[plant](shape, sum(shape)).astype(np.float32), f"{plant} {shape}")


def scanned(matrix: WeightMatrix) -> TrapScan:
    """One scan with the shuffles that the tool pools."""
    n_shuffles = POOLED_SHUFFLES if matrix.ref.n_cols < POOLING_SIDE else 1
    return find_traps(matrix, range(n_shuffles), engine="weightwatcher")


def side_by_side(matrix: WeightMatrix) -> PublishedRule:
    """Our reading of a matrix, once every number of it was found equal to the tool's."""
    scan = scanned(matrix)
    rule, row = published_rule_of(scan), analysed(matrix.values, range(POOLED_SHUFFLES + 1))
    n_rows = matrix.ref.n_rows
    assert row.rand_num_spikes == row.num_traps == rule.count
    assert row.rand_sigma_mp == pytest.approx(rule.sigma, rel=1e-9)
    assert row.rand_bulk_max == pytest.approx(rule.bulk_edge * n_rows, rel=1e-9)
    # Its factor makes the mean eigenvalue of WᵀW one when squared, ours that of WᵀW / n_rows.
    assert row.rand_W_scale**2 * n_rows == pytest.approx(rule.scale, rel=1e-9)
    largest = max(spectrum.eigenvalues[-1] for spectrum in scan.spectra)
    assert row.max_rand_eval == pytest.approx(largest * n_rows, rel=1e-9)
    assert row.rand_mp_softrank == pytest.approx(rule.bulk_edge / largest, rel=1e-9)
    if rule.n_shuffles == 1:
        assert scan.counts == (rule.count,)
    return rule


@pytest.mark.parametrize(("plant", "shape"), CASES, ids=[f"{plant}-{n}x{m}" for plant, (n, m) in CASES])
def test_a_generated_matrix_is_counted_as_the_tool_counts_it(plant, shape):
    side_by_side(generated(plant, shape))


def test_there_are_fifty_of_them_and_each_is_another():
    assert len(CASES) == len(set(CASES)) == 50


@pytest.mark.parametrize(
    "name", [pytest.param(one, marks=() if one in SAMPLED else pytest.mark.slow) for one in ORACLE.index]
)
def test_a_trained_matrix_is_counted_as_the_tool_counts_it(name):
    side_by_side(minilm_matrix(name))


def test_no_trained_matrix_is_left_out():
    assert len(ORACLE) == 39
    assert set(SAMPLED) < set(ORACLE.index)


# ---- what the rule makes of what was planted; the numbers above say that the tool makes the same of it


def test_one_strong_mean_makes_it_invent_traps_and_ours_finds_the_one():
    """A mean with 31 % of the energy stretches the density grid: 6 traps for the one planted; other draws gave 13."""
    matrix = generated(*PHANTOM)
    assert published_rule_of(scanned(matrix)).count > 4
    assert find_traps(matrix, [0]).counts == (1,)


def test_the_edge_of_a_square_layer_does_not_follow_sigma():
    """The quarter circle that it fits ends at 2 whatever σ is, so energy in a trap makes the bulk look wider."""
    square = generated(*SQUARE)
    rule, statistics = published_rule_of(scanned(square)), entry_statistics(square)
    true_sigma = np.sqrt(statistics.bulk_variance * rule.scale)
    assert rule.sigma > 1.05 * true_sigma
    tall = generated("mean 6", (784, 200))
    tall_rule = published_rule_of(scanned(tall))
    assert tall_rule.sigma == pytest.approx(np.sqrt(entry_statistics(tall).bulk_variance * tall_rule.scale), rel=0.03)


@pytest.mark.parametrize("shape", SMALL, ids=str)
def test_below_a_hundred_columns_each_planted_entry_counts_once_per_pooled_shuffle(shape):
    scan = scanned(generated("entries 3", shape))
    rule = published_rule_of(scan)
    assert rule.n_shuffles == len(scan.seeds) == 5
    # Two entries, lost now and then when they meet in a row or column.
    assert 5 < rule.count <= 10
    assert 1 <= np.median(scan.counts) <= 2


def test_student_entries_hold_traps_without_training_and_laplace_entries_none():
    heavy = [published_rule_of(scanned(generated("Student-t(3)", shape))).count for shape in LARGE]
    assert min(heavy) >= 1
    assert published_rule_of(scanned(generated("Laplace", (784, 200)))).count == 0


def test_the_number_that_the_tool_reports_needs_as_many_shuffles_as_it_pools():
    scan = find_traps(generated("entries 3", (90, 60)), range(7), engine="weightwatcher")
    five = [spectrum.eigenvalues for spectrum in scan.spectra[:5]]
    assert published_rule_of(scan) == published_rule_pooled(five, 90, 60)
    with pytest.raises(Complaint, match="pools 5 shuffles and the scan has 2; scan with at least 5 seeds"):
        published_rule_of(find_traps(generated("entries 3", (90, 60)), range(2), engine="weightwatcher"))
