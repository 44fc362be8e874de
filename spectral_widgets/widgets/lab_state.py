"""Where the dials of a lab stand, its seed, and whether theory is drawn: one small value that can be said as code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..labs import Lab
from ..records.setting import checked_values, flag, whole

_LARGEST_SEED = 2**31 - 1
_OWN = (
    whole("seed", "Seed", 0, 0, _LARGEST_SEED, "The same seed gives the same random numbers."),
    flag("theory", "Theory", True, "Draws what theory foretells over the simulation."),
)
OWN_KEYS = tuple(one.key for one in _OWN)


@dataclass(frozen=True)
class LabState:
    """Always replaced, never changed; ``to_json`` is what the page sees: the dials beside ``seed`` and ``theory``."""

    values: Mapping[str, Any]
    seed: int = 0
    theory: bool = True

    def changed(self, lab: Lab, changes: Mapping[str, Any]) -> LabState:
        """A new state with checked changes. Raises ``Complaint`` for an unknown dial or a bad value."""
        checked = checked_values((*lab.dials, *_OWN), changes, f"The lab {lab.name!r} has no dial")
        own = {key: checked.pop(key) for key in OWN_KEYS if key in checked}
        return replace(self, values={**self.values, **checked}, **own)

    def same_draws(self, other: LabState) -> bool:
        """Whether both call for the same random matrices."""
        return self.values == other.values and self.seed == other.seed

    def to_json(self) -> dict[str, Any]:
        return {**self.values, "seed": self.seed, "theory": self.theory}
