"""Several edits in one forward pass give what each gives alone, on every kind of layer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from spectral_widgets.probing import ablation, passes
from spectral_widgets.probing.ablation import ablate, ablate_steps
from spectral_widgets.probing.passes import Passes
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.records import ChangeEntries, Entry, Probe, RemoveTrap, SubtractMean, Together
from spectral_widgets.weights import open_model
from torch import nn

from .kinds_of_layers import CASES, WORDS, built
from .subjects import VECTORS, HangsOnOneWeight, mlp, tied_llama, trapped_model, whole_state

DTYPES = (torch.float32, torch.float64)
#: These have no batching rule, so that each edit runs alone.
ALONE = {"lstm", "gru, backwards", "plain recurrence", "half precision"}


class OneByOne(Passes):
    """The slow way: a pass for each edit."""

    def several(self, part, inputs, *, control=False):
        return None


class Counted(Passes):
    """The usual way, which also notes how large the parts were that ran together."""

    together: list[int]

    def several(self, part, inputs, *, control=False):
        found = super().several(part, inputs, control=control)
        Counted.together += [] if found is None else [len(part)]
        return found


def both_ways(model, plan, monkeypatch):
    results = []
    for way in (Counted, OneByOne):
        Counted.together = []
        monkeypatch.setattr(ablation, "Passes", way)
        results.append(ablate(model, plan))
        if way is Counted:
            sizes = Counted.together
    return *results, sizes


def tracks_of(result):
    return [result.edit, *result.companions, *result.controls]


def assert_equal(together, alone, dtype, measure="divergence_nats"):
    """The root of a divergence is linear in a change of the logits, so there it is that rounding is counted."""
    step = 64 * torch.finfo(dtype).eps
    for one, other in zip(tracks_of(together), tracks_of(alone), strict=True):
        assert one.label == other.label
        values = [np.sqrt(part.values) if measure == "divergence_nats" else part.values for part in (one, other)]
        np.testing.assert_allclose(*values, rtol=64 * step, atol=step)
        assert set(one.extras) == set(other.extras)


@pytest.mark.filterwarnings("ignore:`torch.nn.utils.weight_norm` is deprecated:FutureWarning")
@pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])
@pytest.mark.parametrize("name", CASES)
def test_together_and_one_by_one_agree_on_every_kind_of_layer(name, dtype, monkeypatch):
    case = CASES[name]
    module = built(name).to(torch.bfloat16 if name == "half precision" else dtype)
    model = open_model(module).recut(case.cut)
    before = whole_state(module)
    layer = next(layer for layer in model.layers if layer.ref.parameter == case.parameter)
    edit = ChangeEntries(layer.ref, (Entry(0, 1, 0.0, 0.0),))
    plan = plan_for(edit, case.probe, n_controls=3, batch_size=4, controls=("moved", "rank_one"))
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    assert whole_state(module) == before
    assert bool(sizes) == (name not in ALONE)
    assert_equal(together, alone, torch.bfloat16 if name == "half precision" else dtype, together.measure)
    assert (alone.edit.values > 0).any()


@pytest.mark.parametrize("dtype", DTYPES, ids=["float32", "float64"])
def test_traps_with_all_their_companions_agree(dtype, monkeypatch):
    module, _, [scan, _] = trapped_model()
    model = open_model(module.to(dtype))
    trap = next(trap for trap in scan.traps if trap.culprits)
    probe = Probe("vectors", 10, (24,), 1)
    for kind in ("moved", "same_magnitude", "rank_one"):
        edit = SubtractMean(scan.layer) if kind == "moved" else RemoveTrap(trap, "zero")
        plan = plan_for(edit, probe, trap=trap, n_controls=16, batch_size=4, controls=kind)
        together, alone, sizes = both_ways(model, plan, monkeypatch)
        assert_equal(together, alone, dtype)
        assert sum(sizes) == 3 * len(tracks_of(alone))


def test_a_tied_weight_changes_at_both_ends_and_several_layers_at_once(monkeypatch):
    model = open_model(tied_llama())
    tied = SubtractMean(model.ref("model.embed_tokens.weight"))
    plan = plan_for(tied, WORDS, n_controls=3, batch_size=4)
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    assert_equal(together, alone, torch.float32)
    assert sizes
    model = open_model(mlp())
    pair = Together(tuple(SubtractMean(model.ref(name)) for name in ("0.weight", "3.weight")))
    together, alone, sizes = both_ways(model, plan_for(pair, VECTORS, n_controls=3, batch_size=4), monkeypatch)
    assert_equal(together, alone, torch.float32)
    assert sizes


def test_an_edit_without_effect_gives_exactly_zero_beside_others_that_have_one():
    model = open_model(HangsOnOneWeight(dead=True).float())
    edit = ChangeEntries(model.ref("first.weight"), (Entry(7, 5, 3.0, 60.0),))
    result = ablate(model, plan_for(edit, Probe("vectors", 20, (40,), 1), n_controls=5, batch_size=8))
    assert (result.edit.values == 0).all()
    assert all((track.values > 0).all() for track in result.controls)


# ---- models that cannot run together


class Draws(nn.Module):
    """Random in evaluation mode."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.Linear(12, 5)

    def forward(self, x):
        y = self.inner(x)
        return y + 0.0 * torch.rand_like(y)


class Looks(Draws):
    """Takes a branch that depends on a value."""

    def forward(self, x):
        y = self.inner(x)
        return y * 2 if y.sum().item() > 0 else y * 3


class Keeps(Draws):
    """Keeps what it computed and uses it in the next call, which no pass for several edits may see."""

    def forward(self, x):
        y = self.inner(x)
        seen = getattr(self, "seen", None)
        self.seen = y
        return y if seen is None else y + 0.0 * seen[: len(y)].sum()


class Elsewhere(nn.Module):
    """Uses a layer's weight without calling the layer, as packed attention does."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner, self.last = nn.Linear(12, 12), nn.Linear(12, 5)

    def forward(self, x):
        return self.last(torch.nn.functional.linear(self.inner(x), self.inner.weight))


@pytest.mark.parametrize("kind", [Draws, Looks, Keeps])
def test_a_model_without_a_rule_for_several_runs_one_by_one(kind, monkeypatch):
    model = open_model(kind())
    plan = plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=3, batch_size=4)
    state = torch.get_rng_state()
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    torch.set_rng_state(state)
    assert kind is Keeps or sizes == []
    assert_equal(together, alone, torch.float32)


def test_a_weight_that_is_used_twice_is_not_edited_by_its_layer_s_output_alone(monkeypatch):
    model = open_model(Elsewhere())
    plan = plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=3, batch_size=4)
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    assert sizes
    assert_equal(together, alone, torch.float32)


def test_settings_of_torch_are_as_before_also_after_a_failure():
    def settings():
        flags = torch.backends.cuda
        fast = torch.backends.mha.get_fastpath_enabled()
        return fast, flags.flash_sdp_enabled(), flags.math_sdp_enabled(), flags.mem_efficient_sdp_enabled()

    before = settings()
    for kind in (Looks, Elsewhere):
        model = open_model(kind())
        plan = plan_for(SubtractMean(model.ref("inner.weight")), VECTORS, n_controls=2, batch_size=4)
        for _ in ablate_steps(model, plan):
            assert settings() == before
    with pytest.raises(KeyboardInterrupt), passes._batchable():
        raise KeyboardInterrupt
    assert settings() == before
