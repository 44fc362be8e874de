"""The schedule by hand-computed rates and against a naive second version."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.records import Complaint
from spectral_widgets.training.grouping import REST

from .schedules import Dial, rates, run, started, tiny


def test_the_rates_move_in_a_straight_line_and_then_follow_the_base_by_hand():
    """Base 1, falling by a hundredth a step; ratios 1, 2, 3 from step 0 on, the ramp four steps long."""
    dial = Dial()
    optimizer, schedule = started(dial, factor=lambda step: 1 - step / 100)
    found = run(optimizer, schedule, 12)
    third = [one["3.weight"] for one in found]
    # From 1 to 3 · 0.96 = 2.88 in four steps: 0.47 a step; then three times the base.
    assert third[:5] == pytest.approx([1.0, 1.47, 1.94, 2.41, 2.88])
    assert third[5:10] == pytest.approx([3 * 0.95, 3 * 0.94, 3 * 0.93, 3 * 0.92, 3 * 0.91])
    assert [one["0.weight"] for one in found][:5] == pytest.approx([1.0, 0.99, 0.98, 0.97, 0.96])
    assert [one[REST] for one in found] == pytest.approx([1 - step / 100 for step in range(13)])


def test_new_exponents_turn_the_line_at_the_next_interval_by_hand():
    dial = Dial()
    optimizer, schedule = started(dial, factor=lambda step: 1.0)
    run(optimizer, schedule, 9)
    dial.values = {"0.weight": 3.0, "2.weight": 2.0, "3.weight": 1.0}
    found = run(optimizer, schedule, 6)
    assert [one["0.weight"] for one in found] == pytest.approx([1.0, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0])
    assert [one["3.weight"] for one in found] == pytest.approx([3.0, 3.0, 2.5, 2.0, 1.5, 1.0, 1.0])
    assert [one["2.weight"] for one in found] == pytest.approx([2.0] * 7)


def test_it_adapts_in_the_first_fifth_only_and_then_keeps_the_ratios():
    dial = Dial()
    optimizer, schedule = started(dial, share=0.2, factor=lambda step: 1.0)
    n_measured = []
    for _ in range(40):
        before = dial.n_calls
        optimizer.step()
        schedule.step()
        if dial.n_calls > before:
            n_measured.append(schedule.n_done)
    assert n_measured == [10]  # step 0 was before the loop, and 20 is no longer in the first fifth of 100
    dial.values = {"0.weight": 9.0, "2.weight": 2.0, "3.weight": 3.0}
    assert {name: rate for name, rate in run(optimizer, schedule, 30)[-1].items() if name != REST} == {
        "0.weight": 1.0,
        "2.weight": 2.0,
        "3.weight": 3.0,
    }


def naive(dial_of_step, name, *, n_steps, interval, ramp, share, base, low, high):
    """The rates of one group, written down once more as a loop over ramps."""
    found = {}
    current, start, origin, ratio = base(0), 0, base(0), 1.0
    for step in range(n_steps + 1):
        if step % interval == 0 and step < share * n_steps:
            values = dial_of_step(step)
            part = (values[name] - min(values.values())) / (max(values.values()) - min(values.values()))
            old = (
                ratio * base(step)
                if step >= start + ramp
                else origin + (step - start) / ramp * (ratio * base(start + ramp) - origin)
            )
            current = old if step else base(0)
            start, origin, ratio = step, current, low + part * (high - low)
        if step >= start + ramp:
            found[step] = ratio * base(step)
        else:
            found[step] = origin + (step - start) / ramp * (ratio * base(start + ramp) - origin)
    return [found[step] for step in range(n_steps + 1)]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(1, 9), st.integers(0, 12), st.floats(0.1, 1.0), st.integers(0, 1000))
def test_it_agrees_with_a_naive_second_version(interval, ramp, share, seed):
    n_steps = 30

    def values_at(step):
        generator = torch.Generator().manual_seed(seed + step)
        return dict(zip(Dial().values, (1 + torch.rand(3, generator=generator)).tolist(), strict=True))

    def base(step):
        return 0.1 + 0.9 * (1 + math.cos(math.pi * min(step, n_steps) / n_steps)) / 2

    dial = Dial()
    dial.values = values_at(0)
    module = tiny()
    optimizer, schedule = started(
        dial, module, n_steps=n_steps, interval=interval, ramp=ramp, share=share, low=0.5, high=1.5
    )
    found = [rates(optimizer)]
    for step in range(1, n_steps + 1):
        dial.values = values_at(step)
        optimizer.step()
        schedule.step()
        found.append(rates(optimizer))
    for name in dial.values:
        chosen = {"interval": interval, "ramp": ramp, "share": share, "low": 0.5, "high": 1.5}
        expected = naive(values_at, name, n_steps=n_steps, base=base, **chosen)
        assert [one[name] for one in found] == pytest.approx(expected, rel=1e-9)


def test_training_goes_on_where_it_was_saved():
    dial = Dial()
    module = tiny()
    optimizer, schedule = started(dial, module, interval=5, ramp=7, share=0.5)
    run(optimizer, schedule, 13)
    state, weights = copy.deepcopy(schedule.state_dict()), copy.deepcopy(optimizer.state_dict())
    expected = run(optimizer, schedule, 30)
    again, resumed = started(dial, tiny(), interval=5, ramp=7, share=0.5)
    again.load_state_dict(weights)
    resumed.load_state_dict(state)
    assert run(again, resumed, 30) == expected
    with pytest.raises(Complaint, match="other parameter groups"):
        resumed.load_state_dict(state | {"from": {}})


def test_the_default_base_is_a_warm_up_and_half_a_cosine():
    factor = prescribe.cosine(100, warmup=10, final=0.2)
    assert [factor(step) for step in (0, 9)] == pytest.approx([1 / 11, 10 / 11])
    assert [factor(10), factor(55), factor(100), factor(300)] == pytest.approx([1, 0.6, 0.2, 0.2])


def test_without_adapting_it_is_the_base_schedule():
    dial = Dial()
    optimizer, schedule = started(dial, share=0.0, factor=lambda step: 1 - step / 200)
    n_calls = dial.n_calls
    found = run(optimizer, schedule, 20)
    assert all(rate == pytest.approx(1 - step / 200) for step, one in enumerate(found) for rate in one.values())
    assert dial.n_calls == n_calls
