"""The schedule beside torch's own and in a real training."""

from __future__ import annotations

import pytest
import torch
from spectral_widgets import api_prescribe as prescribe
from spectral_widgets.records import Complaint
from spectral_widgets.training import LayerwiseSchedule
from spectral_widgets.training.grouping import REST
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LambdaLR, ReduceLROnPlateau

from .schedules import Dial, rates, run, started, tiny


def test_a_torch_scheduler_can_be_the_base():
    make = [
        lambda optimizer: CosineAnnealingLR(optimizer, 50),
        lambda optimizer: LambdaLR(optimizer, lambda t: 0.98**t),
    ]
    for scheduler in make:
        plain = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
        alone = scheduler(plain)
        expected = [1.0]
        for _ in range(50):
            plain.step()
            alone.step()
            expected.append(plain.param_groups[0]["lr"])
        optimizer, schedule = started(Dial(), n_steps=50, scheduler=scheduler)
        found = run(optimizer, schedule, 50)
        assert [one[REST] for one in found] == pytest.approx(expected, abs=1e-12)
        assert [one["3.weight"] for one in found][4:] == pytest.approx([3 * rate for rate in expected][4:], abs=1e-12)


def test_a_scheduler_that_steps_on_the_same_optimizer_before_it_does_no_harm():
    plain = run(*started(Dial(), scheduler=lambda one: CosineAnnealingLR(one, 100)), 30)
    optimizer, schedule = started(Dial(), scheduler=lambda one: CosineAnnealingLR(one, 100))
    beside = CosineAnnealingLR(optimizer, 100)
    schedule.load_state_dict(schedule.state_dict())  # sets the rates again, after the other has set its own
    found = [rates(optimizer)]
    for _ in range(30):
        optimizer.step()
        beside.step()
        schedule.step()
        found.append(rates(optimizer))
    for one, two in zip(plain, found, strict=True):
        assert two == pytest.approx(one)


def test_a_rate_that_is_a_tensor_stays_one():
    module = tiny()
    groups = prescribe.layerwise_lr(module, 1.0, measure=Dial(), min_eigenvalues=2).groups
    optimizer = torch.optim.Adam([{**group, "lr": torch.tensor(group["lr"])} for group in groups])
    kept = [group["lr"] for group in optimizer.param_groups]
    schedule = LayerwiseSchedule(
        optimizer, module, base_lr=1.0, n_steps=100, measure=Dial(), min_eigenvalues=2, ramp=0, factor=lambda step: 1.0
    )
    schedule.step()
    assert all(group["lr"] is tensor for group, tensor in zip(optimizer.param_groups, kept, strict=True))
    assert [float(tensor) for tensor in kept] == [1.0, 2.0, 3.0, 1.0]


def test_a_real_training_learns_and_its_rates_follow_its_spectra():
    torch.manual_seed(1)
    teacher = torch.randn(56, 4)
    inputs = torch.randn(512, 56)
    labels = (inputs @ teacher).argmax(1)
    module = nn.Sequential(nn.Linear(56, 64), nn.ReLU(), nn.Linear(64, 60), nn.ReLU(), nn.Linear(60, 4))
    optimizer = torch.optim.AdamW(prescribe.layerwise_lr(module, 3e-3).groups)
    schedule = LayerwiseSchedule(optimizer, module, base_lr=3e-3, n_steps=120, interval=8, ramp=4, share=0.5)
    first, losses = rates(optimizer), []
    for step in range(120):
        batch = torch.arange(64) + 64 * (step % 8)
        loss = nn.functional.cross_entropy(module(inputs[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        losses.append(loss.item())
    assert sum(losses[-8:]) < 0.2 * sum(losses[:8])
    assert set(first.values()) == {3e-3}
    now = rates(optimizer)
    assert now["4.weight"] == pytest.approx(3e-4)  # 4 eigenvalues: not measured, at the end of the base cosine
    assert sorted([now["0.weight"], now["2.weight"]]) == pytest.approx([3e-4, 9e-4])
    assert sorted(schedule.ratios.values()) == [1.0, 1.0, 3.0]


@pytest.mark.parametrize(
    ("settings_", "words"),
    [
        ({"base_lr": 0.0}, "base_lr=0"),
        ({"n_steps": 0}, "at least 1"),
        ({"interval": 0}, "at least 1"),
        ({"ramp": -1}, "ramp at least 0"),
        ({"share": 1.5}, "share=1.5"),
        ({"factor": lambda step: 1.0, "scheduler": lambda one: CosineAnnealingLR(one, 9)}, "not both"),
        ({"scheduler": ReduceLROnPlateau}, "waits for a loss"),
        ({"low": 3.0, "high": 1.0}, "no interval"),
    ],
)
def test_settings_that_make_no_schedule_are_refused(settings_, words):
    with pytest.raises(Complaint, match=words):
        started(Dial(), **settings_)


def test_an_optimizer_of_other_groups_is_refused():
    module = tiny()
    with pytest.raises(Complaint, match="build the optimizer with layerwise_lr"):
        LayerwiseSchedule(torch.optim.SGD(module.parameters(), lr=1.0), module, base_lr=1.0, n_steps=10)
    first, second = module[0].parameters(), module[2].parameters()
    twice = torch.optim.SGD([{"params": one, "name": "0.weight"} for one in (first, second)], lr=1.0)
    with pytest.raises(Complaint, match="same name"):
        LayerwiseSchedule(twice, module, base_lr=1.0, n_steps=10)
