"""Edits of a weight matrix as plain data; ``spectra.edits`` turns one into numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .layer import LayerRef
from .trap import Entry, Trap

Replacement = Literal["random", "zero"]


@dataclass(frozen=True, slots=True, eq=False)
class RemoveTrap:
    """Take the trap's component out in the layer's own order; put noise of matched moments, or nothing, in."""

    trap: Trap
    replacement: Replacement = "random"
    seed: int = 0

    @property
    def layer(self) -> LayerRef:
        return self.trap.layer


@dataclass(frozen=True, slots=True, eq=False)
class AddNoise:
    """Leave the trap in and add zero-mean noise of the replacement's standard deviation: the noise-only control."""

    trap: Trap
    seed: int = 0

    @property
    def layer(self) -> LayerRef:
        return self.trap.layer


@dataclass(frozen=True, slots=True)
class SubtractMean:
    """Subtract the mean entry from every entry of the layer."""

    layer: LayerRef


@dataclass(frozen=True, slots=True)
class ChangeEntries:
    """Set the named entries to the layer's mean entry."""

    layer: LayerRef
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MatchedControl:
    """A random edit of the same size and make elsewhere in the same layer.

    The deviations of the original change are moved to random places and its mean part keeps its size
    but takes random signs by row and column; the Frobenius norm is equal to the original's.
    """

    of: RemoveTrap | AddNoise | SubtractMean | ChangeEntries
    seed: int

    @property
    def layer(self) -> LayerRef:
        return self.of.layer


Edit = RemoveTrap | AddNoise | SubtractMean | ChangeEntries | MatchedControl
