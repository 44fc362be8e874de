"""Behind the door to reports: a model measured layer by layer, and its strongest traps tested."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from torch import nn

from .api_kept import StorePlace, kept_evidence, store_in_use
from .api_measuring import work_of
from .api_progress import Progress
from .api_report_ablating import ablating_steps
from .api_sources import items_of, matrix_of, model_of, readable
from .api_work import in_order, spread_steps
from .findings.making import kept_scan
from .jobs import Executors, Lost
from .metrics import Evidence, measure_steps, metrics_named
from .probing.plans import N_CONTROLS, EditName
from .records import (
    Complaint,
    LayerRef,
    LayerReport,
    Measurement,
    NullFit,
    Report,
    ReportSettings,
    Spectrum,
    SpectrumEstimate,
    TailFit,
    TrapScan,
    whole_number,
)
from .records.text import plural
from .spectra.costs import is_too_large
from .spectra.traps import check_level, checked_seeds
from .spectra.weightwatcher import published_rule
from .weights.layers import Layer
from .weights.model import Model
from .weights.parcels import bytes_of, lost_ref, matrix_parcel, unpacked

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is to hold; ``ablate`` is how many traps of a layer are tested, 0 for none."""

    layers: tuple[str, ...] | None = None
    metrics: Sequence[str] | None = None
    seeds: tuple[int, ...] = tuple(range(5))
    level: float = 0.01
    ablate: int = 0
    edit: EditName = "remove"
    probe: Any = None
    n_probes: int = 128
    n_controls: int = N_CONTROLS
    seed: int = 0
    cache: bool = True
    exact: bool | None = None

    def __post_init__(self) -> None:
        check_level(self.level)
        object.__setattr__(self, "seeds", checked_seeds(self.seeds))
        for name, least in (("n_probes", 1), ("n_controls", 0), ("seed", 0)):
            whole_number(getattr(self, name), name, least)


def now() -> str:
    """The time in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def steps_of(
    what: Any, title: str, wanted: Wanted, progress: Progress, executor: Executors | None = None
) -> Generator[Report]:
    """A growing report: layer by layer in their order, then ablation by ablation; these run here."""
    model, items = _asked(what, wanted)
    made = _beginning(model, items, title, wanted)
    yield made
    for layer in _layers(model, items, wanted, progress, executor):
        made = replace(made, layers=(*made.layers, layer))
        yield made
    if len(made.layers) < len(items):
        return
    if wanted.ablate:
        tested = yield from ablating_steps(made, model, wanted, progress)
        if tested is None:
            return
        made = tested
    yield replace(made, is_complete=True)


def _layers(
    model: Model | None, items: Sequence[Any], wanted: Wanted, progress: Progress, executor: Executors | None
) -> Iterator[LayerReport]:
    sent, place = replace(wanted, probe=None), store_in_use(wanted.cache)
    here = executor is None
    steps = spread_steps(
        reported_parcel,
        items,
        [work_of(item, wanted.exact) for item in items],
        lambda item: (item if here else matrix_parcel(item, readable), sent, place),
        "Measuring",
        executor,
        progress,
        sizes=[bytes_of(item) for item in items],
    )
    for index, layer in in_order(steps):
        found = unread_report(lost_ref(items[index], layer.sentence), wanted) if isinstance(layer, Lost) else layer
        yield _of_item(found, items[index], model, wanted)


def reported_parcel(payload: tuple[Any, Wanted, StorePlace | None]) -> LayerReport:
    """One layer, on the worker's side."""
    parcel, wanted, place = payload
    return layer_report(unpacked(parcel), wanted, place)


def _of_item(layer: LayerReport, item: Any, model: Model | None, wanted: Wanted) -> LayerReport:
    """With its fingerprint, where it was read, and the code that makes it again from the model."""
    if layer.ref.caveat or not isinstance(item, Layer):
        return layer
    digest = layer.digest or item.model.layer_digest(item.name)
    return replace(layer, digest=digest, code="" if model is None else _layer_code(model, item.name, wanted))


def _asked(what: Any, wanted: Wanted) -> tuple[Model | None, list[Any]]:
    """The model, if there is one, and the layers or matrices that the report is about."""
    if isinstance(what, Model | nn.Module | str | Path):
        model = model_of(what)
        names = model.layers.names if wanted.layers is None else wanted.layers
        return model, [model.layers[name] for name in names]
    items = list(items_of(what))
    if wanted.layers is not None:
        raise Complaint("layers= chooses among those of a model: give the model, or only the layers that you want.")
    models = {item.model for item in items if isinstance(item, Layer)}
    return (models.pop() if len(models) == 1 and all(isinstance(one, Layer) for one in items) else None), items


