"""What several studies do alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ...records import Trap, TrapScan, View, WeightMatrix
from ...spectra.traps import find_traps_steps
from ...spectra.views import viewed
from .study import Asked, layer_of, trap_of

if TYPE_CHECKING:
    from ..state import BenchState

VIEW_WORDS: Mapping[View, str] = {
    "raw": "as stored",
    "centred": "less the mean",
    "double_centred": "less row and column means",
}


def screen_scan_steps(asked: Asked) -> Iterator[TrapScan]:
    """The scan that the screen shows: at once when it is complete, else one step per shuffle."""
    state = asked.state
    if asked.scan is not None and len(asked.scan.seeds) == state.n_shuffles:
        yield asked.scan
        return
    yield from find_traps_steps(asked.matrix(), state.seeds, state.level, state.engine, view=state.view)


def scan_call(state: BenchState, source: str = "layer", seeds: str = "", more: str = "") -> str:
    """The call that scans a layer as the screen does."""
    seeds = seeds or f"range({state.seed}, {state.seed + state.n_shuffles})"
    view = "" if state.view == "raw" else f", view={state.view!r}"
    return f"sw.find_traps({source}, seeds={seeds}, level={state.level}, engine={state.engine!r}{view}{more})"


def trap_lines(asked: Asked) -> tuple[str, str]:
    """Code that finds the chosen trap again, after the layer."""
    trap = trap_of(asked)
    return f"scan = {scan_call(asked.state)}", f"trap = scan.of_seed({trap.seed})[{trap.index}]"


def layer_name(asked: Asked) -> str:
    """Name of the chosen layer."""
    return layer_of(asked).name


def trap_name(trap: Trap) -> str:
    """How a trap is called in a sentence."""
    return f"trap {trap.index + 1} of {trap.layer.name} (seed {trap.seed})"


def matrix_of_view(asked: Asked) -> WeightMatrix:
    """The chosen layer less what the view of the screen subtracts."""
    return viewed(asked.matrix(), asked.state.view)


def view_lines(asked: Asked) -> tuple[list[str], str]:
    """Code for the matrix of the view, and its name; the layer itself where nothing is subtracted."""
    if asked.state.view == "raw":
        return [], "layer"
    start = "from spectral_widgets.spectra.views import viewed"
    return [start, f"matrix = viewed(layer.read(), {asked.state.view!r})"], "matrix"


def in_view(asked: Asked) -> str:
    """Name of the chosen layer, with what was subtracted from it."""
    words = "" if asked.state.view == "raw" else f" ({VIEW_WORDS[asked.state.view]})"
    return layer_name(asked) + words


def shown_seed(asked: Asked, scan: TrapScan) -> int:
    """The shuffle that the screen shows: the chosen one, else the first."""
    chosen = asked.state.shuffle
    return chosen if chosen is not None and chosen in scan.seeds else scan.seeds[0]
