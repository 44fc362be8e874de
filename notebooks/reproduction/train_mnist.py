"""Train the multilayer perceptron of the papers on 1000 MNIST images and keep checkpoints.

Run ``OMP_NUM_THREADS=1 python -m reproduction.train_mnist --out FOLDER`` in ``notebooks/``; it stops after an hour
of CPU time. Setting of arXiv 2605.12394 (Table 2): 784-200-200-10 ReLU, PyTorch's default initialisation with all
weights and biases times 8, mean squared error on one-hot targets, AdamW without weight decay, batch 200, float64.
The papers do not say which 100 images of each digit they took, nor how pixels were scaled: here the first 100, and
pixels in [0, 1]. The setting ``variant`` is ours: ten times the learning rate, in float32.

Three things make the loop fast and change no step: the gradients are written out, all parameters lie in one
array, and pixels that are zero in all training images are left out, because their weights never get a gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .mnist import Mnist, load_mnist
from .recording import parser_of, run

BATCH_SIZE = 200
N_OUTPUTS = 10
INITIAL_SCALE = 8.0


@dataclass(frozen=True)
class Setting:
    """What the paper's run and our faster variant differ in."""

    learning_rate: float = 5e-4
    precision: str = "float64"
    seed: int = 0


SETTINGS = {"paper": Setting(), "variant": Setting(learning_rate=5e-3, precision="float32")}


def initial_network(setting: Setting) -> nn.Sequential:
    """Weights and biases ``INITIAL_SCALE`` times PyTorch's default, drawn in the precision of the training."""
    dtype = getattr(torch, setting.precision)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(setting.seed)
        widths = ((784, 200), (200, 200), (200, N_OUTPUTS))
        first, second, third = (nn.Linear(*width, dtype=dtype) for width in widths)
    network = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(INITIAL_SCALE)
    return network


def batches(n_images: int, seed: int) -> Iterator[np.ndarray]:
    """Index batches for ever; every image once in each pass, in a new order."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        for batch in torch.randperm(n_images, generator=generator).split(BATCH_SIZE):
            yield batch.numpy()


class MnistTraining:
    """The network in training: ``advance`` takes steps, ``state`` gives weights in PyTorch's names and shapes."""

    def __init__(self, data: Mnist, setting: Setting) -> None:
        self.step = 0
        self._seen = data.train_images.any(axis=0)
        self._initial = {name: tensor.numpy() for name, tensor in initial_network(setting).state_dict().items()}
        used = {name: self._used(name, array) for name, array in self._initial.items()}
        self._images = np.ascontiguousarray(data.train_images[:, self._seen], dtype=setting.precision)
        self._targets = np.eye(N_OUTPUTS, dtype=setting.precision)[data.train_labels]
        flat = np.concatenate([array.ravel() for array in used.values()])
        self._weights, (self._gradients, flat_gradient) = _views(flat, used), _gradients(flat, used)
        parameter = nn.Parameter(torch.from_numpy(flat))
        parameter.grad = torch.from_numpy(flat_gradient)
        self._optimiser = torch.optim.AdamW([parameter], lr=setting.learning_rate, weight_decay=0.0, fused=True)
        self._batches = batches(len(self._targets), setting.seed)

    def _used(self, name: str, array: np.ndarray) -> np.ndarray:
        return array[:, self._seen] if name == "0.weight" else array

    def advance(self, n_steps: int) -> None:
        for _ in range(n_steps):
            batch = next(self._batches)
            write_gradients(self._weights, self._images[batch], self._targets[batch], self._gradients)
            self._optimiser.step()
        self.step += n_steps

    def state(self) -> dict[str, np.ndarray]:
        first = self._initial["0.weight"].copy()
        first[:, self._seen] = self._weights["0.weight"]
        return {name: array.copy() for name, array in self._weights.items()} | {"0.weight": first}


def _views(flat: np.ndarray, like: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    ends = np.cumsum([array.size for array in like.values()])
    parts = np.split(flat, ends[:-1])  # views: the optimiser writes through them
    return {name: part.reshape(array.shape) for (name, array), part in zip(like.items(), parts, strict=True)}


def _gradients(flat: np.ndarray, like: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    gradient = np.zeros_like(flat)
    return _views(gradient, like), gradient


def write_gradients(
    weights: dict[str, np.ndarray], images: np.ndarray, targets: np.ndarray, gradients: dict[str, np.ndarray]
) -> None:
    """Gradient of the mean squared error, averaged over images and outputs, written into ``gradients``."""
    first = np.maximum(images @ weights["0.weight"].T + weights["0.bias"], 0)
    second = np.maximum(first @ weights["2.weight"].T + weights["2.bias"], 0)
    error = (second @ weights["4.weight"].T + weights["4.bias"] - targets) * (2 / targets.size)
    _write_layer("4", error, second, gradients)
    error = (error @ weights["4.weight"]) * (second > 0)
    _write_layer("2", error, first, gradients)
    error = (error @ weights["2.weight"]) * (first > 0)
    _write_layer("0", error, images, gradients)


def _write_layer(name: str, error: np.ndarray, inputs: np.ndarray, gradients: dict[str, np.ndarray]) -> None:
    np.matmul(error.T, inputs, out=gradients[f"{name}.weight"])
    np.sum(error, axis=0, out=gradients[f"{name}.bias"])


def main() -> None:
    """Command line."""
    parser = parser_of(__doc__)
    parser.add_argument("--setting", choices=SETTINGS, default="paper")
    options = parser.parse_args()
    run(MnistTraining(load_mnist(), SETTINGS[options.setting]), options)


if __name__ == "__main__":
    main()
