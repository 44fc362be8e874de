"""Records in, Altair charts out. Pure: nothing is computed here but bins and curves to draw."""

from .alt_text import ablation_text, esd_text, neighbourhood_text
from .averaging import self_averaging, self_averaging_text
from .composition import composition, composition_text
from .divergence import comparison, divergence
from .entry_survival import entry_survival, entry_survival_text
from .erg import erg, erg_text
from .esd import esd, esd_rows, esd_spec
from .estimated import stand_in
from .farms import farms, farms_windows
from .hill import hill, hill_text
from .metric_chart import metric_chart, metric_spec
from .metric_rows import ChartAxis, metric_datasets
from .metric_text import metric_text
from .model_traps import model_traps, model_traps_text
from .moved_outputs import moved_outputs
from .neighbourhood import neighbourhood
from .pair_bars import change_by_layer, change_by_layer_text
from .pairs import change_over_depth, change_text, overlap, overlap_text, two_spectra, two_spectra_text
from .prescription import layer_choice, prescription, prescription_text
from .references import REFERENCE_TITLES, reference_maxima, reference_maxima_text
from .saving import save
from .shuffle_spread import trap_spread, trap_spread_text, trap_strips, trap_strips_text
from .sketch import sketch
from .tail import tail
from .theme import picture, split
from .trap_harm import dose_response, trap_harm
from .weibull import weibull, weibull_text

__all__ = [
    "REFERENCE_TITLES",
    "ChartAxis",
    "ablation_text",
    "change_by_layer",
    "change_by_layer_text",
    "change_over_depth",
    "change_text",
    "comparison",
    "composition",
    "composition_text",
    "divergence",
    "dose_response",
    "entry_survival",
    "entry_survival_text",
    "erg",
    "erg_text",
    "esd",
    "esd_rows",
    "esd_spec",
    "esd_text",
    "farms",
    "farms_windows",
    "hill",
    "hill_text",
    "layer_choice",
    "metric_chart",
    "metric_datasets",
    "metric_spec",
    "metric_text",
    "model_traps",
    "model_traps_text",
    "moved_outputs",
    "neighbourhood",
    "neighbourhood_text",
    "overlap",
    "overlap_text",
    "picture",
    "prescription",
    "prescription_text",
    "reference_maxima",
    "reference_maxima_text",
    "save",
    "self_averaging",
    "self_averaging_text",
    "sketch",
    "split",
    "stand_in",
    "tail",
    "trap_harm",
    "trap_spread",
    "trap_spread_text",
    "trap_strips",
    "trap_strips_text",
    "two_spectra",
    "two_spectra_text",
    "weibull",
    "weibull_text",
]
