"""Permutation alignment: a permuted copy is found exactly, the function stays, and the exact identity holds."""

from __future__ import annotations

import copy
from itertools import pairwise, permutations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from spectral_widgets import api_align
from spectral_widgets.metrics.pairs.matching import Chain, agreement, match_chains, permuted, vector_alignment
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from spectral_widgets.weights.chains import chain_of, reordered, state_of
from torch import nn


def random_chain(widths, seed):
    rng = np.random.default_rng(seed)
    weights = tuple(rng.standard_normal((n_out, n_in)) for n_in, n_out in pairwise(widths))
    return Chain(weights, tuple(rng.standard_normal((len(weight), 1)) for weight in weights))


def random_orders(chain, seed):
    rng = np.random.default_rng(seed)
    return [rng.permutation(len(weight)) for weight in chain.weights[:-1]]


def squared_distance(one, two):
    return sum(
        ((a - b) ** 2).sum() for a, b in zip((*one.weights, *one.vectors), (*two.weights, *two.vectors), strict=True)
    )


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(2, 14), min_size=3, max_size=6), st.integers(0, 10_000))
def test_a_permuted_copy_is_recovered_exactly(widths, seed):
    base = random_chain(widths, seed)
    matching = match_chains(base, permuted(base, random_orders(base, seed + 1)), seed=seed)
    assert matching.converged
    assert squared_distance(base, permuted(permuted(base, random_orders(base, seed + 1)), matching.orders)) == 0


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_one_hidden_layer_is_matched_optimally(seed):
    base, other = random_chain([3, 5, 2], seed), random_chain([3, 5, 2], seed + 1)
    found = agreement(base, permuted(other, match_chains(base, other).orders))
    best = max(agreement(base, permuted(other, [np.array(order)])) for order in permutations(range(5)))
    assert found == pytest.approx(best, rel=1e-12)


def test_matching_never_loses_and_repeats_with_its_seed():
    base, other = random_chain([20, 30, 25, 30, 6], 1), random_chain([20, 30, 25, 30, 6], 2)
    one, two = match_chains(base, other, seed=3), match_chains(base, other, seed=3)
    assert all(np.array_equal(a, b) for a, b in zip(one.orders, two.orders, strict=True))
    assert squared_distance(base, permuted(other, one.orders)) < squared_distance(base, other)
    cut = match_chains(base, other, seed=3, max_sweeps=1)
    assert not cut.converged


def test_chains_of_other_shapes_are_refused():
    with pytest.raises(Complaint, match="equal shape"):
        match_chains(random_chain([4, 5, 2], 1), random_chain([4, 6, 2], 1))


# ---- singular vectors


def components(matrix):
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return left, values, right.T


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 10_000))
def test_the_distance_is_told_by_singular_values_and_overlaps_of_vectors(n_rows, n_cols, seed):
    """``‖A − P B Qᵀ‖² = ‖A‖² + ‖B‖² − 2 Σ_ij s_i s'_j (u_i·P u'_j)(v_i·Q v'_j)``."""
    rng = np.random.default_rng(seed)
    one, two = rng.standard_normal((2, n_rows, n_cols))
    left_order, right_order = np.eye(n_rows)[rng.permutation(n_rows)], np.eye(n_cols)[rng.permutation(n_cols)]
    (u, s, v), (u_two, s_two, v_two) = components(one), components(two)
    double_sum = sum(
        s[i] * s_two[j] * (u[:, i] @ left_order @ u_two[:, j]) * (v[:, i] @ right_order @ v_two[:, j])
        for i in range(len(s))
        for j in range(len(s_two))
    )
    expected = (one**2).sum() + (two**2).sum() - 2 * double_sum
    assert ((one - left_order @ two @ right_order.T) ** 2).sum() == pytest.approx(expected, rel=1e-10)


def test_the_alignment_is_the_double_sum_over_kept_components():
    rng = np.random.default_rng(3)
    one, two = rng.standard_normal((2, 12, 8))
    for gamma in (0.0, 0.4, 0.9, 1.0):
        (u, s, v), (u_two, s_two, v_two) = components(one), components(two)
        kept, kept_two = np.flatnonzero(s >= gamma * s[0]), np.flatnonzero(s_two >= gamma * s_two[0])
        total = sum((u[:, i] @ u_two[:, j]) * (v[:, i] @ v_two[:, j]) for i in kept for j in kept_two)
        expected = total / np.sqrt(len(kept) * len(kept_two))
        assert vector_alignment(one, two, gamma) == pytest.approx(expected, rel=1e-10, abs=1e-12)
        assert vector_alignment(one, one, gamma) == pytest.approx(1, abs=1e-12)
        assert vector_alignment(one, -one, gamma) == pytest.approx(-1, abs=1e-12)
    assert np.isnan(vector_alignment(one, np.zeros_like(one)))
    singular = np.outer(one[:, 0], two[0])
    assert vector_alignment(singular, singular) == pytest.approx(1, abs=1e-12)


