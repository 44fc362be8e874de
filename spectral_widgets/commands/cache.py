"""``spectral-widgets cache``: what is kept from earlier days, and letting it go."""

from __future__ import annotations

import argparse

from ..store import cache
from .writing import say

NAME = "cache"
HELP = "say how much is kept of earlier results and where; --clear lets it go"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to clear."""
    parser.add_argument("--clear", action="store_true", help="let everything go")


def run(parsed: argparse.Namespace) -> int:
    """Clear where asked to, and say what there is."""
    if parsed.clear:
        cache.clear()
    size = f"{cache.size_bytes / 1e6:.1f} of {cache.limit_bytes / 1e6:.0f} MB"
    if cache.is_on:
        say(f"{cache.n_records} results, {size}, in {cache.folder}")
    else:
        say(f"The cache is off, so nothing is kept or shown again. Its files in {cache.folder} take {size}.")
    if cache.caveat:
        say(cache.caveat)
    return 0
