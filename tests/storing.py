"""A store in a folder of its own, and what is kept there."""

from __future__ import annotations

import dataclasses
import os
import struct
from collections.abc import Mapping

import numpy as np
from spectral_widgets.records import LayerRef, Spectrum, Unfolding
from spectral_widgets.store import Cache

LAYER = LayerRef("layer", "other", None, (9, 4), 9, 4, "float32")
CUT = Unfolding.of_shape((9, 4))
LONG_AGO_NS = 10**18


def cache_in(folder, version="one", **settings) -> Cache:
    return Cache(folder, version=lambda: version, **settings)


def shelf_of(cache, digest="digest"):
    return cache.shelf(digest, LAYER, CUT)


def keep(cache, size=8, digest="digest"):
    with shelf_of(cache, digest) as shelf:
        shelf.put(Spectrum(np.random.default_rng(size).standard_normal(size), 9, 4, 1.0))


def has(cache, digest="digest") -> bool:
    return shelf_of(cache, digest).get(Spectrum) is not None


def same(left, right) -> bool:
    """Equal in type and in every bit; numpy's float64 is a float and comes back as a plain one."""
    left, right = (float(one) if isinstance(one, np.float64) else one for one in (left, right))
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return struct.pack("<d", left) == struct.pack("<d", right)
    if isinstance(left, np.ndarray):
        return (left.dtype, left.shape, left.tobytes()) == (right.dtype, right.shape, right.tobytes())
    if isinstance(left, np.generic):
        return left.tobytes() == right.tobytes() and left.dtype == right.dtype
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if dataclasses.is_dataclass(left):
        names = [field.name for field in dataclasses.fields(left)]
        return all(same(getattr(left, name), getattr(right, name)) for name in names)
    return left == right


def settle(path) -> None:
    """Let a file look as old as one is a few seconds later, except for the one time that cannot be set."""
    os.utime(path, ns=(LONG_AGO_NS, LONG_AGO_NS))


def filled(model, cache, **choices):
    """The memory of an explorer whose table is full. The screen is loaded here only: workers want none."""
    from spectral_widgets.widgets.memory import Memory
    from spectral_widgets.widgets.state import BenchState
    from spectral_widgets.widgets.tasks import table_steps

    memory = Memory(cache)
    for _ in table_steps(list(model.layers), memory, BenchState(n_shuffles=3, **choices), lambda row: None):
        pass
    return memory
