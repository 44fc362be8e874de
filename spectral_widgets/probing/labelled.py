"""All edits of a plan in the order in which they run, with the names that they have in tables and legends."""

from __future__ import annotations

from dataclasses import dataclass

from ..records import AblationPlan, Edit
from .plans import label_of


@dataclass(frozen=True, slots=True)
class Labelled:
    """An edit and its name."""

    label: str
    edit: Edit


def labelled_edits(plan: AblationPlan) -> list[Labelled]:
    """The chosen edit first, then its companions, then the controls."""
    return [
        Labelled(plan.label, plan.edit),
        *(Labelled(label, edit) for label, edit in plan.companions),
        *(Labelled(f"{label_of(edit)} {k + 1}", edit) for k, edit in enumerate(plan.controls)),
    ]
