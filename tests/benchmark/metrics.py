"""All metrics of one matrix that neither shuffle nor sample, against the singular values alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import spectral_widgets as sw
from spectral_widgets import metrics

from ..trained import ORACLE, SAMPLED, minilm_matrix
from .rows import Row, Setting
from .timing import Side, interleaved

#: Costs of these metrics: no shuffle, no bootstrap, no window, no vectors.
PLAIN = ("spectrum", "entries")
SAYS = {"numpy": "np.linalg.svd, values only", "values": "spectrum alone"}


def rows(setting: Setting) -> Iterator[Row]:
    """How the table's time compares with that of the singular values it starts from, by numpy and by us."""
    names = plain_metrics()
    matrices = [minilm_matrix(name) for name in (SAMPLED if setting.quick else ORACLE.index)]
    sides = {
        "table": Side(lambda matrix: sw.measure([matrix], names)),
        "numpy": Side(lambda matrix: np.linalg.svd(matrix.values, compute_uv=False)),
        "values": Side(lambda matrix: sw.spectrum(matrix)),
    }
    times = interleaved(sides, setting.rounds(5), matrices)
    says = {**SAYS, "table": f"measure, {len(names)} metrics"}
    name = f"{len(matrices)} matrices of MiniLM"
    yield times.row(f"{name}, numpy's values", "table", "numpy", says=says)
    yield times.row(f"{name}, our values", "table", "values", says=says)


def plain_metrics() -> list[str]:
    """Names of all metrics of one matrix that neither shuffle nor sample."""
    return [one.card.name for one in metrics.metrics_named("all") if one.card.cost in PLAIN]
