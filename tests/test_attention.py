"""Heads of real architectures: their products against what the networks themselves compute."""

import numpy as np
import pytest
import spectral_widgets as sw
import torch
import transformers
from safetensors.torch import save_file
from spectral_widgets.api_attention import attention_heads
from spectral_widgets.records import Complaint, FactoredMatrix, LayerRef
from spectral_widgets.spectra.products import spectrum_of_product
from spectral_widgets.weights.attention import attention_parts
from torch import nn

from .architectures import ARCHITECTURES, SMALL, build
from .layer_parts import llama, neox
from .test_llama2c import write_checkpoint

# Attention with the linear parts that read values and write outputs, and the number of heads.
NETWORKS = {
    "bert": (lambda: build("bert"), "encoder.layer.1.attention.self.value", "encoder.layer.1.attention.output.dense"),
    "llama with shared keys": (llama, "model.layers.0.self_attn.v_proj", "model.layers.0.self_attn.o_proj"),
    "gpt2": (lambda: build("gpt2"), "transformer.h.1.attn.c_attn", "transformer.h.1.attn.c_proj"),
    "neox, heads interleaved": (
        neox,
        "gpt_neox.layers.0.attention.query_key_value",
        "gpt_neox.layers.0.attention.dense",
    ),
    "opt": (
        lambda: build("opt"),
        "model.decoder.layers.1.self_attn.v_proj",
        "model.decoder.layers.1.self_attn.out_proj",
    ),
}


def without_biases(module):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.endswith("bias"):
                parameter.zero_()
    return module.eval()


def seen(module, reader, writer, *inputs):
    """What goes into ``reader`` and what comes out of ``writer``."""
    caught = {}
    hooks = [
        module.get_submodule(reader).register_forward_hook(lambda part, x, y: caught.update(read=x[0].detach())),
        module.get_submodule(writer).register_forward_hook(lambda part, x, y: caught.update(written=y.detach())),
    ]
    with torch.no_grad():
        module(*inputs)
    for hook in hooks:
        hook.remove()
    return caught["read"].reshape(-1, caught["read"].shape[-1]).numpy(), caught["written"].flatten(0, -2).numpy()


def part_of(module, writer):
    return next(part for part in attention_parts(sw.open_model(module)) if writer.startswith(part.name))


def heads_of(part, **options):
    return [part.head(k, **options) for k in range(part.heads.n_queries)]


@pytest.mark.parametrize("name", NETWORKS)
def test_alone_a_token_moves_itself_by_the_sum_of_all_ov_products(name):
    """With one token every head attends to it fully, so that attention is ``Σ O V x``."""
    make, reader, writer = NETWORKS[name]
    module = without_biases(make())
    read, written = seen(module, reader, writer, torch.tensor([[3]]))
    heads = heads_of(part_of(module, writer), fold_norms=False)
    assert len(heads) == module.config.num_attention_heads
    moved = sum(head.output @ (head.value @ read[0]) for head in heads)
    assert moved == pytest.approx(written[0], abs=1e-6)


def test_scores_of_bert_are_its_qk_products():
    module = without_biases(
        transformers.BertModel(transformers.BertConfig(vocab_size=50, attn_implementation="eager", **SMALL))
    )
    tokens = torch.tensor([[3, 7, 1, 20]])
    reader, writer = "encoder.layer.1.attention.self.key", "encoder.layer.1.attention.output.dense"
    read, _ = seen(module, reader, writer, tokens)
    with torch.no_grad():
        attention = module(tokens, output_attentions=True).attentions[1][0].numpy()
    for index, head in enumerate(heads_of(part_of(module, writer))):
        scores = read @ head.query.T @ head.key @ read.T / len(head.query) ** 0.5
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        assert weights / weights.sum(axis=1, keepdims=True) == pytest.approx(attention[index], abs=1e-6)


@pytest.mark.parametrize("options", [{}, {"kdim": 6, "vdim": 5}], ids=["packed", "separate"])
def test_torch_attention_is_its_heads(options):
    torch.manual_seed(0)
    part = nn.MultiheadAttention(8, 2, bias=False, batch_first=True, **options)
    query, key, value = (torch.randn(1, 3, options.get(side, 8)) for side in ("", "kdim", "vdim"))
    if not options:
        key = value = query
    with torch.no_grad():
        output, weights = part(query, key, value, average_attn_weights=False)
    heads = heads_of(attention_parts(sw.open_model(part))[0])
    query, key, value = (side[0].numpy() for side in (query, key, value))
    total = 0
    for head, seen_weights in zip(heads, weights[0].numpy(), strict=True):
        scores = query @ head.query.T @ head.key @ key.T / 2
        mine = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        assert mine == pytest.approx(seen_weights, abs=1e-6)
        total = total + mine @ value @ (head.output @ head.value).T
    assert total == pytest.approx(output[0].numpy(), abs=1e-6)


def test_llama2c_knows_its_heads(tmp_path):
    tensors = write_checkpoint(tmp_path / "model.bin")
    model = sw.open_model(tmp_path / "model.bin")
    sizes = model.module.sizes
    parts = attention_parts(model)
    assert [part.heads.n_queries for part in parts] == [sizes.n_heads] * sizes.n_layers
    head, width = parts[0].head(sizes.n_heads - 1, fold_norms=False), sizes.head_width
    assert np.array_equal(head.query, tensors["layers.0.wq"][-width:])
    assert np.array_equal(head.value, tensors["layers.0.wv"][-width:])
    assert np.array_equal(head.output, tensors["layers.0.wo"][:, -width:])
    folded = parts[0].head(0)
    assert folded.folded == "layers.0.attention_norm"
    assert folded.key == pytest.approx(parts[0].head(0, fold_norms=False).key * tensors["layers.0.attention_norm"])


