"""What comes before the edited layer is computed once, and only where that gives the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets.probing.ablation import ablate, run_of
from spectral_widgets.probing.passes import Passes
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.probing.prefix import recorded, replayed
from spectral_widgets.records import Probe, SubtractMean
from spectral_widgets.weights import open_model
from torch import nn

from .ablation_workloads import SmallLanguageModel
from .subjects import gpt2, tied_llama, whole_state

INPUTS = torch.arange(24.0).reshape(2, 12) / 24
TOKENS = torch.arange(12).reshape(2, 6)
VECTORS = Probe("vectors", 6, (12,), 1)


class Counts(nn.Module):
    """A linear layer that counts its calls."""

    def __init__(self, width: int = 12):
        super().__init__()
        self.inner, self.calls = nn.Linear(width, width), 0

    def forward(self, x):
        self.calls += 1
        return self.inner(x)


def prefix_of(module, names, inputs):
    with torch.no_grad(), recorded(module, names) as recording:
        output = module(inputs)
    return recording.prefix(), output


def seeded(module):
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(0, 0.3, generator=generator)
    return module.eval()


def test_only_what_follows_runs_again_and_gives_the_same_bits():
    parts = [Counts() for _ in range(4)]
    module = seeded(nn.Sequential(*parts))
    prefix, output = prefix_of(module, ["2.inner.weight"], INPUTS)
    assert set(prefix) == {"0", "1"}
    with torch.no_grad(), replayed(module, prefix):
        again = module(INPUTS)
    assert torch.equal(again, output)
    assert [part.calls for part in parts] == [1, 1, 2, 2]
    with torch.no_grad():
        assert torch.equal(module(INPUTS), output)
    assert [part.calls for part in parts] == [2, 2, 3, 3]


def test_a_language_model_keeps_whole_blocks_and_the_parts_before_the_layer():
    module = seeded(SmallLanguageModel(40, 16, 3, 2, 8))
    prefix, output = prefix_of(module, ["blocks.1.up.weight"], TOKENS)
    assert set(prefix) == {"tokens", "blocks.0", *(f"blocks.1.{name}" for name in ("before", "qkv", "out", "between"))}
    with torch.no_grad(), replayed(module, prefix):
        assert torch.equal(module(TOKENS), output)


class Shared(nn.Module):
    """One layer is called before and after the edited one."""

    def __init__(self):
        super().__init__()
        self.twice, self.middle = Counts(), nn.Linear(12, 12)

    def forward(self, x):
        return self.twice(self.middle(self.twice(x)).relu())


class InPlace(nn.Module):
    """The output of the first layer is overwritten afterwards."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Counts(), nn.Linear(12, 12)

    def forward(self, x):
        y = self.first(x)
        y += 1.0
        return self.second(y)


class Early(nn.Module):
    """Uses the weight of a layer before it calls that layer."""

    def __init__(self):
        super().__init__()
        self.first, self.last = Counts(), nn.Linear(12, 12)
        self.between = Reads(self.last)

    def forward(self, x):
        return self.last(self.between(self.first(x)))


class Reads(nn.Module):
    def __init__(self, other: nn.Linear):
        super().__init__()
        self.other = [other]

    def forward(self, x):
        return x @ self.other[0].weight.T


def test_later_calls_run_and_what_is_overwritten_or_reads_the_weight_is_not_kept():
    shared = seeded(Shared())
    prefix, output = prefix_of(shared, ["middle.weight"], INPUTS)
    with torch.no_grad(), replayed(shared, prefix):
        assert torch.equal(shared(INPUTS), output)
    assert shared.twice.calls == 3
    prefix, output = prefix_of(in_place := seeded(InPlace()), ["second.weight"], INPUTS)
    assert "first" not in prefix
    with torch.no_grad(), replayed(in_place, prefix):
        assert torch.equal(in_place(INPUTS), output)
    prefix, _ = prefix_of(seeded(Early()), ["last.weight"], INPUTS)
    assert set(prefix) == {"first"}


class Overwrites(nn.Module):
    """What the edited layer gives is overwritten afterwards."""

    def __init__(self):
        super().__init__()
        self.first, self.second, self.third = nn.Linear(12, 12), nn.Linear(12, 12), nn.Linear(12, 12)

    def forward(self, x):
        return self.third(self.second(self.first(x)).relu_())


