"""The open set of pair metrics: two matrices of one layer. The first import line registers the families."""

from . import updates, overlaps, similarity  # noqa: F401, I001  (order of the columns)
from .difference import difference_of, difference_spectrum_of, other_of
from .evidence import PairEvidence
from .matching import N_STARTS, Chain, Matching, match_chains, match_chains_steps, permuted, vector_alignment
from .registry import pair_metric, pair_metric_names, pair_metrics_named
from .runner import PairItem, measure_pairs_steps
from .subspaces import subspaces_of

__all__ = [
    "N_STARTS",
    "Chain",
    "Matching",
    "PairEvidence",
    "PairItem",
    "difference_of",
    "difference_spectrum_of",
    "match_chains",
    "match_chains_steps",
    "measure_pairs_steps",
    "other_of",
    "pair_metric",
    "pair_metric_names",
    "pair_metrics_named",
    "permuted",
    "subspaces_of",
    "vector_alignment",
]
