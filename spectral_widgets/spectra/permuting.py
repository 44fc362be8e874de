"""The compiled heart of :mod:`shuffles`; importing it loads the compiler, so that is done at the first shuffle."""

from __future__ import annotations

import numpy as np
from numba import uint64

from .compiling import compiled

_GOLDEN = uint64(0x9E3779B97F4A7C15)
_STREAM = uint64(0xD1342543DE82EF95)
_LOW = uint64(0xFFFFFFFF)
_TWO_32 = uint64(0x100000000)
# So many random words are made at once, which the processor does several at a time.
_WORDS = 512
_LABELS = 4 * _WORDS


@compiled
def _mixed(z):
    """The output function of SplitMix64 (Steele, Lea and Flood 2014)."""
    z = (z ^ (z >> uint64(30))) * uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> uint64(27))) * uint64(0x94D049BB133111EB)
    return z ^ (z >> uint64(31))


@compiled
def _key(seed, stream):
    """Where stream ``stream`` of a seed starts to count."""
    return _mixed(_mixed(seed + _GOLDEN) + stream * _STREAM)


@compiled
def _fill_buckets(buckets, seed, first, n_buckets):
    """Buckets of the entries from ``first`` on, a multiple of four: 16 bits of a random word each."""
    start = _key(seed, uint64(0)) + uint64(first // 4) * _GOLDEN
    for w in range(_WORDS):
        word = _mixed(start + uint64(w) * _GOLDEN)
        for k in range(4):
            buckets[4 * w + k] = (((word >> uint64(16 * k)) & uint64(0xFFFF)) * n_buckets) >> uint64(16)


@compiled
def _starts_of(n, seed, n_buckets):
    """Where each bucket begins in the shuffled order, and where the last one ends."""
    starts, buckets = np.zeros(n_buckets + uint64(1), np.int64), np.empty(_LABELS, np.uint16)
    for first in range(0, n, _LABELS):
        _fill_buckets(buckets, seed, first, n_buckets)
        for k in range(min(_LABELS, n - first)):
            starts[buckets[k] + uint64(1)] += 1
    return np.cumsum(starts)


@compiled
def _mix(entries, seed, bucket):
    """Fisher–Yates in place; indices by Lemire's (2019) multiplication, whose rejection leaves no bias."""
    counter, bound = _key(seed, uint64(bucket + 1)), uint64(entries.size)
    while bound > uint64(1):
        counter += _GOLDEN
        word = _mixed(counter)
        for half in range(2):
            product = ((word >> uint64(32 * half)) & _LOW) * bound
            if (product & _LOW) < bound and (product & _LOW) < (_TWO_32 - bound) % bound:
                continue
            if bound > uint64(1):
                bound -= uint64(1)
                other = product >> uint64(32)
                entries[bound], entries[other] = entries[other], entries[bound]


@compiled
def shuffle_into(target, source, seed, n_buckets):
    """Write the entries of ``source`` into ``target`` in the order of this seed."""
    starts, buckets = _starts_of(source.size, seed, n_buckets), np.empty(_LABELS, np.uint16)
    ends = starts.astype(np.uint64)
    for first in range(0, source.size, _LABELS):
        _fill_buckets(buckets, seed, first, n_buckets)
        part = source[first : first + _LABELS]
        for k in range(part.size):
            at = ends[buckets[k]]
            target[at] = part[k]
            ends[buckets[k]] = at + uint64(1)
    for bucket in range(n_buckets):
        _mix(target[starts[bucket] : starts[bucket + 1]], seed, bucket)


@compiled
def source_places(cells, n, seed, n_buckets):
    """Where the entries in these cells of the shuffled order came from; only their buckets are made."""
    starts, buckets = _starts_of(n, seed, n_buckets), np.empty(_LABELS, np.uint16)
    bucket_of = np.searchsorted(starts, cells, side="right") - 1
    offsets, total = np.full(n_buckets, np.int64(-1)), np.int64(0)
    for bucket in bucket_of:
        if offsets[bucket] < 0:
            offsets[bucket] = total
            total += starts[bucket + 1] - starts[bucket]
    places, ends = np.empty(total, np.int64), offsets.copy()
    for first in range(0, n, _LABELS):
        _fill_buckets(buckets, seed, first, n_buckets)
        for k in range(min(_LABELS, n - first)):
            if ends[buckets[k]] >= 0:
                places[ends[buckets[k]]] = first + k
                ends[buckets[k]] += 1
    for bucket in range(n_buckets):
        if offsets[bucket] >= 0:
            _mix(places[offsets[bucket] : ends[bucket]], seed, bucket)
    found = np.empty(cells.size, np.int64)
    for k in range(cells.size):
        found[k] = places[offsets[bucket_of[k]] + cells[k] - starts[bucket_of[k]]]
    return found
