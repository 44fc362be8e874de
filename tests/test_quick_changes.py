"""The measures in float32 are those in float64 within what they promise, for small and large changes alike."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.probing import quick, sums
from spectral_widgets.probing.changes import changes_between
from spectral_widgets.probing.divergence import MAX_DIVERGENCE_NATS, log_probabilities
from spectral_widgets.probing.outputs import Original
from spectral_widgets.probing.quick import FEWEST, MOST_ROUNDING, changes_in, rows_of

DIVERGENCES = ("js_divergence_nats", "kl_forward_nats", "kl_backward_nats")


def drawn(seed: int, size: float, spread: float = 2.0, shape=(4, 4096), n_edits: int = 3):
    generator = torch.Generator().manual_seed(seed)
    before = spread * torch.randn(shape, generator=generator)
    return before, before + size * torch.randn(n_edits, *shape, generator=generator)


def both(before, after, temperature: float = 1.0):
    rows = rows_of(before, temperature)
    assert rows is not None
    fine = [changes_between(*(log_probabilities(part, temperature) for part in (before, one))) for one in after]
    return changes_in(rows, after, temperature), {name: torch.stack([one[name] for one in fine]) for name in fine[0]}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.floats(-5, 0.7), st.sampled_from([0.5, 2.0, 6.0]), st.sampled_from([1.0, 2.5]))
def test_they_are_those_in_float64(seed, exponent, spread, temperature):
    before, after = drawn(seed, 10**exponent, spread)
    found, expected = both(before, after, temperature)
    rounding = found.pop("rounding").double()
    for name, values in found.items():
        error = (values.mean(-1) - expected[name].mean(-1)).abs()
        size = expected[name].abs().mean(-1)
        allowed = 2e-4 * size + 1e-12
        if name in DIVERGENCES:
            allowed += 2 * rounding.mean(-1)
        if name == "entropy_change_nats":  # a sum of (q − p) ln p, which may cancel
            allowed += 2e-5 * expected["total_variation"].mean(-1)
        assert (error <= allowed).all(), (name, error / size)


@pytest.mark.parametrize("size", [1e-5, 1e-3, 1e-2, 0.1, 1.0, 10.0, 60.0, 300.0])
@pytest.mark.parametrize("kind", ["all", "one class", "a constant", "the top class"])
def test_what_is_handed_on_is_right_whoever_computed_it(size, kind):
    before, _ = drawn(3, 0.0)
    after = before.clone()
    if kind == "all":
        after += size * torch.randn(before.shape, generator=torch.Generator().manual_seed(4))
    elif kind == "a constant":
        after += size * 5 + size * torch.sin(torch.arange(before.shape[1]))
    else:
        column = 7 if kind == "one class" else int(before[0].argmax())
        after[:, column] += size
    original = Original(before, "divergence_nats", 1.0)
    [found] = original.compared(after[None], ["x"])
    expected = changes_between(log_probabilities(before), log_probabilities(after))
    values = {"js_divergence_nats": found.change, **found.extras}
    assert set(values) == set(expected)
    for name, value in values.items():
        # In float64 the textbook's Kullback–Leibler divergences are right to a few 1e-15.
        np.testing.assert_allclose(value, expected[name], rtol=1e-3, atol=3e-15, err_msg=name)


def test_no_change_is_exactly_zero_and_the_most_is_ln_2():
    before, _ = drawn(0, 0.0)
    found, _ = both(before, before[None])
    assert (found.pop("top1_agreement") == 1).all()
    assert all((values == 0).all() for values in found.values())
    far = before.clone()
    far[:, 0] += 60.0
    found, _ = both(before, far[None])
    assert (found["js_divergence_nats"] <= MAX_DIVERGENCE_NATS).all()
    assert (found["js_divergence_nats"] > 0.68).all()


def test_blocks_and_the_number_of_edits_do_not_matter():
    before, after = drawn(5, 0.2, shape=(37, 1000), n_edits=9)
    whole, _ = both(before, after)
    for k in (0, 8):
        for row in (0, 36):
            single = changes_in(rows_of(before[row : row + 1].repeat(9, 1), 1.0), after[k, row].repeat(1, 9, 1), 1.0)
            for name, values in single.items():
                np.testing.assert_allclose(values[0, 0], whole[name][k, row], rtol=2e-5, atol=1e-9, err_msg=name)


def test_float32_is_refused_where_it_does_not_do():
    before, _ = drawn(1, 0.0)
    masked = before.clone()
    masked[:, 5] = -torch.inf
    steep = before.clone()
    steep[:, 5] = -200.0
    for unfit in (before.double(), masked, steep, before[:1, : FEWEST // 2]):
        assert rows_of(unfit, 1.0) is None
    assert rows_of(before.bfloat16(), 1.0) is not None


def test_masks_in_the_edited_outputs_and_outputs_that_are_not_finite_go_the_careful_way():
    before, [after, _, _] = drawn(2, 0.3)
    after[:, 9] = -torch.inf
    [found] = Original(before, "divergence_nats", 1.0).compared(after[None], ["x"])
    expected = changes_between(log_probabilities(before), log_probabilities(after))
    np.testing.assert_allclose(found.change, expected["js_divergence_nats"], rtol=1e-12)
    assert torch.isinf(found.extras["kl_forward_nats"]).all()
    after[0, 0] = torch.nan
    with pytest.raises(ValueError, match="outputs of second contain NaN"):
        list(Original(before, "divergence_nats", 1.0).compared(torch.stack([before, after]), ["first", "second"]))


def test_a_sum_that_cancels_too_much_says_so_and_float64_looks_again():
    before, [after] = drawn(6, 1e-4, n_edits=1)
    after[torch.arange(4), before.argmin(-1)] += 0.5
    found, expected = both(before, after[None])
    share = found["rounding"] / found["js_divergence_nats"]
    assert (share > MOST_ROUNDING).all()
    [again] = Original(before, "divergence_nats", 1.0).compared(after[None], ["x"])
    np.testing.assert_allclose(again.change, expected["js_divergence_nats"][0], rtol=1e-12)


@pytest.mark.parametrize("temperature", [1.0, 0.7])
@pytest.mark.parametrize("size", [1e-3, 0.3, 5.0])
def test_the_compiled_sums_are_those_by_operations_on_any_device(size, temperature, monkeypatch):
    before, after = drawn(8, size, shape=(7, 2000), n_edits=2)
    rows, plain = rows_of(before, temperature), quick._plain_rows(before, temperature)
    assert torch.equal(rows.top, plain.top)
    for name in ("p", "level", "norm"):
        torch.testing.assert_close(getattr(rows, name), getattr(plain, name), rtol=1e-5, atol=1e-7)
    expected = quick._blockwise_sums(plain, after, temperature)
    found = quick._compiled_sums(rows, after, temperature)
    # Sums of both signs are right beside their terms, which for these are of the size of the variation or of p.
    scale = expected.abs().amax((0, 1))
    assert ((found - expected).abs() <= 2e-5 * scale + 1e-7 * size).all()
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setattr(quick, "_SHARE", 1000)
    assert torch.equal(quick._compiled_sums(rows, after, temperature), found)
    assert torch.equal(rows_of(before, temperature).p, rows.p)
    # Other types and orders of the axes are copied first.
    turned = after.double().mT.contiguous().mT
    assert torch.equal(quick._compiled_sums(rows, turned, temperature), found)


def test_exponentials_and_logarithms_are_right_to_a_few_roundings():
    near = np.geomspace(1e-7, 0.5, 150)
    wide = np.concatenate([np.linspace(-80, 87, 400), near, -near]).astype(np.float32)
    for found, exact in ((sums._expm1, np.expm1), (sums._exp, np.exp)):
        expected = exact(wide.astype(np.float64))
        np.testing.assert_allclose([found(x) for x in wide], expected, rtol=3e-6 if exact is np.exp else 1.5e-6)
    ratios = np.concatenate([near, -near, np.geomspace(0.5, 1e30, 400)]).astype(np.float32)
    np.testing.assert_allclose([sums._log1p(x) for x in ratios], np.log1p(ratios.astype(np.float64)), rtol=4e-7)