def _beginning(model: Model | None, items: Sequence[Any], title: str, wanted: Wanted) -> Report:
    from .widgets.pins import versions
    from .widgets.reporting import reported_model

    about = None if model is None else reported_model(model)
    return Report(
        title=title or ("Spectra of " + (about.name if about else plural(len(items), "matrix", "matrices"))),
        findings=(),
        created=now(),
        model=about,
        settings=ReportSettings(wanted.seeds, wanted.level),
        versions=versions(),
        cards=tuple(one.card for one in metrics_named(wanted.metrics)),
        code="" if model is None else report_code(model, [item.name for item in items], wanted),
        is_complete=False,
    )


def report_code(model: Model, names: Sequence[str], wanted: Wanted) -> str:
    """Python that makes the report again; inputs of the user's own stand as ``probe``."""
    usual = Wanted()
    said: dict[str, str] = {} if list(names) == model.layers.names else {"layers": repr(list(names))}
    for name in ("metrics", "seeds", "level", "ablate", "edit", "n_probes", "n_controls", "seed", "exact"):
        value = getattr(wanted, name)
        if value != getattr(usual, name):
            said[name] = repr(value)
    said |= {} if wanted.probe is None else {"probe": "probe"}
    settings = "".join(f", {key}={value}" for key, value in said.items())
    return f"import spectral_widgets as sw\n\nmodel = {model.code}\ndoc = sw.report(model{settings})\n"


def unread_report(layer: LayerRef, wanted: Wanted) -> LayerReport:
    """A layer whose numbers are missing, with the reason in their caveats."""
    return LayerReport(layer, next(iter(measure_steps([layer], wanted.metrics))))


def layer_report(item: Any, wanted: Wanted, place: StorePlace | None) -> LayerReport:
    """One layer measured; one that cannot be has its numbers missing and the reason in their caveats."""
    if isinstance(item, LayerRef):
        return unread_report(item, wanted)
    try:
        matrix = item if isinstance(item, Layer) else matrix_of(item)
        exact = not is_too_large(matrix.ref) if wanted.exact is None else wanted.exact
        evidence, shelf = kept_evidence(matrix, place, seeds=wanted.seeds, level=wanted.level, exact=exact)
    except Complaint as complaint:
        ref = getattr(item, "ref", None)
        if not isinstance(ref, LayerRef):
            raise
        return unread_report(replace(ref, caveat=ref.caveat or str(complaint)), wanted)
    with shelf or nullcontext():
        measurements = next(iter(measure_steps([evidence], wanted.metrics)))
        made = evidence_report(evidence, measurements)
        return replace(made, digest=item.model.layer_digest(item.name)) if isinstance(item, Layer) else made


def evidence_report(evidence: Evidence, measurements: tuple[Measurement, ...]) -> LayerReport:
    """What a report keeps of the evidence on one layer; nothing is left out that can be made."""
    from .widgets.views.trap import explanation_of

    scan = _or_none(evidence, TrapScan)
    kept = None if scan is None else kept_scan(scan)
    return LayerReport(
        evidence.layer,
        measurements,
        _or_none(evidence, Spectrum) if evidence.exact else None,
        None if evidence.exact else _or_none(evidence, SpectrumEstimate),
        _or_none(evidence, NullFit) if evidence.exact else None,
        _or_none(evidence, TailFit) if evidence.exact else None,
        kept,
        () if kept is None else tuple(explanation_of(trap) for trap in kept.traps),
        tuple(published_rule(one.eigenvalues, one.n_rows, one.n_cols).count for one in kept.spectra) if kept else (),
    )


def _or_none(evidence: Evidence, kind: type[Kind]) -> Kind | None:
    with suppress(Complaint):
        return evidence.of(kind)
    return None


def _layer_code(model: Model, name: str, wanted: Wanted) -> str:
    return (
        f"import spectral_widgets as sw\n\nmodel = {model.code}\nlayer = model.layers[{name!r}]\n"
        f"table = sw.measure([layer])\nscan = sw.find_traps(layer, seeds={wanted.seeds!r}, level={wanted.level!r})\n"
    )
