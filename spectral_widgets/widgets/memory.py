"""What the explorer has computed already, so that nothing is computed twice."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..metrics import Evidence
from ..records import LayerRef, Measurement, NullFit, Spectrum, TailFit, TrapScan, Unfolding, View, WeightMatrix
from ..weights.layers import Layer
from .state import BenchState
from .views import Json

_Key = tuple[str, tuple[int, ...], float, str, View]


class Memory:
    """Evidence, measurements and scans by layer; of the matrices themselves only the last one read."""

    def __init__(self) -> None:
        self.rows: dict[str, Json] = {}
        self.measured: dict[str, dict[str, Measurement]] = {}
        self.published: dict[_Key, tuple[int, ...]] = {}
        self._records: dict[tuple[str, View], tuple[LayerRef, tuple[object, ...]]] = {}
        self._scans: dict[_Key, TrapScan] = {}
        self._last: WeightMatrix | None = None

    def matrix(self, layer: Layer) -> WeightMatrix:
        """The values of a layer; read again unless it was the last one."""
        last = self._last
        if last is None or last.ref.name != layer.name:
            self._last = None
            last = self._last = layer.read()
        return last

    def keep(self, name: str, evidence: Evidence, view: View = "raw") -> None:
        """Keep the small records of a layer in this view, let go of the matrix."""
        records = tuple(evidence.of(kind) for kind in (Spectrum, NullFit, TailFit))
        self._records[name, view] = (evidence.layer, records)

    def evidence(self, name: str, view: View = "raw", matrix: WeightMatrix | None = None) -> Evidence | None:
        """Evidence from what is kept; with the matrix also for what needs the entries."""
        if (name, view) not in self._records:
            return None
        ref, records = self._records[name, view]
        return Evidence(matrix or _hollow(ref), known=records)

    def complete_evidence(self, name: str, state: BenchState, matrix: WeightMatrix | None = None) -> Evidence:
        """Evidence with the scan of this state in it; call after ``evidence_steps`` ran to its end."""
        ref, records = self._records[name, state.view]
        return Evidence(matrix or _hollow(ref), known=(*records, self._scans[key_of(name, state)]))

    def note(self, measurement: Measurement) -> None:
        """Keep a measurement; what another thread reads meanwhile stays as it was."""
        name = measurement.layer
        self.measured[name] = {**self.measured.get(name, {}), measurement.metric: measurement}

    def is_measured(self, name: str) -> bool:
        """True once the whole row of a layer is there."""
        return name in self.rows and self.rows[name]["status"] == "done"

    def lacks(self, name: str, metrics: Iterable[str]) -> tuple[str, ...]:
        """Those of these metrics that are not measured in a layer yet."""
        known = self.measured.get(name, {})
        return tuple(metric for metric in metrics if metric not in known)

    def scan(self, name: str, state: BenchState) -> TrapScan | None:
        return self._scans.get(key_of(name, state))

    def keep_scan(self, name: str, state: BenchState, scan: TrapScan) -> None:
        self._scans[key_of(name, state)] = scan


def key_of(name: str, state: BenchState) -> _Key:
    """What a scan depends on."""
    return name, state.seeds, state.level, state.engine, state.view


def _hollow(ref: LayerRef) -> WeightMatrix:
    """A matrix without values, for evidence that holds all the records that will be asked for."""
    return WeightMatrix(ref, np.empty((0, 0)), Unfolding.of_shape(ref.shape))
