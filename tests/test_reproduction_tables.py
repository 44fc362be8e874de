"""Tables and charts of the reproduction, on planted runs."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from notebooks.reproduction import charts, claims, comparing, paper
from spectral_widgets.charts import picture


def planted(steps: list[int], tests: list[float], layers=paper.MNIST_LAYERS) -> dict:
    """A run whose α is the number of the checkpoint plus one and whose traps are that number."""
    checkpoints = []
    for place, (step, test) in enumerate(zip(steps, tests, strict=True)):
        row = {"alpha": 1.0 + place, "alpha_error": 0.1, "smallest": -1.0, "largest": 2.0}
        row |= dict.fromkeys(("traps", "published_traps"), float(place))
        row |= dict.fromkeys(("traps_sd", "published_traps_sd"), 0.5)
        row |= {"mean_in_thresholds": place / 2, "entries_beyond": place}
        rows = {name: dict(row) for name in layers}
        checkpoints.append({"step": step, "train_accuracy": 1.0, "test_accuracy": test, "l2_norm": 1.0, "layers": rows})
    return {"steps": steps[-1], "checkpoints": checkpoints}


def test_a_step_that_was_not_reached_is_no_number_and_says_where_the_run_stopped():
    table = comparing.mnist_comparison(planted([100, 100_000, 300_000], [0.1, 0.2, 0.6]))
    reached = table[table["paper's step"] == 100_000]
    assert len(table) == 18
    assert set(reached["our step"]) == {"100000"}
    first = reached[(reached.quantity == "α") & (reached.layer == "FC1")].iloc[0]
    assert (first.paper, first.ours, first.difference) == (5.0, 2.0, -3.0)
    later = table[table["paper's step"] > 100_000]
    assert later.ours.isna().all()
    assert later.difference.isna().all()
    assert set(later["our step"]) == {"not reached (stopped at 300000)"}


def test_a_faster_run_is_compared_at_the_step_over_its_speed():
    table = comparing.mnist_comparison(planted([100, 10_000, 100_000], [0.1, 0.2, 0.6]), speed=10)
    assert set(table[table["paper's step"] == 100_000]["our step"]) == {"10000"}
    assert set(table[table["paper's step"] == 1_000_000]["our step"]) == {"100000"}


@pytest.mark.parametrize(("step", "near"), [(1400, 1000), (1000, 1000), (700, 1000), (1600, None), (600, None)])
def test_a_checkpoint_stands_only_for_steps_near_it(step, near):
    found = comparing.checkpoint_near(planted([10, 1000], [0.1, 0.2]), step)
    assert (found and found["step"]) == near


def test_the_phases_of_addition_are_read_off_the_test_accuracy():
    run = planted([1, 2, 3, 4, 5], [0.1, 0.4, 0.7, 0.98, 0.6], paper.ADDITION_LAYERS)
    assert [one["step"] for one in comparing.addition_phases(run)] == [2, 4, 5]
    table = comparing.addition_comparison(run)
    assert table["test, ours"].tolist() == [0.4, 0.98, 0.6]
    assert table["mean α, ours"].tolist() == [2.0, 4.0, 5.0]
    assert table["mean traps, paper"].tolist() == [0, 0, 4.875]
    assert table["mean traps, ours (calibrated)"].tolist() == [1, 3, 4]


def test_a_run_that_never_leaves_the_first_phase_still_has_a_table():
    run = planted([1, 2], [0.1, 0.05], paper.ADDITION_LAYERS)
    assert [one["step"] for one in comparing.addition_phases(run)] == [1, 1, 2]


def test_the_papers_own_mean_of_traps_is_the_one_stated():
    assert np.mean(list(paper.ADDITION_LAST_TRAPS.values())) == pytest.approx(4.88, abs=0.005)


def test_extreme_entries_are_shown_from_the_best_step_on():
    table = comparing.extremes(planted([100, 1_000, 2_000, 3_000], [0.1, 0.9, 0.8, 0.7]))
    assert table.index.tolist() == ["paper", 1_000, 2_000, 3_000]
    assert table.loc["paper", ["FC1 smallest", "FC1 largest"]].tolist() == [-14.8, 5.7]
    assert table.loc[3_000].tolist() == [-1.0, 2.0] * 3


def test_causes_are_named_by_layer_and_step():
    table = comparing.causes(planted([100, 200, 300], [0.1, 0.2, 0.3]), {"2": "FC2"})
    assert table.index.tolist() == [100, 200, 300]
    assert table["FC2: mean / threshold"].tolist() == [0, 0.5, 1]
    assert table["FC2: entries beyond theirs"].tolist() == [0, 1, 2]


def test_differences_name_what_differs():
    one = planted([100], [0.5])["checkpoints"][0]
    other = copy.deepcopy(one)
    other["layers"]["2"]["alpha"] = 7.0
    table = comparing.differences(other, one)
    assert table.difference["2: alpha"] == 6.0
    assert (table.difference.drop("2: alpha") == 0).all()


@pytest.mark.parametrize("phases", [True, False])
def test_a_run_is_drawn_with_what_is_missing_left_out(phases):
    run = planted([100, 100_000, 2_000_000], [0.1, 0.2, 0.6])
    for one in run["checkpoints"]:
        one["layers"]["4"] |= {"alpha": None, "traps": None, "traps_sd": None}
    chart = charts.over_steps(run, paper.MNIST_LAYERS, phases=phases)
    drawn = picture(chart, "steps", "accuracy, α and traps over steps").svg
    assert all(word in drawn for word in ("accuracy", "traps, calibrated", "traps, published rule", "FC3"))
    assert [f">{phase}<" in drawn for phase in paper.PHASES] == [phases] * 3


def test_a_phase_that_was_not_reached_is_not_drawn():
    drawn = picture(charts.over_steps(planted([100, 5_000], [0.1, 0.2]), paper.MNIST_LAYERS), "steps", "").svg
    assert [f">{phase}<" in drawn for phase in paper.PHASES] == [True, False, False]


def test_a_run_that_groks_and_forgets_meets_every_claim():
    run = planted([100, 1_000, 10_000], [0.1, 0.9, 0.6])
    for one, alpha, traps in zip(run["checkpoints"], (5.0, 3.0, 1.5), (0.0, 0.0, 2.0), strict=True):
        for row in one["layers"].values():
            row |= {"alpha": alpha, "published_traps": traps}
    answers = claims.claims(run)
    assert len(answers) == 8
    assert all(answer.startswith("yes: ") for answer in answers.values())
    assert answers["gets worse again"] == "yes: test 0.90 at step 1000, test 0.60 at step 10000"


def test_a_run_that_stops_before_it_forgets_says_so():
    answers = claims.claims(planted([100, 1_000], [0.1, 0.9]))
    assert answers["gets worse again"].startswith("no: ")
    assert answers["α falls until then"].startswith("no: ")
    assert answers["generalises later"].startswith("yes: ")


def test_a_run_that_never_memorises_answers_no_more():
    run = planted([100], [0.1])
    run["checkpoints"][0]["train_accuracy"] = 0.4
    assert claims.claims(run) == {"learns the training set by heart first": "no: train accuracy 0.40 at the end"}
