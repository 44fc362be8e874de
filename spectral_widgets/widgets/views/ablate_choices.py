"""The further choices of an ablation as fields of the page, each with what it means and what cannot be had."""

from __future__ import annotations

from typing import get_args

from ...probing.choosing import ProbeKind, why_not
from ...probing.plans import CONTROL_KINDS
from ...records import ControlKind, Probe, Stop
from ...weights.model import Model
from ..state import BenchState
from . import Json

_KEYS = ("controls", "probe_kind", "temperature", "stop", "smallest_effect")
_CONTROLS: dict[ControlKind, tuple[str, str]] = {
    "moved": ("the same change in other places", "The edit's own changes, each moved to a random place of the layer."),
    "same_magnitude": (
        "entries of the same magnitude",
        "Random entries of the same distance from the mean are changed, as much and in the same direction.",
    ),
    "rank_one": ("a random matrix of rank one", "A random direction of the same norm, spread over all of the layer."),
}
_STOPS: dict[Stop, tuple[str, str]] = {
    "all": ("all probes are run", "The number of probes is fixed, so plain 95 % intervals hold."),
    "decided": (
        "the verdict is clear",
        "Looks after every batch and stops as soon as the rule decides. The bound that allows looking is a "
        "normal-mixture t confidence sequence (Wang and Ramdas 2024), which holds at all numbers of probes at once.",
    ),
}


def ablate_fields(model: Model, given: Probe | None, state: BenchState) -> list[Json]:
    """Every field with its label, help and options; an option that cannot be had says why."""
    logits = model.outputs == "logits"
    what = "nats" if logits else "relative change"
    return [
        {"key": "controls", "kind": "several", "label": "Matched controls are", "enabled": True,
         "help": "Random edits of the same size that the edit has to beat. Several families take turns.",
         "options": [_option(name, *_CONTROLS[name]) for name in CONTROL_KINDS]},
        {"key": "probe_kind", "kind": "one", "label": "Inputs", "enabled": True,
         "help": "What is passed through both models. Data are used whole; of random inputs as many as Probes says.",
         "options": [_input(model, kind, given) for kind in _kinds(given)]},
        {"key": "stop", "kind": "one", "label": "Stop when", "enabled": True,
         "help": "Whether a run may end before all probes are in.",
         "options": [_option(name, *_STOPS[name]) for name in get_args(Stop)]},
        {"key": "smallest_effect", "kind": "number", "label": f"Smallest effect ({what})", "enabled": True,
         "help": "An excess over the controls below this counts as none. 0: any excess counts.",
         "min": 0, "max": 10, "step": 0.001},
        {"key": "temperature", "kind": "number", "label": "Temperature", "enabled": logits,
         "help": "Divides the logits: above 1 small probabilities count more." if logits
         else "Only for models with logits: this one is compared by its outputs.",
         "min": 0.01, "max": 100, "step": 0.1},
    ]  # fmt: skip


def n_changed(state: BenchState) -> int:
    """How many of these choices are not the usual ones, to be told while the fold is shut."""
    usual = BenchState()
    return sum(getattr(state, key) != getattr(usual, key) for key in _KEYS)


def _option(value: str, label: str, meaning: str, reason: str = "") -> Json:
    return {"value": value, "label": label, "help": reason or meaning, "enabled": not reason}


def _kinds(given: Probe | None) -> tuple[ProbeKind, ...]:
    """Random inputs are the default where nothing was given, so they are listed once."""
    return ("default", *(("random",) if given is not None else ()), "uniform", "permuted", "swapped", "labelled")


def _input(model: Model, kind: ProbeKind, given: Probe | None) -> Json:
    own = "your own inputs" if given is not None else "random inputs that fit"
    texts: dict[ProbeKind, tuple[str, str]] = {
        "default": (own, "As given to the screen." if given is not None else "Random inputs like those of training."),
        "random": ("random inputs that fit", "Random tokens, images or vectors instead of the inputs given."),
        "uniform": ("uniform numbers", "Uniform instead of Gaussian, of the same mean and deviation."),
        "permuted": ("data, entries shuffled", "Each input keeps its numbers; their order is random."),
        "swapped": ("data, entries swapped", "Every place keeps its numbers; which input has which is random."),
        "labelled": ("labelled test images", "Comes with the model: the verdict then says harmful or benign."),
    }
    return _option(kind, *texts[kind], reason=why_not(model, kind, given))
