"""What the questions about two models share."""

from __future__ import annotations

from typing import Any

from ..other import Other
from .settings import number, whole
from .study import Asked

HOW = "This compares two models: open the screen with sw.explore(model, compare=other)."
K = whole("k", "Directions", 0, 0, 500, "Leading directions whose subspaces are compared; 0 takes the spikes of this "
          "model's layer.")  # fmt: skip
TOP = whole("top", "Look for intruders in", 10, 1, 200, "Leading directions of the other model.")
THRESHOLD = number("threshold", "Intruder below", 0.5, 0.01, 1.0, "A direction is an intruder when its largest cosine "
                   "with any direction of this model's layer is below this.")  # fmt: skip
SETTINGS = (K, TOP, THRESHOLD)


def refuses(asked: Asked) -> str:
    """Why nothing can be compared; empty when it can."""
    if asked.other is None:
        return HOW
    return asked.other.why_not(asked.layer.name) if asked.layer is not None else ""


def other_in(asked: Asked) -> Other:
    """The second model; :func:`refuses` has made sure that there is one."""
    assert asked.other is not None
    return asked.other


def arguments(asked: Asked) -> dict[str, Any]:
    """``k``, ``top`` and ``threshold`` as the functions take them."""
    chosen = asked.settings
    return {"k": chosen["k"] or None, "top": chosen["top"], "threshold": chosen["threshold"]}


def said(asked: Asked) -> str:
    """The same as the arguments of a call."""
    return ", ".join(f"{key}={value!r}" for key, value in arguments(asked).items())
