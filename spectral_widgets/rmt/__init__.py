"""Laws of random matrix theory: numbers in, numbers out.

Throughout, ``aspect`` is short side over long side, ``n_cols / n_rows`` in (0, 1], and eigenvalues are
those of ``WᵀW / n_rows``.
"""

from .localisation import participation_ratio, porter_thomas_participation
from .marchenko_pastur import mp_cdf, mp_density, mp_edges, mp_median, mp_quantile
from .spikes import entry_threshold, mean_threshold, outlier_eigenvalue, overlap_squared
from .tracy_widom import edge_scaling, kurtosis_shift, kurtosis_widening, tw_cdf, tw_quantile, tw_sf

__all__ = [
    "edge_scaling",
    "entry_threshold",
    "kurtosis_shift",
    "kurtosis_widening",
    "mean_threshold",
    "mp_cdf",
    "mp_density",
    "mp_edges",
    "mp_median",
    "mp_quantile",
    "outlier_eigenvalue",
    "overlap_squared",
    "participation_ratio",
    "porter_thomas_participation",
    "tw_cdf",
    "tw_quantile",
    "tw_sf",
]
