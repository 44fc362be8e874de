"""Where the store lies on this machine, and how large it may become."""

from __future__ import annotations

import os
from numbers import Real
from pathlib import Path

import platformdirs

from ..records import Complaint

#: One gibibyte.
LIMIT_BYTES = 1 << 30
#: Another folder, ``off``, or ``on`` for the usual one.
VARIABLE = "SPECTRAL_WIDGETS_CACHE"
_OFF = ("off", "0", "no", "false")
_ON = ("", "on", "1", "yes", "true")


def _said() -> str:
    return os.environ.get(VARIABLE, "").strip()


def is_off_by_environment() -> bool:
    """Whether the environment says ``off``."""
    return _said().lower() in _OFF


def named_folder() -> Path | None:
    """The folder that the environment names, if it names one."""
    named = _said()
    return Path(named).expanduser() if named.lower() not in (*_ON, *_OFF) else None


def default_folder() -> Path:
    """The folder that the environment names, or the user's cache folder."""
    return named_folder() or platformdirs.user_cache_path("spectral_widgets", appauthor=False)


def checked_limit(limit: float) -> int:
    """The limit in bytes. Raises ``Complaint`` for what is no positive, finite number."""
    if isinstance(limit, bool) or not isinstance(limit, Real) or not 1 <= limit < 1 << 63:
        raise Complaint(
            f"limit_bytes is {limit!r}: give a positive number of bytes, such as {LIMIT_BYTES}; off() keeps nothing."
        )
    return int(limit)
