"""Altair, loaded when the first chart is drawn.

That takes seconds where Jupyter has installed all that ``jsonschema`` checks formats with, and numbers come first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt
else:

    class _Later:
        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, name: str) -> Any:
            return getattr(import_module(self._name), name)

    alt = _Later("altair")

__all__ = ["alt"]
