"""Laws of random matrix theory: numbers in, numbers out.

Throughout, ``aspect`` is short side over long side, ``n_cols / n_rows`` in (0, 1], and eigenvalues are
those of ``WᵀW / n_rows``.
"""

from .alignment import composition_moments, gaussian_head_spread
from .anderson import anderson_rate, lloyd_rate
from .condition import condition_number, gaussian_log_condition, mp_condition
from .curie_weiss import curie_weiss_distribution, mean_field_magnetisation
from .hard_edge import TW_MEAN
from .heavy_tails import frechet_cdf, hill_deviation, hill_mean, spectral_exponent, stable_tail, student_survival
from .level_spacing import GOE_RATIO, POISSON_RATIO, goe_ratio_density, poisson_ratio_density, spacing_ratios
from .levels import mp_levels
from .localisation import (
    participation_ratio,
    peaked_inverse_participation,
    porter_thomas_participation,
    spread_inverse_participation,
)
from .marchenko_pastur import mp_cdf, mp_density, mp_edges, mp_median, mp_quantile, mp_quantiles
from .outlier_variance import entry_outlier_variance, mean_outlier_variance
from .quadrature import quadrature_ranks, quadrature_shares
from .spikes import entry_threshold, mean_threshold, outlier_eigenvalue, overlap_squared, strength_of
from .tracy_widom import (
    TW_MOMENTS,
    edge_scaling,
    kurtosis_shift,
    kurtosis_widening,
    tw_cdf,
    tw_quantile,
    tw_sf,
)
from .weibull import weibull_anchor, weibull_cdf, weibull_limit, weibull_line
from .wigner import expected_real_eigenvalues, semicircle_density, wigner_fourth_moment

__all__ = [
    "GOE_RATIO",
    "POISSON_RATIO",
    "TW_MEAN",
    "TW_MOMENTS",
    "anderson_rate",
    "composition_moments",
    "condition_number",
    "curie_weiss_distribution",
    "edge_scaling",
    "entry_outlier_variance",
    "entry_threshold",
    "expected_real_eigenvalues",
    "frechet_cdf",
    "gaussian_head_spread",
    "gaussian_log_condition",
    "goe_ratio_density",
    "hill_deviation",
    "hill_mean",
    "kurtosis_shift",
    "kurtosis_widening",
    "lloyd_rate",
    "mean_field_magnetisation",
    "mean_outlier_variance",
    "mean_threshold",
    "mp_cdf",
    "mp_condition",
    "mp_density",
    "mp_edges",
    "mp_levels",
    "mp_median",
    "mp_quantile",
    "mp_quantiles",
    "outlier_eigenvalue",
    "overlap_squared",
    "participation_ratio",
    "peaked_inverse_participation",
    "poisson_ratio_density",
    "porter_thomas_participation",
    "quadrature_ranks",
    "quadrature_shares",
    "semicircle_density",
    "spacing_ratios",
    "spectral_exponent",
    "spread_inverse_participation",
    "stable_tail",
    "strength_of",
    "student_survival",
    "tw_cdf",
    "tw_quantile",
    "tw_sf",
    "weibull_anchor",
    "weibull_cdf",
    "weibull_limit",
    "weibull_line",
    "wigner_fourth_moment",
]
