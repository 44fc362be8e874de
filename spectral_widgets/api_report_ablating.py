"""Behind the door to reports: the strongest traps of a model, tested where it runs."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING

from .api_progress import Progress, listener_for
from .findings.making import kept_ablation
from .jobs import told_steps
from .probing import ablation, probes
from .probing.fitting import fitted, fitting_probe
from .probing.plans import edit_for, plan_for, sentence_of
from .records import AblationReport, Complaint, Probe, Report, Trap, TrapScan
from .spectra.traps import find_traps
from .weights.model import Model

if TYPE_CHECKING:
    from .api_reporting import Wanted


def ablating_steps(
    made: Report, model: Model | None, wanted: Wanted, progress: Progress
) -> Generator[Report, None, Report | None]:
    """The report with its ablations, one a step; ``None`` where it was stopped on the way."""
    try:
        if model is None or model.module is None:
            raise Complaint("These are weights without a network." if model is None else model.missing)
        probe = (
            fitting_probe(model, wanted.n_probes, wanted.seed)
            if wanted.probe is None
            else fitted(model, probes.as_probe(wanted.probe, wanted.n_probes, wanted.seed))
        )
    except Complaint as complaint:
        return replace(made, caveats=(*made.caveats, f"No trap was tested: {complaint}"))
    traps = [trap for layer in made.layers for trap in layer.first_traps[: wanted.ablate]]
    n_tested = 0
    testing = ((k, _tested(model, trap, probe, wanted)) for k, trap in enumerate(traps))
    for _, one in told_steps(testing, "Testing traps", [1.0] * len(traps), listener_for(progress)):
        if isinstance(one, AblationReport):
            made = replace(made, ablations=(*made.ablations, one))
        else:
            made = replace(made, caveats=(*made.caveats, one))
        n_tested += 1
        yield made
    return made if n_tested == len(traps) else None


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
    return find_traps(model.read(trap.layer.name), (trap.seed,), wanted.level, spectra="none")


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
