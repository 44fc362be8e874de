"""Many layers, one at a time: in the order in which they lie on disk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .layers import Layer


def in_file_order(layers: Iterable[Layer]) -> list[Layer]:
    """The layers file by file, each file from its beginning on, so that a pass reads every file once and forwards.

    Layers that lie in no file keep their order and come first.
    """
    return sorted(layers, key=place_of_layer)


def place_of_layer(layer: Layer) -> tuple[Path, int, tuple[tuple[int, int], ...]]:
    """File, offset of the tensor, and block of it; equal for layers that lie in no file."""
    place = layer.model.places.get(layer.ref.parameter)
    if place is None:
        return Path(), 0, ()
    return place.path, place.offset, layer.model.row(layer.name).unfolding.block
