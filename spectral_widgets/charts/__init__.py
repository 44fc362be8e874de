"""Records in, Altair charts out. Pure: nothing is computed here but bins and curves to draw."""

from .alt_text import ablation_text, esd_text, neighbourhood_text
from .composition import composition, composition_text
from .divergence import comparison, divergence
from .erg import erg, erg_text
from .esd import esd, esd_rows, esd_spec
from .farms import farms, farms_windows
from .hill import hill, hill_text
from .neighbourhood import neighbourhood
from .pairs import change_over_depth, change_text, overlap, overlap_text, two_spectra, two_spectra_text
from .prescription import layer_choice, prescription, prescription_text
from .sketch import sketch
from .tail import tail
from .theme import picture, split
from .trap_harm import dose_response, trap_harm
from .weibull import weibull, weibull_text

__all__ = [
    "ablation_text",
    "change_over_depth",
    "change_text",
    "comparison",
    "composition",
    "composition_text",
    "divergence",
    "dose_response",
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
    "neighbourhood",
    "neighbourhood_text",
    "overlap",
    "overlap_text",
    "picture",
    "prescription",
    "prescription_text",
    "sketch",
    "split",
    "tail",
    "trap_harm",
    "two_spectra",
    "two_spectra_text",
    "weibull",
    "weibull_text",
]
