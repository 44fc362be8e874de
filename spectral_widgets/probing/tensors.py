"""What an edit puts in the place of weights, on the device, kept from batch to batch while it is small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..records import Edit, LayerRef, MatchedControl, Together, WeightMatrix
from ..spectra.controls import Magnitudes, magnitudes_of, matched_change
from ..spectra.edits import change_of
from .added import Change
from .structured import factors_of, has_factors
from .twin import Names, Patch, is_swappable

_HELD_BYTES = 1 << 29
_PACKED = (torch.int8, torch.uint8, torch.float8_e4m3fn, torch.float8_e5m2)


class Readable(Protocol):
    """What is needed of a model to edit its tensors; ``weights.Model`` is one."""

    def read(self, name: str) -> WeightMatrix: ...
    def tensor(self, parameter: str) -> Tensor: ...
    def is_stored(self, parameter: str) -> bool: ...
    @property
    def tied(self) -> dict[str, str]: ...


class EditedTensors:
    """The patches of ``first`` and of other edits of the same layers."""

    def __init__(
        self, model: Readable, module: nn.Module, first: Edit, device: torch.device, default: torch.dtype
    ) -> None:
        self._matrices = {layer.name: model.read(layer.name) for layer in layers_of(first)}
        self._model = model
        self._names = {name: names_of(model, matrix.ref.parameter) for name, matrix in self._matrices.items()}
        #: Names of weights that are no tensors of their own: changes of them are added to outputs.
        self.computed = {names for names in self._names.values() if _is_computed(model, module, names[0])}
        self._dtypes = {
            names[0]: default if names in self.computed else _tensor_dtype(module, names[0], default)
            for names in self._names.values()
        }
        self._wholes: dict[str, Tensor] = {}
        self._device = device
        self._held: dict[tuple[int, str], Tensor] = {}
        self._bytes = 0
        self._thin: dict[int, Patch] = {}
        self._originals: dict[str, tuple[Edit, np.ndarray]] = {}
        self._means: dict[str, float] = {}
        self._magnitudes: dict[str, Magnitudes] = {}

    @property
    def names(self) -> set[Names]:
        """Every weight that is edited, each with all of its names."""
        return set(self._names.values())

    def of(self, edit: Edit) -> Patch:
        """The patch with every edited weight in full."""
        return self.patch_of({names: self._tensor(edit, names, cuts) for names, cuts in self._layers(edit).items()})

    def patch_of(self, fulls: Mapping[Names, Tensor]) -> Patch:
        """A patch of weights in full, where weights are computed of changes of them."""
        return Patch(
            {names: tensor for names, tensor in fulls.items() if names not in self.computed},
            {names: (tensor,) for names, tensor in fulls.items() if names in self.computed},
        )

    def names_of(self, edit: Edit) -> list[Names]:
        """The weights that an edit changes."""
        return list(self._layers(edit))

    def unchanged(self, names: Names) -> Tensor:
        """What stands for a weight in the patch of an edit that changes nothing."""
        original = self.original(names[0])
        return torch.zeros_like(original) if names in self.computed else original

    def reserve(self, n_bytes: int) -> None:
        """Hold so much less, since it is held elsewhere."""
        self._bytes += n_bytes

    def write(self, edit: Edit, rooms: Mapping[Names, Tensor]) -> None:
        """Make the weights of an edit in these places, and hold them there."""
        for names, cuts in self._layers(edit).items():
            held = self._held.get((id(edit), names[0]))
            if held is None:
                self._make(edit, names, cuts, rooms[names])
            else:
                rooms[names].copy_(held)
            self._held[id(edit), names[0]] = rooms[names]

    def is_thin(self, edit: Edit) -> bool:
        """Whether all changes are products of thin factors, in the order of the stored tensors."""
        return all(
            len(parts) == 1 and _is_whole(parts[0]) and has_factors(edit, parts[0])
            for parts in self._layers(edit).values()
        )

    def thin(self, edit: Edit) -> Patch:
        """The patch of a thin edit as factors of the changes, kept from batch to batch."""
        if id(edit) not in self._thin:
            layers = self._layers(edit)
            self._thin[id(edit)] = Patch({}, {names: self._factors(edit, parts[0]) for names, parts in layers.items()})
        return self._thin[id(edit)]

    def n_entries(self, edit: Edit) -> int:
        """Entries of the weights that an edit changes."""
        return sum(matrix.values.size for parts in self._layers(edit).values() for matrix in parts)

    def original(self, name: str) -> Tensor:
        """The whole weight as it is without an edit."""
        if name not in self._wholes:
            self._wholes[name] = self._model.tensor(name).to(self._device, self._dtypes[name])
        return self._wholes[name]

    def _layers(self, edit: Edit) -> dict[Names, list[WeightMatrix]]:
        layers: dict[Names, list[WeightMatrix]] = {}
        for layer in layers_of(edit):
            layers.setdefault(self._names[layer.name], []).append(self._matrices[layer.name])
        return layers

    def _tensor(self, edit: Edit, names: Names, cuts: list[WeightMatrix]) -> Tensor:
        key = id(edit), names[0]
        if (held := self._held.get(key)) is not None:
            return held
        tensor = torch.empty_like(self.original(names[0]), memory_format=torch.contiguous_format)
        self._make(edit, names, cuts, tensor)
        if self._bytes + tensor.nbytes <= _HELD_BYTES:
            self._held[key] = tensor
            self._bytes += tensor.nbytes
        return tensor

    def _make(self, edit: Edit, names: Names, cuts: list[WeightMatrix], into: Tensor) -> None:
        """Write the weight with every matrix that is cut from it edited, or the change of it where it is computed.

        Cells outside of the edited blocks stay bit for bit.
        """
        if any(matrix.unfolding.block for matrix in cuts):
            into.copy_(self.unchanged(names))
        for matrix in cuts:
            values = self._change(edit, matrix)
            if names not in self.computed:
                values += matrix.values
            window = matrix.unfolding.window if matrix.unfolding.block else ...
            into[window].copy_(torch.from_numpy(matrix.unfolding.fold(values)))

    def _factors(self, edit: Edit, matrix: WeightMatrix) -> Change:
        """Factors in the order of the stored tensor."""
        found = factors_of(
            edit,
            matrix,
            self._mean(matrix),
            lambda of: float(np.linalg.norm(self._original_change(of, matrix))),
        )
        assert found is not None
        dtype = self._dtypes[matrix.ref.parameter]
        left, right = (torch.from_numpy(part).to(self._device, dtype) for part in found)
        return (right, left) if matrix.unfolding.transposed else (left, right)

    def _mean(self, matrix: WeightMatrix) -> float:
        name = matrix.ref.name
        if name not in self._means:
            self._means[name] = float(matrix.values.mean(dtype=np.float64))
        return self._means[name]

    def _change(self, edit: Edit, matrix: WeightMatrix) -> np.ndarray:
        if not isinstance(edit, MatchedControl):
            return change_of(edit, matrix)
        magnitudes = self._magnitudes_of(matrix) if edit.kind == "same_magnitude" else None
        return matched_change(self._original_change(edit.of, matrix), edit.seed, edit.kind, magnitudes)

    def _magnitudes_of(self, matrix: WeightMatrix) -> Magnitudes:
        name = matrix.ref.name
        if name not in self._magnitudes:
            self._magnitudes[name] = magnitudes_of(matrix.values)
        return self._magnitudes[name]

    def _original_change(self, edit: Edit, matrix: WeightMatrix) -> np.ndarray:
        """All controls are made from one change, which costs as much as one of them."""
        name = matrix.ref.name
        if name not in self._originals or self._originals[name][0] is not edit:
            self._originals[name] = edit, change_of(edit, matrix)
        return self._originals[name][1]


def stacked(patches: Sequence[Patch]) -> Patch:
    """Patches of the same places as one, whose tensors have a first axis for the patch; thin factors are padded.

    Raises ``ValueError`` for patches of different places.
    """
    first = patches[0]
    if any((one.swaps.keys(), one.additions.keys()) != (first.swaps.keys(), first.additions.keys()) for one in patches):
        raise ValueError("patches of different weights cannot run together")
    return Patch(
        {names: torch.stack([patch.swaps[names] for patch in patches]) for names in first.swaps},
        {names: _stacked_changes([patch.additions[names] for patch in patches]) for names in first.additions},
    )


def without_change(tensors: EditedTensors, patch: Patch) -> Patch:
    """A patch of the same places that changes nothing."""
    return Patch(
        {names: tensors.unchanged(names) for names in patch.swaps},
        {names: tuple(torch.zeros_like(part) for part in change) for names, change in patch.additions.items()},
    )


def _stacked_changes(changes: Sequence[Change]) -> Change:
    if len(changes[0]) == 1:
        return (torch.stack([change[0] for change in changes]),)
    most = max(change[0].shape[1] for change in changes)
    widened = [[nn.functional.pad(part, (0, most - part.shape[1])) for part in change] for change in changes]
    return tuple(torch.stack(parts) for parts in zip(*widened, strict=True))


def _is_whole(matrix: WeightMatrix) -> bool:
    """Whether the matrix is the whole of a plain stored one."""
    return len(matrix.unfolding.shape) == 2 and not matrix.unfolding.block and not matrix.unfolding.order


def layers_of(edit: Edit) -> tuple[LayerRef, ...]:
    """Every layer that an edit changes."""
    whole = edit.of if isinstance(edit, MatchedControl) else edit
    return whole.layers if isinstance(whole, Together) else (whole.layer,)


def names_of(model: Readable, name: str) -> tuple[str, ...]:
    """A parameter's name and every name that is tied to it: a tied weight is edited everywhere at once."""
    return name, *(other for other, carrier in model.tied.items() if carrier == name)


def _is_computed(model: Readable, module: nn.Module, name: str) -> bool:
    """Whether the weight is packed, or made of several tensors, and so has no tensor to put another in place of."""
    stored = dict(module.named_parameters(remove_duplicate=False)).get(name)
    packed = stored is not None and type(stored.data) is Tensor and stored.dtype in _PACKED
    return not is_swappable(module, name) or (packed and not model.is_stored(name))


def _tensor_dtype(module: nn.Module, name: str, default: torch.dtype) -> torch.dtype:
    own: Mapping[str, nn.Parameter] = dict(module.named_parameters(remove_duplicate=False))
    found = own.get(name)
    return found.dtype if found is not None and found.is_floating_point() else default
