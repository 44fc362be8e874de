"""What was learned, how strongly, and how to get it again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from .brief import brief

Strength = Literal["seen", "beats matched controls", "holds across seeds and probes"]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number came from: enough to compute it again and to notice that something differs."""

    model: str
    fingerprint: str
    layer: str
    layer_digest: str
    seeds: tuple[int, ...]
    engine: str
    device: str
    precision: str
    versions: dict[str, str]
    created: str
    code: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart that was rendered already; ``svg`` is text, ``png`` bytes, ``alt`` says the finding."""

    name: str
    alt: str
    svg: str
    png: bytes


@brief
@dataclass(frozen=True, slots=True)
class Finding:
    """A claim with its evidence (plain JSON values), the user's note and its provenance."""

    id: str
    claim: str
    layer: str
    strength: Strength
    evidence: dict[str, Any]
    note: str
    caveats: tuple[str, ...]
    provenance: Provenance
    pictures: tuple[Picture, ...] = field(default=(), repr=False)
