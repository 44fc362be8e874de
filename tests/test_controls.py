"""Three families of matched controls: as large as the edit, elsewhere, and each with its own make."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.probing.plans import CONTROL_KINDS, N_CONTROLS, plan_for
from spectral_widgets.records import ChangeEntries, Complaint, Entry, MatchedControl, RemoveTrap, SubtractMean
from spectral_widgets.spectra.controls import (
    draws_of,
    magnitude_classes,
    magnitudes_of,
    matched_change,
    signs_and_order,
)
from spectral_widgets.spectra.edits import change_of
from spectral_widgets.spectra.shuffles import permuted

from .planting import planted_entries, weight_matrix
from .subjects import WIDE, trapped_model


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 30), st.integers(2, 30), st.integers(0, 10**6), st.sampled_from(CONTROL_KINDS))
def test_every_control_has_the_norm_of_its_edit_and_its_own_seed(n_rows, n_cols, seed, kind):
    rng = np.random.default_rng(seed)
    original, weights = rng.standard_t(3, (2, n_rows, n_cols))
    classes = magnitudes_of(weights)
    control = matched_change(original, seed, kind, classes)
    assert np.linalg.norm(control) == pytest.approx(np.linalg.norm(original), rel=1e-12)
    np.testing.assert_array_equal(matched_change(original, seed, kind, classes), control)
    assert not np.array_equal(matched_change(original, seed + 1, "rank_one", classes), control)
    assert not matched_change(np.zeros((n_rows, n_cols)), seed, "moved", classes).any()


def test_the_default_family_is_as_before():
    original = np.random.default_rng(0).standard_normal((20, 10))
    assert MatchedControl(SubtractMean(weight_matrix(original).ref), 1).kind == "moved"
    np.testing.assert_array_equal(matched_change(original, 5), matched_change(original, 5, "moved"))
    assert N_CONTROLS >= 16


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 10**6))
def test_a_moved_control_has_the_entries_of_the_edit_elsewhere_and_its_mean_in_a_random_direction(n_rows, n_cols, seed):
    original = np.random.default_rng(seed).standard_normal((n_rows, n_cols))
    original -= original.mean()
    control = matched_change(original, seed)
    np.testing.assert_allclose(np.sort(control, axis=None), np.sort(original, axis=None), rtol=1e-9, atol=1e-12)
    # A constant has no deviations to move: all that is left are the signs of rows and columns.
    constant = matched_change(np.full((n_rows, n_cols), 2.0), seed)
    np.testing.assert_allclose(np.abs(constant), 2.0)
    assert np.linalg.matrix_rank(constant) == 1
    rows, columns, order = signs_and_order((n_rows, n_cols), draws_of(seed))
    np.testing.assert_allclose(constant, 2.0 * np.outer(rows, columns))
    np.testing.assert_allclose(control, permuted(original, order), rtol=1e-9, atol=1e-12)


def test_every_place_is_as_likely_for_a_moved_entry():
    original = np.zeros((4, 5))
    original[1, 2] = 1.0
    places = [np.argmax(np.abs(matched_change(original, seed))) for seed in range(4000)]
    counts = np.bincount(places, minlength=20)
    assert ((counts - 200) ** 2 / 200).sum() < 43.8  # chi squared, 19 degrees of freedom, one in a thousand


def test_a_control_of_rank_one_has_rank_one_and_points_anywhere():
    original = np.random.default_rng(0).standard_normal((30, 20))
    controls = [matched_change(original, seed, "rank_one") for seed in range(40)]
    for control in controls:
        values = np.linalg.svd(control, compute_uv=False)
        assert values[1] < 1e-12 * values[0]
    cosines = [float((control * original).sum() / np.linalg.norm(original) ** 2) for control in controls]
    assert abs(np.mean(cosines)) < 4 * np.std(cosines) / np.sqrt(40)


@given(st.integers(2, 5000))
@settings(max_examples=30, deadline=None)
def test_classes_part_all_entries_by_their_distance_from_the_mean(size):
    weights = np.random.default_rng(size).standard_normal((size, 1))
    classes = magnitude_classes(weights)
    assert sorted(np.concatenate(classes)) == list(range(size))
    far = np.abs(weights - weights.mean()).ravel()
    assert all(far[one].min() >= far[next_one].max() for one, next_one in pairwise(classes))
    assert [len(one) for one in classes[:-1]] == [16 * 2**k for k in range(len(classes) - 1)]


def test_a_change_of_giant_entries_goes_to_other_entries_of_the_same_class_and_as_far_inward():
    flat, _ = planted_entries((60, 50), 3.0, 3, 0)
    matrix = weight_matrix(flat)
    far = np.abs(matrix.values - matrix.values.mean())
    top = set(np.argsort(-far, axis=None)[:16].tolist())
    giant = int(np.argmax(far))
    row, column = matrix.unfolding.position(*(int(k) for k in np.unravel_index(giant, matrix.values.shape)))
    edit = ChangeEntries(matrix.ref, (Entry(row, column, 0.0, 0.0),))
    places = set()
    for seed in range(60):
        control = change_of(MatchedControl(edit, seed, "same_magnitude"), matrix)
        [place] = np.flatnonzero(control)
        assert place in top
        # Towards the mean, as the edit itself.
        assert control.ravel()[place] * (matrix.values.ravel()[place] - matrix.values.mean()) < 0
        places.add(int(place))
    assert len(places) > 10


def test_families_are_planned_by_turns_and_named_in_the_result():
    _, model, [scan, _] = trapped_model()
    edit = RemoveTrap(scan.traps[0], "zero")
    result = sw.ablate(model, edit, WIDE, n_controls=6, controls=CONTROL_KINDS)
    assert [control.kind for control in result.plan.controls] == list(CONTROL_KINDS) * 2
    assert len({track.label for track in result.controls}) == 6
    assert len({track.values.tobytes() for track in result.controls}) == 6
    one = sw.ablate(model, edit, WIDE, n_controls=2, controls="rank_one")
    assert [control.kind for control in one.plan.controls] == ["rank_one"] * 2
    for wrong in ("giant", (), ("moved", "x")):
        with pytest.raises(Complaint, match="There are no controls"):
            plan_for(edit, WIDE, controls=wrong)


def test_a_control_of_magnitudes_needs_the_weights():
    with pytest.raises(TypeError, match="needs the magnitudes"):
        matched_change(np.ones((3, 3)), 0, "same_magnitude")
