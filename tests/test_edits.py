"""Edits: exactly what is taken out, put in and left alone, in the layer's own order and shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import AddNoise, ChangeEntries, Entry, MatchedControl, RemoveTrap, SubtractMean
from spectral_widgets.spectra.edits import change_of, component_of, edited
from spectral_widgets.spectra.shuffles import permutation, shuffled, unshuffled
from spectral_widgets.spectra.traps import find_traps

from .planting import planted_entries, weight_matrix

SHAPES = [(40, 30), (30, 40), (25, 25), (24, 5, 3, 3), (90, 3, 3, 3)]
DTYPES = [np.float64, np.float32]


def planted(shape, dtype=np.float64, seed=0):
    flat, _ = planted_entries((shape[0], int(np.prod(shape[1:]))), 3.0, 3, seed)
    flat = flat + 3 * flat.size**-0.25
    return weight_matrix(flat.reshape(shape).astype(dtype))


def cases():
    for shape in SHAPES:
        for dtype in DTYPES:
            matrix = planted(shape, dtype)
            scan = find_traps(matrix, [0, 1])
            assert len(scan.traps) >= 2
            yield pytest.param(matrix, scan.traps, id=f"{'x'.join(map(str, shape))}-{np.dtype(dtype).name}")


CASES = list(cases())


def all_edits(matrix, trap):
    base = [
        RemoveTrap(trap, "random", 3),
        RemoveTrap(trap, "zero"),
        AddNoise(trap, 3),
        SubtractMean(matrix.ref),
        ChangeEntries(matrix.ref, (Entry(2, 3, 0.0, 0.0), Entry(4, 1, 0.0, 0.0))),
    ]
    return [*base, *(MatchedControl(edit, 5) for edit in base)]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32))
def test_unshuffling_undoes_a_shuffle(n_rows, n_cols, seed):
    values = np.arange(n_rows * n_cols).reshape(n_rows, n_cols)
    order = permutation(values.size, seed)
    assert sorted(order) == list(range(values.size))
    assert (unshuffled(shuffled(values, order), order) == values).all()
    assert (shuffled(unshuffled(values, order), order) == values).all()


def test_a_permutation_is_uniform_over_places():
    counts = np.zeros((6, 6))
    for seed in range(3000):
        counts[np.arange(6), permutation(6, seed)] += 1
    # Each cell is binomial with mean 500 and s.e. 20.4; the largest of 36 stays within 4 s.e.
    assert np.abs(counts - 500).max() < 4 * np.sqrt(3000 / 6 * 5 / 6)


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_the_component_shuffled_again_is_rank_one_with_the_trap_s_singular_value(matrix, traps):
    for trap in traps:
        component = component_of(trap, matrix)
        order = permutation(matrix.values.size, trap.seed)
        again = component.ravel()[order].reshape(component.shape)
        values = np.linalg.svd(again, compute_uv=False)
        assert values[0] == pytest.approx(np.sqrt(trap.eigenvalue * matrix.ref.n_rows), rel=1e-9)
        assert values[1] < 1e-9 * values[0]
        own = np.linalg.svd(matrix.values.astype(float).ravel()[order].reshape(component.shape), compute_uv=False)
        assert values[0] == pytest.approx(own[trap.index], rel=1e-6)
        np.testing.assert_allclose(again, values[0] * np.outer(trap.left, trap.right), atol=1e-9 * values[0])


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_plain_removal_takes_exactly_that_singular_value_out_of_the_shuffle(matrix, traps):
    trap = traps[1]
    order = permutation(matrix.values.size, trap.seed)
    before = np.linalg.svd(matrix.values.astype(float).ravel()[order].reshape(matrix.values.shape), compute_uv=False)
    left = matrix.values.astype(float) + change_of(RemoveTrap(trap, "zero"), matrix)
    after = np.linalg.svd(left.ravel()[order].reshape(left.shape), compute_uv=False)
    expected = np.append(np.delete(before, trap.index), 0.0)
    np.testing.assert_allclose(after, expected, atol=1e-6 * before[0])


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_a_replacement_has_the_moments_of_what_it_replaces(matrix, traps):
    component = component_of(traps[0], matrix)
    for seed in range(3):
        put_in = change_of(RemoveTrap(traps[0], "random", seed), matrix) + component
        assert put_in.mean() == pytest.approx(component.mean(), rel=1e-6, abs=1e-12)
        assert put_in.std() == pytest.approx(component.std(), rel=1e-9)
        noise = change_of(AddNoise(traps[0], seed), matrix)
        assert abs(noise.mean()) < 1e-14 * matrix.values.size
        assert noise.std() == pytest.approx(component.std(), rel=1e-9)
        # The noise-only control is the very noise that the replacement puts in.
        np.testing.assert_allclose(noise, put_in - component.mean(), atol=1e-9 * component.std())
    draws = [change_of(AddNoise(traps[0], seed), matrix) for seed in range(2)]
    assert abs(np.corrcoef(draws[0].ravel(), draws[1].ravel())[0, 1]) < 5 / np.sqrt(draws[0].size)


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_a_replacement_draws_nothing_from_the_seed_of_the_shuffle(matrix, traps):
    shared = np.random.default_rng(traps[0].seed).standard_normal(matrix.values.shape)
    noise = change_of(AddNoise(traps[0], traps[0].seed), matrix)
    assert abs(np.corrcoef(shared.ravel(), noise.ravel())[0, 1]) < 5 / np.sqrt(noise.size)


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_subtracting_the_mean_leaves_none(matrix, traps):
    left = edited(SubtractMean(matrix.ref), matrix)
    assert abs(left.mean()) < 1e-12
    own = matrix.unfolding.fold(matrix.values).astype(float)
    np.testing.assert_allclose(left, own - own.mean(), atol=1e-12)


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_changing_entries_changes_the_cells_that_the_tensor_calls_so_and_no_other(matrix, traps):
    named = tuple({(e.row, e.column): e for trap in traps for e in trap.culprits}.values())
    assert named
    tensor = matrix.unfolding.fold(matrix.values).astype(float)
    left = edited(ChangeEntries(matrix.ref, named), matrix)
    assert left.shape == matrix.ref.shape
    flat, before = left.reshape(left.shape[0], -1), tensor.reshape(left.shape[0], -1)
    changed = {tuple(cell) for cell in np.argwhere(flat != before).tolist()}
    assert changed == {(entry.row, entry.column) for entry in named}
    for entry in named:
        assert before[entry.row, entry.column] == entry.value
        assert flat[entry.row, entry.column] == pytest.approx(tensor.mean(), rel=1e-6)


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_a_matched_control_is_as_large_but_elsewhere(matrix, traps):
    for edit in all_edits(matrix, traps[0])[:5]:
        change = change_of(edit, matrix)
        controls = [change_of(MatchedControl(edit, seed), matrix) for seed in range(4)]
        for control in controls:
            assert np.linalg.norm(control) == pytest.approx(np.linalg.norm(change), rel=1e-12)
            cosine = float((control * change).sum() / np.linalg.norm(change) ** 2)
            assert cosine < 0.9
        assert len({control.tobytes() for control in controls}) == 4


def test_controls_point_anywhere():
    matrix = planted((40, 30))
    trap = find_traps(matrix, [0]).traps[0]
    for edit in all_edits(matrix, trap)[:5]:
        change = change_of(edit, matrix)
        cosines = [
            float((change_of(MatchedControl(edit, seed), matrix) * change).sum() / np.linalg.norm(change) ** 2)
            for seed in range(60)
        ]
        # A random direction in 1200 dimensions has cosine 0 ± 0.03; heavy-tailed edits scatter more, around 0 too.
        assert abs(np.mean(cosines)) < 4 * max(np.std(cosines), 0.01) / np.sqrt(60)


def test_a_control_of_changed_entries_changes_as_many_entries_by_as_much():
    matrix = planted((60, 50))
    edit = ChangeEntries(matrix.ref, find_traps(matrix, [0]).statistics.giants[:3])
    change, control = change_of(edit, matrix), change_of(MatchedControl(edit, 1), matrix)
    assert np.count_nonzero(change) == 3
    largest = [np.sort(np.abs(part).ravel())[::-1][:3] for part in (change, control)]
    np.testing.assert_allclose(largest[0], largest[1], rtol=0.02)
    assert set(np.argsort(-np.abs(change).ravel())[:3]).isdisjoint(np.argsort(-np.abs(control).ravel())[:3])


@pytest.mark.parametrize(("matrix", "traps"), CASES)
def test_edits_give_new_float64_tensors_of_the_layer_s_shape_and_touch_nothing(matrix, traps):
    before = matrix.values.tobytes()
    flags = matrix.values.flags.writeable
    for edit in all_edits(matrix, traps[0]):
        change, tensor = change_of(edit, matrix), edited(edit, matrix)
        assert change.shape == matrix.values.shape
        assert change.dtype == tensor.dtype == np.float64
        assert tensor.shape == matrix.ref.shape
        assert tensor.flags.c_contiguous
        assert not np.shares_memory(tensor, matrix.values)
        np.testing.assert_array_equal(matrix.unfolding.unfold(tensor), matrix.values.astype(float) + change)
        np.testing.assert_array_equal(change_of(edit, matrix), change)
    assert matrix.values.tobytes() == before
    assert matrix.values.flags.writeable == flags


@pytest.mark.parametrize("shape", SHAPES)
def test_folding_undoes_unfolding(shape):
    tensor = np.random.default_rng(0).standard_normal(shape)
    matrix = weight_matrix(tensor)
    assert matrix.values.shape[0] >= matrix.values.shape[1]
    assert (matrix.unfolding.fold(matrix.values) == tensor).all()
    for flat in range(0, tensor.size, 7):
        row, column = divmod(flat, matrix.values.shape[1])
        own = matrix.unfolding.position(row, column)
        assert tensor.reshape(shape[0], -1)[own] == matrix.values[row, column]
        assert matrix.unfolding.position(*own) == (row, column)


def test_no_entries_to_change_is_no_change_and_its_control_none_either():
    matrix = planted((40, 30))
    nothing = ChangeEntries(matrix.ref, ())
    assert not change_of(nothing, matrix).any()
    assert not change_of(MatchedControl(nothing, 0), matrix).any()


def test_what_is_no_edit_is_refused():
    with pytest.raises(TypeError, match="not an edit"):
        change_of("remove", planted((40, 30)))
