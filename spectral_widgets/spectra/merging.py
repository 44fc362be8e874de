"""A trap scan in parts: each part some of the shuffles, and together the same as one scan of all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from ..records import Spectra, TrapScan
from .reshuffled import FULL_SIDE

T = TypeVar("T")


def spectra_of_part(spectra: Spectra | None, short_side: int, *, is_first: bool) -> Spectra | None:
    """Whose full spectra a part keeps, so that all parts together keep those that one scan would."""
    if is_first or spectra in ("all", "none"):
        return spectra
    return "all" if short_side <= FULL_SIDE else "none"


def merged(parts: Sequence[TrapScan]) -> TrapScan:
    """The scan of all shuffles, from scans of the same matrix and settings in the order of their seeds."""
    first, last = parts[0], parts[-1]
    return replace(
        first,
        threshold=last.threshold,
        seeds=_joined(part.seeds for part in parts),
        largest=_joined(part.largest for part in parts),
        spectra=_joined(part.spectra for part in parts),
        decomposed=_joined(part.decomposed for part in parts),
        counts=_joined(part.counts for part in parts),
        traps=_joined(part.traps for part in parts),
        caveat=_caveat(parts),
    )


def _caveat(parts: Sequence[TrapScan]) -> str:
    """What the null says, once, then what the shuffles say, each once."""
    said = base = parts[0].null.caveat
    for part in parts:
        own = part.caveat.removeprefix(base).strip()
        if own and own not in said:
            said = f"{said} {own}".strip()
    return said


def _joined(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(parts))
