"""``spectral-widgets freeze NOTEBOOK``: a notebook that still speaks where there is no kernel."""

from __future__ import annotations

import argparse

from ..freezing import Frozen, freeze_file
from ..records import Complaint
from .writing import say

NAME = "freeze"
HELP = "replace the widget views of notebooks by the pictures and tables that go with them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which notebooks, and where to write."""
    parser.add_argument("notebooks", metavar="NOTEBOOK", nargs="+", help="notebook file; it is changed in place")
    parser.add_argument("--out", metavar="FILE", help="write here and leave the notebook as it is")


def run(parsed: argparse.Namespace) -> int:
    """Freeze one after the other and say what became of each."""
    if parsed.out is not None and len(parsed.notebooks) > 1:
        raise Complaint("--out takes one notebook: freeze them one at a time, or in place.")
    for path in parsed.notebooks:
        say(f"{parsed.out or path}: {_words(freeze_file(path, parsed.out))}")
    return 0


def _words(frozen: Frozen) -> str:
    words = f"{frozen.n_frozen} view{'s' * (frozen.n_frozen != 1)} frozen"
    if frozen.n_kept:
        words += f", {frozen.n_kept} left that {'has' if frozen.n_kept == 1 else 'have'} no still form"
    return words + "."
