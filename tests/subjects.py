"""Small models to ablate, and everything about one that an ablation must leave alone."""

from __future__ import annotations

import hashlib

import numpy as np
import torch
import transformers
from spectral_widgets.probing import probes
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import ChangeEntries, Entry
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.weights import open_model
from torch import nn
from torch.nn.utils import parametrizations, parametrize

# ---- models

SMALL = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
LLAMA = {**SMALL, "vocab_size": 40, "bos_token_id": 0, "eos_token_id": 1}


def mlp(dtype=torch.float32) -> nn.Module:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(12, 20), nn.ReLU(), nn.Dropout(0.5), nn.Linear(20, 5))
    return net.to(dtype)


class BatchNormed(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.norm, self.last = nn.Linear(12, 16), nn.BatchNorm1d(16), nn.Linear(16, 4)

    def forward(self, x):
        return self.last(self.norm(self.first(x)).relu())


def tied_llama() -> nn.Module:
    torch.manual_seed(2)
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**LLAMA, tie_word_embeddings=True))


def gpt2() -> nn.Module:
    torch.manual_seed(2)
    sizes = {"vocab_size": 40, "n_positions": 32, "n_embd": 16, "n_layer": 1, "n_head": 2}
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=1))


def bert() -> nn.Module:
    torch.manual_seed(3)
    return transformers.BertModel(transformers.BertConfig(vocab_size=40, **SMALL))


def conv() -> nn.Module:
    torch.manual_seed(4)
    return nn.Sequential(nn.Conv2d(2, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 16, 3))


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(5)
        self.cells, self.last = nn.LSTM(12, 10, batch_first=True), nn.Linear(10, 4)

    def forward(self, x):
        return self.last(self.cells(x[:, None])[0][:, -1])


def parametrised(kind) -> nn.Module:
    net = mlp()
    kind(net[0])
    return net


class HangsOnOneWeight(nn.Module):
    """Class scores that one giant weight of the first layer decides; or, with ``dead``, that ignore its unit."""

    def __init__(self, dead: bool):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(40, 60, bias=False), nn.Linear(60, 4)
        with torch.no_grad():
            self.first.weight.normal_(0, 0.05)
            self.first.weight[7, 5] = 3.0
            self.last.weight.normal_(0, 0.3)
            self.last.weight[:, 7] = 0.0 if dead else torch.tensor([3.0, -3.0, 1.0, -1.0])
        self.double()

    def forward(self, x):
        return self.last(self.first(x))


def trapped_model():
    """Two layers with a giant entry and a mean offset each, the scan of both, in float64."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(24, 40), nn.ReLU(), nn.Linear(40, 30), nn.ReLU(), nn.Linear(30, 5)).double()
    with torch.no_grad():
        for part in (module[0], module[2]):
            part.weight[3, 4] = 8.0
            part.weight += 0.5
    model = open_model(module)
    return module, model, [find_traps(model.read(name), [0]) for name in ("0.weight", "2.weight")]


WIDE = probes.gaussian_vectors(n=10, size=24, seed=1)
VECTORS = probes.gaussian_vectors(n=10, size=12, seed=1)
TOKENS = probes.random_tokens(n=6, length=5, seed=1, vocabulary_size=40)
IMAGES = probes.gaussian_images(n=6, shape=(2, 6, 6), seed=1)
#: name: (maker, layer to edit, probe)
MODELS = {
    "mlp": (mlp, "0.weight", VECTORS),
    "float64": (lambda: mlp(torch.float64), "0.weight", VECTORS),
    "bfloat16": (lambda: mlp(torch.bfloat16), "0.weight", VECTORS),
    "float16": (lambda: mlp(torch.float16), "3.weight", VECTORS),
    "batch norm, training": (lambda: BatchNormed().train(), "first.weight", VECTORS),
    "weight norm": (lambda: parametrised(parametrizations.weight_norm), "0.weight", VECTORS),
    "orthogonal": (lambda: parametrised(parametrizations.orthogonal), "0.weight", VECTORS),
    "spectral norm": (lambda: parametrised(parametrizations.spectral_norm), "0.weight", VECTORS),
    "convolution": (conv, "0.weight", IMAGES),
    "lstm": (Recurrent, "cells.weight_ih_l0", VECTORS),
    "tied llama": (tied_llama, "model.embed_tokens.weight", TOKENS),
    "gpt2": (gpt2, "transformer.h.0.mlp.c_fc.weight", TOKENS),
    "bert": (bert, "encoder.layer.0.output.dense.weight", TOKENS),
}


def whole_state(module: nn.Module) -> str:
    """Parameters, buffers, gradients, flags, hooks, identities, and both global random generators."""
    digest = hashlib.sha256()
    for name, tensor in [*module.named_parameters(remove_duplicate=False), *module.named_buffers()]:
        digest.update(f"{name} {id(tensor)} {tensor.requires_grad} {tensor.dtype} {tensor.grad is None}".encode())
        digest.update(tensor.detach().contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    for name, part in module.named_modules():
        hooks = [len(getattr(part, key)) for key in ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")]
        digest.update(f"{name} {type(part)} {id(part)} {part.training} {hooks} {sorted(part.__dict__)}".encode())
        if parametrize.is_parametrized(part):
            # Each parametrised module has a class of its own whose properties compute the weights.
            digest.update(repr(sorted(key for key in vars(type(part)) if not key.startswith("__"))).encode())
    digest.update(torch.get_rng_state().numpy().tobytes())
    digest.update(np.random.get_state()[1].tobytes())  # noqa: NPY002
    return digest.hexdigest()


def opened(name: str, n_controls: int = 2, batch_size: int = 4):
    make, layer, probe = MODELS[name]
    module = make()
    model = open_model(module)
    matrix = model.read(layer)
    edit = ChangeEntries(matrix.ref, (Entry(1, 2, 0.0, 0.0), Entry(0, 1, 0.0, 0.0)))
    return module, model, plan_for(edit, probe, n_controls=n_controls, batch_size=batch_size)
