"""What the studies that run the model do alike: the choices that the Ablate panel holds, also as code."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...probing.ablation import batch_size_for
from ...probing.plans import CONTROL_KINDS
from ...records import AblationResult, Probe
from .. import text
from ..views import Json, fact
from .study import Asked

#: The choices of the Ablate panel that an answer depends on: inputs alone, and inputs with controls.
INPUTS = ("n_probes", "probe_seed", "probe_kind", "temperature")
RUNS = (*INPUTS, "n_controls", "controls", "stop", "smallest_effect")
INPUTS_THERE = "The inputs are those chosen in the Ablate panel."
CHOSEN_THERE = "Inputs, controls and the rule for stopping are those chosen in the Ablate panel."
EDITS = {"remove": "plain removal", "replace": "replace by random"}


def runs(asked: Asked) -> str:
    """Why the model cannot be run; empty when it can."""
    return asked.missing


def gives_scores(asked: Asked) -> str:
    """Why there are no class scores to compare; empty when there are."""
    if asked.missing or asked.model.outputs == "logits":
        return asked.missing
    return "Only models that give scores for classes or tokens can be asked: this one gives features."


def settings_of(asked: Asked, probe: Probe) -> dict[str, Any]:
    """The settings of the runs, as the plans take them."""
    state = asked.state
    return {
        "n_controls": state.n_controls,
        "seed": state.probe_seed,
        "controls": state.controls,
        "stop": state.stop,
        "smallest_effect": state.smallest_effect,
        "batch_size": batch_size_for(probe, asked.model.outputs),
    }


def runs_code(asked: Asked) -> str:
    """The same settings as arguments in code; what is usual is left out."""
    state = asked.state
    said = f"n_controls={state.n_controls}, seed={state.probe_seed}"
    if state.controls != CONTROL_KINDS[:1]:
        said += f", controls={state.controls!r}"
    if state.stop != "all":
        said += f", stop={state.stop!r}"
    return said if not state.smallest_effect else f"{said}, smallest_effect={state.smallest_effect!r}"


def probe_line(asked: Asked) -> str:
    """The line that makes the inputs."""
    from ..recipe import probe_code  # the recipes read the state, which reads the studies

    return f"probe = {probe_code(asked.probe())}"


def rows_of_frame(frame: pd.DataFrame) -> list[Json]:
    """The rows of a frame by column name."""
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def input_fact(asked: Asked) -> Json:
    """Which inputs the answer rests on."""
    return fact("inputs", asked.probe().description, INPUTS_THERE)


def interval(low: float, high: float) -> str:
    """An interval for a table."""
    return f"{text.number(low)} to {text.number(high)}"


def unit_of(measure: str) -> str:
    """What follows a number of this measure."""
    return " nats" if measure == "divergence_nats" else ""


def floor_of(result: AblationResult) -> float:
    """The strongest matched control."""
    return max((float(track.mean[-1]) for track in result.controls), default=float("nan"))
