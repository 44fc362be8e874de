"""Which entries of the tensor the cells of a shuffled matrix hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..records import Entry, EntryStatistics, WeightMatrix
from .entries import MOST_GIANTS, entry_at
from .explain import Explained
from .reshuffled import Reshuffled


def named_entries(
    matrix: WeightMatrix, statistics: EntryStatistics, shuffle: Reshuffled, whys: Sequence[Explained]
) -> list[tuple[Entry, ...]]:
    """The entries behind each explanation, with what they carry of the trap.

    An entry that stands alone with its value in the list of giants is the one in that cell; only for the others the
    order of the shuffle is looked up.
    """
    giants = _by_value(statistics)
    cells = np.unique(np.concatenate([why.cells for why in whys])) if whys else np.empty(0, int)
    known = {int(cell): giants.get(float(shuffle.values.flat[cell])) for cell in cells}
    asked = [cell for cell, entry in known.items() if entry is None]
    scale = float(np.sqrt(statistics.bulk_variance))
    if asked:
        sources = shuffle.sources(np.array(asked))
        for cell, source in zip(asked, sources, strict=True):
            known[cell] = entry_at(matrix, int(source), statistics.mean, scale)
    return [_with_shares(known, why) for why in whys]


def _with_shares(known: Mapping[int, Entry | None], why: Explained) -> tuple[Entry, ...]:
    pairs = zip(why.cells, why.shares, strict=True)
    return tuple(replace(entry, share=float(share)) for cell, share in pairs if (entry := known[int(cell)]))


def _by_value(statistics: EntryStatistics) -> Mapping[float, Entry | None]:
    """The giants by their values, ``None`` for values that several have; empty where the list of giants was cut."""
    if len(statistics.giants) >= MOST_GIANTS:
        return {}
    found: dict[float, Entry | None] = {}
    for entry in statistics.giants:
        found[entry.value] = None if entry.value in found else entry
    return found
