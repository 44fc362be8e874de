"""The labs, in the order of the course."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from ..records import Complaint
from . import (
    aspect_bias,
    bulk_and_edge,
    channel,
    edge_jitter,
    effective_space,
    grokking,
    heavy_tails,
    localisation,
    not_averaging,
    shuffle,
    spike,
    wigner_circle,
)
from .lab import Lab

_ALL = (
    edge_jitter.LAB,
    effective_space.LAB,
    wigner_circle.LAB,
    aspect_bias.LAB,
    localisation.LAB,
    bulk_and_edge.LAB,
    shuffle.LAB,
    not_averaging.LAB,
    heavy_tails.LAB,
    spike.LAB,
    grokking.LAB,
    channel.LAB,
)
LABS: Mapping[str, Lab] = {lab.name: lab for lab in sorted(_ALL, key=lambda lab: lab.order)}


def lab_named(name: str) -> Lab:
    """The lab of this name. Raises ``Complaint`` with the names there are."""
    if name not in LABS:
        near = get_close_matches(str(name), LABS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(LABS)}."
        raise Complaint(f"There is no lab {name!r}; {hint}")
    return LABS[name]
