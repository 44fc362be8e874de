"""Records in, Altair charts out. Pure: nothing is computed here but bins and curves to draw."""

from .alt_text import ablation_text, esd_text, neighbourhood_text
from .divergence import comparison, divergence
from .esd import esd, esd_rows, esd_spec
from .neighbourhood import neighbourhood
from .sketch import sketch
from .tail import tail
from .theme import picture, split
from .trap_harm import dose_response, trap_harm

__all__ = [
    "ablation_text",
    "comparison",
    "divergence",
    "dose_response",
    "esd",
    "esd_rows",
    "esd_spec",
    "esd_text",
    "neighbourhood",
    "neighbourhood_text",
    "picture",
    "sketch",
    "split",
    "tail",
    "trap_harm",
]
