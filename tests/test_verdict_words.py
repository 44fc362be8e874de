"""Which words a verdict uses: harmful and benign need labels; the rule says why, and old reports still load."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import spectral_widgets as sw
import torch
from spectral_widgets.data.digits_mlp import train
from spectral_widgets.findings import ReportDocument, load_report
from spectral_widgets.probing.choosing import PROBE_KINDS, probe_of_kind, why_not
from spectral_widgets.probing.verdict import rule_for, track_of, verdict_of
from spectral_widgets.records import ChangeEntries, Complaint, Entry, SubtractMean

from .subjects import TOKENS, HangsOnOneWeight, mlp, opened
from .test_findings import REPORT

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
LABELLED, UNLABELLED = {"harmful", "benign"}, {"active", "inert"}


def planted(dead: bool):
    """One entry decides every output, or feeds a unit that is never read."""
    model = sw.open_model(HangsOnOneWeight(dead))
    return model, ChangeEntries(model.ref("first.weight"), (Entry(7, 5, 3.0, 60.0),))


@pytest.mark.parametrize(("dead", "words"), [(False, ("active", "harmful")), (True, ("inert", "benign"))])
def test_the_same_edit_has_other_words_with_and_without_labels(dead, words):
    model, edit = planted(dead)
    inputs = torch.randn(600, 40, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = model.run(inputs).argmax(-1)
    without, with_labels = (sw.ablate(model, edit, probe, n_controls=4) for probe in (inputs, (inputs, labels)))
    assert (without.verdict.word, with_labels.verdict.word) == words
    np.testing.assert_array_equal(without.edit.values, with_labels.edit.values)
    assert without.verdict.beats_controls == with_labels.verdict.beats_controls == (not dead)


def extras(accuracy: float, loss: float, n: int = 200):
    rng = np.random.default_rng(0)
    answers = np.where(np.arange(n) < abs(accuracy) * n, np.sign(accuracy), 0.0)
    return {"accuracy_change": answers, "loss_change_nats": loss + 1e-4 * rng.standard_normal(n)}


@pytest.mark.parametrize(
    ("accuracy", "loss", "word", "start"),
    [
        (-0.2, 0.0, "harmful", "Accuracy falls:"),
        (0.2, 0.0, "harmful", "Accuracy rises:"),
        (0.1, -0.5, "harmful", "Accuracy rises; cross-entropy falls:"),
        (0.0, 0.0, "undecided", "More labelled inputs may decide:"),
        (0.0, 0.5, "undecided", "More labelled inputs may decide; cross-entropy rises:"),
    ],
)
def test_with_labels_accuracy_decides_and_the_reason_says_what_moves(accuracy, loss, word, start):
    says(accuracy, loss, 200, word, start)


@pytest.mark.parametrize(("loss", "start"), [(0.0, "Accuracy stays:"), (-0.5, "Accuracy stays; cross-entropy falls:")])
def test_a_loss_that_moves_alone_is_told_and_does_not_decide(loss, start):
    says(0.0, loss, 2000, "benign", start)


def says(accuracy, loss, n, word, start):
    values = np.ones(n)
    edit = track_of("edit", values, extras=extras(accuracy, loss, n))
    verdict = verdict_of(edit, [track_of("control", 0 * values)])
    assert verdict.word == word
    assert verdict.reason.startswith(start)
    assert "cross-entropy by" in verdict.reason
    assert verdict.beats_controls


def test_the_words_never_mix_and_the_rule_belongs_to_them():
    rng = np.random.default_rng(1)
    seen = set()
    for labelled in (False, True):
        for shift in (-1.0, 0.0, 1.0):
            for n in (4, 2000):
                extra = extras(0.5 * (shift > 0), 0.0, n) if labelled else None
                tracks = [track_of("x", 2 + k + 0.2 * rng.standard_normal(n)) for k in (shift, 0.0)]
                verdict = verdict_of(track_of("e", tracks[0].values, extras=extra), tracks[1:])
                assert verdict.word not in (UNLABELLED if labelled else LABELLED)
                assert verdict.rule == rule_for(1, labelled=labelled)
                seen.add(verdict.word)
    assert seen == {"active", "inert", "harmful", "benign", "undecided"}


def test_the_rule_says_why_and_names_its_bound():
    assert "nobody can know whether a change is for the worse" in rule_for(19, labelled=False)
    for labelled in (False, True):
        assert "Wang and Ramdas 2024" in rule_for(19, labelled=labelled, stop="decided")
        assert "confidence" not in rule_for(19, labelled=labelled)
    assert "at or below 0.01 nats" in rule_for(19, labelled=False, smallest_effect=0.01, unit="nats")


def test_the_readme_states_the_rule_in_one_paragraph():
    [rule] = [part for part in README.split("\n\n") if part.startswith("**The rule.**")]
    assert all(f"*{word}*" in rule for word in ("harmful", "benign", "active", "inert", "undecided"))


def test_a_report_of_before_these_words_still_loads():
    old = replace(REPORT.findings[0], evidence={"ablation": {"verdict": "harmful", "rule": "Harmful: …"}})
    again = load_report(ReportDocument(replace(REPORT, findings=(old,))).to_json())
    assert again.report.findings[0].evidence["ablation"]["verdict"] == "harmful"


# ---- inputs by name


def test_the_shipped_test_images_are_those_of_the_training_script(tmp_path):
    probe, digits = sw.digits_test(), train.load_digits()
    torch.testing.assert_close(probe.data, digits.test_images, rtol=0, atol=0)
    np.testing.assert_array_equal(probe.labels, digits.test_labels)
    accuracy = (sw.digits_mlp().run(probe.data).argmax(-1).numpy() == probe.labels).mean()
    assert accuracy == pytest.approx(sw.digits_series()[-1].test_accuracy, abs=1e-3)
    train.save_test_images(tmp_path)
    shipped = Path(train.__file__).parent / "test_images.safetensors"
    assert (tmp_path / "test_images.safetensors").read_bytes() == shipped.read_bytes()


def test_every_kind_of_input_that_can_be_had_fits_the_model():
    model = sw.digits_mlp()
    for kind in PROBE_KINDS:
        assert why_not(model, kind) == ""
        probe = probe_of_kind(model, kind, 8, 3, temperature=2.0)
        assert probe.temperature == 2.0
        result = sw.ablate(model, SubtractMean(model.ref("4.weight")), probe, n_controls=1)
        assert (probe.labels is not None) == (kind == "labelled") == ("accuracy" in result.edit.extras)
    usual, uniform = (probe_of_kind(model, kind, 8, 3) for kind in ("random", "uniform"))
    assert (uniform.mean, uniform.standard_deviation) == pytest.approx((usual.mean, usual.standard_deviation))


def test_given_data_are_the_default_and_can_be_permuted_and_matched():
    model, given = sw.open_model(mlp()), sw.probes.batch(3 + 2 * torch.randn(400, 12))
    assert probe_of_kind(model, "default", 8, 0, given=given) is given
    assert probe_of_kind(model, "random", 8, 0, given=given).kind == "vectors"
    shuffled = probe_of_kind(model, "permuted", 8, 5, given=given)
    torch.testing.assert_close(shuffled.data.sort(1).values, given.data.sort(1).values)
    swapped = probe_of_kind(model, "swapped", 8, 5, given=given)
    torch.testing.assert_close(swapped.data.sort(0).values, given.data.sort(0).values)
    uniform = probe_of_kind(model, "uniform", 8, 5, given=given)
    assert (uniform.n, uniform.shape) == (8, (12,))
    assert (uniform.mean, uniform.standard_deviation) == pytest.approx((3, 2), rel=0.1)
    torch.testing.assert_close(eval(shuffled.code, {"sw": sw, "data": given.data}).data, shuffled.data)


def test_what_cannot_be_had_says_why():
    plain, (_, tokens, _) = sw.open_model(mlp()), opened("gpt2")
    same = sw.probes.batch(torch.ones(4, 12))
    whole = sw.probes.batch(torch.ones(4, 12, dtype=torch.long))
    for model, kind, given, match in [
        (plain, "labelled", None, "No labelled inputs"),
        (plain, "permuted", None, "no data to permute"),
        (tokens, "uniform", None, "uniform over the vocabulary"),
        (tokens, "uniform", TOKENS, "uniform over the vocabulary"),
        (plain, "uniform", same, "no width"),
        (plain, "uniform", whole, "are numbers"),
    ]:
        assert match in why_not(model, kind, given)
        with pytest.raises(Complaint, match=match):
            probe_of_kind(model, kind, 8, 0, given=given)
