"""Many shuffles, many sizes, several entries in a line, and all layers of a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import false_discovery_control
from spectral_widgets.records import ChangeEntries, Complaint, LayerRef
from spectral_widgets.spectra.edits import edited
from spectral_widgets.spectra.settled import ERROR, majority_evidence, summary_of
from spectral_widgets.spectra.shuffles import permutation
from spectral_widgets.spectra.traps import find_traps, find_traps_steps
from spectral_widgets.spectra.whole_model import adjusted_p_values, combined_p_value, model_scan_steps

from .planting import noise, planted_entries, weight_matrix

# ---- many shuffles


def test_seven_equal_counts_settle_the_question_and_the_giants_are_named_in_all():
    array, cells = planted_entries((200, 100), 3.0, 3, seed=0)
    # In the shuffle of seed 1 two of the three share a column and make one trap.
    scan = sw.find_traps(array, range(2, 50), stop_early=True)
    assert scan.counts == (3,) * 7
    summary = sw.shuffle_summary(scan)
    assert summary.settled
    assert summary.modal_count == 3
    assert [(one.row, one.column) for one in summary.culprits] == sorted(cells)
    assert {one.share_of_seeds for one in summary.culprits} == {1.0}
    for rank in summary.ranks:
        values = [trap.eigenvalue for trap in scan.traps if trap.index == rank.index]
        assert (rank.n, rank.low, rank.high) == (7, min(values), max(values))
        assert (rank.mean, rank.deviation) == pytest.approx((np.mean(values), np.std(values, ddof=1)))


def test_stopping_early_only_leaves_the_rest_out():
    matrix = weight_matrix(planted_entries((100, 60), 1.3, 2, seed=1)[0])
    early, late = find_traps(matrix, range(30), stop_early=True), find_traps(matrix, range(30))
    n = len(early.seeds)
    assert early.counts == late.counts[:n]
    grown = [summary_of(scan).settled for scan in find_traps_steps(matrix, range(30))]
    assert n == (grown.index(True) + 1 if True in grown else 30)
    assert not any(grown[: n - 1])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30))
def test_evidence_is_the_likelihood_ratio_that_it_says(agreeing, others):
    n = agreeing + others
    ratio = quad(lambda p: 2 * p**agreeing * (1 - p) ** others * 2.0**n, 0.5, 1)[0]
    assert majority_evidence(agreeing, n) == pytest.approx(ratio, rel=1e-6)


def test_a_count_of_one_half_is_rarely_called_settled_however_long_one_looks():
    rng, fooled = np.random.default_rng(0), 0
    for _ in range(400):
        agreeing = np.cumsum(rng.random(150) < 0.5)
        fooled += any(majority_evidence(int(k), n + 1) >= 1 / ERROR for n, k in enumerate(agreeing))
    assert fooled <= 400 * ERROR + 2 * np.sqrt(400 * ERROR)


def test_a_layer_that_is_refused_settles_nothing():
    summary = sw.shuffle_summary(sw.find_traps(noise((200, 10), 0), range(9), stop_early=True))
    assert (summary.n_shuffles, summary.counts, summary.settled) == (9, (), False)
    assert np.isnan(summary.modal_count)
    assert "no traps are counted" in summary.caveat


# ---- lines of several entries, and the survival of entries


@pytest.mark.parametrize("transposed", [False, True])
def test_entries_that_meet_in_a_line_are_called_one_and_removing_them_removes_the_trap(transposed):
    array = noise((60, 50), 3)
    array[0, 0] = array[7, 9] = 30.0
    array = array.T if transposed else array
    matrix = weight_matrix(array)
    seen = set()
    for seed in range(300):
        order = permutation(array.size, seed)
        places = np.argwhere(np.isin(order.reshape(60, 50), [0, 7 * 50 + 9]))
        if not (places[0] == places[1]).any():
            continue
        line = "row" if (places[0][0] == places[1][0]) != transposed else "column"
        [trap] = find_traps(matrix, [seed]).traps
        assert (trap.cause, trap.detail) == ("entries", line)
        assert [one.share for one in trap.culprits] == sorted((one.share for one in trap.culprits), reverse=True)
        rest = edited(ChangeEntries(matrix.ref, trap.culprits), matrix)
        assert find_traps(weight_matrix(rest), [seed]).counts == (0,)
        seen.add(line)
        if len(seen) == 2:
            break
    assert seen == {"row", "column"}


def test_a_giant_alone_and_chance_traps_have_no_line():
    details = [
        trap.detail
        for seed in range(6)
        for trap in find_traps(weight_matrix(planted_entries((200, 100), 1.5, 1, seed)[0]), range(3)).traps
    ]
    assert len(details) >= 15
    assert set(details) == {""}


def test_survival_is_a_count_of_entries():
    array, _ = planted_entries((80, 50), 3.0, 2, seed=0)
    survival = sw.entry_survival(array)
    sizes = np.abs(array - array[np.abs(array) < 8].mean())
    assert len(survival.sizes) == len(survival.shares) <= 400
    for size, share in zip(survival.sizes, survival.shares, strict=True):
        assert np.count_nonzero(sizes >= size - 1e-9) == pytest.approx(share * 4000)
    assert (np.diff(survival.sizes) <= 0).all()
    assert survival.shares[-1] == 1.0
    assert survival.n_beyond == 2
    assert survival.threshold == pytest.approx(4000**0.25, rel=0.05)


# ---- self-averaging


def test_the_edge_averages_itself_out_and_a_giant_does_not():
    giant = sw.self_averaging(planted_entries((200, 200), 3.0, 1, seed=0)[0])
    plain = sw.self_averaging(noise((200, 200), 0))
    assert giant.shapes == plain.shapes == ((50, 50), (100, 100), (150, 150), (200, 200))
    # In a block of half the sides the giant is there in one shuffle of four.
    assert all(value > 0.1 for value in giant.largest_variances[:3])
    assert all(value < 0.01 for value in (*giant.edge_variances, *plain.edge_variances, *plain.largest_variances))
    assert plain.edge_variances[-1] < plain.edge_variances[0] / 3
    assert giant.edge_variances[-1] < giant.edge_variances[0] / 3


def test_small_blocks_are_left_out_and_bad_sizes_get_a_sentence():
    study = sw.self_averaging(noise((60, 40), 0), range(3), [0.2, 1.0])
    assert study.shapes == ((60, 40),)
    assert "below 20" in study.caveat
    with pytest.raises(Complaint, match="at least two seeds"):
        sw.self_averaging(noise((60, 40), 0), [1])
    with pytest.raises(Complaint, match="at most 1"):
        sw.self_averaging(noise((60, 40), 0), range(3), [2.0])


# ---- whole models


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_p_values_are_those_of_scipy(p_values):
    np.testing.assert_allclose(adjusted_p_values(p_values), false_discovery_control(p_values))
    padded = adjusted_p_values([float("nan"), *p_values])
    np.testing.assert_allclose(padded[1:], adjusted_p_values(p_values))
    assert np.isnan(padded[0])


def test_a_combined_p_value_is_valid_however_the_parts_depend():
    """Independent, equal, and the worst case of half of them equal: never below ``x`` more often than ``x``."""
    rng = np.random.default_rng(0)
    uniform = rng.random((4000, 5))
    for parts in (uniform, np.repeat(uniform[:, :1], 5, axis=1), np.where(uniform[:, 1:2] < 0.6, uniform[:, :1], 1.0)):
        combined = np.array([combined_p_value(row) for row in np.broadcast_to(parts, (4000, 5))])
        for level in (0.01, 0.1):
            assert np.mean(combined <= level) <= level + 3 * np.sqrt(level / 4000)


def test_the_false_discovery_rate_of_mixtures_is_held_and_strong_traps_are_found():
    false, found, missed = [], 0, 0
    for model in range(20):
        planted = {0, 1}
        arrays = [
            planted_entries((60, 40), 3.0, 1, 10 * model + k)[0] if k in planted else noise((60, 40), 10 * model + k)
            for k in range(8)
        ]
        *_, scan = model_scan_steps([weight_matrix(one, str(k)) for k, one in enumerate(arrays)], range(3), 0.1)
        names = {int(one.layer.name) for one in scan.found}
        false.append(len(names - planted) / max(len(names), 1))
        found += len(names)
        missed += len(planted - names)
    assert np.mean(false) <= 0.1
    assert missed == 0
    assert found >= 40


def test_the_sentence_counts_layers_and_says_what_was_left_out():
    giants = weight_matrix(planted_entries((60, 40), 4.0, 1, 0)[0], "a")
    heavy = weight_matrix(noise((784, 200), 1, "student3"), "d")
    broken = replace(giants.ref, name="e", caveat="it holds NaN")
    items = [giants, weight_matrix(noise((60, 40), 1), "b"), weight_matrix(noise((60, 10), 1), "c"), heavy, broken]
    constant = weight_matrix(noise((30, 30), 0) * 0 + 1, "f")
    *_, scan = model_scan_steps([*items, constant])
    assert scan.sentence.startswith("1 layer of 2 holds traps at 1 % FDR. Left out: c (The short side has only 10")
    for words in ("d (The entries are heavy-tailed", "e (it holds NaN).", "f (f: all entries are equal"):
        assert words in scan.sentence
    assert [one.left_out for one in scan.layers] == [False, False, True, True, True, True]


def test_the_door_takes_models_and_says_when_there_is_nothing():
    scan = sw.find_traps_in_model(sw.digits_mlp(), range(3))
    assert len(scan.layers) == len(list(sw.digits_mlp().layers))
    assert "Left out" in scan.sentence
    assert sw.find_traps_in_model([]).sentence == "0 layers of 0 hold traps at 1 % FDR."
    with pytest.raises(Complaint, match="between 0 and 1"):
        sw.find_traps_in_model([noise((30, 30), 0)], rate=1.5)
    unread = LayerRef("x", "other", None, (3, 3), 3, 3, "float32")
    *_, one = model_scan_steps([unread])
    assert "its values were not given" in one.sentence
