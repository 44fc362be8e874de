"""Edits for good, in a new model and on request in a file; the given one stays as it is."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..records import Complaint, Edit, MatchedControl, Together
from ..spectra.edits import change_of
from ..weights.live import open_module
from ..weights.model import Model
from ..weights.saving import metadata_of, save_tensors
from ..weights.state_dicts import store_of_tensors
from ..weights.store import Store
from ..weights.values import fold_into
from .folding import ROUNDED, parts_in_file, write
from .plans import check_together, sentence_of
from .tensors import layers_of, names_of
from .twin import made_by_hooks


def applied(model: Model, edits: Edit | Iterable[Edit]) -> Model:
    """A new model with the edits in its tensors, in their own precision; it runs if the given one does.

    All edits refer to the model as given and add up. A computed weight goes back into what makes it, see
    :func:`folding.write`, and the new model's name says so; integers with scales take the nearest levels, and
    ``caveats`` say how far from the exact edit they lie. Raises ``Complaint`` for edits that overlap, and where
    integers with scales would be cut off.
    """
    whole = together(edits)
    tensors = _edited_parameters(model, whole)
    title = f"{model.name}, edited"
    if model.module is None:
        store, done = _with_tensors(model, tensors)
        return replace(model, store=store, **_said(title, done))
    made = {id(weight): weight.detach() for weight in made_by_hooks(model.module)}
    module: nn.Module = copy.deepcopy(model.module, made)
    done = []
    for name, tensor in tensors.items():
        done += [write(module, alias, tensor) for alias in names_of(model, name)]
    return replace(model, store=open_module(module), module=module, **_said(title, done))


def _said(title: str, done: list[str]) -> dict[str, Any]:
    """Name and caveats of a model in which this was done."""
    caveats = tuple(words for words in done if ROUNDED in words)
    return {"name": "; ".join([title, *filter(None, done)]), "caveats": caveats}


def together(edits: Edit | Iterable[Edit]) -> Edit:
    """One edit that makes all of them. Raises ``Complaint`` for none, and for those that overlap."""
    parts = [edits] if not isinstance(edits, Iterable) else list(edits)
    for part in parts:
        if not isinstance(part, Edit):
            raise Complaint(f"A {type(part).__name__} is no edit: give one such as sw.RemoveTrap(trap).")
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

    Raises ``Complaint`` when the file exists.
    """
    target = Path(path).expanduser()
    if target.exists():
        raise Complaint(f"{target} exists already: give a new name, nothing was written.")
    save_tensors(model.store, target, _metadata(edits, original) | _told_by(model))
    return target


def _told_by(model: Model) -> dict[str, str]:
    return {"name": model.name, "caveats": json.dumps(model.caveats, ensure_ascii=False)}


def saved_once(model: Model, edits: Edit | Iterable[Edit], original: Model, path: Path) -> Path:
    """Like :func:`saved`, but a file that says it is the same edit of the same model is left as it is."""
    wanted = _metadata(edits, original)
    if path.exists() and wanted.items() <= metadata_of(path).items():
        return path
    return saved(model, edits, original, path)


def _metadata(edits: Edit | Iterable[Edit], original: Model) -> dict[str, str]:
    whole = together(edits)
    return {
        "made_by": "spectral_widgets",
        "original": original.name,
        "original_fingerprint": original.fingerprint(),
        "edits": json.dumps([sentence_of(part) for part in parts_of(whole)], ensure_ascii=False),
        "layers": json.dumps([layer.name for layer in layers_of(whole)], ensure_ascii=False),
    }


def parts_of(edit: Edit) -> tuple[Edit, ...]:
    """The single edits that a combined one is made of."""
    return edit.edits if isinstance(edit, Together) else (edit,)


def _edited_parameters(model: Model, edit: Edit) -> dict[str, Tensor]:
    """Every parameter that the edit changes, with its own dtype; cells outside of the edited blocks as they are."""
    found: dict[str, Tensor] = {}
    for layer in layers_of(edit):
        matrix, name = model.read(layer.name), model.ref(layer.name).parameter
        whole = found.get(name, model.tensor(name))
        values = matrix.values.astype(np.float64) + change_of(edit, matrix)
        found[name] = fold_into(matrix.unfolding, whole, values)
    return found


def _with_tensors(model: Model, tensors: dict[str, Tensor]) -> tuple[Store, list[str]]:
    store = model.store
    parts: dict[str, Tensor] = {}
    done: list[str] = []
    for name, tensor in tensors.items():
        made, words = ({name: tensor}, "") if model.is_stored(name) else parts_in_file(store, name, tensor)
        parts |= made
        done.append(words)
    dtypes = {slot.name: slot.dtype for slot in store.slots}
    fresh = store_of_tensors({name: part.to(getattr(torch, dtypes[name])) for name, part in parts.items()})
    return replace(store, read=lambda name: fresh.read(name) if name in parts else store.read(name)), done
