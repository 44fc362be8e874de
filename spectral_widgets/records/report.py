"""A report: what was measured in a model, found in its shuffles, tested by ablations and pinned, ready to hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .ablation import Measure, Stop, Track, Verdict
from .brief import brief
from .estimate import SpectrumEstimate
from .finding import Finding
from .layer import LayerRef
from .measurement import Card, Measurement
from .spectrum import NullFit, Spectrum, TailFit
from .trap import Engine, Trap, TrapScan, View

#: The form that is written. Version 1, which held findings alone, is read too.
SCHEMA = "spectral_widgets.report/2"
FIRST_SCHEMA = "spectral_widgets.report/1"
ReportedEdit = Literal["replace", "remove", "subtract_mean", "change_entries"]


@dataclass(frozen=True, slots=True)
class ReportedModel:
    """The model that a report is about. ``code`` opens it; ``missing`` says why it does not run, empty where it does.

    ``n_layers`` counts all its matrices, also those that the report leaves out; ``n_parameters`` all stored numbers.
    """

    name: str
    fingerprint: str
    n_layers: int
    n_parameters: int
    device: str
    precision: str
    code: str
    missing: str = ""


@dataclass(frozen=True, slots=True)
class ReportSettings:
    """How the layers were shuffled: the seeds, the level of the trap test, its engine, and what was subtracted."""

    seeds: tuple[int, ...]
    level: float = 0.01
    engine: Engine = "calibrated"
    view: View = "raw"


@brief
@dataclass(frozen=True, slots=True, eq=False)
class LayerReport:
    """One layer: its numbers, its spectrum with what was fitted to it, and its shuffles.

    ``spectrum`` is exact; ``estimate`` stands in where there is none. The traps of ``scan`` have no vectors here, and
    its full spectra are at most that of the first shuffle; ``explanations`` say along ``scan.traps`` what causes each.
    ``published`` are trap counts by the published rule on the first shuffles, as far as they were computed.
    ``digest`` names the content of the layer, ``code`` measures and shuffles it again.
    """

    ref: LayerRef
    measurements: tuple[Measurement, ...] = ()
    spectrum: Spectrum | None = None
    estimate: SpectrumEstimate | None = None
    null: NullFit | None = None
    tail: TailFit | None = None
    scan: TrapScan | None = None
    explanations: tuple[str, ...] = ()
    published: tuple[int, ...] = ()
    digest: str = ""
    code: str = ""

    def measurement(self, metric: str) -> Measurement | None:
        """The measurement of this metric; ``None`` where it was not measured."""
        return next((one for one in self.measurements if one.metric == metric), None)

    @property
    def first_traps(self) -> tuple[Trap, ...]:
        """The traps of the first shuffle."""
        return self.scan.of_seed(self.scan.seeds[0]) if self.scan is not None and self.scan.seeds else ()


@dataclass(frozen=True, slots=True)
class ReportedProbe:
    """The inputs of an ablation without their values: ``n`` of ``shape``, from ``seed`` or the user's own."""

    kind: Literal["tokens", "images", "vectors", "uniform", "data"]
    n: int
    shape: tuple[int, ...]
    seed: int
    description: str
    temperature: float = 1.0
    labelled: bool = False
    code: str = ""


@brief
@dataclass(frozen=True, slots=True, eq=False)
class AblationReport:
    """What an edit of one trap did to the outputs, beside other edits of it and matched controls.

    ``seed`` and ``index`` name the trap in the layer's scan; ``edit`` is what was done to it and ``edit_seed`` the seed
    of its noise; ``label`` and ``sentence`` say it in words. The tracks are those of an ``AblationResult``; only that
    of the edit itself has further measures. ``code`` runs it again.
    """

    layer: str
    seed: int
    index: int
    edit: ReportedEdit
    edit_seed: int
    label: str
    sentence: str
    measure: Measure
    probe: ReportedProbe
    track: Track
    companions: tuple[Track, ...]
    controls: tuple[Track, ...]
    verdict: Verdict
    device: str
    precision: str
    stop: Stop = "all"
    smallest_effect: float = 0.0
    caveat: str = ""
    code: str = ""

    @property
    def n_done(self) -> int:
        """Inputs that were passed."""
        return len(self.track.mean)


@brief
@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What there is to hand on; findings alone are a report too.

    ``cards`` describe every metric that is measured in ``layers``. ``code`` makes the whole report again, ``versions``
    are those of the programs behind the numbers. ``caveats`` concern all of it; ``is_complete`` is false for what an
    interrupt left.
    """

    title: str
    findings: tuple[Finding, ...]
    created: str
    schema: str = SCHEMA
    model: ReportedModel | None = None
    settings: ReportSettings | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    cards: tuple[Card, ...] = ()
    layers: tuple[LayerReport, ...] = ()
    ablations: tuple[AblationReport, ...] = ()
    code: str = ""
    caveats: tuple[str, ...] = ()
    is_complete: bool = True

    def layer(self, name: str) -> LayerReport | None:
        """The layer of this name; ``None`` where the report has none."""
        return next((one for one in self.layers if one.ref.name == name), None)

    def ablations_of(self, name: str) -> tuple[AblationReport, ...]:
        """The ablations of this layer's traps."""
        return tuple(one for one in self.ablations if one.layer == name)
