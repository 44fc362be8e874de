"""The arguments that name a model and the device that computes."""

from __future__ import annotations

import argparse
from typing import Any

from ..weights.model import Model
from ..weights.opening import open_model


def add_model(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """``PATH``, and ``--device``."""
    count: dict[str, Any] = {"nargs": "?"} if optional else {}
    parser.add_argument("path", metavar="PATH", help="file or folder of weights, or a Hugging Face id", **count)
    parser.add_argument("--device", metavar="NAME", help="where to compute, such as cuda or mps")


def model_in(parsed: argparse.Namespace) -> Model:
    """The model. Raises ``Complaint`` where there is none, and for a device that is not here."""
    model = open_model(parsed.path)
    return model if parsed.device is None else model.on(parsed.device)
