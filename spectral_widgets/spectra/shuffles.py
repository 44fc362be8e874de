"""Uniform permutations of all entries of a matrix, each entry used once.

The one definition of "the shuffle of seed k": every entry draws a bucket, buckets are filled in order, and a
Fisher–Yates shuffle mixes each bucket, which makes all orders equally likely (Rao 1961, Sandelius 1962). Random
numbers are SplitMix64 counted from the seed, so the order is the same on every machine and for every dtype.
"""

from __future__ import annotations

import numpy as np

from ..records import Complaint

# A bucket should fit into the cache next to a core. Their number is odd, and its limit prime: buckets that begin at
# multiples of a large power of two would fight for the same places of that cache.
_BUCKET = 2**13
_MOST_BUCKETS = 509
_LARGEST_SEED = 2**64 - 1


def permutation(n_entries: int, seed: int) -> np.ndarray:
    """Uniform random permutation of ``range(n_entries)``, int64; the same for the same seed on every machine."""
    small = n_entries <= 2**32
    return permuted(np.arange(n_entries, dtype=np.uint32 if small else np.uint64), seed).astype(np.int64)


def permuted(values: np.ndarray, seed: int) -> np.ndarray:
    """``shuffled(values, permutation(values.size, seed))``, entry for entry, without the permutation."""
    from .permuting import shuffle_into

    key = _checked(seed)
    if values.dtype.itemsize not in (1, 2, 4, 8) or values.dtype.hasobject:
        return shuffled(values, permutation(values.size, seed))
    bits = np.dtype(f"u{values.dtype.itemsize}")
    # Aligned, in order and read-only: of all kinds of arrays that come in, one is compiled.
    source = np.require(values, requirements=["C", "A"]).ravel().view(bits)
    source.flags.writeable = False
    target = np.empty(values.size, bits)
    shuffle_into(target, source, key, _buckets_of(values.size))
    return target.view(values.dtype).reshape(values.shape)


def places_of(cells: np.ndarray, n_entries: int, seed: int) -> np.ndarray:
    """``permutation(n_entries, seed)[cells]``, for a few cells in a fraction of the time."""
    from .permuting import source_places

    return source_places(np.asarray(cells, np.int64), n_entries, _checked(seed), _buckets_of(n_entries))


def shuffled(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """The matrix whose flat entry ``k`` is entry ``order[k]`` of ``values``."""
    return values.ravel()[order].reshape(values.shape)


def unshuffled(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Exact inverse of :func:`shuffled`: every entry back in its own place."""
    back = np.empty_like(values).ravel()
    back[order] = values.ravel()
    return back.reshape(values.shape)


def _buckets_of(n_entries: int) -> np.uint64:
    """Number of buckets; part of what the shuffle of a seed is."""
    return np.uint64(min(n_entries // _BUCKET | 1, _MOST_BUCKETS))


def _checked(seed: int) -> np.uint64:
    if not 0 <= int(seed) <= _LARGEST_SEED:
        raise Complaint(f"A shuffle takes a seed from 0 to {_LARGEST_SEED}, got {seed}.")
    return np.uint64(seed)
