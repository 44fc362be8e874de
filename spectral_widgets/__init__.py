"""Random matrix theory for neural-network weights, live in a notebook.

    import spectral_widgets as sw
    sw.explore(sw.digits_mlp())

Names load on first use, so that ``spectral_widgets.rmt`` alone needs neither torch nor a browser toolkit.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "api_ablation": ("ablate", "ablate_together", "ablate_traps", "apply", "attribute", "dose_response"),
    "api": (
        "explore",
        "find_traps",
        "fit_null",
        "fit_tail",
        "measure",
        "predict_traps",
        "report",
        "spectrum",
    ),
    "api_traps": (
        "entry_survival",
        "find_traps_in_model",
        "reference_test",
        "self_averaging",
        "shuffle_summary",
    ),
    "weights.opening": ("open_model",),
    "weights.model": ("Model",),
    "weights.shipped": ("digits_mlp", "digits_series", "digits_test"),
    "findings": ("load_report",),
    "records": ("ChangeEntries", "Complaint", "Probe", "RemoveTrap", "ScaleTrap", "SubtractMean"),
}
_ROOMS = ("charts", "metrics", "records", "rmt")
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ChangeEntries",
    "Complaint",
    "Model",
    "Probe",
    "RemoveTrap",
    "ScaleTrap",
    "SubtractMean",
    "ablate",
    "ablate_together",
    "ablate_traps",
    "apply",
    "attribute",
    "charts",
    "digits_mlp",
    "digits_series",
    "digits_test",
    "dose_response",
    "entry_survival",
    "explore",
    "find_traps",
    "find_traps_in_model",
    "fit_null",
    "fit_tail",
    "load_report",
    "measure",
    "metrics",
    "open_model",
    "predict_traps",
    "probes",
    "records",
    "reference_test",
    "report",
    "rmt",
    "self_averaging",
    "shuffle_summary",
    "spectrum",
]

if TYPE_CHECKING:
    from . import charts, metrics, records, rmt
    from .api import (
        explore,
        find_traps,
        fit_null,
        fit_tail,
        measure,
        predict_traps,
        report,
        spectrum,
    )
    from .api_ablation import ablate, ablate_together, ablate_traps, apply, attribute, dose_response
    from .api_traps import (
        entry_survival,
        find_traps_in_model,
        reference_test,
        self_averaging,
        shuffle_summary,
    )
    from .findings import load_report
    from .probing import probes
    from .records import ChangeEntries, Complaint, Probe, RemoveTrap, ScaleTrap, SubtractMean
    from .weights.model import Model
    from .weights.opening import open_model
    from .weights.shipped import digits_mlp, digits_series, digits_test


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    elif name == "probes":
        value = import_module(".probing.probes", __name__)
    elif name in _ROOMS:
        value = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
