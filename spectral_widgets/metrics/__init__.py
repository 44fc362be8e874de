"""The open set of metrics: registry, lazy evidence, runner. The first import line registers the families."""

from . import tail, weighted_alpha, norms, ranks, noise, traps  # noqa: F401, I001  (order of the columns)
from .evidence import Evidence
from .frame import frame_of
from .registry import Metric, metric, metric_names, metrics_named
from .runner import Item, measure_one, measure_steps, table_of

__all__ = [
    "Evidence",
    "Item",
    "Metric",
    "frame_of",
    "measure_one",
    "measure_steps",
    "metric",
    "metric_names",
    "metrics_named",
    "table_of",
]
