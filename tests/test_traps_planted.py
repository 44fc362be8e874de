"""Planted traps are found, placed, named, explained and removed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from spectral_widgets.records import ChangeEntries, SubtractMean, WeightMatrix
from spectral_widgets.spectra.edits import edited
from spectral_widgets.spectra.shuffles import permutation
from spectral_widgets.spectra.traps import find_traps

from .planting import (
    cells_of,
    culprits_of,
    expected_mean_outlier,
    expected_outliers,
    noise,
    planted_entries,
    planted_mean,
    weight_matrix,
)

A9_SHAPES = [(784, 200), (200, 200)]
FACTORS = [1.5, 3.0, 20.0]
SEEDS = range(5)
#: Allowed bias of the asymptotic place of an outlier at these sizes; largest for 200×200 next to the threshold.
OFF = 0.03


def after(edit, matrix: WeightMatrix) -> WeightMatrix:
    return weight_matrix(edited(edit, matrix))


# ---- planted entries


def shuffles_of(array: np.ndarray, planted: np.ndarray, seeds) -> list[tuple[np.ndarray, np.ndarray]]:
    """The centred matrix and the planted part, shuffled alike, with rows as the long side."""
    tall = [part if array.shape[0] >= array.shape[1] else part.T for part in (array - array.mean(), planted)]
    orders = [permutation(array.size, seed) for seed in seeds]
    return [tuple(part.ravel()[order].reshape(part.shape) for part in tall) for order in orders]


@pytest.mark.parametrize("shape", A9_SHAPES)
@pytest.mark.parametrize("factor", FACTORS)
def test_planted_entries_make_the_traps_that_theory_foretells(shape, factor):
    scores, ratios, found, expected = [], [], 0, np.zeros(3)
    for seed in range(6):
        array, cells = planted_entries(shape, factor, 5, seed)
        planted = np.zeros(shape)
        planted[tuple(zip(*cells, strict=True))] = 1.0
        scan = find_traps(weight_matrix(array), SEEDS)
        for k, (shuffled, mask) in enumerate(shuffles_of(array, planted, SEEDS)):
            foretold, error = expected_outliers(shuffled, shuffled * mask)
            measured = scan.spectra[k].eigenvalues[::-1][: len(foretold)]
            scores += list((measured - foretold) / error)
            certain = np.count_nonzero(foretold - 3 * error > scan.threshold)
            possible = np.count_nonzero(foretold + 3 * error > scan.threshold)
            assert certain <= scan.counts[k] <= possible
            ratios += list(measured / foretold)
            low, high = (norm.cdf((foretold * (1 + off) - scan.threshold) / error) for off in (-OFF, OFF))
            found = found + scan.counts[k]
            expected += [low.sum(), high.sum(), (low * (1 - low)).sum()]
    # Places: the standard error of the theory is the measured one, and nothing lies far from it.
    assert np.abs(scores).max() < 4.5
    assert abs(np.mean(scores)) < 0.5
    assert 0.6 < np.std(scores) < 1.2
    assert abs(np.mean(ratios) - 1) < OFF
    # Counts: as many are lost to collisions and to the nearby threshold as foretold, within three standard errors.
    spread = 3 * np.sqrt(expected[2])
    assert expected[0] - spread <= found <= expected[1] + spread + 0.5


@pytest.mark.parametrize("shape", [*A9_SHAPES, (200, 784)])
@pytest.mark.parametrize("factor", FACTORS)
def test_planted_entries_are_named_and_removed(shape, factor):
    n_left = 0
    for seed in range(3):
        array, cells = planted_entries(shape, factor, 5, seed)
        matrix = weight_matrix(array)
        scan = find_traps(matrix, SEEDS)
        named = culprits_of(scan)
        assert set(named) == set(cells)
        for (row, column), entry in named.items():
            assert entry.value == array[row, column]
        assert {trap.cause for trap in scan.traps} == {"entries"}
        assert all(trap.localised for trap in scan.traps)
        rescan = find_traps(after(ChangeEntries(matrix.ref, tuple(named.values())), matrix), SEEDS)
        # Exactly what the same noise shows that never had a giant: at 1 %, once or twice in 15 shuffles.
        array[tuple(zip(*cells, strict=True))] = 0.0
        assert rescan.counts == find_traps(weight_matrix(array), SEEDS).counts
        assert culprits_of(rescan) == {}
        n_left += sum(rescan.counts)
    assert n_left <= 2


@pytest.mark.parametrize("shape", A9_SHAPES)
def test_entries_far_beyond_the_threshold_place_their_trap_within_3_percent(shape):
    array, [cell] = planted_entries(shape, 3.0, 1, seed=2)
    scan = find_traps(weight_matrix(array), range(10))
    foretold = scan.predicted.eigenvalues[0]
    measured = np.array([trap.eigenvalue for trap in scan.traps if trap.index == 0])
    assert abs(measured.mean() / foretold - 1) < OFF
    entry = scan.predicted.entries[0]
    assert (entry.row, entry.column) == cell


def test_just_below_the_threshold_an_entry_hides():
    n_found = 0
    for seed in range(4):
        array, _ = planted_entries((784, 200), 0.8, 1, seed)
        scan = find_traps(weight_matrix(array), SEEDS)
        assert scan.predicted.count == 0
        assert culprits_of(scan) == {}
        n_found += sum(scan.counts)
    # Chance traps of the noise at 1 % of 20 shuffles.
    assert n_found <= 2


def test_entries_of_a_convolution_are_counted_in_its_flat_view():
    array, [(row, column)] = planted_entries((32, 16 * 9), 4.0, 1, seed=5)
    scan = find_traps(weight_matrix(array.reshape(32, 16, 3, 3)), [0])
    assert list(culprits_of(scan)) == [(row, column)]


def test_giants_that_collide_become_one_trap_that_names_both():
    array = noise((200, 200), 3)
    array[0, 0] = array[7, 9] = 60.0
    matrix = weight_matrix(array)
    for seed in range(2000):
        order = permutation(array.size, seed)
        places = [divmod(int(np.flatnonzero(order == flat)[0]), 200) for flat in (0, 7 * 200 + 9)]
        if places[0][0] == places[1][0] or places[0][1] == places[1][1]:
            break
    scan = find_traps(matrix, [seed])
    assert scan.counts == (1,)
    assert {(entry.row, entry.column) for entry in scan.traps[0].culprits} == {(0, 0), (7, 9)}
    assert scan.predicted.count == 2


# ---- planted mean


@pytest.mark.parametrize("shape", A9_SHAPES)
@pytest.mark.parametrize("factor", FACTORS)
def test_a_planted_mean_is_found_explained_and_removed(shape, factor):
    scores, chance_traps = [], 0
    for seed in range(4):
        array = planted_mean(shape, factor, seed)
        matrix = weight_matrix(array)
        scan = find_traps(matrix, SEEDS)
        for shuffle_seed in SEEDS:
            first, *others = scan.of_seed(shuffle_seed)
            assert first.cause == "mean"
            assert not first.localised
            assert first.culprits == ()
            chance_traps += len(others)
            foretold, error = expected_mean_outlier(array.mean() / array.std(), *matrix.values.shape)
            scores.append((first.eigenvalue / array.var() - foretold) / error)
        rescan = find_traps(after(SubtractMean(matrix.ref), matrix), SEEDS)
        assert not any(trap.cause == "mean" for trap in rescan.traps)
        assert sum(rescan.counts) <= 1
        assert scan.predicted.causes == ("mean",)
    assert np.abs(scores).max() < 4.5
    assert abs(np.mean(scores)) < 0.8
    # At 1 % of 20 shuffles, three or more chance companions have probability 1e-3.
    assert chance_traps <= 2


def test_a_hidden_mean_makes_no_trap():
    scan = find_traps(weight_matrix(planted_mean((784, 200), 0.7, 2)), SEEDS)
    assert scan.predicted.count == 0
    assert scan.counts == (0,) * len(SEEDS)


@pytest.mark.parametrize("shape", [(784, 200), (200, 784), (200, 200)])
def test_mean_and_entries_together_are_told_apart_and_removed_one_by_one(shape):
    array, cells = planted_entries(shape, 4.0, 3, seed=11)
    array += 3 * 200 * 0.0707 / np.sqrt(array.size / 200)
    matrix = weight_matrix(array)
    scan = find_traps(matrix, SEEDS)
    causes = [sorted(trap.cause for trap in scan.of_seed(seed)) for seed in SEEDS]
    assert all(found.count("mean") == 1 and found.count("entries") in (2, 3) for found in causes)
    assert sorted(scan.predicted.causes) == ["entries", "entries", "entries", "mean"]
    entries = {cell: entry for cell, entry in culprits_of(scan).items() if cell in cells}
    assert set(entries) == set(cells)
    without_entries = after(ChangeEntries(matrix.ref, tuple(entries.values())), matrix)
    left = find_traps(without_entries, SEEDS)
    assert {trap.cause for trap in left.traps} == {"mean"}
    assert left.counts == (1,) * len(SEEDS)
    assert find_traps(after(SubtractMean(matrix.ref), without_entries), SEEDS).counts == (0,) * len(SEEDS)


def test_middling_entries_that_meet_after_a_shuffle_are_named_or_called_collective():
    rng = np.random.default_rng(0)
    array = noise((200, 200), 1)
    swarm = rng.choice(array.size, 60, replace=False)
    array.ravel()[swarm] = rng.choice([-1.0, 1.0], 60) * 11.0
    scan = find_traps(weight_matrix(array), range(8))
    assert scan.predicted.count == 0
    assert {trap.cause for trap in scan.traps} == {"entries", "collective"}
    for trap in scan.traps:
        order = permutation(array.size, trap.seed)
        assert {row * 200 + column for row, column in cells_of(trap)} <= set(swarm.tolist())
        places = [divmod(int(np.flatnonzero(order == row * 200 + column)[0]), 200) for row, column in cells_of(trap)]
        assert not places or min(len({row for row, _ in places}), len({column for _, column in places})) == 1