class Twice(nn.Module):
    """The edited layer is called twice in a row."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(12, 12)

    def forward(self, x):
        return self.inner(self.inner(x).relu())


def test_what_the_edited_layer_gives_is_kept_for_changes_that_are_added_to_it():
    module = seeded(nn.Sequential(Counts(), nn.Linear(12, 12), Counts()))
    with torch.no_grad(), recorded(module, ["1.weight"]) as recording:
        output = module(INPUTS)
    prefix = recording.prefix_of_additions()
    assert set(recording.prefix()) == {"0"}
    assert set(prefix) == {"0", "1"}
    with torch.no_grad(), replayed(module, prefix):
        module[1].weight.fill_(torch.nan)  # not read again
        assert torch.equal(module(INPUTS), output)
    with torch.no_grad(), recorded(seeded(over := Overwrites()), ["second.weight"]) as recording:
        over(INPUTS)
    assert set(recording.prefix_of_additions()) == {"first"}
    with torch.no_grad(), recorded(seeded(twice := Twice()), ["inner.weight"]) as recording:
        output = twice(INPUTS)
    prefix = recording.prefix_of_additions()
    assert set(prefix) == {"inner"}
    with torch.no_grad(), replayed(twice, prefix):
        assert torch.equal(twice(INPUTS), output)


def test_the_first_layer_is_multiplied_once_a_batch_for_all_changes_that_are_added_to_it(monkeypatch):
    module = seeded(nn.Sequential(nn.Linear(12, 5), nn.Tanh(), nn.Linear(5, 4)))
    linear, calls = torch.nn.functional.linear, []

    def counting(x, weight, bias=None):
        calls.append(tuple(weight.shape))
        return linear(x, weight, bias)

    monkeypatch.setattr("torch.nn.functional.linear", counting)
    model = open_model(module)
    run = run_of(model, plan_for(SubtractMean(model.ref("0.weight")), VECTORS, n_controls=5, batch_size=3))
    for start in (0, 3):
        calls.clear()
        assert list(run.batch(start, start + 3))
    assert calls.count((5, 12)) == 1
    assert calls.count((4, 5)) > 1


def test_nothing_is_kept_of_a_model_that_never_uses_the_weight():
    module = seeded(nn.Sequential(Counts(), nn.Linear(12, 12)))
    module.unused = nn.Parameter(torch.ones(2, 2))
    module.forward = lambda x: module[1](module[0](x))
    with torch.no_grad(), recorded(module, ["unused"]) as recording:
        module(INPUTS)
    assert recording.prefix() == {}


class Whole(Passes):
    """The slow way: one full pass for each edit."""

    def original(self, inputs):
        self._keeps = False
        return super().original(inputs)

    def several(self, part, inputs, *, control=False):
        return None


CASES = {
    "first": (lambda: nn.Sequential(nn.Linear(12, 12), nn.Tanh(), nn.Linear(12, 5)), "0.weight", VECTORS),
    "twice and first": (Twice, "inner.weight", VECTORS),
    "shared": (Shared, "middle.weight", VECTORS),
    "overwritten": (Overwrites, "second.weight", VECTORS),
    "twice": (lambda: nn.Sequential(nn.Linear(12, 12), nn.Tanh(), Twice()), "2.inner.weight", VECTORS),
    "in place": (InPlace, "second.weight", VECTORS),
    "early": (Early, "last.weight", VECTORS),
    "language model": (
        lambda: SmallLanguageModel(40, 16, 3, 2, 8),
        "blocks.1.down.weight",
        Probe("tokens", 6, (6,), 1, vocabulary_size=40),
    ),
    "gpt2": (gpt2, "transformer.h.0.mlp.c_proj.weight", Probe("tokens", 6, (6,), 1, vocabulary_size=40)),
    "tied llama": (tied_llama, "model.layers.0.mlp.down_proj.weight", Probe("tokens", 6, (6,), 1, vocabulary_size=40)),
    "tied embedding": (tied_llama, "model.embed_tokens.weight", Probe("tokens", 6, (6,), 1, vocabulary_size=40)),
}


@pytest.mark.parametrize("name", CASES)
def test_an_ablation_gives_what_full_passes_give_and_leaves_the_model_alone(name, monkeypatch):
    make, layer, probe = CASES[name]
    module = seeded(make()).double()
    model = open_model(module)
    plan = plan_for(SubtractMean(model.ref(layer)), probe, n_controls=5, batch_size=4)
    before = whole_state(module)
    found = ablate(model, plan)
    assert whole_state(module) == before
    monkeypatch.setattr("spectral_widgets.probing.ablation.Passes", Whole)
    expected = ablate(model, plan)
    for one, other in zip([found.edit, *found.controls], [expected.edit, *expected.controls], strict=True):
        np.testing.assert_allclose(one.values, other.values, rtol=1e-8, atol=1e-15)
    assert (expected.edit.values > 0).any()
