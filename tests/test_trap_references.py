"""Which reference answers which question, and what is asked of a layer that is too small."""

from __future__ import annotations

from itertools import pairwise
from math import isnan

import numpy as np
import pytest
import spectral_widgets as sw
from scipy import stats
from spectral_widgets.records import Complaint
from spectral_widgets.rmt import tw_sf
from spectral_widgets.spectra.entry_laws import fit_entry_law
from spectral_widgets.spectra.references import reference_test, reference_test_steps
from spectral_widgets.spectra.traps import find_traps

from .planting import noise, planted_entries, planted_mean, weight_matrix

SHAPE = (120, 60)
SEEDS = range(99)


def trap_eigenvalue(array: np.ndarray) -> float:
    """Largest eigenvalue of a shuffle whose seed no reference uses."""
    return float(find_traps(weight_matrix(array), [1000]).spectra[0].eigenvalues[-1])


# ---- each reference on planted truth


def test_a_giant_is_beyond_noise_and_beyond_its_entry_law_but_not_beyond_its_shuffles():
    array, _ = planted_entries(SHAPE, 3.0, 2, seed=0)
    eigenvalue = [trap_eigenvalue(array)]
    assert sw.reference_test(array, "tracy-widom", eigenvalues=eigenvalue).p_values[0] < 1e-12
    assert sw.reference_test(array, "entry-law", SEEDS, eigenvalue).p_values == (0.01,)
    assert sw.reference_test(array, "shuffles", SEEDS, eigenvalue).p_values[0] > 0.1


def test_a_learned_direction_depends_on_the_arrangement():
    rng = np.random.default_rng(0)
    left, right = rng.standard_normal(120), rng.standard_normal(60)
    array = noise(SHAPE, 1) + 3 * np.outer(left, right) * 120**0.25 * 60**0.25 / np.sqrt(120 * 60)
    test = sw.reference_test(array, "shuffles", SEEDS)
    assert test.p_values == (0.01,)
    assert test.eigenvalues[0] == pytest.approx(np.linalg.svd(array, compute_uv=False)[0] ** 2 / 120)
    assert "arrangement" in test.question


def test_the_shuffle_p_value_is_exact_for_any_entry_law():
    """Ranks of noise among its own shuffles are uniform: heavy tails or a mean make no difference."""
    arrays = [noise((24, 20), seed, law) + 0.2 for law in ("gaussian", "student3") for seed in range(60)]
    p_values = [reference_test(weight_matrix(array), "shuffles", range(19)).p_values[0] for array in arrays]
    assert stats.kstest(p_values, "uniform").statistic < 0.05 + 1.63 / np.sqrt(120)
    assert 0 < np.mean(np.array(p_values) <= 0.1) < 0.2


def test_the_entry_law_takes_heavy_tails_for_what_they_are():
    """At 5 % at most 4 of 20 heavy-tailed noise matrices, where Tracy–Widom gives no answer at all."""
    p_values = []
    for seed in range(20):
        array = noise((60, 40), seed, "student3")
        test = reference_test(weight_matrix(array), "entry-law", range(39), [trap_eigenvalue(array)])
        assert test.law.startswith("Student-t with degrees of freedom")
        p_values.append(test.p_values[0])
    assert np.mean(np.array(p_values) <= 0.05) <= 0.2


def test_heavy_tails_get_a_sentence_instead_of_a_tracy_widom_p_value():
    test = sw.reference_test(noise((200, 100), 0, "student3"), "tracy-widom")
    assert isnan(test.p_values[0])
    assert "no edge law holds" in test.caveat
    assert "'entry-law'" in test.caveat


def test_tracy_widom_is_the_tail_of_the_law_at_the_eigenvalue():
    matrix = weight_matrix(noise((100, 50), 3))
    scan = find_traps(matrix, [0])
    test = reference_test(matrix, "tracy-widom")
    assert test.p_values == (float(tw_sf(scan.null.excess_widths(test.eigenvalues[0]))),)
    small = reference_test(weight_matrix(noise((100, 10), 3)), "tracy-widom")
    assert isnan(small.p_values[0])
    assert "short side has only 10" in small.caveat


