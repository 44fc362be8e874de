"""The network that ships with the package: eight checkpoints that memorise, grok and un-grok digits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import nn

from ..records import Complaint, Probe
from .live import open_module
from .model import Model

_FOLDER = Path(__file__).parents[1] / "data" / "digits_mlp"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One checkpoint with its accuracies as measured, on 500 training and 1297 test images."""

    step: int
    train_accuracy: float
    test_accuracy: float


@cache
def digits_series() -> tuple[Checkpoint, ...]:
    """Every shipped checkpoint, earliest first."""
    rows = json.loads((_FOLDER / "series.json").read_text(encoding="utf-8"))
    return tuple(Checkpoint(**row) for row in rows)


def _network(state: dict[str, torch.Tensor]) -> nn.Sequential:
    network = nn.Sequential(nn.Linear(64, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))
    network.load_state_dict(state)
    return network.eval()


def _probe(n: int, seed: int) -> Probe:
    text = "Gaussian 8×8 images, standardised like the training pixels"
    return Probe("vectors", n, (64,), seed, description=text)


@cache
def digits_test() -> Probe:
    """The 1297 test images that the shipped network never saw, standardised as it wants them, with their labels.

    From the optical recognition of handwritten digits of Alpaydin and Kaynak (UCI, CC BY 4.0).
    """
    kept = load_file(_FOLDER / "test_images.safetensors")
    mean, deviation = kept["training_moments"].tolist()
    images = ((kept["images"].double() - mean) / deviation).float()
    labels = kept["labels"].numpy().astype(np.int64)
    text = f"{len(labels)} labelled test images of handwritten digits"
    return Probe("data", len(labels), (64,), data=images, description=text, labels=labels, code="sw.digits_test()")


def digits_mlp(step: int | None = None) -> Model:
    """A multilayer perceptron 64-200-200-10 trained on 8×8 digits; the last checkpoint by default.

    ``digits_series()`` lists the steps. Raises Complaint for another step.
    """
    steps = [checkpoint.step for checkpoint in digits_series()]
    chosen = steps[-1] if step is None else step
    if chosen not in steps:
        raise Complaint(f"There is no checkpoint at step {step}; the steps are {', '.join(map(str, steps))}.")
    with torch.random.fork_rng(devices=[]):
        network = _network(load_file(_FOLDER / f"step_{chosen:09d}.safetensors"))
    return Model(
        name=f"digits_mlp at step {chosen}",
        code=f"sw.digits_mlp(step={chosen})",
        store=open_module(network),
        module=network,
        outputs="logits",
        outputs_reason="the last layer is linear with 10 outputs",
        probe_maker=_probe,
        labelled_probe=digits_test,
    )
