"""One suite over all pair metrics: every card's laws and worked values, and a new one of one's own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.metrics import pairs
from spectral_widgets.metrics.pairs.registry import _PAIR_METRICS
from spectral_widgets.records import Complaint, MatrixPair

from .pair_subjects import ALL, orthogonal, pair, subject, value


def same(one, two):
    assert two == pytest.approx(one, rel=1e-6, abs=1e-5, nan_ok=True)


def scale_free(metric, base, other, rng):
    factor = 10 ** rng.uniform(-3, 3)
    same(value(metric, base, other), value(metric, factor * base, factor * other))


def symmetric(metric, base, other, rng):
    same(value(metric, base, other), value(metric, other, base))


def transpose_blind(metric, base, other, rng):
    same(value(metric, base, other), value(metric, base.T, other.T))


def permutation_blind(metric, base, other, rng):
    rows, columns = rng.permutation(len(base)), rng.permutation(base.shape[1])
    same(value(metric, base, other), value(metric, base[rows][:, columns], other[rows][:, columns]))


def rotation_blind(metric, base, other, rng):
    left, right = orthogonal(len(base), rng), orthogonal(base.shape[1], rng)
    same(value(metric, base, other), value(metric, left @ base @ right, left @ other @ right))


def rotation_blind_right(metric, base, other, rng):
    one, two = orthogonal(base.shape[1], rng), orthogonal(base.shape[1], rng)
    same(value(metric, base, other), value(metric, base @ one, other @ two))


def non_negative(metric, base, other, rng):
    assert value(metric, base, other) >= 0


def within_unit(metric, base, other, rng):
    assert 0 <= value(metric, base, other) <= 1 + 1e-12


def within_short_side(metric, base, other, rng):
    assert 1 <= value(metric, base, other) <= min(base.shape)


def zero_for_equal(metric, base, other, rng):
    assert value(metric, base, base.copy()) == 0


def one_for_equal(metric, base, other, rng):
    assert value(metric, base, base.copy()) == pytest.approx(1, abs=1e-12)


LAWS = {
    law.__name__: law
    for law in (
        scale_free,
        symmetric,
        transpose_blind,
        permutation_blind,
        rotation_blind,
        rotation_blind_right,
        non_negative,
        within_unit,
        within_short_side,
        zero_for_equal,
        one_for_equal,
    )
}


@pytest.mark.parametrize(("name", "law"), [(name, law) for name, one in ALL.items() for law in one.card.laws])
def test_every_card_keeps_its_laws(name, law):
    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(st.integers(0, 10_000))
    def check(seed):
        LAWS[law](ALL[name], *subject(seed), np.random.default_rng(seed + 1))

    check()


@pytest.mark.parametrize(
    ("name", "given_evidence", "expected"), [(name, *pair) for name, one in ALL.items() for pair in one.card.worked]
)
def test_every_worked_value_is_right(name, given_evidence, expected):
    arguments = given_evidence if isinstance(given_evidence, tuple) else (given_evidence,)
    assert ALL[name].function(*arguments) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", ALL)
def test_every_card_is_complete(name):
    card = ALL[name].card
    assert card.symbol
    assert card.source
    assert card.meaning.endswith((".", "?"))
    assert card.laws
    assert card.worked
    assert card.evidence in {"MatrixPair", "DifferenceSpectrum", "TopSubspaces", "CentredKernels"}


@pytest.mark.parametrize(
    ("chosen", "words"), [({"k": 0}, "k=0"), ({"k": 99}, "k=99"), ({"top": 0}, "top=0"), ({"threshold": 2}, "cosine")]
)
def test_settings_that_fit_nothing_are_refused(chosen, words):
    with pytest.raises(Complaint, match=words):
        pairs.subspaces_of(pair(*subject(1)), **chosen)


@pytest.fixture
def scratch_registry():
    kept = dict(_PAIR_METRICS)
    yield
    _PAIR_METRICS.clear()
    _PAIR_METRICS.update(kept)


@pytest.mark.usefixtures("scratch_registry")
def test_one_function_is_enough_for_a_new_pair_metric():
    @pairs.pair_metric(symbol="max|Δ|", meaning="Largest change.", source="here")
    def largest_change(pair: MatrixPair) -> float:
        return float(np.abs(pairs.difference_of(pair)).max())

    row = next(pairs.measure_pairs_steps([pair(np.eye(3), 3 * np.eye(3))], ["largest_change"]))
    assert [one.value for one in row] == [2.0]

    def relative_change(pair: MatrixPair) -> float:
        return 0.0

    with pytest.raises(Complaint, match="'relative_change' already"):
        pairs.pair_metric(symbol="x", meaning="Again.", source="here")(relative_change)
    with pytest.raises(Complaint, match="did you mean 'weight_cka'"):
        pairs.pair_metrics_named(["weight_ckas"])
