"""Edits of a weight matrix as plain data; ``spectra.edits`` turns one into numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .brief import brief
from .layer import LayerRef
from .trap import Entry, Trap

Replacement = Literal["random", "zero"]
ControlKind = Literal["moved", "same_magnitude", "rank_one"]


@brief
@dataclass(frozen=True, slots=True, eq=False)
class RemoveTrap:
    """Take the trap's component out in the layer's own order; put noise of matched moments, or nothing, in."""

    trap: Trap
    replacement: Replacement = "random"
    seed: int = 0

    @property
    def layer(self) -> LayerRef:
        return self.trap.layer


@brief
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


@brief
@dataclass(frozen=True, slots=True)
class ChangeEntries:
    """Set the named entries to the layer's mean entry."""

    layer: LayerRef
    entries: tuple[Entry, ...]


@brief
@dataclass(frozen=True, slots=True, eq=False)
class ScaleTrap:
    """Multiply the trap's component by ``factor``: 0 removes it, 1 changes nothing, 2 doubles it."""

    trap: Trap
    factor: float

    @property
    def layer(self) -> LayerRef:
        return self.trap.layer


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Together:
    """Several edits at once, of one layer or of several; their changes add up."""

    edits: tuple[RemoveTrap | ScaleTrap | AddNoise | SubtractMean | ChangeEntries, ...]

    @property
    def layer(self) -> LayerRef:
        return self.edits[0].layer

    @property
    def layers(self) -> tuple[LayerRef, ...]:
        """Every layer that is edited, once."""
        return tuple({edit.layer.name: edit.layer for edit in self.edits}.values())


@brief
@dataclass(frozen=True, slots=True, eq=False)
class MatchedControl:
    """A random edit of the same layers whose Frobenius norm in each is equal to the original's.

    ``moved``: the deviations of the original change go to random places and its mean part keeps its size
    but takes random signs by row and column. ``same_magnitude``: the change goes to random entries whose
    distance from the mean is of the same class, outward or inward as before. ``rank_one``: a random
    matrix of rank one.
    """

    of: RemoveTrap | ScaleTrap | AddNoise | SubtractMean | ChangeEntries | Together
    seed: int
    kind: ControlKind = "moved"

    @property
    def layer(self) -> LayerRef:
        return self.of.layer


Edit = RemoveTrap | ScaleTrap | AddNoise | SubtractMean | ChangeEntries | Together | MatchedControl
