"""Measures beside the Jensen–Shannon divergence: definitions, laws, limits, and what labels say."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax
from scipy.stats import entropy
from spectral_widgets.probing import probes
from spectral_widgets.probing.changes import TITLES, changes_between, js_divergence, label_changes
from spectral_widgets.probing.divergence import MAX_DIVERGENCE_NATS, log_probabilities
from spectral_widgets.probing.verdict import accuracy_interval
from spectral_widgets.records import ChangeEntries, Complaint, SubtractMean

from .subjects import TOKENS, VECTORS, WIDE, mlp, opened, trapped_model


def logits(seed: int, shape=(7, 5), scale=2.0) -> torch.Tensor:
    return scale * torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def both(seed: int, **kwargs):
    return logits(seed, **kwargs), logits(seed + 1000, **kwargs)


def changes(a: torch.Tensor, b: torch.Tensor) -> dict[str, np.ndarray]:
    found = changes_between(log_probabilities(a), log_probabilities(b))
    return {name: value.numpy() for name, value in found.items()}


@pytest.mark.parametrize("seed", range(5))
def test_every_measure_is_what_its_definition_says(seed):
    a, b = both(seed)
    found = changes(a, b)
    p, q = softmax(a.numpy(), -1), softmax(b.numpy(), -1)
    centred = [x.numpy() - x.numpy().mean(-1, keepdims=True) for x in (a, b)]
    expected = {
        "js_divergence_nats": (entropy(p, (p + q) / 2, axis=-1) + entropy(q, (p + q) / 2, axis=-1)) / 2,
        "kl_forward_nats": entropy(p, q, axis=-1),
        "kl_backward_nats": entropy(q, p, axis=-1),
        "total_variation": np.abs(p - q).sum(-1) / 2,
        "top1_agreement": (p.argmax(-1) == q.argmax(-1)).astype(float),
        "logit_change": np.linalg.norm(centred[1] - centred[0], axis=-1) / np.linalg.norm(centred[0], axis=-1),
        "entropy_change_nats": entropy(q, axis=-1) - entropy(p, axis=-1),
    }
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-10, atol=1e-12, err_msg=name)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 30), st.floats(-50, 50))
def test_laws_of_the_measures(seed, scale, constant):
    a, b = both(seed, scale=scale)
    one, other, shifted = changes(a, b), changes(b, a), changes(a + constant, b)
    np.testing.assert_allclose(one["kl_forward_nats"], other["kl_backward_nats"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one["entropy_change_nats"], -other["entropy_change_nats"], atol=1e-12)
    for name in ("js_divergence_nats", "total_variation", "top1_agreement"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-9, atol=1e-12)
    for name, values in one.items():
        np.testing.assert_allclose(values, shifted[name], rtol=1e-6, atol=1e-8, err_msg=name)
    # Lin (1991): J is at most the total variation times ln 2; Pinsker: 2 V² is at most each divergence.
    assert (one["js_divergence_nats"] <= MAX_DIVERGENCE_NATS * one["total_variation"] + 1e-12).all()
    assert (2 * one["total_variation"] ** 2 <= one["kl_forward_nats"] + 1e-12).all()
    assert (2 * one["total_variation"] ** 2 <= one["kl_backward_nats"] + 1e-12).all()
    assert (one["total_variation"] <= 1 + 1e-12).all()


def test_equal_outputs_change_nothing_and_blocks_do_not_matter():
    a, b = both(3, shape=(3, 70, 1000))
    nothing = changes(a, a)
    assert (nothing.pop("top1_agreement") == 1).all()
    assert all((values == 0).all() for values in nothing.values())
    whole = changes(a, b)
    assert whole["total_variation"].shape == (3, 70)
    for name, values in changes(a[1, 5], b[1, 5]).items():
        assert values == pytest.approx(whole[name][1, 5], rel=1e-12)
    np.testing.assert_array_equal(
        whole["js_divergence_nats"], js_divergence(log_probabilities(a), log_probabilities(b)).numpy()
    )


def test_masked_classes_count_as_equal_and_a_class_that_only_one_rules_out_is_infinitely_far():
    a, b = both(4)
    rest = changes(a[:, 1:], b[:, 1:])
    for part in (a, b):
        part[:, 0] = -torch.inf
    for name, values in changes(a, b).items():
        np.testing.assert_allclose(values, rest[name], rtol=1e-9, atol=1e-12, err_msg=name)
    b[:, 1] = -torch.inf
    far = changes(a, b)
    assert np.isinf(far["kl_forward_nats"]).all()
    assert np.isfinite(far["kl_backward_nats"]).all()
    assert np.isinf(far["logit_change"]).all()
    assert (far["js_divergence_nats"] < MAX_DIVERGENCE_NATS).all()


def test_every_track_of_a_model_with_logits_has_the_extras_with_intervals_and_no_other_has():
    for name in ("gpt2", "bert"):
        _, model, plan = opened(name)
        result = sw.ablate(model, plan.edit, plan.probe, n_controls=2)
        for track in (result.edit, *result.companions, *result.controls):
            if name == "bert":
                assert track.extras == {}
                continue
            assert set(track.extras) == set(TITLES) - {"accuracy", "accuracy_change", "loss_nats", "loss_change_nats"}
            for part in track.extras.values():
                assert part.values.shape == part.mean.shape == (TOKENS.n,)
                assert (part.low[1:] <= part.mean[1:]).all()


def test_temperature_divides_the_logits():
    _, model, plan = opened("float64")
    warm = sw.ablate(model, plan.edit, probes.at_temperature(plan.probe, 3.0), n_controls=1)
    inputs = probes.batches(plan.probe, 0, plan.probe.n, torch.device("cpu"), torch.float64)
    cooled = sw.open_model(mlp(torch.float64), forward=lambda module, x: module(x) / 3.0, outputs="logits")
    by_hand = sw.ablate(cooled, plan.edit, inputs, n_controls=1)
    np.testing.assert_allclose(warm.edit.values, by_hand.edit.values, rtol=1e-9)
    assert "temperature 3" in warm.plan.probe.description
    for wrong in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(Complaint, match="positive number"):
            probes.at_temperature(plan.probe, wrong)


# ---- labels


def test_accuracy_and_loss_are_those_of_the_edited_model():
    a, b = both(6, shape=(9, 4, 5))
    labels = torch.randint(0, 5, (9, 4), generator=torch.Generator().manual_seed(0))
    labels[0, 1:] = -100
    labels[1] = -100
    found = label_changes(log_probabilities(a), log_probabilities(b), labels)
    for k in range(9):
        kept = labels[k] >= 0
        if not kept.any():
            assert all(value[k].isnan() for value in found.values())
            continue
        loss = [torch.nn.functional.cross_entropy(x[k][kept], labels[k][kept]) for x in (a, b)]
        right = [(x[k][kept].argmax(-1) == labels[k][kept]).double().mean() for x in (a, b)]
        expected = {"accuracy": right[1], "accuracy_change": right[1] - right[0]}
        expected |= {"loss_nats": loss[1], "loss_change_nats": loss[1] - loss[0]}
        assert {name: float(value[k]) for name, value in found.items()} == pytest.approx(
            {name: float(value) for name, value in expected.items()}
        )


def labelled_run(edit_of, n=400):
    module, model, scans = trapped_model()
    inputs = torch.randn(n, 24, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    with torch.no_grad():
        labels = module(inputs).argmax(-1)
    return sw.ablate(model, edit_of(model, scans), (inputs, labels), n_controls=3)


def test_with_labels_an_edit_that_costs_accuracy_is_harmful_and_one_that_does_nothing_benign():
    harmful = labelled_run(lambda model, scans: SubtractMean(model.ref("2.weight")))
    assert harmful.verdict.word == "harmful"
    assert harmful.edit.extras["accuracy_change"].mean[-1] < -0.05
    assert "accuracy changes by −" in harmful.verdict.reason
    benign = labelled_run(lambda model, scans: ChangeEntries(model.ref("2.weight"), ()))
    assert benign.verdict.word == "benign"
    assert not benign.verdict.beats_controls
    few = labelled_run(lambda model, scans: ChangeEntries(model.ref("2.weight"), ()), n=20)
    assert few.verdict.word == "undecided"
    assert "More labelled inputs" in few.verdict.reason


def test_the_interval_of_accuracy_covers_and_stays_open_where_nothing_changed_yet():
    rng = np.random.default_rng(0)
    for lost, gained in [(0.05, 0.05), (0.1, 0.02), (0.01, 0.0)]:
        covered = 0
        for _ in range(1500):
            draws = rng.choice([-1.0, 0.0, 1.0], 200, p=[lost, 1 - lost - gained, gained])
            _, low, high = accuracy_interval(draws)
            covered += low <= gained - lost <= high
        assert covered / 1500 > 0.93
    _, low, high = accuracy_interval(np.zeros(50))
    assert low < -0.02 < 0.02 < high
    assert accuracy_interval(np.array([0.0, 1.0, np.nan])) == accuracy_interval(np.array([0.0, 1.0]))


def test_labels_that_do_not_fit_are_refused():
    _, model, plan = opened("mlp")
    data = torch.zeros(6, 12)
    for labels, match in [([0, 1], "6 inputs need 6"), (np.zeros(6), "whole-numbered")]:
        with pytest.raises(Complaint, match=match):
            probes.labelled(data, labels)
    with pytest.raises(Complaint, match="labels of shape"):
        sw.ablate(model, plan.edit, (data, np.zeros((6, 2), int)), n_controls=1)
    with pytest.raises(Complaint, match="count from 0"):
        sw.ablate(model, plan.edit, (data, np.full(6, 5)), n_controls=1)
    _, features, plan = opened("bert")
    with pytest.raises(Complaint, match="class scores"):
        sw.ablate(features, plan.edit, (torch.zeros(6, 5, dtype=torch.long), np.zeros((6, 5), int)), n_controls=1)


def test_without_labels_the_rule_says_that_it_speaks_of_the_outputs_alone():
    _, model, [scan, _] = trapped_model()
    verdict = sw.ablate(model, SubtractMean(scan.layer), WIDE, n_controls=2).verdict
    assert verdict.word in ("active", "inert", "undecided")
    assert "nobody can know whether a change is for the worse" in verdict.rule
    assert VECTORS.labels is None
