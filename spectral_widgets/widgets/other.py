"""The second model of a screen that compares two: which of its layers stand beside which, and what is known of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..metrics import Evidence, measure_one, metrics_named
from ..metrics.pairs import other_of
from ..records import Complaint, MatrixPair, Measurement, View, WeightMatrix
from ..spectra.costs import is_too_large
from ..spectra.views import viewed
from ..weights.model import Model
from ..weights.pairing import Match, paired, read_match
from .columns import at_reading
from .memory import Memory


class Other:
    """A model beside the one of the screen. Everything is found by the name of a layer of the screen's own model."""

    def __init__(self, base: Model, model: Model) -> None:
        self.base, self.model = base, model
        self.pairing = paired(base, model)
        self.matches: dict[str, Match] = {match.base.name: match for match in self.pairing.matches}
        if not self.matches:
            raise Complaint(
                f"No layer of {base.name} has its name in {model.name}: compare two versions of one architecture."
            )
        self.failures = {name: _other_shape(match) for name, match in self.matches.items() if _other_shape(match)}
        self._memory = Memory()

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def code(self) -> str:
        """Python that opens it; two live modules have two names."""
        return re.sub(r"\bmodule\b", "other_module", self.model.code)

    @property
    def only_there(self) -> dict[str, str]:
        """Layers that this model has and the screen's has not, each with a sentence."""
        own = set(self.base.layers.names)
        return {name: said for name, said in self.pairing.unmatched.items() if name not in own}

    def why_not(self, name: str) -> str:
        """Why this layer has nothing beside it; empty when it has."""
        return self.failures.get(name) or self.pairing.unmatched.get(name, "")

    def evidence(self, name: str, view: View = "raw") -> Evidence | None:
        """Spectrum, null and tail of the layer beside this one, as far as they are computed."""
        return self._memory.evidence(name, view)

    def measured(self, name: str) -> Mapping[str, Measurement]:
        """What was measured of the layer beside this one, by metric: all that needs no shuffles."""
        return self._memory.measured.get(name, {})

    def pair(self, name: str) -> MatrixPair:
        """Both matrices of a layer, or the base with its low-rank update. Raises ``Complaint`` where there is none."""
        if self.why_not(name):
            raise Complaint(self.why_not(name))
        return read_match(self.matches[name])

    def matrix(self, name: str) -> WeightMatrix:
        """The matrix beside this layer's; an adapter is added to its base. Raises ``Complaint`` where there is none."""
        if self.why_not(name):
            raise Complaint(self.why_not(name))
        match = self.matches[name]
        if match.other is not None and not match.pairs:
            return match.other.read()
        pair = read_match(match)
        return WeightMatrix(pair.ref, other_of(pair), match.base.read().unfolding)

    def measure(self, name: str, view: View = "raw") -> None:
        """Compute what :meth:`evidence` gives, once; a failure is kept as its sentence."""
        if self.why_not(name) or self.evidence(name, view) is not None:
            return
        try:
            matrix = viewed(self.matrix(name), view)
            evidence = Evidence(matrix, exact=not is_too_large(matrix.ref))
            self._memory.keep(name, evidence, view)
            for metric in metrics_named(at_reading()) if view == "raw" else ():
                self._memory.note(replace(measure_one(evidence, metric), layer=name))
        except Complaint as complaint:
            self.failures[name] = str(complaint)

    def measure_steps(self, names: list[str]) -> Iterator[str]:
        """Measure these layers, one a step; each step gives the name that is done."""
        for name in names:
            self.measure(name)
            yield name


def _other_shape(match: Match) -> str:
    base, other = match.base, match.other
    if other is None or match.pairs or base.shape == other.shape:
        return ""
    sides = ["×".join(map(str, layer.shape)) for layer in (base, other)]
    return f"{base.name} is {sides[0]} here and {sides[1]} in {other.model.name}: not compared."