def test_singular_values_do_not_feel_a_permutation():
    chain = random_chain([15, 20, 12, 4], 5)
    for one, two in zip(chain.weights, permuted(chain, random_orders(chain, 6)).weights, strict=True):
        values = (np.linalg.svd(weight, compute_uv=False) for weight in (one, two))
        np.testing.assert_allclose(*values, rtol=1e-12)


# ---- whole models


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(12, 16),
        nn.BatchNorm1d(16),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(16, 14, bias=False),
        nn.LayerNorm(14),
        nn.Tanh(),
        nn.Linear(14, 3),
    )


def shuffled(net, seed=1):
    model = open_model(net)
    links, _ = chain_of(model)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(model.row(link.weight).ref.shape[0]) for link in links[:-1]]
    copied = copy.deepcopy(net)
    copied.load_state_dict(reordered(state_of(model), links, orders))
    return copied


def with_statistics(net):
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for _ in range(3):
            net(torch.randn(32, 12, generator=generator))
        for part in (net[2], net[6]):
            part.weight += torch.rand(part.weight.shape, generator=generator)
    return net


def test_a_permuted_model_comes_back_to_itself():
    net = with_statistics(network())
    result = api_align.align(net, shuffled(net))
    assert result.distance_after == 0
    assert result.distance_before > 1
    assert result.alignment_after == pytest.approx(1, abs=1e-12)
    assert result.alignment_before < 0.5
    assert result.converged
    assert result.caveat == ""
    assert [row["layer"] for row in result.table] == ["1.weight", "5.weight", "8.weight"]
    assert all(row["distance_after"] == 0 for row in result.table)
    for name, tensor in net.state_dict().items():
        torch.testing.assert_close(result.state_dict[name], tensor, rtol=0, atol=0)


def test_the_aligned_state_computes_what_the_other_model_computed():
    base, other = with_statistics(network(0)), with_statistics(network(7))
    before = {name: tensor.clone() for name, tensor in other.state_dict().items()}
    result = api_align.align(base, other, gamma=0.3, seed=5)
    aligned = copy.deepcopy(other)
    aligned.load_state_dict(result.state_dict)
    inputs = torch.randn(9, 12)
    with torch.no_grad():
        torch.testing.assert_close(aligned.eval()(inputs), other.eval()(inputs), rtol=1e-4, atol=1e-5)
    assert result.distance_after < result.distance_before
    assert result.gamma == 0.3
    assert result.permutations.keys() == {"1.weight", "5.weight"}
    assert "hidden units" in result.sentence
    assert all(torch.equal(before[name], tensor) for name, tensor in other.state_dict().items())
    weights = [
        tensor.double().numpy() for name, tensor in result.state_dict.items() if name in before and tensor.ndim == 2
    ]
    originals = [tensor.double().numpy() for tensor in before.values() if tensor.ndim == 2]
    for one, two in zip(weights, originals, strict=True):
        values = (np.linalg.svd(weight, compute_uv=False) for weight in (one, two))
        np.testing.assert_allclose(*values, rtol=1e-12)


def test_files_can_be_aligned_with_the_caveat_that_nothing_was_run(tmp_path):
    net = network()
    for name, model in (("one", net), ("two", shuffled(net))):
        state = {key: tensor for key, tensor in model.state_dict().items() if "num_batches" not in key}
        save_file(state, tmp_path / f"{name}.safetensors")
    result = api_align.align(tmp_path / "one.safetensors", tmp_path / "two.safetensors")
    assert result.distance_after == 0
    assert "not run" in result.caveat


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, inputs):
        hidden = torch.relu(self.first(inputs))
        return self.third(hidden + torch.relu(self.second(hidden)))


def shared():
    part = nn.Linear(6, 6)
    return nn.Sequential(part, nn.ReLU(), part)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Residual, "gives other outputs when its hidden units are reordered"),
        (shared, "uses one weight in several places"),
        (lambda: nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(16, 2)), "no link of a chain"),
        (lambda: nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2)), "no link of a chain"),
        (lambda: nn.Sequential(nn.Linear(4, 2)), "no hidden layer"),
        (lambda: nn.Sequential(nn.Linear(4, 6), nn.Linear(3, 2)), "6 outputs before one of 3"),
        (lambda: nn.TransformerEncoderLayer(8, 2, 16), "align takes plain chains"),
    ],
)
def test_other_architectures_are_told_what_is_supported(make, words):
    torch.manual_seed(0)
    with pytest.raises(Complaint, match=words) as raised:
        api_align.align(make(), make())
    assert "plain chains" in str(raised.value)


def test_a_gamma_that_is_no_share_is_refused():
    with pytest.raises(Complaint, match="gamma=2"):
        api_align.align(network(), network(), gamma=2)
