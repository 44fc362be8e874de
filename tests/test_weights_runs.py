"""What a model gives when it runs: its outputs, the probe that fits it, and what it says of itself."""

from __future__ import annotations

import pytest
import torch
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model
from torch import nn

from .architectures import build


@pytest.mark.parametrize(
    ("architecture", "outputs", "kind", "shape"),
    [
        ("bert", "features", "tokens", (32,)),
        ("gpt2", "logits", "tokens", (16,)),
        ("llama", "logits", "tokens", (32,)),
        ("vit", "logits", "images", (3, 8, 8)),
    ],
)
def test_outputs_and_probe_fit_the_model(architecture, outputs, kind, shape):
    model = open_model(build(architecture).eval())
    probe = model.default_probe(5, seed=3)
    assert (model.outputs, probe.kind, probe.shape, probe.n, probe.seed) == (outputs, kind, shape, 5, 3)
    batch = torch.zeros((2, *shape), dtype=torch.long if kind == "tokens" else torch.float32)
    with torch.no_grad():
        assert len(model.run(batch)) == 2


def test_plain_networks_are_judged_by_their_last_layer():
    net = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    assert open_model(net).outputs == "logits"
    assert open_model(nn.Sequential(net, nn.Softmax(dim=1))).outputs == "features"
    assert open_model(nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 1))).outputs == "features"
    assert open_model(net, outputs="features").outputs_reason == "you said so"
    probe = open_model(net).default_probe(4)
    assert (probe.kind, probe.shape) == ("vectors", (6,))
    embedding = open_model(nn.Sequential(nn.Embedding(11, 4), nn.Linear(4, 3))).default_probe(4)
    assert (embedding.kind, embedding.vocabulary_size) == ("tokens", 11)


@pytest.mark.parametrize("architecture", ["mixed", "t5", "torch"])
def test_unknown_inputs_are_asked_for(architecture):
    with pytest.raises(Complaint, match="pass your own batch"):
        open_model(build(architecture)).default_probe(4)


def test_forward_says_how_to_run():
    module = nn.Sequential(nn.Linear(6, 5))
    model = open_model(module, forward=lambda net, batch: {"scores": net(batch["x"])}, name="mine")
    assert model.name == "mine"
    assert model.code == "sw.open_model(module, name='mine', forward=forward)"
    assert model.run({"x": torch.ones(2, 6)}).shape == (2, 5)


def test_the_model_says_what_it_is():
    model = open_model(nn.Sequential(nn.Linear(6, 5)))
    assert repr(model) == "<Model Sequential: 1 layer, 30 weights, float32 on cpu; runs, gives logits>"
    assert (model.code, model.missing, model.device) == ("sw.open_model(module)", "", "cpu")
