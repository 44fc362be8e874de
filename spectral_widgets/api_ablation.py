"""The door to ablations: edits of a model, run, compared, attributed and made for good."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .api_ablating import ablated, traps_ablated
from .api_progress import Progress
from .api_sources import ModelSource, model_of
from .api_work import heard
from .jobs import Executors
from .probing import ablation, applying, attribution, many, probes
from .probing.fitting import fitted, fitting_probe
from .probing.plans import N_CONTROLS, EditName, plan_for
from .records import AblationResult, Complaint, ControlKind, Edit, Probe, Stop, Trap, TrapScan, whole_number
from .weights.model import Model
from .weights.output_names import output_names

if TYPE_CHECKING:
    import pandas as pd


def ablate(
    model: ModelSource,
    edit: Edit | Iterable[Edit],
    probe: Any = None,
    *,
    trap: Trap | None = None,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    n_probes: int = 128,
    controls: ControlKind | Sequence[ControlKind] = "moved",
    stop: Stop = "all",
    smallest_effect: float = 0.0,
    executor: Executors | None = None,
    progress: Progress = None,
) -> AblationResult:
    """Pass the same inputs through a model with and without an edit, next to matched controls.

    ``edit`` may be several edits, of one layer or more, made at once. ``probe`` is a :class:`Probe`, a batch of
    your own, a pair (inputs, labels), a DataLoader, or ``None`` for ``n_probes`` random inputs that fit the
    model. With a ``trap`` (known already from ``RemoveTrap``) its other edits are measured beside. ``controls``
    names one family of matched controls or several. ``stop="decided"`` ends the run as soon as the verdict is
    clear, by a confidence sequence; an effect beyond the controls below ``smallest_effect`` counts as none. The
    model is never changed. ``executor`` and ``progress`` are those of :func:`measure`: each worker passes some of the
    inputs, in the same batches. Raises ``Complaint`` when it cannot run.
    """
    opened = model_of(model)
    chosen = _probe(opened, probe, n_probes, seed)
    plan = plan_for(
        applying.together(edit),
        chosen,
        trap=trap,
        n_controls=n_controls,
        seed=seed,
        batch_size=ablation.batch_size_for(chosen, opened.outputs),
        controls=controls,
        stop=stop,
        smallest_effect=smallest_effect,
    )
    return ablated(opened, plan, executor, progress)


def ablate_traps(
    model: ModelSource,
    scans: TrapScan | Trap | Iterable[TrapScan | Trap],
    probe: Any = None,
    *,
    edit: EditName = "remove",
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    n_probes: int = 128,
    executor: Executors | None = None,
    progress: Progress = None,
    **settings: Any,
) -> pd.DataFrame:
    """Ablate every trap by turns: a frame of its change, interval, noise floor and verdict.

    Of a scan the traps of its first shuffle are taken. The noise floor is the strongest matched control.
    ``settings`` are ``controls``, ``stop`` and ``smallest_effect`` as in :func:`ablate`; with an ``executor`` each
    worker takes some of the traps.
    """
    import pandas as pd

    opened = model_of(model)
    chosen = _probe(opened, probe, n_probes, seed)
    size = ablation.batch_size_for(chosen, opened.outputs)
    asked = {"n_controls": n_controls, "seed": seed, "batch_size": size, **settings}
    traps = many.traps_of(scans)
    return pd.DataFrame(traps_ablated(opened, traps, many.trap_plans(traps, chosen, edit, **asked), executor, progress))


def ablate_together(
    model: ModelSource,
    traps: Sequence[Trap],
    probe: Any = None,
    *,
    edit: EditName = "remove",
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    n_probes: int = 128,
    executor: Executors | None = None,
    progress: Progress = None,
    **settings: Any,
) -> AblationResult:
    """Edit several traps at once, next to each alone (the ``companions``) and to matched controls of the whole.

    Traps of one layer must be of one shuffle. ``settings`` are ``controls``, ``stop`` and ``smallest_effect`` as in
    :func:`ablate`; ``executor`` and ``progress`` are as there.
    """
    opened = model_of(model)
    chosen = _probe(opened, probe, n_probes, seed)
    size = ablation.batch_size_for(chosen, opened.outputs)
    asked = {"n_controls": n_controls, "seed": seed, "batch_size": size, **settings}
    return ablated(opened, many.together_plan(traps, chosen, edit, **asked), executor, progress)


def dose_response(
    model: ModelSource,
    trap: Trap,
    factors: Sequence[float] = many.FACTORS,
    probe: Any = None,
    *,
    seed: int = 0,
    n_probes: int = 128,
    executor: Executors | None = None,
    progress: Progress = None,
) -> pd.DataFrame:
    """Scale a trap by every factor (0 removes it, 1 leaves it, 2 doubles it): a frame of change and interval.

    ``executor`` and ``progress`` are those of :func:`ablate`; ``Interrupted.partial`` is the result so far.
    """
    import pandas as pd

    if not isinstance(trap, Trap):
        raise Complaint(f"A {type(trap).__name__} has no dose: give a trap, such as scan.traps[0].")
    opened = model_of(model)
    chosen = _probe(opened, probe, n_probes, seed)
    plan = many.dose_plan(trap, factors, chosen, ablation.batch_size_for(chosen, opened.outputs))
    return pd.DataFrame(many.dose_rows(ablated(opened, plan, executor, progress), factors))


def attribute(
    model: ModelSource,
    edit: Edit | Iterable[Edit],
    probe: Any = None,
    *,
    k: int = 10,
    seed: int = 0,
    n_probes: int = 128,
    progress: Progress = None,
) -> pd.DataFrame:
    """The ``k`` classes or tokens whose probability an edit moves most: mean signed change and 95 % interval.

    ``name`` is the text of a token or the name of a class where the model tells, else the number. ``progress`` is that
    of :func:`measure`.
    """
    import pandas as pd

    opened = model_of(model)
    chosen = _probe(opened, probe, n_probes, seed)
    n_steps = -(-chosen.n // ablation.batch_size_for(chosen, opened.outputs))
    steps = attribution.attribute_steps(opened, applying.together(edit), chosen)
    found = heard(steps, n_steps, "Passing inputs", "The attribution", progress)
    frame = pd.DataFrame(attribution.rows_of(found, k))
    return frame.assign(name=output_names(opened, frame["class"])).set_index("class")


def apply(model: ModelSource, edits: Edit | Iterable[Edit], path: str | Path | None = None) -> Model:
    """A new model with the edits made for good; the given one stays as it is.

    With ``path`` all tensors are written as a safetensors file too, whose metadata says what was done. Edits
    of one layer must be different traps of one shuffle. Raises ``Complaint`` when the file exists.
    """
    opened = model_of(model)
    parts = edits if not isinstance(edits, Iterable) else tuple(edits)
    new = applying.applied(opened, parts)
    if path is not None:
        applying.saved(new, parts, opened, path)
    return new


def _probe(model: Model, probe: Any, n: int, seed: int) -> Probe:
    n, seed = whole_number(n, "n_probes", 1), whole_number(seed, "seed")
    if probe is None:
        return fitting_probe(model, n, seed)
    return fitted(model, probes.as_probe(probe, n, seed))
