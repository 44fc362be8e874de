"""What the explorer has computed already, so that nothing is computed twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from ..metrics import Evidence
from ..metrics.evidence import scan_settings
from ..records import (
    Entry,
    LayerRef,
    Measurement,
    NullFit,
    Patch,
    Spectrum,
    SpectrumEstimate,
    TailFit,
    TrapScan,
    Unfolding,
    View,
    WeightMatrix,
)
from ..spectra.costs import is_too_large
from ..spectra.explain import patch_of, patch_window
from ..spectra.views import viewed
from ..store import Cache, Shelf
from ..store import cache as of_this_process
from ..weights.cells import cells_of, glimpse_of
from ..weights.digests import digest_of_values
from ..weights.layers import Layer
from ..weights.memos import read_digested, recalled_digest
from .state import BenchState
from .turns import Turns
from .views import Json

_Key = tuple[str, tuple[int, ...], float, str, View]


class Memory:
    """Evidence, measurements and scans by layer; of the matrices themselves only the last one read.

    What was computed on an earlier day comes from ``cache``, and what is computed now goes there.
    """

    def __init__(self, cache: Cache = of_this_process) -> None:
        self.cache = cache
        self._digests: dict[str, str] = {}
        self._changed: set[str] = set()
        self._shelves: dict[str, Shelf] = {}
        self.rows: dict[str, Json] = {}
        self.measured: dict[str, dict[str, Measurement]] = {}
        self.published: dict[_Key, tuple[int, ...]] = {}
        self._records: dict[tuple[str, View], tuple[LayerRef, tuple[object, ...]]] = {}
        self._scans: dict[_Key, TrapScan] = {}
        self._last: WeightMatrix | None = None
        self._patches: dict[tuple[str, int, int], Patch] = {}
        self.turns = Turns()
        self._exact: frozenset[str] = frozenset()
        self._epoch = 0

    def ask_exactly(self, names: Iterable[str]) -> None:
        """Layers to decompose in full however large they are; what was estimated of them is forgotten."""
        fresh = frozenset(names) - self._exact
        self._exact |= fresh
        for name, view in [key for key in self._records if key[0] in fresh]:
            if not self._evidence_is_exact(name, view):
                del self._records[name, view]
                self.rows.pop(name, None)
                self.measured.pop(name, None)

    def is_exact(self, layer: Layer) -> bool:
        """Whether this layer gets a full spectrum and no estimate."""
        return layer.name in self._exact or not is_too_large(layer.ref)

    def _evidence_is_exact(self, name: str, view: View) -> bool:
        return any(isinstance(record, Spectrum) for record in self._records[name, view][1])

    def matrix(self, layer: Layer) -> WeightMatrix:
        """The values of a layer; read again unless it was the last one."""
        last = self._last
        if last is None or last.ref.name != layer.name:
            epoch, self._last = self._epoch, None
            last = self._read(layer)
            # Reading may have been given up, and the memory gone to another one meanwhile.
            self._last = last if epoch == self._epoch else None
        return last

    def glimpse(self, layer: Layer) -> WeightMatrix:
        """The values for a look at them now: of a live layer without a copy, which takes longer than the look."""
        last = self._last
        seen = None if last is not None and last.ref.name == layer.name else glimpse_of(layer)
        return self.matrix(layer) if seen is None else seen

    def patch(self, layer: Layer, entry: Entry) -> Patch:
        """The tensor around one entry; only that is read, since a redraw waits for it."""
        last = self._last
        if last is not None and last.ref.name == layer.name:
            return patch_of(last, entry)
        key = layer.name, entry.row, entry.column
        if key not in self._patches:
            rows, columns = patch_window(entry, layer.model.row(layer.name).unfolding.flat_shape)
            values = cells_of(layer, rows, columns).astype(float)
            self._patches[key] = Patch(layer.ref, tuple(rows), tuple(columns), values, entry)
        return replace(self._patches[key], entry=entry)

    def taken(self, layer: Layer) -> WeightMatrix:
        """The values, kept here no longer: whoever takes them decides when they go."""
        matrix = self.matrix(layer)
        self._last = None
        self._epoch += 1
        return matrix

    def _read(self, layer: Layer) -> WeightMatrix:
        if not self.cache.is_on:
            return layer.read()
        read = read_digested(layer, self.cache)
        if self._digests.setdefault(layer.name, read.digest) != read.digest:
            # The weights have changed under the screen: what is kept here is of others than what comes now.
            self._changed.add(layer.name)
            if layer.name in self._shelves:
                self._shelves.pop(layer.name).close()
        return read.matrix

    def shelf(self, layer: Layer) -> Shelf | None:
        """Where results about the layer as it is stored are kept; ``None`` when the cache is off."""
        if not self.cache.is_on or layer.caveat or layer.name in self._changed:
            return None
        if layer.name not in self._shelves:
            digest = self._recalled(layer) or digest_of_values(self.matrix(layer).values)
            if self._digests.setdefault(layer.name, digest) != digest:
                return None
            unfolding = layer.model.row(layer.name).unfolding
            shelf = self.cache.shelf(digest, layer.ref, unfolding, layer.model.device)
            if shelf is None:
                return None
            self._shelves[layer.name] = shelf
        return self._shelves[layer.name]

    def is_at_hand(self, layer: Layer) -> bool:
        """Whether results of an earlier day are there without reading the layer."""
        if not self.cache.is_on or self._recalled(layer) is None:
            return False
        shelf = self.shelf(layer)
        return shelf is not None and shelf.has(Spectrum if self.is_exact(layer) else SpectrumEstimate)

    def _recalled(self, layer: Layer) -> str | None:
        last = self._last
        if last is not None and last.ref.name == layer.name and layer.name not in self._digests:
            return None  # read before the cache was switched on
        return self._digests.get(layer.name) or recalled_digest(layer, self.cache)

    def is_stored(self, layer: Layer) -> bool:
        """Whether the spectrum of a layer comes from an earlier day."""
        shelf = self.shelf(layer)
        return shelf is not None and shelf.has(Spectrum if self.is_exact(layer) else SpectrumEstimate)

    def is_whole(self, layer: Layer, state: BenchState) -> bool:
        """Whether the scan, which is the last that a row waits for, comes from an earlier day."""
        shelf = self.shelf(layer)
        settings = scan_settings(state.seeds, state.level, state.engine, state.view)
        return shelf is not None and shelf.has(TrapScan, **settings)

    def flush(self, layer: Layer) -> None:
        """Write what was computed of a layer; called as soon as something is complete."""
        if layer.name in self._shelves:
            self._shelves[layer.name].flush()

    def fresh_evidence(self, layer: Layer, view: View = "raw") -> Evidence:
        """Evidence with what is kept here or was on an earlier day; the matrix is read when something needs it."""
        known = self._records[layer.name, view][1] if (layer.name, view) in self._records else ()
        shelf = self.shelf(layer) if view == "raw" else None
        exact = self.is_exact(layer)
        return Evidence(
            layer.ref, known=known, entries=lambda: viewed(self.matrix(layer), view), shelf=shelf, exact=exact
        )

    def keep(self, name: str, evidence: Evidence, view: View = "raw") -> None:
        """Keep the small records of a layer in this view, let go of the matrix."""
        self._records[name, view] = (evidence.layer, small_records(evidence))

    def known_evidence(self, layer: LayerRef, known: Mapping[type, object]) -> Evidence:
        """Evidence from records that were made elsewhere, without the matrix."""
        return Evidence(_hollow(layer), known=known.values(), exact=Spectrum in known)

    def evidence(self, name: str, view: View = "raw", matrix: WeightMatrix | None = None) -> Evidence | None:
        """Evidence from what is kept; with the matrix also for what needs the entries."""
        if (name, view) not in self._records:
            return None
        ref, records = self._records[name, view]
        return Evidence(matrix or _hollow(ref), known=records, exact=self._evidence_is_exact(name, view))

    def complete_evidence(self, name: str, state: BenchState, matrix: WeightMatrix | None = None) -> Evidence:
        """Evidence with the scan of this state in it; call after ``evidence_steps`` ran to its end."""
        ref, records = self._records[name, state.view]
        known = (*records, self._scans[key_of(name, state)])
        return Evidence(matrix or _hollow(ref), known=known, exact=self._evidence_is_exact(name, state.view))

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


def small_records(evidence: Evidence) -> tuple[object, ...]:
    """What is kept of a layer beside its measurements and scans; made here where it is not there yet."""
    kinds = (Spectrum, NullFit, TailFit) if evidence.exact else (SpectrumEstimate,)
    return tuple(evidence.of(kind) for kind in kinds)


def key_of(name: str, state: BenchState) -> _Key:
    """What a scan depends on."""
    return name, state.seeds, state.level, state.engine, state.view


def _hollow(ref: LayerRef) -> WeightMatrix:
    """A matrix without values, for evidence that holds all the records that will be asked for."""
    return WeightMatrix(ref, np.empty((0, 0)), Unfolding.of_shape(ref.shape))
