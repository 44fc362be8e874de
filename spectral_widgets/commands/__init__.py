"""The command line: one file a command, each with ``NAME``, ``HELP``, ``add_arguments`` and ``run``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from ..records import Complaint
from .writing import plain_text

#: A command is a module of this folder; a new one is one more name.
COMMANDS = ("measure", "traps", "report", "cache", "freeze")
USAGE_ERROR, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 2 with one sentence of what is wrong, or 130 after an interrupt."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        return int(parsed.run(parsed))
    except Complaint as complaint:
        sys.stderr.write(f"spectral-widgets: {plain_text(str(complaint))}\n")
        return USAGE_ERROR
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("spectral-widgets: stopped.\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="spectral-widgets", description="Spectra and traps of a model's weights.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name in COMMANDS:
        command: ModuleType = import_module(f".{name}", __name__)
        own = commands.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return parser
