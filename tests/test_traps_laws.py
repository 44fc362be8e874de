"""Laws of the trap engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import TrapScan
from spectral_widgets.rmt import tw_sf
from spectral_widgets.spectra.traps import empty_scan, find_traps, find_traps_steps

from .planting import (
    culprits_of,
    planted_entries,
    weight_matrix,
)

# ---- laws

SMALL = st.sampled_from([(24, 24), (40, 30), (30, 40), (64, 20)])


@st.composite
def planted_arrays(draw):
    shape = draw(SMALL)
    array, _ = planted_entries(
        shape, draw(st.sampled_from([0.5, 2.0, 5.0])), draw(st.integers(1, 4)), draw(st.integers(0, 10**6))
    )
    return array + draw(st.sampled_from([0.0, 4.0])) * array.size**-0.25


def summary(scan: TrapScan):
    return scan.counts, [
        (t.index, t.seed, t.cause, t.localised, [(e.row, e.column) for e in t.culprits]) for t in scan.traps
    ]


@settings(max_examples=25, deadline=None)
@given(planted_arrays(), st.sampled_from([2.0**-30, 0.125, 2.0, 2.0**40]))
def test_scale_changes_eigenvalues_by_its_square_and_nothing_else(array, scale):
    one, other = find_traps(weight_matrix(array), [0, 1]), find_traps(weight_matrix(array * scale), [0, 1])
    assert summary(one) == summary(other)
    for a, b in zip(one.traps, other.traps, strict=True):
        assert b.eigenvalue == pytest.approx(a.eigenvalue * scale**2, rel=1e-10)
        assert b.excess_widths == pytest.approx(a.excess_widths, rel=1e-8, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(planted_arrays())
def test_sign_changes_nothing_but_the_signs_of_entries(array):
    one, other = find_traps(weight_matrix(array), [0, 1]), find_traps(weight_matrix(-array), [0, 1])
    assert summary(one) == summary(other)
    assert [t.eigenvalue for t in one.traps] == pytest.approx([t.eigenvalue for t in other.traps])


@settings(max_examples=25, deadline=None)
@given(planted_arrays())
def test_a_transposed_matrix_has_the_same_traps_at_mirrored_cells(array):
    one, other = find_traps(weight_matrix(array), [0, 1]), find_traps(weight_matrix(array.T), [0, 1])
    assert one.statistics.threshold == pytest.approx(other.statistics.threshold)
    assert one.predicted.count == other.predicted.count
    if array.shape[0] != array.shape[1]:
        assert one.counts == other.counts
        assert set(culprits_of(one)) == {(column, row) for row, column in culprits_of(other)}


@settings(max_examples=25, deadline=None)
@given(planted_arrays(), st.integers(0, 1000))
def test_statistics_and_prediction_see_the_histogram_only(array, seed):
    moved = np.random.default_rng(seed).permutation(array.ravel()).reshape(array.shape)
    one, other = empty_scan(weight_matrix(array)), empty_scan(weight_matrix(moved))
    for name in ("mean", "variance", "bulk_variance", "excess_kurtosis", "threshold", "mean_threshold"):
        assert getattr(one.statistics, name) == pytest.approx(getattr(other.statistics, name), rel=1e-9, abs=1e-12)
    assert one.predicted.eigenvalues == pytest.approx(other.predicted.eigenvalues, rel=1e-9)
    assert one.predicted.causes == other.predicted.causes
    assert sorted(e.value for e in one.statistics.giants) == sorted(e.value for e in other.statistics.giants)


@settings(max_examples=20, deadline=None)
@given(planted_arrays())
def test_p_values_fall_with_the_eigenvalue_and_are_the_tail_of_the_law(array):
    scan = find_traps(weight_matrix(array), [0])
    values = [trap.eigenvalue for trap in scan.traps]
    chances = [trap.p_value for trap in scan.traps]
    assert values == sorted(values, reverse=True)
    if not scan.caveat:
        assert chances == sorted(chances)
        assert all(0 <= chance < scan.level for chance in chances)
        assert chances == [float(tw_sf(trap.excess_widths)) for trap in scan.traps]


@settings(max_examples=15, deadline=None)
@given(planted_arrays(), st.sampled_from([1e-4, 0.001, 0.01, 0.05]))
def test_a_stricter_level_never_finds_more(array, level):
    loose, strict = find_traps(weight_matrix(array), [0], level=0.1), find_traps(weight_matrix(array), [0], level=level)
    assert strict.counts[0] <= loose.counts[0]
    assert strict.threshold > loose.threshold


def test_a_seed_gives_the_same_trap_whatever_runs_beside_it():
    array, _ = planted_entries((80, 60), 3.0, 2, seed=0)
    matrix = weight_matrix(array)
    together, alone = find_traps(matrix, range(5)), find_traps(matrix, [3])
    again = find_traps(matrix, range(5))
    for one, other in [
        *zip(together.of_seed(3), alone.traps, strict=True),
        *zip(together.traps, again.traps, strict=True),
    ]:
        assert one.eigenvalue == other.eigenvalue
        assert (one.left == other.left).all()
        assert (one.right == other.right).all()
        assert one.culprits == other.culprits


def test_steps_grow_to_the_same_scan_and_leave_global_randomness_alone():
    array, _ = planted_entries((80, 60), 3.0, 2, seed=0)
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    steps = list(find_traps_steps(weight_matrix(array), range(4)))
    assert [len(step.seeds) for step in steps] == [1, 2, 3, 4]
    assert steps[1].counts == steps[-1].counts[:2]
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002
    assert (array == planted_entries((80, 60), 3.0, 2, seed=0)[0]).all()
