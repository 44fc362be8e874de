"""The labs, in the order of the course."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from ..records import Complaint
from . import bulk_and_edge, grokking, spike
from .lab import Lab

_ALL = (
    bulk_and_edge.LAB,
    spike.LAB,
    grokking.LAB,
)
LABS: Mapping[str, Lab] = {lab.name: lab for lab in sorted(_ALL, key=lambda lab: lab.order)}


def lab_named(name: str) -> Lab:
    """The lab of this name. Raises ``Complaint`` with the names there are."""
    if name not in LABS:
        near = get_close_matches(str(name), LABS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(LABS)}."
        raise Complaint(f"There is no lab {name!r}; {hint}")
    return LABS[name]
