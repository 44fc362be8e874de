"""Whole numbers that users give."""

from __future__ import annotations

import numpy as np

from .complaint import Complaint


def whole_number(value: object, name: str, least: int = 0) -> int:
    """The number itself. Raises Complaint for what is no whole number from ``least`` on."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise Complaint(f"{name}={value!r} does not do: give a whole number from {least} on.")
    return int(value)
