"""Edited tensors on the device, kept from batch to batch while they are small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..records import Edit, LayerRef, MatchedControl, Together, WeightMatrix
from ..spectra.controls import matched_change
from ..spectra.edits import change_of
from ..weights.values import fold_into

_HELD_BYTES = 1 << 29


class Readable(Protocol):
    """What is needed of a model to edit its tensors; ``weights.Model`` is one."""

    def read(self, name: str) -> WeightMatrix: ...
    def tensor(self, parameter: str) -> Tensor: ...
    @property
    def tied(self) -> dict[str, str]: ...


class EditedTensors:
    """The tensors of every layer that ``first`` and the other edits of a run change."""

    def __init__(
        self, model: Readable, module: nn.Module, first: Edit, device: torch.device, default: torch.dtype
    ) -> None:
        self._matrices = {layer.name: model.read(layer.name) for layer in layers_of(first)}
        self._model = model
        self._names = {name: names_of(model, matrix.ref.parameter) for name, matrix in self._matrices.items()}
        self._dtypes = {names[0]: _tensor_dtype(module, names[0], default) for names in self._names.values()}
        self._wholes: dict[str, Tensor] = {}
        self._device = device
        self._held: dict[tuple[int, str], Tensor] = {}
        self._bytes = 0
        self._originals: dict[str, tuple[Edit, np.ndarray]] = {}

    def of(self, edit: Edit) -> dict[tuple[str, ...], Tensor]:
        """The edited tensor of each parameter under its name and every name that is tied to it."""
        layers: dict[tuple[str, ...], list[WeightMatrix]] = {}
        for layer in layers_of(edit):
            layers.setdefault(self._names[layer.name], []).append(self._matrices[layer.name])
        return {names: self._tensor(edit, names[0], cuts) for names, cuts in layers.items()}

    def _tensor(self, edit: Edit, name: str, cuts: list[WeightMatrix]) -> Tensor:
        """The parameter with every matrix that is cut from it edited; cells outside of them stay bit for bit."""
        if (held := self._held.get((id(edit), name))) is not None:
            return held
        tensor: Tensor | None = None
        for matrix in cuts:
            values = matrix.values.astype(np.float64) + self._change(edit, matrix)
            if matrix.unfolding.block:
                tensor = fold_into(matrix.unfolding, self._whole(name) if tensor is None else tensor, values)
            else:
                tensor = torch.from_numpy(matrix.unfolding.fold(values)).to(self._device, self._dtypes[name])
        assert tensor is not None
        if self._bytes + tensor.nbytes <= _HELD_BYTES:
            self._held[id(edit), name] = tensor
            self._bytes += tensor.nbytes
        return tensor

    def _whole(self, name: str) -> Tensor:
        if name not in self._wholes:
            self._wholes[name] = self._model.tensor(name).to(self._device, self._dtypes[name])
        return self._wholes[name]

    def _change(self, edit: Edit, matrix: WeightMatrix) -> np.ndarray:
        if not isinstance(edit, MatchedControl):
            return change_of(edit, matrix)
        # All controls are made from one change, which costs as much as one of them.
        name = matrix.ref.name
        if name not in self._originals or self._originals[name][0] is not edit.of:
            self._originals[name] = edit.of, change_of(edit.of, matrix)
        return matched_change(self._originals[name][1], edit.seed, edit.kind, matrix.values)


def layers_of(edit: Edit) -> tuple[LayerRef, ...]:
    """Every layer that an edit changes."""
    whole = edit.of if isinstance(edit, MatchedControl) else edit
    return whole.layers if isinstance(whole, Together) else (whole.layer,)


def names_of(model: Readable, name: str) -> tuple[str, ...]:
    """A parameter's name and every name that is tied to it: a tied weight is edited everywhere at once."""
    return name, *(other for other, carrier in model.tied.items() if carrier == name)


def _tensor_dtype(module: nn.Module, name: str, default: torch.dtype) -> torch.dtype:
    own: Mapping[str, nn.Parameter] = dict(module.named_parameters(remove_duplicate=False))
    found = own.get(name)
    return found.dtype if found is not None and found.is_floating_point() else default
