"""Attention heads of a folder whose network cannot be built: the configuration beside the weights knows them."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model

from .layer_parts import gpt2, llama, neox


def folder_of(module, path, **changes):
    """Weights beside a configuration of a family that nothing here can build."""
    config = {**module.config.to_dict(), "architectures": ["Unknown"], "auto_map": {}, **changes}
    save_file({key: value.clone() for key, value in module.state_dict().items()}, path / "model.safetensors")
    (path / "config.json").write_text(json.dumps(config, default=str))
    return path


@pytest.mark.parametrize(
    ("make", "layer"),
    [
        (llama, "model.layers.0.self_attn.q_proj.weight"),
        (llama, "model.layers.0.self_attn.k_proj.weight"),
        (llama, "model.layers.0.self_attn.o_proj.weight"),
        (gpt2, "transformer.h.0.attn.c_attn.weight"),
        (gpt2, "transformer.h.0.attn.c_proj.weight"),
        (neox, "gpt_neox.layers.0.attention.query_key_value.weight"),
    ],
)
def test_a_folder_is_cut_into_the_heads_of_its_live_module(make, layer, tmp_path, monkeypatch):
    torch.manual_seed(0)
    module = make()
    monkeypatch.setattr("spectral_widgets.weights.hub.transformers_or_none", lambda: None)
    opened = open_model(folder_of(module, tmp_path), cut="heads")
    assert opened.module is None
    live = open_model(module, cut="heads")
    names = [other.name for other in live.layers if other.ref.parameter == layer]
    assert len(names) > 1
    assert [other.name for other in opened.layers if other.ref.parameter == layer] == names
    for name in names:
        np.testing.assert_array_equal(opened.read(name).values, live.read(name).values)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"num_attention_heads": 0}', '{"n_head": "two"}'])
def test_a_configuration_without_heads_leaves_them_unknown(text, tmp_path, monkeypatch):
    monkeypatch.setattr("spectral_widgets.weights.hub.transformers_or_none", lambda: None)
    (folder_of(llama(), tmp_path) / "config.json").write_text(text)
    model = open_model(tmp_path)
    assert len(model.layers) > 3
    with pytest.raises(Complaint, match="how many heads"):
        model.recut("heads")
