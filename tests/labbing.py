"""What the suite over all labs shares: corners of the dials, and decompositions counted instead of timed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import combinations, product

import numpy as np
import scipy.linalg
from spectral_widgets.labs import Lab
from spectral_widgets.records.setting import Setting

DECOMPOSITIONS = ("eig", "eigh", "eigvals", "eigvalsh", "svd", "svdvals")


def ends(dial: Setting) -> list:
    """Where a dial can stand at most, and every value of a choice."""
    if dial.kind == "flag":
        return [False, True]
    return [one.value for one in dial.choices] if dial.kind == "choice" else [dial.low, dial.high]


def corners(lab: Lab) -> list[dict]:
    """A few corners of all dials that hold every end of every dial beside every end of every other."""
    places = {dial.key: ends(dial) for dial in lab.dials}
    missing = {
        ((one, a), (two, b)) for one, two in combinations(places, 2) for a, b in product(places[one], places[two])
    }
    found = []
    while missing:
        corner = dict(next(iter(sorted(missing, key=repr))))
        for key in places:
            if key not in corner:
                corner[key] = max(places[key], key=lambda end: (_covered(missing, corner | {key: end}), repr(end)))
        missing -= set(_pairs(corner, places))
        found.append(corner)
    return found


def _pairs(corner: dict, places: dict) -> Iterator[tuple]:
    known = [key for key in places if key in corner]
    return (((one, corner[one]), (two, corner[two])) for one, two in combinations(known, 2))


def _covered(missing: set, corner: dict) -> int:
    keys = sorted(corner)
    return sum(
        ((one, corner[one]), (two, corner[two])) in missing or ((two, corner[two]), (one, corner[one])) in missing
        for one, two in combinations(keys, 2)
    )


@contextmanager
def counted_work() -> Iterator[list[int]]:
    """Multiplications of every decomposition of a matrix inside the block, about."""
    work: list[int] = []
    kept = [
        (home, name, getattr(home, name))
        for home in (np.linalg, scipy.linalg)
        for name in DECOMPOSITIONS
        if hasattr(home, name)
    ]

    def watched(function):
        def run(matrix, *args, **kwargs):
            shape = np.shape(matrix)
            work.append(int(np.prod(shape)) * min(shape[-2:]))
            return function(matrix, *args, **kwargs)

        return run

    try:
        for home, name, function in kept:
            setattr(home, name, watched(function))
        yield work
    finally:
        for home, name, function in kept:
            setattr(home, name, function)
