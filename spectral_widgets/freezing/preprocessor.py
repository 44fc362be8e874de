"""Freezing on the way through nbconvert."""

from __future__ import annotations

from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import from_dict

from .notebook import freeze_notebook


class FreezeWidgets(Preprocessor):
    """Replaces live views by their still forms, so that a page needs no kernel, no saved state and no network.

    ``jupyter nbconvert --to html --HTMLExporter.preprocessors=spectral_widgets.freezing.FreezeWidgets NOTEBOOK``
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """The frozen notebook; the one that is given stays as it is."""
        return from_dict(freeze_notebook(nb).notebook), resources
