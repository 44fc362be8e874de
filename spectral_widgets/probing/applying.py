"""Edits for good, in a new model and on request in a file; the given one stays as it is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

from ..records import Complaint, Edit, MatchedControl, Together
from ..spectra.edits import change_of
from ..weights.live import open_module
from ..weights.model import Model
from ..weights.saving import save_tensors
from ..weights.state_dicts import store_of_tensors
from ..weights.store import Store
from ..weights.values import fold_into
from .plans import check_together, sentence_of
from .tensors import layers_of, names_of


def applied(model: Model, edits: Edit | Iterable[Edit]) -> Model:
    """A new model with the edits in its tensors, in their own precision; it runs if the given one does.

    All edits refer to the model as given and add up. Raises ``Complaint`` for edits that overlap and for
    layers that are computed by a parametrisation.
    """
    whole = together(edits)
    tensors = _edited_parameters(model, whole)
    title = f"{model.name}, edited"
    if model.module is None:
        store = model.store
        return replace(model, name=title, store=_with_tensors(store, tensors))
    module = copy.deepcopy(model.module)
    for name, tensor in tensors.items():
        for alias in names_of(model, name):
            _write(module, alias, tensor)
    return replace(model, name=title, store=open_module(module), module=module)


def together(edits: Edit | Iterable[Edit]) -> Edit:
    """One edit that makes all of them. Raises ``Complaint`` for none, and for those that overlap."""
    parts = [edits] if not isinstance(edits, Iterable) else list(edits)
    flat = [single for part in parts for single in parts_of(part)]
    if len(flat) == 1:
        return flat[0]
    if any(isinstance(part, MatchedControl) for part in flat):
        raise Complaint("A matched control stands alone: it cannot be combined with other edits.")
    whole = Together(tuple(flat))  # type: ignore[arg-type]
    check_together(whole)
    return whole


def saved(model: Model, edits: Edit | Iterable[Edit], original: Model, path: str | Path) -> Path:
    """Write all tensors of the edited model as safetensors; its metadata says what was done, to what.

    Raises ``Complaint``
    when the file exists.
    """
    target = Path(path).expanduser()
    if target.exists():
        raise Complaint(f"{target} exists already: give a new name, nothing was written.")
    whole = together(edits)
    store = model.store
    metadata = {
        "made_by": "spectral_widgets",
        "original": original.name,
        "original_fingerprint": original.fingerprint(),
        "edits": json.dumps([sentence_of(part) for part in parts_of(whole)], ensure_ascii=False),
        "layers": json.dumps([layer.name for layer in layers_of(whole)], ensure_ascii=False),
    }
    save_tensors(store, target, metadata)
    return target


def parts_of(edit: Edit) -> tuple[Edit, ...]:
    """The single edits that a combined one is made of."""
    return edit.edits if isinstance(edit, Together) else (edit,)


def _edited_parameters(model: Model, edit: Edit) -> dict[str, Tensor]:
    """Every parameter that the edit changes, with its own dtype; cells outside of the edited blocks as they are."""
    found: dict[str, Tensor] = {}
    for layer in layers_of(edit):
        matrix, name = model.read(layer.name), model.ref(layer.name).parameter
        if not model.is_stored(name):
            raise Complaint(f"{name} is made of several tensors: merge them into one first, then edit it.")
        whole = found.get(name, model.tensor(name))
        values = matrix.values.astype(np.float64) + change_of(edit, matrix)
        found[name] = fold_into(matrix.unfolding, whole, values)
    return found


def _with_tensors(store: Store, tensors: dict[str, Tensor]) -> Store:
    fresh = store_of_tensors(tensors)
    return replace(store, read=lambda name: fresh.read(name) if name in tensors else store.read(name))


def _write(module: nn.Module, name: str, tensor: Tensor) -> None:
    path, _, leaf = name.rpartition(".")
    owner = module.get_submodule(path)
    if parametrize.is_parametrized(owner, leaf) or leaf not in owner._parameters:
        raise Complaint(
            f"{name} is computed by a parametrisation: take that off first, with "
            "torch.nn.utils.parametrize.remove_parametrizations."
        )
    target = owner._parameters[leaf]
    assert target is not None
    with torch.no_grad():
        target.copy_(tensor)
