"""Untrained modules of common architectures, as small as they can be."""

from __future__ import annotations

import torch
import transformers
from torch import nn

SMALL = {"hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
SPECIAL = {"bos_token_id": 0, "eos_token_id": 1}


def build(name: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return ARCHITECTURES[name]()


ARCHITECTURES = {
    "bert": lambda: transformers.BertModel(transformers.BertConfig(vocab_size=50, **SMALL)),
    "gpt2": lambda: transformers.GPT2LMHeadModel(
        transformers.GPT2Config(vocab_size=50, n_embd=8, n_layer=2, n_head=2, n_positions=16, **SPECIAL)
    ),
    "llama": lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=50, **SMALL)),
    "vit": lambda: transformers.ViTForImageClassification(transformers.ViTConfig(image_size=8, patch_size=4, **SMALL)),
    "t5": lambda: transformers.T5ForConditionalGeneration(
        transformers.T5Config(
            vocab_size=50,
            d_model=8,
            d_ff=16,
            num_layers=2,
            num_heads=2,
            d_kv=4,
            feed_forward_proj="gated-gelu",
        )
    ),
    "opt": lambda: transformers.OPTForCausalLM(
        transformers.OPTConfig(
            vocab_size=50,
            hidden_size=8,
            num_hidden_layers=2,
            num_attention_heads=2,
            ffn_dim=16,
            word_embed_proj_dim=8,
            max_position_embeddings=16,
        )
    ),
    "torch": lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16), 2, enable_nested_tensor=False),
    "mixed": lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 6), nn.LSTM(6, 5)),
}
