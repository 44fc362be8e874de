"""Notebook files in, notebook files out: views of widgets give way to the pictures and tables that go with them."""

from typing import Any

from .files import freeze_file
from .notebook import Frozen, freeze_notebook

__all__ = ["FreezeWidgets", "Frozen", "freeze_file", "freeze_notebook"]


def __getattr__(name: str) -> Any:
    """``FreezeWidgets`` needs nbconvert, which whoever asks for it has."""
    if name == "FreezeWidgets":
        from .preprocessor import FreezeWidgets

        return FreezeWidgets
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
