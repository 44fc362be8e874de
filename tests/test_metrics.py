"""One suite over all metrics: every card's laws and worked values, and planted truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import metrics
from spectral_widgets.metrics.evidence import MAKERS
from spectral_widgets.records import WeightMatrix
from spectral_widgets.spectra.traps import find_traps

from .metric_subjects import ALL, matrix, random_values, value


def orthogonal(n, rng):
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def same(one, other):
    assert other == pytest.approx(one, rel=1e-6, abs=1e-9, nan_ok=True)


def scale_free(metric, values, rng):
    same(value(metric, values), value(metric, 10 ** rng.uniform(-4, 4) * values))


def grows_linearly(metric, values, rng):
    factor = 10 ** rng.uniform(-4, 4)
    same(factor * value(metric, values), value(metric, factor * values))


def grows_as_square(metric, values, rng):
    factor = 10 ** rng.uniform(-3, 3)
    assert value(metric, factor * values) == pytest.approx(factor**2 * value(metric, values), rel=1e-6)


def transpose_blind(metric, values, rng):
    same(value(metric, values), value(metric, values.T))


def sign_blind(metric, values, rng):
    same(value(metric, values), value(metric, -values))


def permutation_blind(metric, values, rng):
    same(value(metric, values), value(metric, rng.permutation(rng.permutation(values, axis=0), axis=1)))


def rotation_blind(metric, values, rng):
    left, right = orthogonal(values.shape[0], rng), orthogonal(values.shape[1], rng)
    same(value(metric, values), value(metric, left @ values @ right))


def non_negative(metric, values, rng):
    assert value(metric, values) >= 0


def non_positive(metric, values, rng):
    assert value(metric, values) <= 0


def within_unit(metric, values, rng):
    assert 0 <= value(metric, values) <= 1 + 1e-12


def within_short_side(metric, values, rng):
    assert 1 <= value(metric, values) <= min(values.shape)


def at_least_one(metric, values, rng):
    assert value(metric, values) >= 1


def scale_free_to_a_percent(metric, values, rng):
    assert value(metric, 10 ** rng.uniform(-3, 1) * values) == pytest.approx(value(metric, values), rel=0.01)


def grows_linearly_to_a_percent(metric, values, rng):
    factor = 10 ** rng.uniform(-3, 1)
    assert value(metric, factor * values) == pytest.approx(factor * value(metric, values), rel=0.01)


LAWS = {
    law.__name__: law
    for law in (
        scale_free,
        grows_linearly,
        grows_as_square,
        transpose_blind,
        sign_blind,
        permutation_blind,
        rotation_blind,
        non_negative,
        non_positive,
        within_unit,
        within_short_side,
        at_least_one,
        scale_free_to_a_percent,
        grows_linearly_to_a_percent,
    )
}
CLAIMS = [(name, law) for name, metric in ALL.items() for law in metric.card.laws]


@pytest.mark.parametrize(("name", "law"), CLAIMS)
def test_every_card_keeps_its_laws(name, law):
    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(st.integers(0, 10_000))
    def check(seed):
        LAWS[law](ALL[name], random_values(seed), np.random.default_rng(seed + 1))

    check()


WORKED = [(name, *pair) for name, metric in ALL.items() for pair in metric.card.worked]


@pytest.mark.parametrize(("name", "given_evidence", "expected"), WORKED)
def test_every_worked_value_is_right(name, given_evidence, expected):
    arguments = given_evidence if isinstance(given_evidence, tuple) else (given_evidence,)
    assert ALL[name].function(*arguments) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_every_card_is_complete(name):
    card = ALL[name].card
    assert card.symbol
    assert card.source
    assert card.meaning.endswith(".")
    assert card.laws
    assert card.evidence in {kind.__name__ for kind in (WeightMatrix, *MAKERS)}
    # A scan is too large to write by hand: planted truth below.
    assert card.worked or card.evidence == "TrapScan"


def test_the_columns_that_the_house_promises_are_there():
    promised = ["alpha", "alpha_error", "tail_distance", "tail_xmin", "tail_size", "alpha_weighted"]
    promised += ["log_alpha_norm", "frobenius_norm", "spectral_norm", "stable_rank", "numerical_rank"]
    promised += ["spectral_entropy", "bulk_variance", "null_distance", "spikes", "traps"]
    assert set(promised) <= set(metrics.metric_names())


def test_planted_giants_and_directions_are_counted():
    rng = np.random.default_rng(1)
    values = rng.standard_normal((200, 120))
    values.flat[[7, 9001]] = 80.0
    scan = find_traps(matrix(values), seeds=range(3))
    assert ALL["traps"].function(scan) == 2
    directions = rng.standard_normal((200, 3)) @ rng.standard_normal((3, 120))
    learned = rng.standard_normal((200, 120)) + 3 * directions
    table = metrics.table_of([matrix(learned)], ["spikes", "traps"])
    assert [one.value for one in table.measurements[0]] == [3, 0]


def test_norms_and_rank_agree_with_numpy():
    rng = np.random.default_rng(4)
    values = rng.standard_normal((60, 10)) @ rng.standard_normal((10, 40))
    names = ["frobenius_norm", "spectral_norm", "numerical_rank", "log_norm"]
    frobenius, spectral, rank, log_norm = (value(ALL[name], values) for name in names)
    assert frobenius == pytest.approx(np.linalg.norm(values))
    assert spectral == pytest.approx(np.linalg.norm(values, 2))
    assert rank == np.linalg.matrix_rank(values) == 10
    assert log_norm == pytest.approx(np.log10((values**2).sum()))
