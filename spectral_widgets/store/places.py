"""Where the store lies on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

#: Another folder, or ``off``.
VARIABLE = "SPECTRAL_WIDGETS_CACHE"
_OFF = ("off", "0", "no", "false")


def is_off_by_environment() -> bool:
    """Whether the environment says ``off``."""
    return os.environ.get(VARIABLE, "").strip().lower() in _OFF


def default_folder() -> Path:
    """The folder that the environment names, or the user's cache folder."""
    named = os.environ.get(VARIABLE, "").strip()
    if named and not is_off_by_environment():
        return Path(named).expanduser()
    return platformdirs.user_cache_path("spectral_widgets", appauthor=False)
