"""The door: what users type. Accepts what they have at hand and hands it to the rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .api_kept import StorePlace, kept_evidence, store_in_use
from .api_progress import Progress
from .api_sources import Matrix, ModelSource, items_of, matrix_of, model_of, readable
from .jobs import Executors
from .metrics import frame_of, measure_steps
from .records import (
    Complaint,
    Engine,
    FactoredMatrix,
    LayerRef,
    NullFit,
    Report,
    Spectra,
    Spectrum,
    TailFit,
    TrapPrediction,
    TrapScan,
    View,
    WeightMatrix,
)
from .spectra import decompose, nulls, tails, traps
from .spectra.costs import is_too_large
from .weights.attention import HeadProduct
from .weights.layers import Layer
from .weights.pairing import factors_of
from .weights.parcels import KeptProduct

if TYPE_CHECKING:
    import pandas as pd

    from .findings import ReportDocument
    from .widgets.explorer import Explorer


def explore(
    model: ModelSource | ReportDocument | Report,
    probe: Any = None,
    compare: ModelSource | None = None,
    report: ReportDocument | Report | None = None,
    **settings: Any,
) -> Explorer:
    """Open the explorer: layers, spectrum, traps, ablation and findings on one screen.

    ``model`` is anything that :func:`open_model` takes. ``probe`` replaces the random inputs of the ablation by
    a probe or a batch of your own. ``compare`` is a second model, drawn and measured beside the first: a fine-tuned
    one, another step of training, an adapter. ``report`` is one whose findings are pinned. A report in the place of
    the model shows what it holds without the weights. Further settings are those of :class:`Explorer`, as ``layer=``.
    """
    from .findings import ReportDocument
    from .widgets.explorer import explore as show
    from .widgets.explorer import explore_report

    pinned = report.report if isinstance(report, ReportDocument) else report
    if isinstance(model, ReportDocument | Report):
        return explore_report(model.report if isinstance(model, ReportDocument) else model, **settings)
    return show(model_of(model), probe, None if compare is None else model_of(compare), pinned, **settings)


def spectrum(matrix: Matrix) -> Spectrum:
    """Eigenvalues of ``WᵀW / n_rows`` of a layer, a module with one weight matrix, an array or a tensor."""
    return decompose.spectrum_of(matrix_of(matrix))


def fit_null(source: Matrix | Spectrum) -> NullFit:
    """Marchenko–Pastur law of the bulk of a matrix or of a spectrum."""
    return nulls.fit_null(source if isinstance(source, Spectrum) else spectrum(source))


def fit_tail(source: Matrix | Spectrum) -> TailFit:
    """Power law of the upper tail of a matrix's spectrum."""
    return tails.fit_tail(source if isinstance(source, Spectrum) else spectrum(source))


def find_traps(
    matrix: Matrix,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    engine: Engine = "calibrated",
    *,
    view: View = "raw",
    stop_early: bool = False,
    spectra: Spectra | None = None,
    executor: Executors | None = None,
    progress: Progress = None,
) -> TrapScan:
    """Shuffle all entries once per seed and collect the eigenvalues beyond the edge of noise.

    ``engine`` is ``"calibrated"`` (Tracy–Widom at ``level``) or ``"weightwatcher"`` (the published rule). ``view`` is
    ``"raw"``, ``"centred"`` (less the mean) or ``"double_centred"`` (less the means of rows and columns): a mean
    offset makes a trap in the first only. ``stop_early`` ends before the last seed once the count is settled.
    ``spectra`` says of which shuffles the full spectrum is kept: the ``"first"``, ``"all"`` or ``"none"``; the traps
    are the same. Without it that is the first, and none where it takes more than about a minute. ``executor`` and
    ``progress`` are those of :func:`measure`: workers share the shuffles.
    """
    from .api_scanning import ScanSettings, scanned

    traps.check_level(level)
    settings = ScanSettings(traps.checked_seeds(seeds), level, engine, view, spectra)
    return scanned(matrix, settings, stop_early, executor, progress)


