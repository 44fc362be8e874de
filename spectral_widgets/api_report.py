"""The door to reports: a model, layers, a screen or findings as a document to hand on."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .api_progress import Progress
from .api_reporting import Wanted, now, steps_of
from .api_work import last_of
from .findings import ReportDocument
from .jobs import Executors
from .probing import probes
from .probing.plans import N_CONTROLS, EditName
from .records import Complaint, Finding, Probe, Report
from .spectra.traps import checked_seeds


def report(
    what: Any,
    title: str = "",
    *,
    layers: Iterable[str] | None = None,
    metrics: Sequence[str] | None = None,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    ablate: bool | int = False,
    edit: EditName = "remove",
    probe: Any = None,
    n_probes: int = 128,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    cache: bool = True,
    exact: bool | None = None,
    executor: Executors | None = None,
    progress: Progress = None,
) -> ReportDocument:
    """A document to hand on: ``.save("report.html")``; ``.json``, ``.csv``, ``.md``, ``.ipynb`` and others too.

    ``what`` is a model (anything that :func:`open_model` takes) or layers of one, which are measured and shuffled now;
    an open explorer, with all that it has computed and pinned; findings alone; or a report. ``layers`` names those of
    a model to take. ``ablate=True`` tests the strongest trap of every layer, a number so many, where the model runs:
    ``edit``, ``probe``, ``n_probes``, ``n_controls`` and ``seed`` are those of :func:`ablate`. The others are those of
    :func:`measure`; the workers of ``executor`` measure, ablations run here. An interrupt raises ``Interrupted``, whose
    ``partial`` is the document until then.
    """
    what = list(what) if isinstance(what, Iterator) else what
    given = _given(what, title)
    if given is not None:
        return given
    wanted = Wanted(
        None if layers is None else tuple(layers),
        metrics, checked_seeds(seeds), level, int(ablate), edit, probe, n_probes, n_controls, seed, cache, exact,
    )  # fmt: skip
    steps = steps_of(what, title, wanted, progress, executor)
    empty = Report(title, (), now(), is_complete=False)
    return ReportDocument(last_of(steps, empty, ReportDocument, lambda last: last.is_complete, "The report"))


def _given(what: Any, title: str) -> ReportDocument | None:
    """The document of what is there already: a report, a screen, findings; ``None`` for what has to be measured."""
    from .widgets.explorer import Explorer

    if isinstance(what, Report | ReportDocument):
        report, loaded = (what.report, what.loaded) if isinstance(what, ReportDocument) else (what, False)
        return ReportDocument(replace(report, title=title or report.title), loaded=loaded)
    if isinstance(what, Explorer):
        return what.report(title)
    if isinstance(what, list | tuple) and all(isinstance(one, Finding) for one in what):
        return ReportDocument(Report(title or "Findings", tuple(what), now()))
    return None


def inputs_in(path: str | Path) -> Probe:
    """Inputs of your own in a safetensors file: the tensor ``inputs``, and ``labels`` if there are any.

    Raises ``Complaint`` where the file has no inputs.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    file = Path(path).expanduser()
    try:
        tensors = load_file(file)
    except (OSError, SafetensorError) as error:
        raise Complaint(f"{file} could not be read as a safetensors file: {error}.") from error
    if "inputs" not in tensors or not set(tensors) <= {"inputs", "labels"}:
        raise Complaint(f"{file.name} must hold the tensor “inputs”, and “labels” if you have them; nothing else.")
    return probes.as_probe(
        tuple(tensors[name] for name in ("inputs", "labels")) if len(tensors) == 2 else tensors["inputs"]
    )


def report_steps(what: Any, title: str = "", *, progress: Progress = False, **settings: Any) -> Generator[Report]:
    """A growing :class:`Report` of a model or of layers, one more layer or ablation a step.

    ``settings`` are those of :func:`report`. The last one is complete; closing the generator stops the work.
    """
    if settings.get("layers") is not None:
        settings["layers"] = tuple(settings["layers"])
    settings["ablate"] = int(settings.get("ablate", 0))
    yield from steps_of(what, title, Wanted(**settings), progress)
