"""Train the shipped network and save its checkpoints.

Run ``python -m spectral_widgets.data.digits_mlp.train --out FOLDER``; it takes about four minutes.

Digits 8×8 from scikit-learn, 500 training images, MLP 64-200-200-10 with eight times the default
initialisation, mean squared error on one-hot targets, AdamW without weight decay, float32, one thread.
Long after it fits every training image it learns to generalise, and much later it forgets that again.
Needs scikit-learn, which the package itself does not.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

STEPS = (3_400, 11_000, 20_000, 36_000, 64_000, 116_000, 208_000, 374_000)
N_TRAIN = 500
BATCH_SIZE = 100
LEARNING_RATE = 5e-3
INITIAL_SCALE = 8.0


@dataclass(frozen=True)
class Digits:
    """Standardised images ``(n, 64)`` and labels ``(n,)``, split by a seeded shuffle."""

    train_images: torch.Tensor
    train_labels: torch.Tensor
    test_images: torch.Tensor
    test_labels: torch.Tensor


def load_digits(seed: int = 0) -> Digits:
    """All 1797 digits; pixels are shifted and scaled by the one mean and deviation of the training pixels."""
    from sklearn.datasets import load_digits as sklearn_digits

    bunch = sklearn_digits()
    order = np.random.default_rng(seed).permutation(len(bunch.target))
    images, labels = bunch.data[order], torch.tensor(bunch.target[order])
    known = images[:N_TRAIN]
    scaled = torch.tensor((images - known.mean()) / known.std(), dtype=torch.float32)
    return Digits(scaled[:N_TRAIN], labels[:N_TRAIN], scaled[N_TRAIN:], labels[N_TRAIN:])


def build_network() -> nn.Sequential:
    """The MLP, three weight matrices."""
    return nn.Sequential(nn.Linear(64, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 10))


def initial_network(seed: int) -> nn.Sequential:
    """A network with weights and biases ``INITIAL_SCALE`` times their default values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(INITIAL_SCALE)
    return network


@torch.no_grad()
def accuracy(network: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Part of the images whose largest output is the right one."""
    return float((network(images).argmax(dim=1) == labels).double().mean())


def batches(n_images: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Index batches for ever; every image once in each pass, in a new order."""
    while True:
        yield from torch.randperm(n_images, generator=generator).split(BATCH_SIZE)


def train_steps(digits: Digits, steps: tuple[int, ...], seed: int) -> Iterator[tuple[int, nn.Sequential]]:
    """Yield ``(step, network)`` at each of ``steps``, ascending; the network goes on being trained."""
    network = initial_network(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=0.0, fused=True)
    targets = nn.functional.one_hot(digits.train_labels, 10).float()
    draws = batches(len(targets), torch.Generator().manual_seed(seed))
    for step in range(1, steps[-1] + 1):
        index = next(draws)
        optimiser.zero_grad(set_to_none=True)
        nn.functional.mse_loss(network(digits.train_images[index]), targets[index]).backward()
        optimiser.step()
        if step in steps:
            yield step, network


@dataclass(frozen=True)
class Row:
    """One line of ``series.json``."""

    step: int
    train_accuracy: float
    test_accuracy: float


def save_checkpoint(network: nn.Module, row: Row, folder: Path) -> None:
    """Write ``step_000003400.safetensors`` and the like, with the row as metadata."""
    tensors = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    metadata = {"checkpoint": json.dumps(asdict(row))}  # one key: the format writes several in no fixed order
    save_file(tensors, folder / f"step_{row.step:09d}.safetensors", metadata=metadata)


def write_series(folder: Path, *, steps: tuple[int, ...] = STEPS, seed: int = 0) -> list[Row]:
    """Train, save a checkpoint at each step and ``series.json`` at the end; returns its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    digits, rows = load_digits(), []
    for step, network in train_steps(digits, steps, seed):
        train = accuracy(network, digits.train_images, digits.train_labels)
        test = accuracy(network, digits.test_images, digits.test_labels)
        rows.append(Row(step, round(train, 4), round(test, 4)))
        save_checkpoint(network, rows[-1], folder)
    text = json.dumps([asdict(row) for row in rows], indent=2)
    (folder / "series.json").write_text(text + "\n", encoding="utf-8")
    return rows


def save_test_images(folder: Path) -> None:
    """Write ``test_images.safetensors``: grey levels 0 to 16 and labels as bytes, and the training pixels' moments."""
    from sklearn.datasets import load_digits as sklearn_digits

    bunch = sklearn_digits()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    known, kept = bunch.data[order[:N_TRAIN]], order[N_TRAIN:]
    tensors = {
        "images": torch.tensor(bunch.data[kept], dtype=torch.uint8),
        "labels": torch.tensor(bunch.target[kept], dtype=torch.uint8),
        "training_moments": torch.tensor([known.mean(), known.std()], dtype=torch.float64),
    }
    save_file(tensors, folder / "test_images.safetensors")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    write_series(options.out, seed=options.seed)
    save_test_images(options.out)


if __name__ == "__main__":
    main()
