"""``spectral-widgets measure PATH``: every metric of every layer, as a table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..api import measure
from ..api_tables import save_table
from ..findings.tables import SUFFIXES
from ..records import Complaint, Interrupted
from .models import add_model, model_in
from .workers import add_workers, positive, workers_of
from .writing import say, table_text

NAME = "measure"
HELP = "measure the layers of a model and print or save the table"
#: Columns that fit on a screen; a file gets all of them.
SHOWN = ["kind", "shape", "alpha", "stable_rank", "spikes", "traps"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The model, what to measure, where to write, and who computes."""
    add_model(parser)
    parser.add_argument("--metrics", metavar="NAMES", help="names with commas between them, or all")
    parser.add_argument("--out", metavar="FILE", help="file of the table, such as table.csv or table.json")
    parser.add_argument("--seeds", type=positive, default=5, metavar="N", help="shuffles of each layer (5)")
    parser.add_argument("--level", type=float, default=0.01, help="false positives of the trap test (0.01)")
    parser.add_argument("--exact", action="store_true", help="compute every eigenvalue, however long it takes")
    parser.add_argument("--no-cache", action="store_true", help="compute everything again and keep nothing")
    add_workers(parser)


def run(parsed: argparse.Namespace) -> int:
    """Measure and write. What was found before an interrupt is written too."""
    if parsed.out is not None:
        _check_suffix(parsed.out)
    try:
        with workers_of(parsed) as executor:
            frame = measure(
                model_in(parsed),
                names_of(parsed.metrics),
                seeds=range(parsed.seeds),
                level=parsed.level,
                executor=executor,
                cache=not parsed.no_cache,
                exact=True if parsed.exact else None,
            )
    except Interrupted as stop:
        _write(stop.partial, parsed)
        raise
    _write(frame, parsed)
    return 0


def names_of(text: str | None) -> Any:
    """The metrics that were asked for; ``None`` for the usual ones."""
    if text is None or text == "all":
        return text
    return [name.strip() for name in text.split(",") if name.strip()]


def _check_suffix(out: str) -> None:
    """A table that cannot be written is refused before hours of work."""
    target = Path(out).expanduser()
    if target.suffix.lower() not in SUFFIXES:
        raise Complaint(f"{target.name}: a table has no format {target.suffix!r}; use {' or '.join(SUFFIXES)}.")
    if not target.parent.is_dir():
        raise Complaint(f"There is no folder {target.parent}: make it, or write elsewhere.")


def _write(frame: Any, parsed: argparse.Namespace) -> None:
    if parsed.out is not None:
        say(f"{len(frame)} layers in {save_table(frame, parsed.out)}")
        return
    chosen = names_of(parsed.metrics)
    say(table_text(frame, SHOWN if chosen in (None, "all") else ["kind", "shape", *chosen]))