def test_folded_gains_let_heads_read_before_the_norm():
    module = without_biases(llama())
    with torch.no_grad():
        module.model.layers[0].input_layernorm.weight.uniform_(0.5, 2)
    read, written = seen(
        module, "model.layers.0.input_layernorm", "model.layers.0.self_attn.o_proj", torch.tensor([[3]])
    )
    unit = read[0] / np.sqrt((read[0] ** 2).mean() + module.config.rms_norm_eps)
    heads = heads_of(part_of(module, "model.layers.0.self_attn.o_proj"))
    assert sum(head.output @ (head.value @ unit) for head in heads) == pytest.approx(written[0], abs=1e-6)


@pytest.mark.parametrize("name", ["bert", "gpt2", "llama"])
def test_files_need_the_number_of_heads_and_then_give_the_same(name, tmp_path):
    module = build(name)
    state = {key: value.clone() for key, value in module.state_dict().items() if "lm_head" not in key}
    save_file(state, tmp_path / "model.safetensors")
    live, stored = sw.open_model(module), sw.open_model(tmp_path / "model.safetensors")
    with pytest.raises(Complaint, match="give n_heads"):
        attention_heads(stored)
    for mine, other in zip(attention_heads(live), attention_heads(stored, n_heads=2), strict=True):
        assert mine.name == other.name
        assert np.array_equal(mine.read().left, other.read().left)
        assert np.array_equal(mine.read().right, other.read().right)


def test_groups_of_queries_share_keys():
    part = attention_parts(sw.open_model(llama()))[0]
    assert (part.heads.n_queries, part.heads.n_keys) == (4, 2)
    one, two, three = (part.head(k) for k in (0, 1, 2))
    assert np.array_equal(one.key, two.key)
    assert not np.array_equal(two.key, three.key)
    assert not np.array_equal(one.query, two.query)


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if name != "mixed"])
def test_every_architecture_lists_its_heads_by_name(name):
    handles = attention_heads(build(name))
    names = [handle.name for handle in handles]
    assert len(set(names)) == len(names) >= 8
    assert {handle.ref.kind for handle in handles} == {"ov", "qk"}
    assert all(handle.ref.shape == (8, 8) and handle.ref.n_cols == 4 for handle in handles)


def test_crossed_attention_is_told_apart():
    parts = attention_parts(sw.open_model(build("t5")))
    assert [part.is_cross for part in parts] == ["EncDec" in part.name for part in parts]
    assert {part.stack for part in parts} == {"encoder.block", "decoder.block"}


@pytest.mark.parametrize(
    ("make", "options", "said"),
    [
        (lambda: nn.Linear(4, 4), {}, "no attention"),
        (lambda: build("bert"), {"n_heads": 3}, "do not divide"),
        (lambda: build("bert"), {"products": ["vo"]}, "no product 'vo'"),
    ],
)
def test_complaints_say_what_is_wrong(make, options, said):
    with pytest.raises(Complaint, match=said):
        attention_heads(make(), **options)


@pytest.mark.parametrize("shape", [(40, 6, 40), (40, 6, 25), (20, 30, 20), (12, 12, 50)])
def test_the_spectrum_of_a_product_is_that_of_the_formed_one(shape):
    rng = np.random.default_rng(0)
    n_outputs, inner, n_inputs = shape
    left, right = rng.standard_normal((n_outputs, inner)), rng.standard_normal((inner, n_inputs))
    sides = max(n_outputs, n_inputs), min(shape)
    ref = LayerRef("product", "ov", None, (n_outputs, n_inputs), *sides, "float64")
    spectrum = spectrum_of_product(FactoredMatrix(ref, left, right))
    whole = left @ right
    known = np.linalg.svd(whole, compute_uv=False)[: min(shape)][::-1] ** 2 / max(whole.shape)
    assert spectrum.eigenvalues == pytest.approx(known, rel=1e-9)
    assert (spectrum.n_rows, spectrum.n_cols) == sides
    assert spectrum.element_variance == pytest.approx(whole.var())


def test_products_are_measured_without_their_entries():
    handles = attention_heads(build("gpt2"))
    table = sw.measure(handles, ["frobenius_norm", "spectral_norm", "stable_rank", "bulk_variance", "weibull_shape"])
    assert list(table.index) == [handle.name for handle in handles]
    for handle in handles:
        factors, row = handle.read(), table.loc[handle.name]
        whole = factors.left.astype(float) @ factors.right
        assert row["frobenius_norm"] == pytest.approx(np.linalg.norm(whole))
        assert row["spectral_norm"] == pytest.approx(np.linalg.norm(whole, 2))
        assert row["stable_rank"] == pytest.approx((np.linalg.norm(whole) / np.linalg.norm(whole, 2)) ** 2)
        assert np.isnan(row["weibull_shape"])
        assert "product of two" in row["caveats"]
    assert sw.measure(handles[0], ["stable_rank"]).shape[0] == 1
    assert sw.measure(handles[0].read(), ["stable_rank"]).equals(sw.measure(handles[0], ["stable_rank"]))


def test_a_product_with_nan_says_so():
    module = build("gpt2")
    with torch.no_grad():
        module.transformer.h[0].attn.c_attn.weight[0, 0] = float("nan")
    table = sw.measure(attention_heads(module, ["qk"]), ["stable_rank"])
    assert "NaN" in table["caveats"].iloc[0]
    assert table["stable_rank"].notna().iloc[-1]
