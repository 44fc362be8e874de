"""Checkpoints of llama2.c: a header of seven integers, then float32 tensors one after the other.

Layout as in karpathy/llama2.c, the format without a version number. A negative vocabulary size means that the
classifier has weights of its own. Names are the file's own: ``tok_embeddings``, ``layers.0.wo``, ``norm``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
import torch

from ..records import Complaint

_HEADER = struct.Struct("<7i")


@dataclass(frozen=True, slots=True)
class Llama2cConfig:
    """The header: sizes of the network."""

    width: int
    hidden_width: int
    n_layers: int
    n_heads: int
    n_kv_heads: int
    vocabulary_size: int
    length: int
    shared_classifier: bool

    @property
    def head_width(self) -> int:
        return self.width // self.n_heads

    @property
    def is_plausible(self) -> bool:
        sizes = (self.width, self.hidden_width, self.n_layers, self.n_heads, self.n_kv_heads, self.length)
        return (
            all(0 < size < 1 << 20 for size in sizes)
            and 0 < self.vocabulary_size < 1 << 24
            and self.width % self.n_heads == 0
            and self.n_heads % self.n_kv_heads == 0
        )


def read_config(path: Path) -> Llama2cConfig | None:
    """The header, ``None`` where the file does not begin with a plausible one."""
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
    if len(head) < _HEADER.size:
        return None
    width, hidden, layers, heads, kv_heads, vocabulary, length = _HEADER.unpack(head)
    config = Llama2cConfig(width, hidden, layers, heads, kv_heads, abs(vocabulary), length, vocabulary > 0)
    return config if config.is_plausible else None


def _blocks(config: Llama2cConfig) -> Iterator[tuple[str, tuple[int, ...], bool]]:
    """``(name, shape of one, whether there is one for each layer)`` in the order of the file."""
    width, hidden, kv_width = config.width, config.hidden_width, config.n_kv_heads * config.head_width
    yield "tok_embeddings", (config.vocabulary_size, width), False
    yield "attention_norm", (width,), True
    yield "wq", (width, width), True
    yield "wk", (kv_width, width), True
    yield "wv", (kv_width, width), True
    yield "wo", (width, width), True
    yield "ffn_norm", (width,), True
    yield "w1", (hidden, width), True
    yield "w2", (width, hidden), True
    yield "w3", (hidden, width), True
    yield "norm", (width,), False
    yield "rope_tables", (config.length, config.head_width), False
    if not config.shared_classifier:
        yield "wcls", (config.vocabulary_size, width), False


def places_of(config: Llama2cConfig) -> dict[str, tuple[int, tuple[int, ...]]]:
    """Byte offset and shape of every tensor; the tables of rotary angles are left out."""
    places, offset = {}, _HEADER.size
    for name, shape, repeated in _blocks(config):
        names = [f"layers.{index}.{name}" for index in range(config.n_layers)] if repeated else [name]
        for full_name in names:
            places[full_name] = (offset, shape)
            offset += 4 * prod(shape)
    del places["rope_tables"]
    return places


def checkpoint_bytes(config: Llama2cConfig) -> int:
    """Size of the checkpoint; in a file that carries the tokenizer too, where the tokenizer begins."""
    return _HEADER.size + 4 * sum(
        prod(shape) * (config.n_layers if repeated else 1) for _, shape, repeated in _blocks(config)
    )


def read_tensors(path: Path, config: Llama2cConfig) -> dict[str, torch.Tensor]:
    """Every tensor, mapped from the file: memory is taken on reading; writing to one leaves the file alone.

    Raises Complaint when the file is shorter than its header says.
    """
    size, expected = path.stat().st_size, checkpoint_bytes(config)
    if size < expected:
        raise Complaint(
            f"{path} has {size:,} bytes where its llama2.c header announces {expected:,}; it is cut off, copy it again."
        )
    return {name: _mapped(path, offset, shape) for name, (offset, shape) in places_of(config).items()}


def _mapped(path: Path, offset: int, shape: tuple[int, ...]) -> torch.Tensor:
    return torch.from_numpy(np.memmap(path, "<f4", "c", offset, shape))


def split_llama2c(path: str | Path, folder: str | Path) -> tuple[Path, Path]:
    """Write ``model.bin`` and ``tokenizer.bin`` into ``folder`` from a file that holds one after the other.

    The emscripten build of llama2.c ships such a file (``llama2.data``). The cut is where the checkpoint
    ends by its own header. Raises Complaint when nothing follows the checkpoint.
    """
    source, target = Path(path), Path(folder)
    config = read_config(source) if source.is_file() else None
    cut = checkpoint_bytes(config) if config else 0
    if not config or source.stat().st_size <= cut:
        raise Complaint(f"{source} is no llama2.c checkpoint with a tokenizer behind; give the file of both.")
    target.mkdir(parents=True, exist_ok=True)
    content = source.read_bytes()
    (target / "model.bin").write_bytes(content[:cut])
    (target / "tokenizer.bin").write_bytes(content[cut:])
    return target / "model.bin", target / "tokenizer.bin"
