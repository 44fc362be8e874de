"""Which edits an ablation runs: the chosen one, its companions and its matched controls."""

from __future__ import annotations

from typing import Literal, get_args

from ..records import (
    AblationPlan,
    AddNoise,
    ChangeEntries,
    Complaint,
    Edit,
    MatchedControl,
    Probe,
    RemoveTrap,
    SubtractMean,
    Trap,
)

EditName = Literal["replace", "remove", "subtract_mean", "change_entries"]
EDIT_NAMES: tuple[EditName, ...] = get_args(EditName)
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
) -> AblationPlan:
    """Plan an edit with matched controls and, where a trap is known, with every other edit of it beside."""
    if isinstance(edit, MatchedControl):
        raise Complaint("A matched control is not an edit of its own: pass the edit that it belongs to.")
    if n_controls < 0 or probe.n < 1:
        raise Complaint("An ablation needs at least one probe and no negative number of controls.")
    trap = trap if trap is not None else getattr(edit, "trap", None)
    companions = _companions(trap, edit, seed) if trap is not None else ()
    controls = tuple(MatchedControl(edit, seed * 1000 + k) for k in range(n_controls))
    return AblationPlan(edit, companions, controls, probe, batch_size, label_of(edit))


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
    return "matched control"


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
    return ""


def _companions(trap: Trap, chosen: Edit, seed: int) -> tuple[tuple[str, Edit], ...]:
    names = [name for name in EDIT_NAMES if name != "change_entries" or trap.culprits]
    edits: list[Edit] = [edit_for(trap, name, seed) for name in names]
    edits.append(AddNoise(trap, seed))
    return tuple((label_of(edit), edit) for edit in edits if label_of(edit) != label_of(chosen))
