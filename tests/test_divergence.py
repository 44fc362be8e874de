"""Jensen–Shannon divergence, relative change and cosine: laws, and outside oracles."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from spectral_widgets.probing.changes import js_divergence
from spectral_widgets.probing.divergence import cosine, log_probabilities, relative_change
from spectral_widgets.probing.outputs import compared, prepared

LN2 = math.log(2)
mpmath.mp.dps = 60


def logits(size, low=-50.0, high=50.0):
    return arrays(np.float64, size, elements=st.floats(low, high, allow_subnormal=False))


def divergence(one, other) -> float:
    return float(js_divergence(*(log_probabilities(torch.as_tensor(np.asarray(part))) for part in (one, other))))


def oracle(one, other) -> float:
    """The textbook formula with sixty digits."""
    p, q = ([mpmath.exp(mpmath.mpf(float(x))) for x in part] for part in (one, other))
    p, q = ([x / mpmath.fsum(part) for x in part] for part in (p, q))
    half = [(a + b) / 2 for a, b in zip(p, q, strict=True)]

    def relative(part):
        return mpmath.fsum(a * mpmath.log(a / m) for a, m in zip(part, half, strict=True) if a)

    return float((relative(p) + relative(q)) / 2)


@settings(max_examples=150, deadline=None)
@given(logits(6), logits(6))
def test_it_equals_the_textbook_formula_with_sixty_digits(one, other):
    assert divergence(one, other) == pytest.approx(oracle(one, other), rel=1e-11, abs=1e-15)


@settings(max_examples=60, deadline=None)
@given(logits(6), logits(6), st.sampled_from([1e-2, 1e-5, 1e-8]))
def test_small_divergences_keep_their_relative_precision(one, step, size):
    # Differences of logits are rounded before the comparison, by up to 50 · 2⁻⁵² each; divergence goes with the square.
    other = one + size * step
    expected = oracle(one, other)
    rounding = 50 * 2.0**-52
    reach = size * float(np.ptp(step))
    assert divergence(one, other) == pytest.approx(expected, rel=1e-10, abs=8 * rounding * max(reach, rounding))


@settings(max_examples=60, deadline=None)
@given(logits((3, 5), -1e4, 1e4), logits((3, 5), -1e4, 1e4), st.randoms(use_true_random=False))
def test_laws(one, other, random):
    a, b = log_probabilities(torch.from_numpy(one)), log_probabilities(torch.from_numpy(other))
    between = js_divergence(a, b)
    assert (js_divergence(a, a) == 0).all()
    assert torch.equal(between, js_divergence(b, a))
    assert (between >= 0).all()
    assert (between <= LN2).all()
    order = random.sample(range(5), 5)
    torch.testing.assert_close(js_divergence(a[:, order], b[:, order]), between, rtol=1e-12, atol=1e-15)
    rows = torch.stack([js_divergence(a[k], b[k]) for k in range(3)])
    torch.testing.assert_close(rows, between, rtol=1e-12, atol=1e-15)


@settings(max_examples=60, deadline=None)
@given(logits(7), logits(7), st.floats(-1e3, 1e3))
def test_a_constant_added_to_the_logits_changes_nothing(one, other, shift):
    assert divergence(one + shift, other) == pytest.approx(divergence(one, other), rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(logits(8, -20, 20), logits(8, -20, 20), st.sets(st.integers(0, 6)), st.sets(st.integers(0, 6)))
def test_masks_of_minus_infinity(one, other, hidden, other_hidden):
    one, other = one.copy(), other.copy()
    one[list(hidden)], other[list(other_hidden)] = -np.inf, -np.inf
    value = divergence(one, other)
    assert value == pytest.approx(oracle(one, other), rel=1e-11, abs=1e-15)
    # A class that is masked in both models is as good as absent.
    kept = [k for k in range(8) if np.isfinite(one[k]) or np.isfinite(other[k])]
    assert divergence(one[kept], other[kept]) == pytest.approx(value, rel=1e-12, abs=1e-15)


def test_distributions_without_a_common_class_are_ln_2_apart():
    assert divergence([0.0, -np.inf], [-np.inf, 0.0]) == LN2
    assert divergence([1e4, -1e4], [-1e4, 1e4]) == LN2
    assert divergence([0.0, 0.0], [-np.inf, 0.0]) == pytest.approx(0.75 * math.log(4 / 3), rel=1e-14)
    assert divergence([0.0, 0.0], [-np.inf, 0.0]) == pytest.approx(oracle([0.0, 0.0], [-np.inf, 0.0]), rel=1e-14)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 1e4])
def test_a_vocabulary_of_32000_neither_underflows_nor_leaves_its_range(scale):
    rng = np.random.default_rng(0)
    one, other = scale * rng.uniform(-1, 1, (2, 3, 32000))
    one[0, :16000], other[1, ::2] = -np.inf, -np.inf
    a, b = log_probabilities(torch.from_numpy(one)), log_probabilities(torch.from_numpy(other))
    values = js_divergence(a, b)
    assert torch.isfinite(values).all()
    assert (values >= 0).all()
    assert (values <= LN2).all()
    assert (js_divergence(a, a) == 0).all()
    if scale < 1e4:  # beyond, the formula of scipy overflows
        expected = jensenshannon(a.exp().numpy(), b.exp().numpy(), axis=-1) ** 2
        np.testing.assert_allclose(values.numpy(), expected, rtol=1e-6, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(logits(5, -8, 8), logits(5, -8, 8))
def test_it_is_the_square_of_scipy_s_distance(one, other):
    p, q = (np.exp(part - np.logaddexp.reduce(part)) for part in (one, other))
    # For nearly equal arguments the formula of scipy cancels, and may take the root of a negative number.
    assume(np.abs(p - q).max() > 1e-5)
    assert divergence(one, other) == pytest.approx(float(jensenshannon(p, q)) ** 2, rel=1e-6, abs=1e-13)


@settings(max_examples=30, deadline=None)
@given(logits(5), logits(5), logits(5))
def test_its_square_root_is_a_distance(one, other, third):
    sides = [math.sqrt(divergence(a, b)) for a, b in ((one, other), (other, third), (one, third))]
    assert sides[2] <= sides[0] + sides[1] + 1e-9


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_probabilities_are_float64_whatever_the_logits_are(dtype):
    raw = torch.linspace(-9, 9, 12).reshape(2, 6).to(dtype)
    found = log_probabilities(raw)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found.exp().sum(-1), torch.ones(2, dtype=torch.float64), rtol=1e-14, atol=1e-14)


def test_leading_axes_are_kept():
    generator = torch.Generator().manual_seed(0)
    parts = [log_probabilities(torch.randn(2, 3, 4, 5, generator=generator)) for _ in range(2)]
    assert js_divergence(*parts).shape == (2, 3, 4)
    assert compared(*parts, "divergence_nats").change.shape == (2,)
    torch.testing.assert_close(compared(*parts, "divergence_nats").change, js_divergence(*parts).mean((1, 2)))


# ---- features

VECTORS = arrays(np.float64, (4, 3), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


@settings(max_examples=60, deadline=None)
@given(VECTORS, VECTORS, st.sampled_from([2.0**-20, 4.0]))
def test_relative_change_and_cosine_by_hand(one, other, scale):
    one = one + np.where(np.abs(one) < 1, 1.0, 0.0)
    other = other + np.where(np.abs(other) < 1, 1.0, 0.0)
    a, b = torch.from_numpy(one), torch.from_numpy(other)
    change = [float(np.linalg.norm(y - x) / np.linalg.norm(x)) for x, y in zip(one, other, strict=True)]
    angle = [float(x @ y / np.linalg.norm(x) / np.linalg.norm(y)) for x, y in zip(one, other, strict=True)]
    assert relative_change(a, b).tolist() == pytest.approx(change, rel=1e-12)
    assert cosine(a, b).tolist() == pytest.approx(angle, rel=1e-9, abs=1e-12)
    assert relative_change(scale * a, scale * b).tolist() == pytest.approx(change, rel=1e-12)
    assert (relative_change(a, a) == 0).all()
    assert cosine(a, a).tolist() == pytest.approx([1.0] * 4, abs=1e-12)


def test_relative_change_flattens_all_axes_but_the_first():
    a = torch.arange(1.0, 25.0).reshape(2, 3, 4)
    assert relative_change(a, 1.5 * a).tolist() == pytest.approx([0.5, 0.5])
    assert relative_change(a.half(), (2 * a).half()).tolist() == pytest.approx([1.0, 1.0])


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("measure", ["divergence_nats", "relative_change"])
def test_outputs_that_are_not_finite_are_refused(bad, measure):
    with pytest.raises(ValueError, match="outputs of the model contain NaN or infinity"):
        prepared(torch.tensor([[0.0, bad]]), measure, "the model")


def test_minus_infinity_is_a_mask_in_logits_and_an_error_in_features():
    output = torch.tensor([[0.0, -math.inf]])
    assert prepared(output, "divergence_nats", "the model").tolist() == [[0.0, -math.inf]]
    with pytest.raises(ValueError, match="NaN or infinity"):
        prepared(output, "relative_change", "the model")
    with pytest.raises(ValueError, match="NaN or infinity"):
        prepared(torch.full((1, 2), -math.inf), "divergence_nats", "the model")
