"""One small module of every layer type: how it is built, cut and fed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from spectral_widgets.records import Probe
from spectral_widgets.weights import open_model
from spectral_widgets.weights.layers import Layer
from spectral_widgets.weights.model import Model
from spectral_widgets.weights.outputs import images, tokens, vectors
from torch import nn

from .layer_parts import Experts, Picked, attends, gpt2, llama, neox, packed, recurs


@dataclass(frozen=True)
class Case:
    """``parameter`` of what ``make`` builds, under ``cut``; ``labels`` are its blocks in order, "" for whole."""

    make: Callable[[], nn.Module]
    parameter: str
    probe: Probe
    labels: tuple[str, ...] = ("",)
    cut: str = "default"
    kinds: tuple[str, ...] = ("linear",)
    words: str = ""
    shape: tuple[int, ...] = ()


def _conv(part: Callable[[], nn.Module], size: int) -> Callable[[], nn.Module]:
    return lambda: Picked(part(), size, lambda conv, x: conv(x))


def _offsets(*sides: int) -> tuple[str, ...]:
    places = [()]
    for side in sides:
        places = [(*place, k) for place in places for k in range(side)]
    return tuple(f"kernel offset ({', '.join(map(str, place))}{',' if len(place) == 1 else ''})" for place in places)


SIX, EIGHT = vectors(6, 1, 6), vectors(6, 1, 8)
LINE, FLAT, CUBE = images(6, 1, (4, 6)), images(6, 1, (4, 5, 5)), images(4, 1, (2, 4, 4, 4))
WORDS = tokens(6, 1, 40, 5)
HEADS = tuple(f"head {k}" for k in range(4))
FUSED = tuple(f"{part} head {k}" for part in "qkv" for k in range(2))
QKV = ("attn_q", "attn_k", "attn_v")
FUSED_KINDS = tuple(kind for kind in QKV for _ in range(2))

CASES = {
    "linear": Case(lambda: Picked(nn.Linear(6, 5), 5, lambda f, x: f(x)), "part.weight", SIX, shape=(5, 6)),
    "embedding": Case(
        lambda: Picked(nn.Embedding(40, 6), 30, lambda f, x: f(x)), "part.weight", WORDS, kinds=("embedding",)
    ),
    "conv1d": Case(
        _conv(lambda: nn.Conv1d(4, 5, 3), 20), "part.weight", LINE, kinds=("conv",), words="flattened", shape=(5, 4, 3)
    ),
    "conv1d by slice": Case(
        _conv(lambda: nn.Conv1d(4, 5, 3), 20), "part.weight", LINE, _offsets(3), "slices", ("conv",), shape=(5, 4)
    ),
    "conv2d": Case(_conv(lambda: nn.Conv2d(4, 6, 3), 54), "part.weight", FLAT, kinds=("conv",), words="flattened"),
    "conv2d by slice": Case(
        _conv(lambda: nn.Conv2d(4, 6, (3, 2)), 72), "part.weight", FLAT, _offsets(3, 2), "slices", ("conv",), "", (6, 4)
    ),
    "conv3d": Case(_conv(lambda: nn.Conv3d(2, 3, 2), 81), "part.weight", CUBE, kinds=("conv",), words="flattened"),
    "conv3d by slice": Case(
        _conv(lambda: nn.Conv3d(2, 3, 2), 81), "part.weight", CUBE, _offsets(2, 2, 2), "slices", ("conv",), "", (3, 2)
    ),
    "transposed": Case(
        _conv(lambda: nn.ConvTranspose2d(4, 3, 2), 108),
        "part.weight",
        FLAT,
        kinds=("conv",),
        words="flattened, outputs first",
        shape=(4, 3, 2, 2),
    ),
    "transposed by slice": Case(
        _conv(lambda: nn.ConvTranspose1d(4, 3, 2), 21), "part.weight", LINE, _offsets(2), "slices", ("conv",)
    ),
    "grouped": Case(
        _conv(lambda: nn.Conv2d(4, 6, 3, groups=2), 54),
        "part.weight",
        FLAT,
        ("group 0", "group 1"),
        kinds=("conv", "conv"),
        words="flattened",
        shape=(3, 2, 3, 3),
    ),
    "grouped by slice": Case(
        _conv(lambda: nn.Conv1d(4, 6, 2, groups=2), 30),
        "part.weight",
        LINE,
        tuple(f"group {k}, {place}" for k in range(2) for place in _offsets(2)),
        "slices",
        ("conv",),
        shape=(3, 2),
    ),
    "grouped transposed": Case(
        _conv(lambda: nn.ConvTranspose1d(4, 6, 2, groups=2), 42),
        "part.weight",
        LINE,
        ("group 0", "group 1"),
        kinds=("conv",),
        words="flattened, outputs first",
        shape=(2, 3, 2),
    ),
    "depthwise": Case(
        _conv(lambda: nn.Conv2d(4, 4, 3, groups=4), 36),
        "part.weight",
        FLAT,
        kinds=("conv",),
        words="depthwise, one kernel a row",
        shape=(4, 1, 3, 3),
    ),
    "lstm": Case(
        lambda: Picked(nn.LSTM(6, 5, batch_first=True), 10, recurs),
        "part.weight_hh_l0",
        SIX,
        tuple(f"gate {gate}" for gate in "ifgo"),
        kinds=("recurrent",),
        shape=(5, 5),
    ),
    "gru, backwards": Case(
        lambda: Picked(nn.GRU(6, 5, batch_first=True, bidirectional=True), 20, recurs),
        "part.weight_ih_l0_reverse",
        SIX,
        tuple(f"gate {gate}" for gate in "rzn"),
        kinds=("recurrent",),
        shape=(5, 6),
    ),
    "plain recurrence": Case(
        lambda: Picked(nn.RNN(6, 5, batch_first=True), 10, recurs), "part.weight_hh_l0", SIX, kinds=("recurrent",)
    ),
    "packed attention": Case(
        lambda: Picked(packed(), 24, attends), "part.in_proj_weight", EIGHT, ("q", "k", "v"), kinds=QKV, shape=(8, 8)
    ),
    "packed attention by head": Case(
        lambda: Picked(packed(), 24, attends), "part.in_proj_weight", EIGHT, FUSED, "heads", FUSED_KINDS, "", (4, 8)
    ),
    "unpacked attention": Case(
        lambda: Picked(
            packed(kdim=8, vdim=7), 16, lambda f, x: f(y := torch.stack([x, x.flip(-1)], 1), y, y[..., :7])[0]
        ),
        "part.q_proj_weight",
        EIGHT,
        kinds=("attn_q",),
    ),
    "output by head": Case(
        lambda: Picked(packed(), 24, attends),
        "part.out_proj.weight",
        EIGHT,
        HEADS[:2],
        "heads",
        ("attn_out",),
        shape=(8, 4),
    ),
    "grouped queries": Case(
        llama, "model.layers.0.self_attn.q_proj.weight", WORDS, HEADS, "heads", ("attn_q",), shape=(4, 16)
    ),
    "shared keys": Case(
        llama, "model.layers.0.self_attn.k_proj.weight", WORDS, HEADS[:2], "heads", ("attn_k",), shape=(4, 16)
    ),
    "fused": Case(gpt2, "transformer.h.0.attn.c_attn.weight", WORDS, kinds=("attn_qkv",), shape=(16, 48)),
    "fused by head": Case(
        gpt2, "transformer.h.0.attn.c_attn.weight", WORDS, FUSED, "heads", FUSED_KINDS, shape=(16, 8)
    ),
    "fused, head after head": Case(
        neox,
        "gpt_neox.layers.0.attention.query_key_value.weight",
        WORDS,
        tuple(f"{part} head {k}" for k in range(2) for part in "qkv"),
        "heads",
        (*QKV, *QKV),
        shape=(8, 16),
    ),
    "experts": Case(
        lambda: Picked(nn.ModuleDict({"experts": Experts()}), 15, lambda f, x: f["experts"](x)),
        "part.experts.up",
        SIX,
        tuple(f"expert {k}" for k in range(3)),
        kinds=("other",),
        shape=(6, 5),
    ),
    "half precision": Case(
        lambda: Picked(nn.LSTM(6, 5, batch_first=True), 10, recurs).bfloat16(),
        "part.weight_ih_l0",
        SIX,
        tuple(f"gate {gate}" for gate in "ifgo"),
        kinds=("recurrent",),
    ),
    "weight norm": Case(
        lambda: Picked(nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 5, 2)), 25, lambda f, x: f(x)),
        "part.weight",
        LINE,
        _offsets(2),
        "slices",
        ("conv",),
        words="computed by weight norm",
    ),
    "weight norm by a hook": Case(
        lambda: Picked(nn.utils.weight_norm(nn.Linear(6, 5)), 5, lambda f, x: f(x)),
        "part.weight",
        SIX,
        words="weight norm",
    ),
}


def built(name: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return CASES[name].make().eval()


def layers_of(name: str, module: nn.Module) -> tuple[Model, list[Layer]]:
    """The model of a case, and the layers that its parameter is cut into."""
    case = CASES[name]
    model = open_model(module, cut=case.cut)
    return model, [layer for layer in model.layers if layer.ref.parameter == case.parameter]
