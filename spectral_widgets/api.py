"""The door: what users type. Accepts what they have at hand and hands it to the rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from .metrics import frame_of, measure_steps, metrics_named
from .probing import ablation, probes
from .probing.fitting import fitted, fitting_probe
from .probing.plans import N_CONTROLS, plan_for
from .records import (
    AblationResult,
    Complaint,
    Edit,
    Engine,
    Finding,
    LayerRef,
    NullFit,
    Probe,
    Report,
    Spectrum,
    Table,
    TailFit,
    Trap,
    TrapPrediction,
    TrapScan,
    Unfolding,
    WeightMatrix,
)
from .spectra import decompose, nulls, tails, traps
from .weights.layers import Layer
from .weights.model import Model
from .weights.opening import open_model

if TYPE_CHECKING:
    import pandas as pd

    from .findings import ReportDocument
    from .widgets.explorer import Explorer

Matrix = Layer | WeightMatrix | np.ndarray | torch.Tensor
ModelSource = Model | nn.Module | str | Path


def explore(model: ModelSource, probe: Any = None, **settings: Any) -> Explorer:
    """Open the explorer: layers, spectrum, traps, ablation and findings on one screen.

    ``model`` is anything that :func:`open_model` takes. ``probe`` replaces the random inputs of the ablation by
    a probe or a batch of your own. Further settings are those of :class:`Explorer`, such as ``layer=``.
    """
    from .widgets.explorer import explore as show

    return show(model_of(model), probe, **settings)


def spectrum(matrix: Matrix) -> Spectrum:
    """Eigenvalues of ``WᵀW / n_rows`` of a layer, an array or a tensor."""
    return decompose.spectrum_of(matrix_of(matrix))


def fit_null(source: Matrix | Spectrum) -> NullFit:
    """Marchenko–Pastur law of the bulk of a matrix or of a spectrum."""
    return nulls.fit_null(source if isinstance(source, Spectrum) else spectrum(source))


def fit_tail(source: Matrix | Spectrum) -> TailFit:
    """Power law of the upper tail of a matrix's spectrum."""
    return tails.fit_tail(source if isinstance(source, Spectrum) else spectrum(source))


def find_traps(
    matrix: Matrix, seeds: Iterable[int] = range(5), level: float = 0.01, engine: Engine = "calibrated"
) -> TrapScan:
    """Shuffle all entries once per seed and collect the eigenvalues beyond the edge of noise.

    ``engine`` is ``"calibrated"`` (Tracy–Widom at ``level``) or ``"weightwatcher"`` (the published rule).
    """
    return traps.find_traps(matrix_of(matrix), seeds, level, engine)


def predict_traps(matrix: Matrix, level: float = 0.01) -> TrapPrediction:
    """Traps that the histogram of entries foretells, without a shuffle or a decomposition."""
    return traps.empty_scan(matrix_of(matrix), level).predicted


def measure(
    layers: ModelSource | Iterable[Matrix],
    metrics: Sequence[str] | None = None,
    *,
    seeds: Iterable[int] = range(5),
    level: float = 0.01,
) -> pd.DataFrame:
    """A frame with one row per layer and one column per metric (all registered ones for ``None``).

    Numbers that could not be computed are ``nan``, and the column ``caveats`` says why.
    """
    chosen = metrics_named(metrics)
    # One matrix at a time: the whole model never needs to fit into memory.
    rows = [_measured(item, metrics, tuple(seeds), level) for item in _items(layers)]
    refs = tuple(ref for ref, _ in rows)
    return frame_of(Table(refs, tuple(one.card for one in chosen), tuple(row for _, row in rows)))


def ablate(
    model: ModelSource,
    edit: Edit,
    probe: Any = None,
    *,
    trap: Trap | None = None,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    n_probes: int = 128,
) -> AblationResult:
    """Pass the same inputs through a model with and without an edit, next to matched controls.

    ``probe`` is a :class:`Probe`, a batch of your own, or ``None`` for ``n_probes`` random inputs that fit the
    model. With a ``trap`` (known already from ``RemoveTrap``) its other edits are measured beside. The model is
    never changed. Raises ``Complaint`` when it cannot run.
    """
    opened = model_of(model)
    chosen = _probe(opened, probe, n_probes, seed)
    plan = plan_for(
        edit,
        chosen,
        trap=trap,
        n_controls=n_controls,
        seed=seed,
        batch_size=ablation.batch_size_for(chosen, opened.outputs),
    )
    return ablation.ablate(opened, plan)


def report(findings: Iterable[Finding], title: str = "Findings") -> ReportDocument:
    """Findings as a document: ``.save("findings.html")``; also ``.json``, ``.csv``, ``.md``, ``.svg``, ``.png``."""
    from .findings import ReportDocument

    created = datetime.now(UTC).isoformat(timespec="seconds")
    return ReportDocument(Report(title, tuple(findings), created))


def model_of(source: ModelSource) -> Model:
    """The model itself, or the one that ``source`` opens."""
    return source if isinstance(source, Model) else open_model(source)


def matrix_of(source: Matrix) -> WeightMatrix:
    """The weight matrix of a layer, or of an array or tensor under the name “matrix”.

    Raises ``Complaint`` for what has no spectrum: fewer than two axes, a single row, NaN or infinity.
    """
    if isinstance(source, WeightMatrix):
        return source
    if isinstance(source, Layer):
        return source.read()
    if isinstance(source, torch.Tensor):
        source = source.detach().float().cpu().numpy() if source.dtype != torch.float64 else source.numpy(force=True)
    if not isinstance(source, np.ndarray):
        raise Complaint(f"A {type(source).__name__} is no weight matrix: give a layer, an array or a tensor.")
    return _matrix_of_array(source)


def _matrix_of_array(array: np.ndarray) -> WeightMatrix:
    if array.ndim < 2 or min(array.shape[0], array.size // max(array.shape[0], 1)) < 2:
        raise Complaint(f"The matrix has shape {array.shape}: give one with at least two rows and two columns.")
    values = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    if not np.isfinite(values).all():
        raise Complaint("The matrix holds NaN or infinity, so it has no spectrum: replace those entries first.")
    unfolding = Unfolding.of_shape(values.shape)
    matrix = unfolding.unfold(values)
    n_rows, n_cols = matrix.shape
    ref = LayerRef("matrix", "other", None, values.shape, n_rows, n_cols, str(values.dtype))
    return WeightMatrix(ref, matrix, unfolding)


def _items(layers: Any) -> Iterable[Any]:
    if isinstance(layers, Model | nn.Module | str | Path):
        return model_of(layers).layers
    if isinstance(layers, Layer | WeightMatrix | np.ndarray | torch.Tensor):
        return [layers]
    return layers


def _measured(item: Any, metrics: Sequence[str] | None, seeds: tuple[int, ...], level: float) -> tuple[LayerRef, Any]:
    try:
        matrix = matrix_of(item)
    except Complaint as complaint:
        if not isinstance(item, Layer):
            raise
        ref = replace(item.ref, caveat=str(complaint))
        return ref, next(iter(measure_steps([ref], metrics)))
    return matrix.ref, next(iter(measure_steps([matrix], metrics, seeds=seeds, level=level)))


def _probe(model: Model, probe: Any, n: int, seed: int) -> Probe:
    if probe is None:
        return fitting_probe(model, n, seed)
    return fitted(model, probe) if isinstance(probe, Probe) else probes.batch(probe)
