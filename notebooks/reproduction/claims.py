"""What the papers claim, asked of a recorded run, claim by claim, with the numbers that answer it."""

from __future__ import annotations

import pandas as pd

from .comparing import Checkpoint, Run, mean_alpha

MEMORISED = 0.99  # train accuracy
GAIN, LOSS = 0.3, 0.05  # of test accuracy, that count as grokking and as its loss
IDEAL_ALPHA = 2.0


def claims_table(runs: dict[str, Run]) -> pd.DataFrame:
    """One row per claim, one column per run."""
    return pd.DataFrame({name: claims(run) for name, run in runs.items()})


def claims(run: Run) -> dict[str, str]:
    """Claim and answer. Traps are those of the published rule, mean over layers and shuffles."""
    checkpoints = run["checkpoints"]
    best, last = max(checkpoints, key=lambda one: one["test_accuracy"]), checkpoints[-1]
    known = next((one for one in checkpoints if one["train_accuracy"] >= MEMORISED), None)
    if known is None:
        return {"learns the training set by heart first": f"no: train accuracy {last['train_accuracy']:.2f} at the end"}
    gain, loss = best["test_accuracy"] - known["test_accuracy"], best["test_accuracy"] - last["test_accuracy"]
    return {
        "learns the training set by heart first": _said(known["test_accuracy"] < 0.5, _tests(known)),
        "generalises later": _said(gain >= GAIN, f"{_tests(known)}, {_tests(best)}"),
        "has no traps before": _said(mean_traps(known) == 0, _trap_text(known)),
        "has no traps at its best": _said(mean_traps(best) == 0, _trap_text(best)),
        "α falls until then": _said(mean_alpha(best) < mean_alpha(known), f"{_alpha(known)}, {_alpha(best)}"),
        "gets worse again": _said(loss >= LOSS, f"{_tests(best)}, {_tests(last)}"),
        "has traps in the end": _said(mean_traps(last) > 0, _trap_text(last)),
        "α is below 2 in the end": _said(mean_alpha(last) < IDEAL_ALPHA, _alpha(last)),
    }


def mean_traps(checkpoint: Checkpoint) -> float:
    """Mean number of traps over layers by the published rule."""
    rows = checkpoint["layers"].values()
    return sum(row["published_traps"] for row in rows) / len(rows)


def _said(holds: bool, why: str) -> str:
    return f"{'yes' if holds else 'no'}: {why}"


def _tests(one: Checkpoint) -> str:
    return f"test {one['test_accuracy']:.2f} at step {one['step']}"


def _trap_text(one: Checkpoint) -> str:
    return f"{mean_traps(one):.2g} per layer at step {one['step']}"


def _alpha(one: Checkpoint) -> str:
    return f"mean {mean_alpha(one):.2f} at step {one['step']}"
