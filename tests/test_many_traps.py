"""Several edits at once, every trap by turns, a trap at every strength, and which outputs moved."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.probing.changes import js_divergence
from spectral_widgets.probing.divergence import log_probabilities
from spectral_widgets.probing.plans import edit_for
from spectral_widgets.records import ChangeEntries, Complaint, Entry, RemoveTrap, ScaleTrap, SubtractMean, Together
from spectral_widgets.spectra.edits import change_of
from spectral_widgets.spectra.traps import find_traps

from .subjects import WIDE, mlp, opened, trapped_model, whole_state


def hand_made(module, model, edits) -> torch.Tensor:
    """Outputs after the changes were added to the weights one by one."""
    copies = {name: parameter.detach().clone() for name, parameter in module.named_parameters()}
    for edit in edits:
        matrix = model.read(edit.layer.name)
        copies[edit.layer.name] += torch.from_numpy(matrix.unfolding.fold(change_of(edit, matrix)))
    inputs = sw.probes.batches(WIDE, 0, WIDE.n, torch.device("cpu"), torch.float64)
    with torch.no_grad():
        return torch.func.functional_call(module, copies, (inputs,))


def test_edits_of_several_layers_and_several_traps_of_one_are_made_together():
    module, model, scans = trapped_model()
    edits = [RemoveTrap(trap, "zero") for scan in scans for trap in scan.traps[:2]]
    assert len(edits) == 4
    before = whole_state(module)
    result = sw.ablate(model, edits, WIDE, n_controls=2)
    assert whole_state(module) == before
    assert isinstance(result.plan.edit, Together)
    assert {layer.name for layer in result.plan.edit.layers} == {"0.weight", "2.weight"}
    outputs = hand_made(module, model, edits)
    applied = sw.apply(model, edits).run(sw.probes.batches(WIDE, 0, WIDE.n, torch.device("cpu"), torch.float64))
    torch.testing.assert_close(applied, outputs, rtol=1e-9, atol=1e-9)
    by_hand = sw.open_model(module, forward=lambda *_: outputs, outputs="logits")
    assert result.edit.values.max() > 0
    # The divergence from the model's own outputs to those made by hand, by the same function on both.
    inputs = sw.probes.batches(WIDE, 0, WIDE.n, torch.device("cpu"), torch.float64)
    expected = js_divergence(log_probabilities(model.run(inputs)), log_probabilities(by_hand.run(inputs)))
    np.testing.assert_allclose(result.edit.values, expected.numpy(), rtol=1e-6, atol=1e-12)
    for control in result.controls:
        assert control.values.any()
    assert result.plan.label == "4 edits together"


def test_one_edit_in_a_list_is_that_edit_and_overlapping_ones_are_refused():
    _, model, [scan, _] = trapped_model()
    trap = scan.traps[0]
    alone, listed = (sw.ablate(model, edit, WIDE, n_controls=1) for edit in (RemoveTrap(trap), [RemoveTrap(trap)]))
    np.testing.assert_array_equal(alone.edit.values, listed.edit.values)
    again = find_traps(model.read("0.weight"), [1]).traps[0]
    overlapping = [
        [RemoveTrap(trap), RemoveTrap(trap)],
        [RemoveTrap(trap), RemoveTrap(again)],
        [RemoveTrap(trap), SubtractMean(scan.layer)],
    ]
    for edits in overlapping:
        for verb in (sw.ablate, sw.apply):
            with pytest.raises(Complaint, match="overlap"):
                verb(model, edits)
    with pytest.raises(Complaint, match="nothing to edit"):
        sw.ablate(model, [])


def test_the_table_of_all_traps_holds_the_ablation_of_each():
    _, model, scans = trapped_model()
    table = sw.ablate_traps(model, scans, WIDE, n_controls=3)
    traps = [trap for scan in scans for trap in scan.of_seed(0)]
    assert len(table) == len(traps) >= 4
    for row, trap in zip(table.to_dict("records"), traps, strict=True):
        result = sw.ablate(model, edit_for(trap, "remove"), WIDE, n_controls=3)
        assert (row["layer"], row["trap"], row["edit"]) == (trap.layer.name, trap.index, "plain removal")
        assert row["divergence_nats"] == pytest.approx(result.edit.mean[-1])
        assert (row["low"], row["high"]) == pytest.approx((result.edit.low[-1], result.edit.high[-1]))
        assert row["noise_floor"] == pytest.approx(max(track.mean[-1] for track in result.controls))
        assert row["verdict"] == result.verdict.word
        assert 0 <= row["total_variation"] <= 1
    several = [find_traps(model.read("0.weight"), [0, 1]), scans[1].traps[0]]
    assert len(sw.ablate_traps(model, several, WIDE, n_controls=0)) == len(scans[0].traps) + 1
    assert sw.ablate_traps(model, [], WIDE).empty


def test_dose_response_is_nothing_at_1_and_plain_removal_at_0():
    _, model, [scan, _] = trapped_model()
    trap = scan.traps[0]
    table = sw.dose_response(model, trap, (0.0, 0.5, 1.0, 1.5, 2.0), WIDE).set_index("factor")
    assert table.divergence_nats[1.0] == 0.0
    assert table.top1_agreement[1.0] == 1.0
    removed = sw.ablate(model, RemoveTrap(trap, "zero"), WIDE, n_controls=0)
    assert table.divergence_nats[0.0] == pytest.approx(removed.edit.mean[-1], rel=1e-12)
    assert table.divergence_nats[0.0] > 0 < table.divergence_nats[2.0]
    for wrong in ([], [0.0, float("nan")]):
        with pytest.raises(Complaint, match="finite factors"):
            sw.dose_response(model, trap, wrong, WIDE)


def test_the_response_grows_with_the_distance_from_1_where_logits_are_linear_in_the_weights():
    """Of a softmax of W x the total variation and J to the original rise along any ray of logits."""
    torch.manual_seed(0)
    module = torch.nn.Linear(40, 30, bias=False).double()
    with torch.no_grad():
        module.weight[3, 4] = 3.0
    model = sw.open_model(module)
    trap = find_traps(model.read("weight"), [0]).traps[0]
    factors = np.linspace(0, 2, 21)
    table = sw.dose_response(model, trap, factors, sw.probes.gaussian_vectors(n=40, size=40))
    values = table.divergence_nats.to_numpy()
    assert (np.diff(values[:11]) < 0).all()
    assert (np.diff(values[10:]) > 0).all()
    # Near 1 the divergence is quadratic in the dose: half the dose, a quarter of the response.
    near = sw.dose_response(model, trap, (1.0, 1.001, 1.002), sw.probes.gaussian_vectors(n=40, size=40))
    assert near.divergence_nats[2] / near.divergence_nats[1] == pytest.approx(4, rel=0.02)
    sizes = [np.linalg.norm(change_of(ScaleTrap(trap, factor), model.read("weight"))) for factor in (0.0, 2.0, 3.0)]
    assert sizes[1] == pytest.approx(sizes[0])
    assert sizes[2] == pytest.approx(2 * sizes[0])


def test_attribution_names_the_class_that_lost_its_weights():
    module = mlp(torch.float64).eval()
    with torch.no_grad():
        module[3].weight[2, 7] = 6.0
    model = sw.open_model(module)
    edit = ChangeEntries(model.ref("3.weight"), (Entry(2, 7, 6.0, 30.0),))
    probe = sw.probes.gaussian_vectors(n=80, size=12)
    table = sw.attribute(model, edit, probe, k=5)
    assert table.index[0] == 2
    assert table.change.iloc[0] < 0
    assert table.high.iloc[0] < 0
    assert table.change.sum() == pytest.approx(0, abs=1e-12)
    assert (table.change.abs().diff().dropna() <= 0).all()
    inputs = sw.probes.batches(probe, 0, 80, torch.device("cpu"), torch.float64)
    before, after = (each.run(inputs).softmax(-1).mean(0) for each in (model, sw.apply(model, edit)))
    np.testing.assert_allclose(table.change, (after - before)[table.index], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(table.before, before[table.index], rtol=1e-9)
    pd_top = sw.attribute(model, edit, probe, k=2)
    assert list(pd_top.index) == list(table.index[:2])


def test_attribution_averages_over_tokens_and_refuses_features():
    _, model, plan = opened("gpt2")
    table = sw.attribute(model, plan.edit, plan.probe, k=40)
    assert len(table) == 40
    assert table.change.abs().sum() > 0
    assert table.before.sum() == pytest.approx(1)
    _, features, plan = opened("bert")
    with pytest.raises(Complaint, match="class scores only"):
        sw.attribute(features, plan.edit, plan.probe)