def predict_traps(matrix: Matrix, level: float = 0.01) -> TrapPrediction:
    """Traps that the histogram of entries foretells, without a shuffle or a decomposition."""
    return traps.empty_scan(matrix_of(matrix), level).predicted


def measure(
    layers: ModelSource | Iterable[Matrix | HeadProduct | FactoredMatrix],
    metrics: Sequence[str] | None = None,
    *,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
    executor: Executors | None = None,
    progress: Progress = None,
    cache: bool = True,
    exact: bool | None = None,
) -> pd.DataFrame:
    """A frame with one row per layer and one column per metric.

    ``metrics`` are names; ``None`` is every metric but those that need singular vectors, sample or
    bootstrap, ``"all"`` really all. Numbers that could not be computed are ``nan``, and the column ``caveats`` says
    why. ``frame.attrs["cards"]`` has symbol, unit, meaning and source of every metric, and :func:`save_table` writes
    them with the numbers.

    ``executor`` is any ``concurrent.futures.Executor``, or a function that makes one: every matrix is measured by a
    worker, the largest first, and one that dies costs its own matrices, which are then measured again. ``progress``
    shows how far it is: ``None`` if it takes a while, ``True`` at once, ``False`` never; or it is a function of a
    ``Tally``. A notebook and a terminal get a bar; else lines go to the log ``spectral_widgets`` at level INFO, and
    with ``True`` to the error stream where no log takes them. An interrupt raises ``Interrupted``, whose
    ``partial`` is the frame until then. What was measured on an earlier day comes from
    ``sw.cache``, and what is measured now goes there; ``cache=False`` computes everything and keeps nothing.

    Files are read one matrix at a time, each file once. Where a full spectrum takes more than about a minute (see
    ``metrics.EXACT_COST``), numbers are estimates with standard errors in columns beside them, and what needs every
    eigenvalue is ``nan``; ``exact=True`` computes all of it, ``exact=False`` estimates every layer.
    """
    from .api_measuring import measured_table

    traps.check_level(level)
    settings = (metrics, traps.checked_seeds(seeds), level, store_in_use(cache), exact)
    return frame_of(measured_table(list(items_of(layers)), settings, executor, progress))


def _measurable(item: Any) -> WeightMatrix | FactoredMatrix | LayerRef:
    """What :func:`readable` gives, and for a head its product as two factors."""
    if isinstance(item, FactoredMatrix | LayerRef):
        return item
    if not isinstance(item, HeadProduct):
        return readable(item)
    try:
        return item.read()
    except Complaint as complaint:
        return replace(item.ref, caveat=str(complaint))


def measured(
    item: Any,
    metrics: Sequence[str] | None,
    seeds: tuple[int, ...],
    level: float,
    place: StorePlace | None = None,
    exact: bool | None = None,
) -> tuple[LayerRef, Any]:
    """One row of :func:`measure`: the layer, and its measurements; ``place`` is where results are kept."""
    kept = item if isinstance(item, KeptProduct) else None
    product = kept.product if kept else factors_of(item) if isinstance(item, Layer) else None
    entries = None if product is None else (lambda: kept.entries) if kept else item.read
    matrix = product or (item if isinstance(item, Layer) else _measurable(item))
    if isinstance(matrix, LayerRef):
        return matrix, next(iter(measure_steps([matrix], metrics)))
    try:
        wanted = not is_too_large(matrix.ref) if exact is None else exact
        whole = wanted or isinstance(matrix, FactoredMatrix)
        evidence, shelf = kept_evidence(matrix, place, entries, seeds=seeds, level=level, exact=whole)
    except Complaint as complaint:
        unread = replace(matrix.ref, caveat=str(complaint))
        return unread, next(iter(measure_steps([unread], metrics)))
    with shelf or nullcontext():
        return evidence.layer, next(iter(measure_steps([evidence], metrics)))
