"""The open set of metrics: registry, lazy evidence, runner. The first import lines register the families."""

from . import tail, weighted_alpha, hill, farms, erg, alternatives  # noqa: F401, I001  (order of the columns)
from . import norms, ranks, conditions, noise, entries, traps, shuffled, vectors  # noqa: F401
from ..spectra.costs import EXACT_COST
from .bands import band_of
from .catalogue import card, cards, reference, reference_markdown
from .evidence import Evidence
from .frame import frame_of
from .registry import Metric, metric, metric_names, metrics_named
from .runner import Item, measure_one, measure_steps, table_of

__all__ = [
    "EXACT_COST",
    "Evidence",
    "Item",
    "Metric",
    "band_of",
    "card",
    "cards",
    "frame_of",
    "measure_one",
    "measure_steps",
    "metric",
    "metric_names",
    "metrics_named",
    "reference",
    "reference_markdown",
    "table_of",
]
