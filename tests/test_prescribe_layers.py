"""Sparsity by layer, and the layers to fine-tune."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.records import Complaint
from spectral_widgets.training.mappings import sparsities_of
from spectral_widgets.weights import open_model
from torch import nn
from torch.nn.utils import prune


def network():
    torch.manual_seed(0)
    blocks = nn.ModuleList(
        nn.ModuleDict({"q_proj": nn.Linear(64, 64), "up_proj": nn.Linear(64, size)}) for size in (90, 150)
    )
    return nn.ModuleDict({"embed_tokens": nn.Embedding(70, 64), "layers": blocks, "norm": nn.LayerNorm(64),
                          "small": nn.Linear(64, 8), "lm_head": nn.Linear(64, 70)})  # fmt: skip


# ---- sparsity


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(1, 20), st.integers(1, 1000)), min_size=1, max_size=8),
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_the_weighted_mean_hits_the_target_and_no_layer_exceeds_the_most(layers, target, spread, most):
    assume(target <= most)
    values, sizes = (np.array(column, dtype=float) for column in zip(*layers, strict=True))
    found = sparsities_of(values, sizes, target, spread, most)
    assert (found >= 0).all()
    assert (found <= most).all()
    assert (found * sizes).sum() / sizes.sum() == pytest.approx(target, abs=1e-9)
    order = np.argsort(values, kind="stable")
    assert (np.diff(found[order]) >= -1e-9).all()


def test_without_clipping_the_shares_are_those_of_the_published_rule():
    values, sizes = np.array([2.0, 3.0, 6.0]), np.array([100, 400, 200])
    scores = (1 - 0.3) + 0.6 * (values - 2) / 4
    expected = scores * 0.5 * sizes.sum() / (sizes * scores).sum()
    np.testing.assert_allclose(sparsities_of(values, sizes, 0.5, 0.3), expected, rtol=1e-12)


def test_a_clipped_layer_is_made_up_for_by_the_others_by_hand():
    # Shares 0.4 : 1.0 : 1.6 of a target of 0.8 would be 0.32, 0.8, 1.28; the rest then has 1.4 to share as 2 : 5.
    found = sparsities_of(np.array([1.0, 2.0, 3.0]), np.ones(3), 0.8, 0.6)
    np.testing.assert_allclose(found, [0.4, 1.0, 1.0], rtol=1e-12)
    np.testing.assert_allclose(sparsities_of(np.array([1.0, 2.0]), np.ones(2), 0.8, 1.0), [0.6, 1.0], rtol=1e-12)
    found = sparsities_of(np.array([1.0, 2.0, 3.0]), np.ones(3), 0.7, 0.6)
    np.testing.assert_allclose(found, [1.1 * 0.4 / 1.4, 1.1 / 1.4, 1.0], rtol=1e-12)


def test_a_model_is_pruned_to_the_target():
    module = network()
    result = prescribe.layerwise_sparsity(module, 0.5)
    pruned = dict.fromkeys(f"layers.{block}.{part}.weight" for block in range(2) for part in ("q_proj", "up_proj"))
    assert list(result.amounts) == [*pruned, "small.weight"]
    assert result.amounts["small.weight"] == 0.5
    assert result.achieved == pytest.approx(0.5, abs=1e-12)
    rows = {row.layer: row for row in result.rows}
    assert rows["embed_tokens.weight"].prescription == 0
    assert "not pruned" in rows["lm_head.weight"].reason
    assert "the target" in rows["small.weight"].reason
    measured = sorted((rows[name] for name in pruned), key=lambda row: row.value)
    assert [row.prescription for row in measured] == sorted(row.prescription for row in measured)
    for part, name, amount in prescribe.prunable(module, result):
        prune.l1_unstructured(part, name, amount=amount)
    masks = {name: buffer for name, buffer in module.named_buffers() if name.endswith("weight_mask")}
    assert len(masks) == len(result.amounts)
    removed = sum(int((mask == 0).sum()) for mask in masks.values()) / sum(mask.numel() for mask in masks.values())
    assert removed == pytest.approx(0.5, abs=len(masks) / sum(mask.numel() for mask in masks.values()))


def test_layers_of_one_block_can_share_their_exponent():
    result = prescribe.layerwise_sparsity(network(), 0.5, by_block=True, exclude=["small"])
    amounts = result.amounts
    for block in range(2):
        assert amounts[f"layers.{block}.q_proj.weight"] == amounts[f"layers.{block}.up_proj.weight"]
    assert amounts["layers.0.q_proj.weight"] != amounts["layers.1.q_proj.weight"]
    assert result.achieved == pytest.approx(0.5, abs=1e-12)


def test_equal_exponents_prune_evenly_and_say_so():
    module = nn.Sequential(nn.Linear(60, 60), nn.Linear(60, 60))
    module[1].weight.data.copy_(module[0].weight.data)
    result = prescribe.layerwise_sparsity(module, 0.4)
    assert set(result.amounts.values()) == {0.4}
    assert "every layer gets the target" in result.caveat


def test_weights_of_a_file_have_sparsities_too(tmp_path):
    torch.save(network().state_dict(), tmp_path / "net.pt")
    assert prescribe.layerwise_sparsity(open_model(tmp_path / "net.pt"), 0.5).achieved == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"target": 1.2}, "target sparsity"),
        ({"target": 0.5, "most": 0.4}, "at most 0.4"),
        ({"target": 0.5, "spread": 2}, "spread"),
    ],
)
def test_sparsities_that_cannot_be_are_refused(chosen, words):
    with pytest.raises(Complaint, match=words):
        prescribe.layerwise_sparsity(network(), **chosen)


def test_a_module_without_the_layer_cannot_be_pruned():
    with pytest.raises(Complaint, match="has no parameter"):
        prescribe.prunable(nn.Linear(3, 3), prescribe.layerwise_sparsity(network(), 0.5))


# ---- fine-tuning


def conditions(module):
    """Condition numbers by a plain decomposition."""
    names = [f"layers.{block}.{part}" for block in range(2) for part in ("q_proj", "up_proj")]
    values = {
        name: torch.linalg.svdvals(module.get_submodule(name).weight.detach().double()) for name in [*names, "small"]
    }
    return {name: float(found[0] / (found[-1] + 1e-8)) for name, found in values.items()}


def test_the_layers_with_the_lowest_condition_number_are_chosen():
    module = network()
    ranked = sorted(conditions(module), key=conditions(module).__getitem__)
    assert list(prescribe.layers_to_finetune(module).names) == ranked[:1]
    assert list(prescribe.layers_to_finetune(module, top_p=0.6).names) == ranked[:3]
    assert list(prescribe.layers_to_finetune(module, number=4).names) == ranked[:4]
    threshold = conditions(module)[ranked[1]] * 1.0001
    result = prescribe.layers_to_finetune(module, threshold=threshold)
    assert list(result.names) == ranked[:2]
    assert result.quantity == "fine-tuning"
    assert {row.layer for row in result.rows if row.prescription} == {f"{name}.weight" for name in ranked[:2]}
    for row in result.rows:
        if row.role == "measured":
            assert row.value == pytest.approx(conditions(module)[row.layer.removesuffix(".weight")], rel=1e-4)
    assert "without the aspect ratio" in result.caveat


def test_the_shape_can_be_taken_out_of_the_ranking():
    torch.manual_seed(5)
    module = nn.Sequential(nn.Linear(64, 64), nn.Linear(64, 256), nn.Linear(256, 64))
    left, _, right = torch.linalg.svd(module[0].weight.data)
    module[0].weight.data.copy_(left @ torch.diag(torch.linspace(1, 4, 64)) @ right)
    plain = prescribe.layers_to_finetune(module, number=3)
    fair = prescribe.layers_to_finetune(module, number=3, aspect_normalised=True)
    assert plain.names[-1] == "0"  # a square, though far better conditioned than noise in a square
    assert fair.names[0] == "0"
    assert fair.caveat == ""


def test_embeddings_heads_and_singular_layers_are_not_chosen():
    module = network()
    module["small"].weight.data[1] = module["small"].weight.data[0]
    result = prescribe.layers_to_finetune(module, top_p=1.0)
    assert len(result.names) == 4
    roles = {row.layer: row.role for row in result.rows}
    assert roles["embed_tokens.weight"] == roles["lm_head.weight"] == "table"
    assert roles["small.weight"] == "unreadable"


def test_nothing_is_frozen_until_it_is_asked_for():
    module = network()
    result = prescribe.layers_to_finetune(module, number=2)
    assert all(parameter.requires_grad for parameter in module.parameters())
    frozen = prescribe.freeze_others(module, result)
    assert sorted(frozen) == sorted(name for name, one in module.named_parameters() if not one.requires_grad)
    trained = {name for name, one in module.named_parameters() if one.requires_grad}
    assert trained == {f"{name}.{leaf}" for name in result.names for leaf in ("weight", "bias")}
    again = prescribe.freeze_others(module, ["small"])
    assert {name for name, one in module.named_parameters() if one.requires_grad} == {"small.weight", "small.bias"}
    assert len(again) == len(dict(module.named_parameters())) - 2
    with pytest.raises(Complaint, match="no module 'nowhere'"):
        prescribe.freeze_others(module, ["nowhere"])


def test_a_threshold_below_all_chooses_nothing_and_says_so():
    result = prescribe.layers_to_finetune(network(), threshold=0.5)
    assert result.names == ()
    assert "No layer is below the threshold" in result.caveat


@pytest.mark.parametrize(
    ("chosen", "words"),
    [({"top_p": 0.2, "number": 3}, "one of"), ({"number": 0}, "number=0"), ({"top_p": 1.5}, "top_p=1.5")],
)
def test_choices_that_make_no_sense_are_refused(chosen, words):
    with pytest.raises(Complaint, match=words):
        prescribe.layers_to_finetune(network(), **chosen)
