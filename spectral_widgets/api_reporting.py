"""Behind the door to reports: a model measured layer by layer, and its strongest traps tested."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from torch import nn

from .api import items_of, matrix_of, model_of
from .api_kept import folder_in_use, kept_evidence
from .api_progress import Progress, listener_for
from .findings.making import kept_ablation, kept_scan
from .jobs import told_steps
from .metrics import Evidence, measure_steps, metrics_named
from .metrics.estimated import is_too_large
from .probing import ablation, probes
from .probing.fitting import fitted, fitting_probe
from .probing.plans import N_CONTROLS, EditName, edit_for, plan_for, sentence_of
from .records import (
    AblationReport,
    Complaint,
    LayerRef,
    LayerReport,
    Measurement,
    NullFit,
    Probe,
    Report,
    ReportedModel,
    ReportSettings,
    Spectrum,
    SpectrumEstimate,
    TailFit,
    Trap,
    TrapScan,
)
from .weights.layers import Layer
from .weights.model import Model
from .weights.parcels import cost_of

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


def now() -> str:
    """The time in ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def steps_of(what: Any, title: str, wanted: Wanted, progress: Progress) -> Generator[Report]:
    """A growing report: layer by layer in their order, then ablation by ablation."""
    model, items = _asked(what, wanted)
    listener = listener_for(progress)
    made = _beginning(model, items, title, wanted)
    yield made
    measuring = ((k, layer_report(item, model, wanted)) for k, item in enumerate(items))
    for _, layer in told_steps(measuring, "Measuring", [cost_of(one) for one in items], listener):
        made = replace(made, layers=(*made.layers, layer))
        yield made
    if len(made.layers) < len(items):
        return
    if wanted.ablate:
        made = yield from _ablating(made, model, wanted, progress)
        if made is None:
            return
    yield replace(made, is_complete=True)


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

    about = None if model is None else reported_model(model)
    return Report(
        title=title or ("Spectra of " + (about.name if about else f"{len(items)} matrices")),
        findings=(),
        created=now(),
        model=about,
        settings=ReportSettings(wanted.seeds, wanted.level),
        versions=versions(),
        cards=tuple(one.card for one in metrics_named(wanted.metrics)),
        code="" if model is None else report_code(model, [item.name for item in items], wanted),
        is_complete=False,
    )


def reported_model(model: Model) -> ReportedModel:
    """What a report says of the model."""
    return ReportedModel(
        model.name,
        model.fingerprint(),
        len(model.layers),
        sum(slot.n_entries for slot in model.store.slots),
        model.device,
        model.precision,
        model.code,
        "" if model.module is not None else model.missing,
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


def layer_report(item: Any, model: Model | None, wanted: Wanted) -> LayerReport:
    """One layer measured; one that cannot be has its numbers missing and the reason in their caveats."""
    try:
        matrix = item if isinstance(item, Layer) else matrix_of(item)
        exact = not is_too_large(matrix.ref) if wanted.exact is None else wanted.exact
        folder = folder_in_use(wanted.cache)
        evidence, shelf = kept_evidence(matrix, folder, seeds=wanted.seeds, level=wanted.level, exact=exact)
    except Complaint as complaint:
        ref = getattr(item, "ref", None)
        if not isinstance(ref, LayerRef):
            raise
        unread = replace(ref, caveat=ref.caveat or str(complaint))
        return LayerReport(unread, next(iter(measure_steps([unread], wanted.metrics))))
    with shelf or nullcontext():
        measurements = next(iter(measure_steps([evidence], wanted.metrics)))
        return replace(
            evidence_report(evidence, measurements),
            digest=model.layer_digest(item.name) if model is not None else "",
            code="" if model is None else _layer_code(model, item.name, wanted),
        )


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


def _ablating(made: Report, model: Model | None, wanted: Wanted, progress: Progress) -> Generator[Report, None, Any]:
    """The report with its ablations, one a step; ``None`` where it was stopped on the way."""
    try:
        if model is None or model.module is None:
            raise Complaint("These are weights without a network." if model is None else model.missing)
        probe = fitting_probe(model, wanted.n_probes, wanted.seed) if wanted.probe is None else fitted(
            model, probes.as_probe(wanted.probe, wanted.n_probes, wanted.seed)
        )
    except Complaint as complaint:
        return replace(made, caveats=(*made.caveats, f"No trap was tested: {complaint}"))
    traps = [trap for layer in made.layers for trap in layer.first_traps[: wanted.ablate]]
    testing = ((k, _tested(model, trap, probe, wanted)) for k, trap in enumerate(traps))
    for _, one in told_steps(testing, "Testing traps", [1.0] * len(traps), listener_for(progress)):
        if isinstance(one, AblationReport):
            made = replace(made, ablations=(*made.ablations, one))
        else:
            made = replace(made, caveats=(*made.caveats, one))
        yield made
        traps.pop()
    return None if traps else made


def _tested(model: Model, trap: Trap, probe: Probe, wanted: Wanted) -> AblationReport | str:
    """The ablation of one trap, or the sentence that says why there is none."""
    try:
        whole = next(one for one in _scan_again(model, trap, wanted).of_seed(trap.seed) if one.index == trap.index)
        plan = plan_for(
            edit_for(whole, wanted.edit, wanted.seed),
            probe,
            n_controls=wanted.n_controls,
            seed=wanted.seed,
            batch_size=ablation.batch_size_for(probe, model.outputs),
            trap=whole,
        )
        result = ablation.ablate(model, plan)
    except Complaint as complaint:
        return f"The trap of {trap.layer.name} was not tested: {complaint}"
    made = kept_ablation(result, trap, sentence_of(plan.edit), _ablation_code(model, trap, wanted))
    assert made is not None
    return made


def _scan_again(model: Model, trap: Trap, wanted: Wanted) -> TrapScan:
    """The scan of the trap's own shuffle, with the vectors that the report does not keep."""
    from .spectra.traps import find_traps

    return find_traps(model.read(trap.layer.name), (trap.seed,), wanted.level)


def _ablation_code(model: Model, trap: Trap, wanted: Wanted) -> str:
    given = "" if wanted.probe is None else "probe, "
    edit = {
        "replace": f"sw.RemoveTrap(trap, 'random', seed={wanted.seed})",
        "remove": "sw.RemoveTrap(trap, 'zero')",
        "subtract_mean": "sw.SubtractMean(trap.layer)",
        "change_entries": "sw.ChangeEntries(trap.layer, trap.culprits)",
    }[wanted.edit]
    return (
        f"import spectral_widgets as sw\n\nmodel = {model.code}\nlayer = model.layers[{trap.layer.name!r}]\n"
        f"trap = sw.find_traps(layer, seeds=[{trap.seed}], level={wanted.level!r}).traps[{trap.index}]\n"
        f"result = sw.ablate(model, {edit}, {given}trap=trap, n_probes={wanted.n_probes},\n"
        f"    n_controls={wanted.n_controls}, seed={wanted.seed})\n"
    )
