"""Every metric on matrices without randomness: the value by hand or nan with a reason, never a warning or an error."""

from functools import lru_cache
from math import isnan, log10, nan, sqrt

import numpy as np
import pytest
from spectral_widgets import metrics

from .metric_subjects import ALL, matrix

N, M = 48, 36


def unit(n, seed):
    vector = np.random.default_rng(seed).standard_normal(n)
    return vector / np.linalg.norm(vector)


def one_entry():
    values = np.zeros((N, M))
    values[3, 5] = -7.0
    return values


SUBJECTS = {
    "zero": np.zeros((N, M)),
    "constant": np.full((N, M), 2.5),
    "identity": np.eye(N),
    "rectangular identity": np.eye(N, M),
    "rank one": 5 * np.outer(unit(N, 0), unit(M, 1)),
    "signs": np.sign(np.random.default_rng(2).standard_normal((N, M))),
    "one entry": one_entry(),
    "projector": np.diag([1.0] * (N // 2) + [0.0] * (N // 2)),
    "two columns": np.random.default_rng(3).standard_normal((N, 2)),
    "smallest": np.array([[1.0, 2.0], [3.0, 4.0]]),
    "tiny numbers": 1e-150 * np.random.default_rng(4).standard_normal((N, M)),
    "huge numbers": 1e100 * np.random.default_rng(5).standard_normal((N, M)),
    "pruned": np.where(np.random.default_rng(6).random((N, M)) < 0.95, 0.0, 1.5),
}

# Values that can be checked by hand; nan where the quantity has none.
BY_HAND = {
    "zero": {
        "frobenius_norm": 0,
        "spectral_norm": 0,
        "log_norm": nan,
        "log_spectral_norm": nan,
        "stable_rank": nan,
        "numerical_rank": 0,
        "spectral_entropy": nan,
        "effective_rank": nan,
        "eigenvalue_participation": nan,
        "condition_number": nan,
        "condition_ratio": nan,
        "condition_at_decile": nan,
        "bulk_fraction": nan,
        "mp_soft_rank": nan,
        "null_distance": nan,
        "null_wasserstein": nan,
        "spikes": nan,
        "alpha": nan,
        "traps": nan,
        "shuffled_distance": nan,
        "level_spacing_ratio": nan,
        "leading_participation": nan,
        "weibull_shape": nan,
        "student_t_freedom": nan,
    },
    "constant": {
        "frobenius_norm": 2.5 * sqrt(N * M),
        "spectral_norm": 2.5 * sqrt(N * M),
        "stable_rank": 1,
        "numerical_rank": 1,
        "effective_rank": 1,
        "eigenvalue_participation": 1,
        "condition_number": nan,
        "leading_participation": 3 * M / (M + 2),
        "traps": nan,
        "weibull_shape": nan,
        "laplace_aic": nan,
    },
    "identity": {
        "frobenius_norm": sqrt(N),
        "spectral_norm": 1,
        "log_norm": log10(N),
        "log_spectral_norm": 0,
        "stable_rank": N,
        "numerical_rank": N,
        "spectral_entropy": 1,
        "effective_rank": N,
        "eigenvalue_participation": N,
        "condition_number": 1,
        "condition_at_decile": 1,
        "level_spacing_ratio": nan,
        "alpha": nan,
    },
    "rank one": {
        "frobenius_norm": 5,
        "spectral_norm": 5,
        "log_norm": log10(25),
        "stable_rank": 1,
        "numerical_rank": 1,
        "spectral_entropy": nan,
        "effective_rank": 1,
        "eigenvalue_participation": 1,
        "condition_number": nan,
        "condition_at_decile": nan,
        "level_spacing_ratio": nan,
        "bulk_fraction": nan,
    },
    "one entry": {
        "frobenius_norm": 7,
        "stable_rank": 1,
        "leading_participation": 3 / (N + 2),
        "least_participation": 3 / (N + 2),
        "weibull_shape": nan,
    },
    "projector": {
        "stable_rank": N // 2,
        "effective_rank": N // 2,
        "eigenvalue_participation": N // 2,
        "numerical_rank": N // 2,
        "spectral_entropy": 1,
        "condition_number": nan,
    },
    "signs": {"frobenius_norm": sqrt(N * M), "weibull_shape": nan, "student_t_freedom": nan},
    "smallest": {"frobenius_norm": sqrt(30), "condition_number": (30 + sqrt(30**2 - 16)) / 4},
    "pruned": {"weibull_shape": nan},
}


@lru_cache
def row_of(name):
    """Measurements by name of the metric."""
    row = next(metrics.measure_steps([matrix(SUBJECTS[name])], "all", seeds=range(2)))
    return {one.metric: one for one in row}


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_metric_gives_a_number_or_a_reason(name):
    for metric, one in row_of(name).items():
        assert not np.isinf(one.value), metric
        assert one.caveat if isnan(one.value) else True, metric


@pytest.mark.parametrize(("name", "metric"), [(name, metric) for name, row in BY_HAND.items() for metric in row])
def test_values_by_hand(name, metric):
    assert row_of(name)[metric].value == pytest.approx(BY_HAND[name][metric], rel=1e-7, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", SUBJECTS)
def test_bounds_hold_on_every_matrix(name):
    short = min(SUBJECTS[name].shape)
    for metric, one in row_of(name).items():
        laws = ALL[metric].card.laws
        if isnan(one.value):
            continue
        assert one.value >= 0 or "non_negative" not in laws, metric
        assert 0 <= one.value <= 1 + 1e-12 or "within_unit" not in laws, metric
        assert one.value <= short + 1e-9 or "within_short_side" not in laws, metric
        assert one.value >= 1 - 1e-12 or "at_least_one" not in laws, metric


def test_reasons_name_what_is_wrong():
    assert "rank is 1 of 36" in row_of("rank one")["condition_number"].caveat
    assert "zero" in row_of("zero")["leading_participation"].caveat
    assert "not unique" in row_of("identity")["leading_participation"].caveat
    assert "Weibull" in row_of("constant")["weibull_shape"].caveat
    assert (
        "no heavier tail" in row_of("signs")["student_t_freedom"].caveat or row_of("signs")["student_t_freedom"].caveat
    )