def test_references_grow_and_count_plainly():
    matrix = weight_matrix(noise((40, 30), 0))
    steps = list(reference_test_steps(matrix, "shuffles", range(9), [0.5, 100.0]))
    assert [len(step.maxima) for step in steps] == list(range(1, 10))
    assert steps[-1].p_values == (1.0, 0.1)
    assert all(b.maxima[:-1].tolist() == a.maxima.tolist() for a, b in pairwise(steps))


@pytest.mark.parametrize(
    ("draw", "family", "shape"),
    [
        (lambda rng: rng.standard_t(4, (200, 200)), "Student-t", 4.0),
        (lambda rng: rng.laplace(size=(200, 200)), "generalised Gaussian", 1.0),
    ],
)
def test_the_entry_law_is_found_again_and_draws_from_itself(draw, family, shape):
    law = fit_entry_law(weight_matrix(0.02 * draw(np.random.default_rng(0))))
    assert law.shape == pytest.approx(shape, rel=0.12)
    assert law.family == family
    oracle = stats.t(law.shape, scale=law.scale) if family == "Student-t" else stats.gennorm(law.shape, scale=law.scale)
    drawn = law.draw((100, 100), 1).ravel() - law.location
    assert stats.kstest(drawn, oracle.cdf).statistic < 1.63 / 100
    assert (law.draw((3, 2), 5) == law.draw((3, 2), 5)).all()


def test_gaussian_entries_get_a_law_whose_draws_are_gaussian():
    law = fit_entry_law(weight_matrix(0.02 * noise((200, 200), 0) + 0.01))
    drawn = (law.draw((100, 100), 1).ravel() - 0.01) / 0.02
    assert stats.kstest(drawn, "norm").statistic < 1.63 / 100


def test_wrong_questions_get_a_sentence():
    with pytest.raises(Complaint, match="no reference 'gauss'"):
        sw.reference_test(noise(SHAPE, 0), "gauss")
    with pytest.raises(Complaint, match="at least one seed"):
        sw.reference_test(noise(SHAPE, 0), "shuffles", [])


# ---- views


@pytest.mark.parametrize("transposed", [False, True])
def test_views_tell_a_mean_from_a_giant(transposed):
    array, [cell] = planted_entries((200, 100), 4.0, 1, seed=0)
    array += 3 * array.size**-0.25
    array, cell = (array.T, cell[::-1]) if transposed else (array, cell)
    raw, centred, both = (sw.find_traps(array, range(3), view=view) for view in ("raw", "centred", "double_centred"))
    assert [sorted({trap.cause for trap in scan.traps}) for scan in (raw, centred, both)] == [
        ["entries", "mean"],
        ["entries"],
        ["entries"],
    ]
    for view, scan in [("raw", raw), ("centred", centred), ("double_centred", both)]:
        assert scan.view == view
        largest = scan.traps[0].culprits[0]
        assert (largest.row, largest.column, largest.value) == (*cell, array[cell])
        assert scan.statistics.giants[0].value == array[cell]


def test_double_centring_takes_row_offsets_away_and_centring_does_not():
    array = noise((100, 80), 0) + 5 * np.random.default_rng(1).standard_normal((100, 1))
    assert sw.find_traps(array, [0], view="centred").null.variance > 15
    assert sw.find_traps(array, [0], view="double_centred").null.variance == pytest.approx(1.0, abs=0.05)
    mean_only = planted_mean((200, 100), 5.0, 0)
    assert sw.find_traps(mean_only, [0]).counts == (1,)
    assert sw.find_traps(mean_only, [0], view="centred").counts == (0,)
    with pytest.raises(Complaint, match="no view 'whitened'"):
        sw.find_traps(mean_only, [0], view="whitened")
