"""The views of a notebook made still. A notebook is its JSON: dicts, lists and texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .saved_state import VIEW, state_for

_DISPLAYS = ("display_data", "execute_result")


@dataclass(frozen=True, slots=True)
class Frozen:
    """A notebook without live views; ``kept`` counts the views that have nothing else to show and stay."""

    notebook: dict[str, Any]
    n_frozen: int
    n_kept: int
    is_changed: bool


def freeze_notebook(notebook: dict[str, Any]) -> Frozen:
    """Take the live view out of every output that has a still form too; the notebook that is given stays as it is.

    A still form is any MIME type beside the view and ``text/plain``: a picture, HTML, LaTeX. A view without one
    stays as it is, and so does the saved state that it needs. Freezing twice is freezing once.
    """
    cells = [_frozen_cell(cell) for cell in notebook.get("cells", [])]
    frozen = {**notebook, "cells": cells}
    kept = [data[VIEW] for data in _bundles(cells) if VIEW in data]
    frozen["metadata"] = _metadata(notebook.get("metadata", {}), kept)
    n_before = sum(VIEW in data for data in _bundles(notebook.get("cells", [])))
    return Frozen(frozen, n_before - len(kept), len(kept), frozen != notebook)


def _bundles(cells: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for cell in cells:
        yield from (output["data"] for output in cell.get("outputs", ()) if _is_display(output))


def _is_display(output: dict[str, Any]) -> bool:
    return output.get("output_type") in _DISPLAYS and isinstance(output.get("data"), dict)


def _frozen_cell(cell: dict[str, Any]) -> dict[str, Any]:
    if "outputs" not in cell:
        return cell
    return {**cell, "outputs": [_frozen_output(output) for output in cell["outputs"]]}


def _frozen_output(output: dict[str, Any]) -> dict[str, Any]:
    if not _is_display(output) or VIEW not in output["data"] or not has_still_form(output["data"]):
        return output
    still = {mime: content for mime, content in output["data"].items() if mime != VIEW}
    # What is said of one MIME type stands under its name.
    about = {key: value for key, value in output.get("metadata", {}).items() if key != VIEW}
    return {**output, "data": still, "metadata": about}


def has_still_form(data: dict[str, Any]) -> bool:
    """Whether a reader without widgets has more to look at than one line of text."""
    return any(mime not in (VIEW, "text/plain") and content for mime, content in data.items())


def _metadata(metadata: dict[str, Any], views: list[Any]) -> dict[str, Any]:
    if "widgets" not in metadata:
        return metadata
    rest = {key: value for key, value in metadata.items() if key != "widgets"}
    state = state_for(metadata["widgets"], views)
    return {**rest, "widgets": state} if state is not None else rest
