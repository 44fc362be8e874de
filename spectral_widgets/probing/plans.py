"""Which edits an ablation runs: the chosen one, its companions and its matched controls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from ..records import (
    AblationPlan,
    AddNoise,
    ChangeEntries,
    Complaint,
    ControlKind,
    Edit,
    MatchedControl,
    Probe,
    RemoveTrap,
    ScaleTrap,
    Stop,
    SubtractMean,
    Together,
    Trap,
    whole_number,
)

EditName = Literal["replace", "remove", "subtract_mean", "change_entries"]
EDIT_NAMES: tuple[EditName, ...] = get_args(EditName)
CONTROL_KINDS: tuple[ControlKind, ...] = get_args(ControlKind)
N_CONTROLS = 19


def edit_for(trap: Trap, name: EditName, seed: int = 0) -> Edit:
    """The edit of a trap that a name on the screen stands for."""
    if name == "replace":
        return RemoveTrap(trap, "random", seed)
    if name == "remove":
        return RemoveTrap(trap, "zero")
    if name == "subtract_mean":
        return SubtractMean(trap.layer)
    if name == "change_entries":
        if not trap.culprits:
            raise Complaint("No single entries cause this trap, so there are none to change: choose another edit.")
        return ChangeEntries(trap.layer, trap.culprits)
    raise Complaint(f"There is no edit {name!r}: choose one of {', '.join(EDIT_NAMES)}.")


def plan_for(
    edit: Edit,
    probe: Probe,
    *,
    trap: Trap | None = None,
    n_controls: int = N_CONTROLS,
    seed: int = 0,
    batch_size: int = 16,
    companions: bool = True,
    controls: ControlKind | Sequence[ControlKind] = "moved",
    stop: Stop = "all",
    smallest_effect: float = 0.0,
) -> AblationPlan:
    """Plan an edit with matched controls and, where a trap is known, with every other edit of it beside.

    ``controls`` names the family of the controls, or several that take turns.
    """
    if isinstance(edit, MatchedControl):
        raise Complaint("A matched control is not an edit of its own: pass the edit that it belongs to.")
    n_controls, seed = whole_number(n_controls, "n_controls"), whole_number(seed, "seed")
    if probe.n < 1:
        raise Complaint("An ablation needs at least one input: the probe has none.")
    if stop not in get_args(Stop) or not smallest_effect >= 0:
        raise Complaint(
            f"stop is {stop!r} and smallest_effect {smallest_effect}: choose “all” or “decided”, and 0 or more."
        )
    check_together(edit)
    trap = trap if trap is not None else getattr(edit, "trap", None)
    beside = _companions(trap, edit, seed) if trap is not None and companions else ()
    kinds = _kinds(controls)
    matched = tuple(MatchedControl(edit, seed * 1000 + k, kinds[k % len(kinds)]) for k in range(n_controls))
    return AblationPlan(edit, beside, matched, probe, batch_size, label_of(edit), stop, smallest_effect)


def _kinds(controls: ControlKind | Sequence[ControlKind]) -> tuple[ControlKind, ...]:
    kinds = (controls,) if isinstance(controls, str) else tuple(controls)
    if not kinds or not set(kinds) <= set(CONTROL_KINDS):
        raise Complaint(f"There are no controls {controls!r}: choose among {', '.join(CONTROL_KINDS)}.")
    return kinds


def check_together(edit: Edit) -> None:
    """Several edits of one layer add up only if they take different traps of one shuffle."""
    if not isinstance(edit, Together):
        return
    if not edit.edits:
        raise Complaint("There is nothing to edit: give at least one edit.")
    for layer in edit.layers:
        parts = [part for part in edit.edits if part.layer.name == layer.name]
        traps = [part.trap for part in parts if isinstance(part, RemoveTrap | ScaleTrap)]
        one_shuffle = len({trap.seed for trap in traps}) == 1 and len({trap.index for trap in traps}) == len(parts)
        if len(parts) > 1 and not one_shuffle:
            raise Complaint(
                f"The edits of {layer.name} overlap: together go different traps of one shuffle; the same trap "
                "in two shuffles would be taken out twice."
            )


def label_of(edit: Edit) -> str:
    """Short name of an edit for legends and tables."""
    if isinstance(edit, RemoveTrap):
        return "replace by random" if edit.replacement == "random" else "plain removal"
    if isinstance(edit, AddNoise):
        return "noise only"
    if isinstance(edit, SubtractMean):
        return "subtract the mean"
    if isinstance(edit, ChangeEntries):
        return f"change {len(edit.entries)} named " + ("entry" if len(edit.entries) == 1 else "entries")
    if isinstance(edit, ScaleTrap):
        return f"trap × {edit.factor:g}"
    if isinstance(edit, Together):
        return f"{len(edit.edits)} edits together"
    return _CONTROL_LABELS[edit.kind]


_CONTROL_LABELS: dict[ControlKind, str] = {
    "moved": "matched control",
    "same_magnitude": "control of the same magnitudes",
    "rank_one": "control of rank one",
}


def sentence_of(edit: Edit) -> str:
    """Which edit was made, in one sentence for the screen."""
    name = edit.layer.name
    if isinstance(edit, RemoveTrap):
        start = (
            f"The component of trap {edit.trap.index + 1} (shuffle seed {edit.trap.seed}, "
            f"λ = {edit.trap.eigenvalue:.4g}) is taken out of {name} in the layer's own order"
        )
        if edit.replacement == "zero":
            return f"{start}; nothing is put in its place."
        return f"{start} and a Gaussian matrix of the same mean and standard deviation is put in its place."
    if isinstance(edit, SubtractMean):
        return f"The mean entry of {name} is subtracted from every entry."
    if isinstance(edit, ChangeEntries):
        places = ", ".join(f"({entry.row}, {entry.column})" for entry in edit.entries)
        return f"In {name} the entries {places} are set to the layer's mean."
    if isinstance(edit, ScaleTrap):
        return (
            f"The component of trap {edit.trap.index + 1} (shuffle seed {edit.trap.seed}, "
            f"λ = {edit.trap.eigenvalue:.4g}) of {name} is multiplied by {edit.factor:g}."
        )
    if isinstance(edit, Together):
        return " ".join(sentence_of(part) for part in edit.edits)
    if isinstance(edit, AddNoise):
        return f"Zero-mean noise of the replacement's size is added to {name}; the trap stays in."
    return f"A random edit of {name} of the same size and make, elsewhere in the layer."


def caveat_of(edit: Edit) -> str:
    """What this edit cannot show."""
    if isinstance(edit, RemoveTrap) and edit.replacement == "random" and edit.trap.cause == "mean":
        return (
            "This trap is a mean offset, and a replacement of matched moments puts the mean back: "
            "judge it by plain removal or by subtracting the mean."
        )
    if isinstance(edit, Together):
        return " ".join(dict.fromkeys(filter(None, map(caveat_of, edit.edits))))
    return ""


def _companions(trap: Trap, chosen: Edit, seed: int) -> tuple[tuple[str, Edit], ...]:
    names = [name for name in EDIT_NAMES if name != "change_entries" or trap.culprits]
    edits: list[Edit] = [edit_for(trap, name, seed) for name in names]
    edits.append(AddNoise(trap, seed))
    return tuple((label_of(edit), edit) for edit in edits if label_of(edit) != label_of(chosen))
