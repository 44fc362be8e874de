"""Measure the checkpoints of the trainings and write ``summary.json``.

Run ``python -m reproduction.summarise --runs FOLDER`` in ``notebooks/``, where FOLDER holds the trainings' own
folders, named ``mnist_paper``, ``mnist_variant`` and ``modular_addition``.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors import safe_open

from . import train_modular_addition as addition
from .measuring import SHUFFLES, Accuracies, State, addition_accuracies, measured, mnist_accuracies
from .mnist import load_mnist
from .train_mnist import BATCH_SIZE, INITIAL_SCALE, SETTINGS
from .train_modular_addition import load_pairs

SUMMARY = Path(__file__).parent / "summary.json"


def mnist_run(name: str) -> tuple[dict[str, Any], Accuracies]:
    """Setting of a run on MNIST and what measures its accuracy."""
    setting = {**asdict(SETTINGS[name]), "weight_decay": 0.0, "batch_size": BATCH_SIZE, "initial_scale": INITIAL_SCALE}
    return setting, partial(mnist_accuracies, data=load_mnist())


def addition_run() -> tuple[dict[str, Any], Accuracies]:
    """Setting of the run on modular addition and what measures its accuracy."""
    setting = {
        "learning_rate": addition.LEARNING_RATE,
        "precision": "float32",
        "seed": 0,
        "weight_decay": addition.WEIGHT_DECAY,
        "betas": list(addition.BETAS),
        "train_part": addition.TRAIN_PART,
    }
    return setting, partial(addition_accuracies, pairs=load_pairs())


RUNS: dict[str, Callable[[], tuple[dict[str, Any], Accuracies]]] = {
    "mnist_paper": partial(mnist_run, "paper"),
    "mnist_variant": partial(mnist_run, "variant"),
    "modular_addition": addition_run,
}


def read_checkpoint(path: Path) -> tuple[dict[str, Any], State]:
    """Step and CPU minutes of a checkpoint, and its arrays."""
    with safe_open(path, framework="numpy") as file:
        return json.loads(file.metadata()["times"]), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


def summary_of(folder: Path) -> dict[str, Any]:
    """Everything that ``summary.json`` says, of all checkpoints below ``folder``."""
    return {
        "versions": {"python": platform.python_version()} | {name: version(name) for name in ("numpy", "torch")},
        "threads": 1,
        "shuffles": len(SHUFFLES),
        "runs": {name: run_of(folder / name, *make()) for name, make in RUNS.items()},
    }


def run_of(folder: Path, setting: dict[str, Any], accuracies: Accuracies) -> dict[str, Any]:
    """One training: setting, length, time, and its checkpoints in order of steps."""
    checkpoints = []
    for path in sorted(folder.glob("step_*.safetensors")):
        times, state = read_checkpoint(path)
        checkpoints.append({**times, **measured(state, accuracies)})
    last = checkpoints[-1]
    return {
        "setting": setting,
        "steps": last["step"],
        "cpu_minutes": last["cpu_minutes"],
        "checkpoints": checkpoints,
    }


def as_text(summary: dict[str, Any]) -> str:
    """JSON with one line per checkpoint, so that a difference between two summaries can be read."""
    heads = {name: {**run, "checkpoints": f"<{name}>"} for name, run in summary["runs"].items()}
    text = json.dumps({**summary, "runs": heads}, indent=1, allow_nan=False)
    for name, run in summary["runs"].items():
        lines = (json.dumps(one, allow_nan=False) for one in run["checkpoints"])
        text = text.replace(f'"<{name}>"', "[\n" + ",\n".join(lines) + "]")
    return text + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=SUMMARY)
    options = parser.parse_args()
    options.out.write_text(as_text(summary_of(options.runs)), encoding="utf-8")


if __name__ == "__main__":
    main()
