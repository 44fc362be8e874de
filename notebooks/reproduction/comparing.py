"""The papers' tables beside the recorded runs. A number that a run did not reach is ``nan``, and the label says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from . import paper

Run = Mapping[str, Any]
Checkpoint = Mapping[str, Any]

SUMMARY = Path(__file__).parent / "summary.json"
#: A checkpoint stands for a step of the paper when it is at most this factor away.
NEAR = 1.5


def recorded(path: Path = SUMMARY) -> dict[str, Any]:
    """The recorded summary."""
    return json.loads(path.read_text(encoding="utf-8"))


def checkpoint_near(run: Run, step: float) -> Checkpoint | None:
    """The checkpoint next to ``step`` on a log scale; None when there is none near it."""
    nearest = min(run["checkpoints"], key=lambda one: abs(np.log(one["step"] / step)))
    return nearest if max(nearest["step"] / step, step / nearest["step"]) <= NEAR else None


def number(value: float | None) -> float:
    """A recorded number, ``nan`` where none could be computed."""
    return float("nan") if value is None else float(value)


def checkpoint_table(run: Run, names: Mapping[str, str]) -> pd.DataFrame:
    """Accuracies, norm, and α and traps per layer at each recorded step."""
    rows = []
    for one in run["checkpoints"]:
        row = {"step": one["step"], "train": one["train_accuracy"], "test": one["test_accuracy"], "‖W‖": one["l2_norm"]}
        for layer, name in names.items():
            row[f"α {name}"] = number(one["layers"][layer]["alpha"])
            row[f"traps {name}"] = number(one["layers"][layer]["traps"])
        rows.append(row)
    return pd.DataFrame(rows).set_index("step")


def mnist_comparison(run: Run, speed: float = 1.0) -> pd.DataFrame:
    """α and traps of FC1 and FC2 beside the papers'; ``speed`` is the learning rate over the paper's.

    Our traps are counted by the published rule, each shuffle by itself, as the paper's are, and by the calibrated edge.
    """
    return pd.DataFrame(list(_mnist_rows(run, speed)))


def _mnist_rows(run: Run, speed: float) -> Iterator[dict[str, Any]]:
    tables = {
        "α": (paper.MNIST_ALPHA, "alpha", "alpha_error"),
        "traps (published rule)": (paper.MNIST_TRAPS, "published_traps", "published_traps_sd"),
        "traps (calibrated)": (paper.MNIST_TRAPS, "traps", "traps_sd"),
    }
    for quantity, (stated, key, error) in tables.items():
        for layer, values in stated.items():
            for step, (value, spread) in zip(paper.STEPS, values, strict=True):
                ours = checkpoint_near(run, step / speed)
                row = ours["layers"][layer] if ours else {key: None, error: None}
                yield {
                    "quantity": quantity,
                    "layer": paper.MNIST_LAYERS[layer],
                    "paper's step": step,
                    "our step": str(ours["step"]) if ours else f"not reached (stopped at {run['steps']})",
                    "paper": value,
                    "paper ±": spread,
                    "ours": number(row[key]),
                    "ours ±": number(row[error]),
                    "difference": number(row[key]) - value,
                }


def extremes(run: Run) -> pd.DataFrame:
    """Smallest and largest entry of each layer from the best step on, below those of the paper after its collapse."""
    checkpoints = run["checkpoints"]
    best = max(checkpoints, key=lambda one: one["test_accuracy"])["step"]
    rows: dict[Any, dict[str, float]] = {"paper": _extreme_row(paper.MNIST_EXTREMES)}
    for one in checkpoints:
        if one["step"] >= best:
            ends = {layer: (row["smallest"], row["largest"]) for layer, row in one["layers"].items()}
            rows[one["step"]] = _extreme_row(ends)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("step")


def _extreme_row(ends: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    return {
        f"{name} {end}": value
        for layer, name in paper.MNIST_LAYERS.items()
        for end, value in zip(("smallest", "largest"), ends[layer], strict=True)
    }


def causes(run: Run, names: Mapping[str, str]) -> pd.DataFrame:
    """Per step and layer: |mean entry| over the size that makes a trap, and how many entries make one by themselves."""
    rows = {
        one["step"]: {
            f"{name}: {title}": one["layers"][layer][key]
            for layer, name in names.items()
            for key, title in (("mean_in_thresholds", "mean / threshold"), ("entries_beyond", "entries beyond theirs"))
        }
        for one in run["checkpoints"]
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("step")


def addition_phases(run: Run) -> tuple[Checkpoint, Checkpoint, Checkpoint]:
    """One checkpoint per phase: the last before the best with a test accuracy below one half, the best, the last."""
    checkpoints = run["checkpoints"]
    best = max(checkpoints, key=lambda one: one["test_accuracy"])
    before = [one for one in checkpoints if one["step"] < best["step"] and one["test_accuracy"] < 0.5]
    return (before or checkpoints)[-1 if before else 0], best, checkpoints[-1]


def mean_alpha(checkpoint: Checkpoint) -> float:
    """Mean α over all layers that have one."""
    return float(np.mean([row["alpha"] for row in checkpoint["layers"].values() if row["alpha"] is not None]))


def addition_comparison(run: Run) -> pd.DataFrame:
    """Test accuracy, mean α and mean number of traps by phase beside the paper's."""
    stated_traps = (0.0, 0.0, float(np.mean(list(paper.ADDITION_LAST_TRAPS.values()))))
    rows = []
    for place, (phase, one) in enumerate(zip(paper.PHASES, addition_phases(run), strict=True)):
        traps = {
            rule: float(np.mean([row[rule] for row in one["layers"].values()])) for rule in ("published_traps", "traps")
        }
        rows.append(
            {
                "paper's phase": phase,
                "our step": one["step"],
                "test, paper": paper.ADDITION_TEST_ACCURACY[place],
                "test, ours": one["test_accuracy"],
                "mean α, paper": paper.ADDITION_MEAN_ALPHA[place],
                "mean α, ours": mean_alpha(one),
                "mean traps, paper": stated_traps[place],
                "mean traps, ours (published rule)": traps["published_traps"],
                "mean traps, ours (calibrated)": traps["traps"],
            }
        )
    return pd.DataFrame(rows).set_index("paper's phase")


def differences(live: Checkpoint, recorded_one: Checkpoint) -> pd.DataFrame:
    """Every number of a checkpoint measured now beside the recorded one."""
    pairs = [(name, live[name], recorded_one[name]) for name in ("train_accuracy", "test_accuracy", "l2_norm")]
    for layer, row in recorded_one["layers"].items():
        pairs += [(f"{layer}: {key}", live["layers"][layer][key], value) for key, value in row.items()]
    table = pd.DataFrame(pairs, columns=["number", "now", "recorded"]).set_index("number").astype(float)
    return table.assign(difference=table.now - table.recorded)
