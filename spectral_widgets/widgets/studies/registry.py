"""Every study by name, in the order of the screen; and the check of the two choices of the screen about them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from ...records import Complaint
from . import (
    aspect,
    averaging,
    correlation,
    dose,
    entries,
    entry_laws,
    finetuning,
    heads,
    keep_edit,
    layer_change,
    model_change,
    pruning,
    rates,
    references,
    removal,
    settled,
    tail_law,
    together,
    views,
    which_outputs,
    which_traps,
    whole_model,
)
from .settings import checked_settings
from .study import Study

#: In this order within each group of the screen.
_ALL: tuple[Study, ...] = (
    entries.STUDY,
    settled.STUDY,
    references.STUDY,
    views.STUDY,
    averaging.STUDY,
    which_traps.LAYER,
    together.STUDY,
    tail_law.STUDY,
    aspect.STUDY,
    correlation.STUDY,
    entry_laws.STUDY,
    layer_change.STUDY,
    removal.STUDY,
    dose.STUDY,
    which_outputs.STUDY,
    keep_edit.STUDY,
    whole_model.STUDY,
    which_traps.MODEL,
    model_change.STUDY,
    heads.STUDY,
    rates.LEARNING_RATE,
    rates.WEIGHT_DECAY,
    pruning.STUDY,
    finetuning.STUDY,
)
STUDIES: dict[str, Study] = {study.name: study for study in _ALL}


def study_named(name: Any) -> Study:
    """The study of this name. Raises ``Complaint`` for an unknown one."""
    if not isinstance(name, str) or name not in STUDIES:
        near = get_close_matches(str(name), STUDIES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(STUDIES)}."
        raise Complaint(f"There is no study {name!r}; {hint}")
    return STUDIES[name]


def checked_study(value: Any) -> str | None:
    """The chosen study."""
    return None if value is None else study_named(value).name


def checked_study_settings(value: Any) -> dict[str, dict[str, Any]]:
    """Settings by study; only those that differ from the defaults are kept."""
    if not isinstance(value, Mapping):
        raise Complaint(f"study_settings takes settings by study, such as dict(settled=dict(most=30)), not {value!r}.")
    checked = {name: checked_settings(study_named(name).settings, given, name) for name, given in value.items()}
    return {name: given for name, given in checked.items() if given}
