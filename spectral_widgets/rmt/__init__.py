"""Laws of random matrix theory: numbers in, numbers out.

Throughout, ``aspect`` is short side over long side, ``n_cols / n_rows`` in (0, 1], and eigenvalues are
those of ``WᵀW / n_rows``.
"""

from .alignment import composition_moments, gaussian_head_spread
from .condition import condition_number, gaussian_log_condition, mp_condition
from .hard_edge import TW_MEAN
from .level_spacing import GOE_RATIO, POISSON_RATIO, spacing_ratios
from .localisation import participation_ratio, porter_thomas_participation
from .marchenko_pastur import mp_cdf, mp_density, mp_edges, mp_median, mp_quantile, mp_quantiles
from .quadrature import quadrature_ranks, quadrature_shares
from .spikes import entry_threshold, mean_threshold, outlier_eigenvalue, overlap_squared
from .tracy_widom import edge_scaling, kurtosis_shift, kurtosis_widening, tw_cdf, tw_quantile, tw_sf
from .weibull import weibull_anchor, weibull_cdf, weibull_limit, weibull_line

__all__ = [
    "GOE_RATIO",
    "POISSON_RATIO",
    "TW_MEAN",
    "composition_moments",
    "condition_number",
    "edge_scaling",
    "entry_threshold",
    "gaussian_head_spread",
    "gaussian_log_condition",
    "kurtosis_shift",
    "kurtosis_widening",
    "mean_threshold",
    "mp_cdf",
    "mp_condition",
    "mp_density",
    "mp_edges",
    "mp_median",
    "mp_quantile",
    "mp_quantiles",
    "outlier_eigenvalue",
    "overlap_squared",
    "participation_ratio",
    "porter_thomas_participation",
    "quadrature_ranks",
    "quadrature_shares",
    "spacing_ratios",
    "tw_cdf",
    "tw_quantile",
    "tw_sf",
    "weibull_anchor",
    "weibull_cdf",
    "weibull_limit",
    "weibull_line",
]
