"""The explorer without the model: a report takes its place, and what needs the weights says that they are missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..findings.making import result_of
from ..records import (
    Complaint,
    Finding,
    LayerRef,
    LayerReport,
    NullFit,
    Report,
    Spectrum,
    SpectrumEstimate,
    TailFit,
    TrapScan,
    Unfolding,
    WeightMatrix,
)
from ..store import Cache
from ..weights.layers import Layer, LayerList
from ..weights.model import Model
from ..weights.rows import Row
from ..weights.store import Store
from .memory import key_of
from .state import BenchState
from .views import Json
from .views import layers as rows
from .views.spectrum import shown_seed

if TYPE_CHECKING:
    from .bench import Bench

MISSING = (
    "This is a report without the model's weights, so nothing can be computed or run: "
    "open the model and give sw.explore(model, report=…)."
)


@dataclass(frozen=True, eq=False, repr=False)
class ReportedWeights(Model):
    """A model that is known from a report alone: its layers have names, shapes and numbers, but no values."""

    report: Report | None = None

    @cached_property
    def layers(self) -> LayerList:
        return LayerList(Layer(ref, self) for ref in self._refs.values())

    @cached_property
    def left_out(self) -> dict[str, str]:
        return {}

    @cached_property
    def _refs(self) -> dict[str, LayerRef]:
        assert self.report is not None
        return {one.ref.name: one.ref for one in self.report.layers}

    def row(self, name: str) -> Row:
        if name not in self._refs:
            raise Complaint(f"The report has no layer {name!r}.")
        return Row(self._refs[name], Unfolding.of_shape(self._refs[name].shape))

    def read(self, name: str) -> WeightMatrix:
        raise Complaint(MISSING)

    @property
    def device(self) -> str:
        return self._about.device if self._about is not None else "unknown"

    @property
    def precision(self) -> str:
        return self._about.precision if self._about is not None else "unknown"

    def fingerprint(self) -> str:
        return self._about.fingerprint if self._about is not None else ""

    def layer_digest(self, name: str) -> str:
        found = self.report.layer(name) if self.report is not None else None
        return found.digest if found is not None else ""

    @property
    def _about(self) -> Any:
        return self.report.model if self.report is not None else None


def model_of_report(report: Report) -> ReportedWeights:
    """The report in the place of its model. Raises ``Complaint`` for one without layers."""
    if not report.layers:
        raise Complaint(
            "This report has findings alone and no layers to show: give sw.explore(model, report=…) the model too."
        )
    name = report.model.name if report.model is not None else report.title
    return ReportedWeights(
        name=name,
        code="sw.load_report('report.json')",
        store=Store((), _unreadable),
        missing=MISSING,
        report=report,
    )


def _unreadable(name: str) -> Any:
    raise Complaint(MISSING)


def state_of(report: Report, settings: dict[str, Any]) -> dict[str, Any]:
    """The choices with which a screen shows the report's own shuffles, below those that were asked for."""
    asked = report.settings
    if asked is None or not asked.seeds:
        return settings
    n = _n_in_order(asked.seeds)
    own = {"seed": asked.seeds[0], "n_shuffles": n, "level": asked.level, "engine": asked.engine, "view": asked.view}
    return own | settings


def fill(bench: Bench, report: Report) -> None:
    """Put all that the report holds where the screen looks for what it computed."""
    state, bench.memory.cache = bench.state, Cache()
    bench.memory.cache.off()
    for layer in report.layers:
        _fill_layer(bench, layer, state)
    for one in report.ablations:
        bench.read_results[one.layer, one.seed, one.index] = result_of(one, report.layers)


def _fill_layer(bench: Bench, layer: LayerReport, state: BenchState) -> None:
    memory, name = bench.memory, layer.ref.name
    for one in layer.measurements:
        memory.note(one)
    exact = layer.spectrum is not None
    kinds = (Spectrum, NullFit, TailFit) if exact else (SpectrumEstimate,)
    values = (layer.spectrum, layer.null, layer.tail) if exact else (layer.estimate,)
    if any(value is None for value in values):
        why = layer.ref.caveat or f"The report has no spectrum of {name}."
        memory.rows[name] = rows.failed_row(layer.ref, why)
        bench.screen.failures[name] = why
        return
    evidence = memory.known_evidence(layer.ref, dict(zip(kinds, values, strict=True)))
    memory.keep(name, evidence, state.view)
    if layer.scan is not None:
        scan = _as_chosen(layer.scan, state.seeds)
        memory.keep_scan(name, state, scan)
        memory.published[key_of(name, state)] = layer.published
        memory.rows[name] = rows.measured_row(memory.complete_evidence(name, state))
    else:
        memory.rows[name] = {**rows.spectrum_row(evidence), "status": "done"}


def _n_in_order(seeds: tuple[int, ...]) -> int:
    """How many seeds follow each other from the first on; the screen shows such a block."""
    n = 1
    while n < len(seeds) and seeds[n] == seeds[0] + n:
        n += 1
    return n


def _as_chosen(scan: TrapScan, seeds: tuple[int, ...]) -> TrapScan:
    """The scan of these seeds alone."""
    if scan.seeds == seeds:
        return scan
    kept = [k for k, seed in enumerate(scan.seeds) if seed in seeds]
    return replace(
        scan,
        seeds=tuple(scan.seeds[k] for k in kept),
        counts=tuple(scan.counts[k] for k in kept) if scan.counts else (),
        largest=tuple(scan.largest[k] for k in kept) if scan.largest else (),
        traps=tuple(trap for trap in scan.traps if trap.seed in seeds),
    )


def said_of_spectrum(view: Json, scan: TrapScan | None, state: BenchState) -> Json:
    """The panel without promises: a shuffle whose full spectrum is not in the report never comes."""
    seed = shown_seed(scan, state)
    if scan is None or seed is None or seed in scan.decomposed:
        return view
    words = f"The report has the traps of the shuffle with seed {seed}, but not its full spectrum."
    return {**view, "message": " ".join(filter(None, (words, scan.caveat)))}


def pin_all(bench: Bench, report: Report) -> None:
    """Pin the findings of a report, those that are not pinned yet; about other weights, they say so."""
    bench.has_strangers = bench.has_strangers or bool(report.findings)
    known, mine = {one.id for one in bench.findings.items}, bench.model.fingerprint()
    for finding in report.findings:
        if finding.id not in known:
            bench.findings.pin(_warned(finding, mine))
    bench.screen.show("findings")


def _warned(finding: Finding, fingerprint: str) -> Finding:
    words = "This finding came with a report about other weights than those on the screen."
    if finding.provenance.fingerprint == fingerprint or words in finding.caveats:
        return finding
    return replace(finding, caveats=(*finding.caveats, words))
