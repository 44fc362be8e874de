"""How many edits run together, and the thin factors of a change."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from spectral_widgets.probing.ablation import run_of
from spectral_widgets.probing.added import added
from spectral_widgets.probing.outputs import rounding_of
from spectral_widgets.probing.plans import plan_for
from spectral_widgets.probing.sizes import Sizes, even_parts, most_at_once
from spectral_widgets.probing.structured import factors_of
from spectral_widgets.records import ChangeEntries, Entry, MatchedControl, Probe, RemoveTrap, SubtractMean, Together
from spectral_widgets.spectra.edits import change_of, edited
from spectral_widgets.weights import open_model
from torch import nn

from .planting import noise, weight_matrix
from .subjects import trapped_model
from .test_batched_ablation import assert_equal, both_ways

# ---- memory


class Narrow(nn.Module):
    """Runs out of memory where more than two edits run together."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.inner = nn.Linear(12, 5)

    def forward(self, x):
        y = self.inner(x)
        batched = torch._C._functorch.is_batchedtensor(y)
        if batched and len(torch._C._functorch.get_unwrapped(y)) > 2:
            raise torch.OutOfMemoryError("no memory")
        return y


def test_out_of_memory_halves_how_many_run_together(monkeypatch):
    model = open_model(Narrow())
    probe = Probe("vectors", 24, (12,), 1)
    plan = plan_for(SubtractMean(model.ref("inner.weight")), probe, n_controls=7, batch_size=4)
    together, alone, sizes = both_ways(model, plan, monkeypatch)
    assert sizes
    assert max(sizes) <= 2
    assert_equal(together, alone, torch.float32)


def test_edited_weights_are_in_memory_once_where_several_run_together():
    model = open_model(nn.Sequential(nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 5)).eval())
    edit = SubtractMean(model.ref("0.weight"))
    controls = [MatchedControl(edit, seed, "same_magnitude") for seed in range(5)]
    plan = replace(plan_for(edit, Probe("vectors", 12, (12,), 1), batch_size=4), controls=tuple(controls))
    run, held = run_of(model, plan), {}
    for start in (0, 4, 8):
        assert list(run.batch(start, start + 4))
        held = {edit: run.passes._tensors.of(edit).swaps["0.weight",] for edit in controls}
    for edit, tensor in held.items():
        assert torch.equal(tensor, torch.tensor(edited(edit, model.read("0.weight")), dtype=torch.float32))
    assert len({tensor.untyped_storage().data_ptr() for tensor in held.values()}) == 1


def test_how_many_run_together_is_bounded_by_memory_by_weights_and_by_work():
    sizes = Sizes()
    assert most_at_once(sizes, 0) == most_at_once(sizes, 1 << 10) == 32
    assert most_at_once(sizes, 1 << 24) == 4
    assert most_at_once(sizes, 1 << 40) == 1
    sizes.n_products = 1e9
    assert most_at_once(sizes, 0) == 3
    sizes.n_products = 1e12
    assert most_at_once(sizes, 0) == 1
    sizes.n_products, sizes.largest_bytes = 1.0, 1 << 24
    assert most_at_once(sizes, 0) == 2
    sizes.largest_bytes = 1 << 40
    assert most_at_once(sizes, 0) == 1


@pytest.mark.parametrize(("n_items", "most"), [*itertools.product(range(25), (1, 3, 16))])
def test_parts_are_few_even_and_in_order(n_items, most):
    parts = even_parts(range(n_items), most)
    assert [k for part in parts for k in part] == list(range(n_items))
    assert len(parts) == -(-n_items // most)
    assert all(0 < len(part) <= most for part in parts)
    assert not parts or max(map(len, parts)) - min(map(len, parts)) <= 1


# ---- thin factors


@pytest.mark.parametrize("shape", [(30, 12), (9, 25)])
def test_factors_multiply_to_the_change(shape):
    matrix = weight_matrix(noise(shape, 3) + 0.2)
    edits = [
        SubtractMean(matrix.ref),
        ChangeEntries(matrix.ref, (Entry(2, 3, 0.0, 0.0), Entry(4, 1, 0.0, 0.0), Entry(2, 3, 0.0, 0.0))),
        ChangeEntries(matrix.ref, ()),
    ]
    whole = Together((edits[0],))
    controls = [MatchedControl(edit, 7, kind) for edit in edits for kind in ("moved", "rank_one")]
    mean = float(matrix.values.mean(dtype=np.float64))
    for edit in [*edits, whole, *controls, MatchedControl(whole, 7, "rank_one")]:
        left, right = factors_of(edit, matrix, mean, lambda edit: float(np.linalg.norm(change_of(edit, matrix))))
        np.testing.assert_allclose(left @ right.T, change_of(edit, matrix), atol=1e-12, err_msg=str(edit))


def test_other_changes_have_no_factors():
    _, model, [scan, _] = trapped_model()
    matrix = model.read(scan.layer.name)
    many = tuple(Entry(k, k, 0.0, 0.0) for k in range(20))
    dense = RemoveTrap(scan.traps[0], "zero")
    for edit in (
        dense,
        ChangeEntries(matrix.ref, many),
        MatchedControl(dense, 0, "moved"),
        MatchedControl(SubtractMean(matrix.ref), 0, "same_magnitude"),
    ):
        assert factors_of(edit, matrix, 0.0, lambda edit: 1.0) is None
    [column, row] = factors_of(MatchedControl(dense, 0, "rank_one"), matrix, 0.0, lambda edit: 5.0)
    assert np.linalg.norm(column @ row.T) == pytest.approx(5.0)


INPUTS = {
    "one vector": (nn.Linear, torch.randn(6, generator=torch.Generator().manual_seed(1))),
    "rows": (nn.Linear, torch.randn(3, 6, generator=torch.Generator().manual_seed(2))),
    "positions": (nn.Linear, torch.randn(2, 3, 6, generator=torch.Generator().manual_seed(3))),
    "tokens": (nn.Embedding, torch.tensor([[0, 4], [2, 2]])),
}


@pytest.mark.parametrize("inputs", INPUTS)
@pytest.mark.parametrize("n_factors", [0, 1, 2, None])
def test_an_added_change_is_that_of_the_weight_alone_and_with_others(inputs, n_factors):
    torch.manual_seed(0)
    kind, x = INPUTS[inputs]
    part = kind(6, 5) if kind is nn.Linear else kind(5, 6)
    changes = torch.randn(3, 5, n_factors or 2), torch.randn(3, 6, n_factors or 2)
    if n_factors == 0:
        changes = changes[0][..., :0], changes[1][..., :0]
    wholes = changes[0] @ changes[1].mT
    changes = (wholes,) if n_factors is None else changes

    def run(*change):
        with added(part, {("weight",): change}):
            return part(x)

    before = part(x)
    together = torch.func.vmap(run)(*changes)
    for k in range(3):
        alone = run(*(one[k] for one in changes))
        weight = part.weight + wholes[k]
        expected = nn.functional.linear(x, weight, part.bias) if kind is nn.Linear else weight[x]
        assert alone.shape == expected.shape
        torch.testing.assert_close(alone, expected, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(together[k], expected, rtol=1e-5, atol=1e-5)
    assert torch.equal(part(x), before)


def test_rounding_is_that_of_the_precision():
    assert rounding_of("relative_change", torch.float64) == pytest.approx(8 * 2.0**-52)
    assert rounding_of("divergence_nats", torch.float32) == pytest.approx((8 * 2.0**-23) ** 2 / 8)
