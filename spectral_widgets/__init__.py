"""Random matrix theory for neural-network weights, live in a notebook.

    import spectral_widgets as sw
    sw.explore(sw.digits_mlp())

Names load on first use, so that ``spectral_widgets.rmt`` alone needs neither torch nor a browser toolkit.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

#: When the package was loaded, in nanoseconds: source files that are younger may not be the code that runs.
LOADED_NS: int = globals().get("LOADED_NS", time.time_ns())

_HOMES = {
    "api_ablation": ("ablate", "ablate_together", "ablate_traps", "apply", "attribute", "dose_response"),
    "api_attention": ("attention_heads", "composition_components", "composition_scores"),
    "api_align": ("align",),
    "api_compare": ("compare", "difference_spectrum", "subspace_overlap"),
    "api_entries": ("entry_fits", "fit_weibull"),
    "api_labs": ("lab",),
    "api_measuring": ("measure_steps",),
    "api_large": ("estimate_spectrum", "streaming_top_vector"),
    "api_metrics": (
        "band_of",
        "effective_correlation_space",
        "erg_cut",
        "farms",
        "hill",
        "hill_plot",
        "tail_alternatives",
        "tail_bootstrap",
    ),
    "api_tables": ("save_table",),
    "api": (
        "explore",
        "find_traps",
        "fit_null",
        "fit_tail",
        "measure",
        "predict_traps",
        "spectrum",
    ),
    "api_report": ("report", "report_steps"),
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
    "findings": ("compare_reports", "load_report"),
    "store": ("cache",),
    "records": ("ChangeEntries", "Complaint", "Interrupted", "Probe", "RemoveTrap", "ScaleTrap", "SubtractMean"),
}
_ROOMS = {
    **{room: f".{room}" for room in ("charts", "labs", "metrics", "records", "rmt")},
    "probes": ".probing.probes",
    "prescribe": ".api_prescribe",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ChangeEntries",
    "Complaint",
    "Interrupted",
    "Model",
    "Probe",
    "RemoveTrap",
    "ScaleTrap",
    "SubtractMean",
    "ablate",
    "ablate_together",
    "ablate_traps",
    "align",
    "apply",
    "attention_heads",
    "attribute",
    "band_of",
    "cache",
    "charts",
    "compare",
    "compare_reports",
    "composition_components",
    "composition_scores",
    "difference_spectrum",
    "digits_mlp",
    "digits_series",
    "digits_test",
    "dose_response",
    "effective_correlation_space",
    "entry_fits",
    "entry_survival",
    "erg_cut",
    "estimate_spectrum",
    "explore",
    "farms",
    "find_traps",
    "find_traps_in_model",
    "fit_null",
    "fit_tail",
    "fit_weibull",
    "hill",
    "hill_plot",
    "lab",
    "labs",
    "load_report",
    "measure",
    "measure_steps",
    "metrics",
    "open_model",
    "predict_traps",
    "prescribe",
    "probes",
    "records",
    "reference_test",
    "report",
    "report_steps",
    "rmt",
    "save_table",
    "self_averaging",
    "shuffle_summary",
    "spectrum",
    "streaming_top_vector",
    "subspace_overlap",
    "tail_alternatives",
    "tail_bootstrap",
]

if TYPE_CHECKING:
    from . import api_prescribe as prescribe
    from . import charts, labs, metrics, records, rmt
    from .api import (
        explore,
        find_traps,
        fit_null,
        fit_tail,
        measure,
        predict_traps,
        spectrum,
    )
    from .api_ablation import ablate, ablate_together, ablate_traps, apply, attribute, dose_response
    from .api_align import align
    from .api_attention import attention_heads, composition_components, composition_scores
    from .api_compare import compare, difference_spectrum, subspace_overlap
    from .api_entries import entry_fits, fit_weibull
    from .api_labs import lab
    from .api_large import estimate_spectrum, streaming_top_vector
    from .api_measuring import measure_steps
    from .api_metrics import (
        band_of,
        effective_correlation_space,
        erg_cut,
        farms,
        hill,
        hill_plot,
        tail_alternatives,
        tail_bootstrap,
    )
    from .api_report import report, report_steps
    from .api_tables import save_table
    from .api_traps import (
        entry_survival,
        find_traps_in_model,
        reference_test,
        self_averaging,
        shuffle_summary,
    )
    from .findings import compare_reports, load_report
    from .probing import probes
    from .records import ChangeEntries, Complaint, Interrupted, Probe, RemoveTrap, ScaleTrap, SubtractMean
    from .store import cache
    from .weights.model import Model
    from .weights.opening import open_model
    from .weights.shipped import digits_mlp, digits_series, digits_test


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    elif name in _ROOMS:
        value = import_module(_ROOMS[name], __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
