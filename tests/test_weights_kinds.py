"""Kinds and depths of layers, told from modules and from names alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.weights import KINDS, open_model
from spectral_widgets.weights.kinds import depth_of, kind_of

from .architectures import build

# architecture → part of a name → (kind, depth); every layer of the model must be met by exactly one line.
EXPECTED = {
    "bert": {
        "word_embeddings": ("embedding", None),
        "position_embeddings": ("position_embedding", None),
        "token_type_embeddings": ("embedding", None),
        "layer.0.attention.self.query": ("attn_q", 0),
        "layer.1.attention.self.query": ("attn_q", 1),
        "self.key": ("attn_k", ...),
        "self.value": ("attn_v", ...),
        "attention.output.dense": ("attn_out", ...),
        "intermediate.dense": ("mlp_up", ...),
        "layer.0.output.dense": ("mlp_down", 0),
        "layer.1.output.dense": ("mlp_down", 1),
        "pooler.dense": ("linear", None),
    },
    "gpt2": {
        "wte": ("embedding", None),
        "wpe": ("position_embedding", None),
        "attn.c_attn": ("attn_qkv", ...),
        "attn.c_proj": ("attn_out", ...),
        "mlp.c_fc": ("mlp_up", ...),
        "h.0.mlp.c_proj": ("mlp_down", 0),
        "h.1.mlp.c_proj": ("mlp_down", 1),
    },
    "llama": {
        "embed_tokens": ("embedding", None),
        "q_proj": ("attn_q", ...),
        "k_proj": ("attn_k", ...),
        "v_proj": ("attn_v", ...),
        "o_proj": ("attn_out", ...),
        "gate_proj": ("mlp_gate", ...),
        "up_proj": ("mlp_up", ...),
        "down_proj": ("mlp_down", ...),
        "lm_head": ("lm_head", None),
    },
    "vit": {
        "cls_token": ("other", None),
        "position_embeddings": ("position_embedding", None),
        "patch_embeddings": ("conv", None),
        "q_proj": ("attn_q", ...),
        "k_proj": ("attn_k", ...),
        "v_proj": ("attn_v", ...),
        "o_proj": ("attn_out", ...),
        "fc1": ("mlp_up", ...),
        "fc2": ("mlp_down", ...),
        "classifier": ("linear", None),
    },
    "t5": {
        "shared": ("embedding", None),
        "relative_attention_bias": ("position_embedding", 0),
        "Attention.q.": ("attn_q", ...),
        "Attention.k.": ("attn_k", ...),
        "Attention.v.": ("attn_v", ...),
        "Attention.o.": ("attn_out", ...),
        "wi_0": ("mlp_gate", ...),
        "wi_1": ("mlp_up", ...),
        "wo": ("mlp_down", ...),
    },
    "opt": {
        "embed_tokens": ("embedding", None),
        "embed_positions": ("position_embedding", None),
        "q_proj": ("attn_q", ...),
        "k_proj": ("attn_k", ...),
        "v_proj": ("attn_v", ...),
        "out_proj": ("attn_out", ...),
        "fc1": ("mlp_up", ...),
        "fc2": ("mlp_down", ...),
    },
    "torch": {
        "in_proj_weight": ("attn_qkv", ...),
        "out_proj": ("attn_out", ...),
        "linear1": ("mlp_up", ...),
        "linear2": ("mlp_down", ...),
    },
    "mixed": {
        "0.weight": ("conv", 0),
        "2.weight": ("linear", 2),
        "weight_ih": ("recurrent", 3),
        "weight_hh": ("recurrent", 3),
    },
}


@pytest.mark.parametrize("architecture", EXPECTED)
def test_kinds_and_depths_of_common_architectures(architecture):
    lines, met = EXPECTED[architecture], set()
    for layer in open_model(build(architecture)).layers:
        fitting = [part for part in lines if part in layer.name]
        assert len(fitting) == 1, (layer.name, fitting)
        kind, depth = lines[fitting[0]]
        assert layer.kind == kind, layer
        assert layer.depth == depth if depth is not ... else layer.depth in (0, 1), layer
        met.add(fitting[0])
    assert met == set(lines)


@pytest.mark.parametrize(
    ("name", "kind", "depth"),
    [
        ("fc1.weight", "linear", None),
        ("layers.0.wo", "attn_out", 0),
        ("layers.5.w1", "mlp_gate", 5),
        ("layers.5.w2", "mlp_down", 5),
        ("tok_embeddings", "embedding", None),
        ("wcls", "lm_head", None),
        ("output.weight", "lm_head", None),
        ("gpt_neox.layers.3.attention.query_key_value.weight", "attn_qkv", 3),
        ("gpt_neox.layers.3.attention.dense.weight", "attn_out", 3),
        ("gpt_neox.layers.3.mlp.dense_4h_to_h.weight", "mlp_down", 3),
        ("blocks.7.attn.proj.weight", "attn_out", 7),
        ("blocks.7.mlp.fc1.weight", "mlp_up", 7),
        ("layers.1.block_sparse_moe.experts.3.w3.weight", "mlp_up", 1),
    ],
)
def test_kinds_from_names_alone(name, kind, depth):
    assert (kind_of(name), depth_of(name)) == (kind, depth)


@given(st.lists(st.sampled_from(["h", "0", "12", "attn", "w1", "weight", "dense", "output"]), min_size=1, max_size=6))
def test_every_name_has_one_of_the_kinds(parts):
    assert kind_of(".".join(parts)) in KINDS
