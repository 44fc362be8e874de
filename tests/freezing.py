"""Notebooks with views of widgets in them, as JSON."""

from __future__ import annotations

import copy
from typing import Any

from spectral_widgets.freezing.saved_state import STATE, VIEW


def view(model: str) -> dict[str, object]:
    return {"version_major": 2, "version_minor": 0, "model_id": model}


def display(kind: str = "display_data", **data: object) -> dict[str, object]:
    more = {"execution_count": 1} if kind == "execute_result" else {}
    return {"output_type": kind, "data": data, "metadata": {}, **more}


def model(**state: object) -> dict[str, object]:
    return {"model_name": "AnyModel", "model_module": "anywidget", "model_module_version": "1", "state": state}


def notebook(*outputs: dict[str, object], widgets: object = None) -> dict[str, object]:
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "one",
        "metadata": {},
        "source": "1",
        "outputs": list(outputs),
    }
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    if widgets is not None:
        metadata["widgets"] = widgets
    return copy.deepcopy({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]})


def saved(models: dict[str, object]) -> dict[str, object]:
    return {STATE: {"version_major": 2, "version_minor": 0, "state": models}}


def data_of(made: dict[str, Any]) -> list[dict[str, Any]]:
    return [output.get("data", output) for cell in made["cells"] for output in cell.get("outputs", [])]


OURS = display(**{VIEW: view("ours"), "text/plain": "Lab 3", "text/html": "<p>Lab 3</p>", "image/png": "aGk="})
THEIRS = display(**{VIEW: view("box"), "text/plain": "HBox()"})
TEXT = {"output_type": "stream", "name": "stdout", "text": "said\n"}
MODELS = {
    "ours": model(_esm="…"),
    "box": model(children=["IPY_MODEL_slider"]),
    "slider": model(layout="IPY_MODEL_lay"),
    "lay": model(),
}
