"""``spectral-widgets traps PATH``: the traps of all layers together, with the false-discovery rate under control."""

from __future__ import annotations

import argparse

from ..api_traps import find_traps_in_model
from ..records import Interrupted, LayerTraps, ModelScan
from .models import add_model, model_in
from .workers import add_workers, positive, workers_of
from .writing import say

NAME = "traps"
HELP = "shuffle the layers of a model and say which of them have traps"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model, how many shuffles, the rate, and who computes."""
    add_model(parser)
    parser.add_argument("--seeds", type=positive, default=5, metavar="N", help="shuffles of each layer (5)")
    parser.add_argument("--rate", type=float, default=0.01, help="false-discovery rate (0.01)")
    parser.add_argument("--level", type=float, default=0.01, help="false positives among the counted traps (0.01)")
    add_workers(parser)


def run(parsed: argparse.Namespace) -> int:
    """Scan and say. What was found before an interrupt is said too."""
    try:
        with workers_of(parsed) as executor:
            scan = find_traps_in_model(
                model_in(parsed), range(parsed.seeds), parsed.rate, level=parsed.level, executor=executor
            )
    except Interrupted as stop:
        _say(stop.partial)
        raise
    _say(scan)
    return 0


def _say(scan: ModelScan) -> None:
    for one in scan.layers:
        say(f"{one.layer.name}: {_words(one)}".replace("\n", "\\n"))
    say(scan.sentence)


def _words(one: LayerTraps) -> str:
    if one.scan is None:
        return one.caveat
    counts = f"{one.scan.median_count:g} traps in the median shuffle" if one.scan.counts else "not counted"
    return f"{counts}, q = {one.q_value:.3g}" + (f" ({one.caveat})" if one.caveat else "")
