"""What a weight matrix is for, read from its name and the type of its module."""

from __future__ import annotations

KINDS = (
    "embedding",
    "position_embedding",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_qkv",
    "attn_out",
    "mlp_up",
    "mlp_gate",
    "mlp_down",
    "lm_head",
    "conv",
    "linear",
    "recurrent",
    "other",
)

# A last name that means one thing wherever it stands.
_BY_LEAF = {
    "position_embedding": "position_embeddings position_embedding embed_positions pos_embed "
    "pos_embedding wpe relative_attention_bias",
    "embedding": "word_embeddings token_type_embeddings embed_tokens embed_in tok_embeddings token_embedding "
    "token_embeddings wte shared",
    "attn_q": "q_proj q_proj_weight q_lin query query_proj to_q wq q",
    "attn_k": "k_proj k_proj_weight k_lin key key_proj to_k wk k",
    "attn_v": "v_proj v_proj_weight v_lin value value_proj to_v wv v",
    "attn_qkv": "c_attn qkv qkv_proj query_key_value in_proj_weight Wqkv W_pack",
    "attn_out": "o_proj out_lin to_out",
    "mlp_up": "up_proj gate_up_proj c_fc fc_in dense_h_to_4h wi wi_1",
    "mlp_gate": "gate_proj wi_0",
    "mlp_down": "down_proj fc_out dense_4h_to_h",
    "lm_head": "lm_head embed_out wcls",
}
_LEAVES = {leaf: kind for kind, leaves in _BY_LEAF.items() for leaf in leaves.split()}

# A last name that means this only inside a block or a feed-forward part: a plain net may have an "fc1" too.
_IN_BLOCK = {
    "fc1": "mlp_up",
    "linear1": "mlp_up",
    "lin1": "mlp_up",
    "w3": "mlp_up",
    "w1": "mlp_gate",
    "fc2": "mlp_down",
    "linear2": "mlp_down",
    "lin2": "mlp_down",
    "w2": "mlp_down",
}
_FEED_FORWARD = {"mlp", "ffn", "DenseReluDense", "DenseGatedActDense", "feed_forward", "experts"}
_ATTENTION = {
    "attention",
    "attn",
    "self_attn",
    "cross_attn",
    "self_attention",
    "SelfAttention",
    "EncDecAttention",
}


def parts_of(name: str) -> list[str]:
    """The dotted name without a closing ``weight``."""
    parts = name.split(".")
    return parts[:-1] if parts[-1] == "weight" and len(parts) > 1 else parts


def depth_of(name: str) -> int | None:
    """Index of the block: the first whole number in the dotted name; ``None`` without one."""
    return next((int(part) for part in name.split(".") if part.isdecimal()), None)


def _kind_from_context(parts: list[str], depth: int | None) -> str | None:
    leaf, before = parts[-1], parts[:-1]
    attention, feed_forward = bool(_ATTENTION & set(before)), bool(_FEED_FORWARD & set(before))
    if leaf in ("c_proj", "wo", "o", "proj", "out_proj"):
        if feed_forward:
            return "mlp_down"
        return "attn_out" if attention or depth is not None else None
    if leaf == "dense" and before:
        if attention:
            return "attn_out"
        return {"intermediate": "mlp_up", "output": "mlp_down"}.get(before[-1])
    if leaf in _IN_BLOCK and (depth is not None or feed_forward):
        return _IN_BLOCK[leaf]
    if (leaf == "output" and not before) or parts[-2:] == ["predictions", "decoder"]:
        return "lm_head"
    return None


def _kind_from_module(module_type: str, n_axes: int, *, is_weight: bool) -> str:
    if module_type.startswith(("Conv1d", "Conv2d", "Conv3d", "ConvTranspose", "LazyConv")):
        return "conv"
    if "Embedding" in module_type and is_weight:
        return "embedding"
    if "Linear" in module_type or module_type in ("Conv1D", "Bilinear"):
        return "linear"
    if module_type in ("", "Unknown") and is_weight:
        return "conv" if n_axes in (3, 4, 5) else "linear"
    return "other"


def kind_of(name: str, *, n_axes: int = 2, module_type: str = "") -> str:
    """One of ``KINDS``; ``module_type`` is the class name of the owning module, empty when unknown."""
    parts = parts_of(name)
    if parts[-1].startswith(("weight_ih", "weight_hh", "weight_hr")):
        return "recurrent"
    if module_type == "NonDynamicallyQuantizableLinear":
        return "attn_out"  # the output projection of nn.MultiheadAttention and of nothing else
    if module_type.startswith(("Conv1d", "Conv2d", "Conv3d")):
        return "conv"
    return (
        _LEAVES.get(parts[-1])
        or _kind_from_context(parts, depth_of(name))
        or _kind_from_module(module_type, n_axes, is_weight=name.endswith("weight"))
    )
