"""A model: its layers, read one at a time, and, where it can run, the module."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import nn

from ..records import Complaint, LayerRef, Probe, WeightMatrix
from .cuts import CUTS, Cut
from .derived import derived
from .digests import digest_of, fingerprint_of
from .layers import Layer, LayerList
from .live import checked_device, device_of, device_of_tensor, open_module
from .outputs import Outputs, fitting_probe, outputs_of
from .rows import Row, left_out_of, row_of, rows_of
from .running import Forward, forward_pass
from .store import Place, Slot, Store, floats_of, part_of
from .values import matrix_of

ProbeMaker = Callable[[int, int], Probe]
_GIVE_SAME = "give the module that the weights were saved from"


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """Weights under a name, with the module that runs them or a sentence on what is missing for that.

    ``code`` is the Python that opens the model again. ``outputs`` is ``logits`` or ``features``, and
    ``outputs_reason`` how that was decided. ``tied`` maps every further name of a tied weight to the
    layer that carries it. ``cut`` says which matrices the tensors are cut into; see :meth:`recut`.
    ``labelled_probe`` makes labelled inputs that come with the model, ``namer`` finds the names of its outputs.
    ``caveats`` say where edited weights are not exactly what the edit asked for. ``computes_on`` is the device of
    spectra and products where it is not that of the weights; see :meth:`on`.
    """

    name: str
    code: str
    store: Store
    module: nn.Module | None = None
    missing: str = ""
    forward: Forward | None = None
    outputs: Outputs = "features"
    outputs_reason: str = "there is no module to run"
    probe_maker: ProbeMaker | None = field(default=None)
    cut: Cut = "default"
    labelled_probe: Callable[[], Probe] | None = field(default=None)
    namer: Callable[[], Callable[[int], str] | None] | None = field(default=None)
    caveats: tuple[str, ...] = ()
    computes_on: str = ""

    @cached_property
    def layers(self) -> LayerList:
        """Every matrix that the weights are cut into, in stored order."""
        return LayerList(Layer(row.ref, self) for row in self._rows.values())

    @cached_property
    def left_out(self) -> dict[str, str]:
        """Every stored tensor that is no layer, with the reason: vectors, indices, buffers, parts of others."""
        return left_out_of(self._weights)

    @cached_property
    def _weights(self) -> Store:
        """The store with the weights that several tensors make together."""
        return derived(self.store)

    @cached_property
    def _rows(self) -> dict[str, Row]:
        return {row.ref.name: row for row in rows_of(self._weights, self.cut)}

    @cached_property
    def _rows_of_other_cuts(self) -> dict[str, Row]:
        """Layers that another cut would list: a name says by itself how it is cut."""
        found: dict[str, Row] = {}
        for cut in CUTS:
            with suppress(Complaint):
                found |= {row.ref.name: row for row in rows_of(self._weights, cut)}
        return found

    def recut(self, cut: Cut) -> Model:
        """The same model with its tensors cut otherwise.

        ``default``: convolutions flattened (by group where they are grouped), recurrent layers by gate, a
        packed input projection as q, k and v, stacks of experts by expert, all else whole. ``whole``: every
        tensor as one matrix. ``slices``: convolutions by kernel offset. ``heads``: attention by head. Raises
        Complaint for another word, or for heads where their number is not known.
        """
        if cut == self.cut:
            return self
        changed = replace(self, cut=cut, code=f"{self.code}.recut({cut!r})")
        _ = changed._rows  # a cut that does not fit is refused now
        return changed

    def on(self, device: str) -> Model:
        """The same model with its spectra and products computed on ``device``; the network stays where it is.

        Without this they run where the weights lie: files on the processor, a module on its own device. Raises
        Complaint for a device that is not here.
        """
        return replace(self, computes_on=checked_device(device), code=f"{self.code}.on({device!r})")

    @property
    def tied(self) -> dict[str, str]:
        return dict(self.store.tied)

    @cached_property
    def places(self) -> dict[str, Place]:
        """Where the tensors lie that layers are cut from, for those that lie in files."""
        return self._weights.places

    @property
    def device(self) -> str:
        return device_of(self.module) if self.module is not None else self.store.device

    @property
    def precision(self) -> str:
        """The dtype that most weights are stored in."""
        sizes: Counter[str] = Counter()
        for slot in self.store.slots:
            sizes[slot.dtype] += slot.n_entries
        return sizes.most_common(1)[0][0] if sizes else "none"

    @cached_property
    def _slots(self) -> dict[str, Slot]:
        return {slot.name: slot for slot in self._weights.slots}

    def row(self, name: str) -> Row:
        """The layer of this name and its unfolding; a parameter that is cut can be had whole by its own name."""
        start, bracket, cut = name.partition("[")
        for candidate in (start, f"{start}.weight"):
            carrier = self.store.tied.get(candidate, candidate)
            full = carrier + bracket + cut
            known = self._rows.get(full) or (self._rows_of_other_cuts.get(full) if cut else None)
            if known is not None:
                return known
            if not cut and carrier in self._slots and carrier not in self.left_out:
                return row_of(self._slots[carrier], names=frozenset(self._slots))
        raise Complaint(f"{self.name} has no layer {name!r}; model.layers.names lists the names.")

    def ref(self, name: str) -> LayerRef:
        """The layer of this name, with or without ``.weight``. Raises Complaint for an unknown one."""
        return self.row(name).ref

    def read(self, name: str) -> WeightMatrix:
        """The matrix of one layer, read now and kept nowhere. Raises Complaint when it cannot be analysed."""
        row = self.row(name)
        if row.ref.caveat:
            raise Complaint(row.ref.caveat)
        matrix = matrix_of(row, floats_of(self._weights, row.ref.parameter, row.unfolding.window))
        return replace(matrix, device=self.computes_on or self._device_of(row.ref.parameter))

    def _device_of(self, parameter: str) -> str:
        return self.store.device if self.module is None else device_of_tensor(self.module, parameter)

    def tensor(self, parameter: str) -> torch.Tensor:
        """The whole tensor that layers are cut from, as it is now; ``layer.ref.parameter`` names it."""
        return self._weights.read(self.row(parameter).ref.parameter)

    def is_stored(self, parameter: str) -> bool:
        """Whether the tensor is kept as it is, and not computed from others or dequantised when read."""
        return not self._slots[self.row(parameter).ref.parameter].note

    def run(self, inputs: Any) -> torch.Tensor:
        """The output tensor for a batch, by ``forward`` where one was given. Raises Complaint when that fails."""
        if self.module is None:
            raise Complaint(self.missing)
        try:
            return forward_pass(self.module, inputs, self.forward, self.name)
        except torch.OutOfMemoryError as error:
            raise Complaint(f"{self.name} ran out of memory on {self.device}; use smaller batches.") from error

    def default_probe(self, n: int = 64, seed: int = 0) -> Probe:
        """Random inputs that fit the model. Raises Complaint when it cannot run or its input is not known."""
        if self.module is None:
            raise Complaint(self.missing)
        return self.probe_maker(n, seed) if self.probe_maker else fitting_probe(self.module, n, seed)

    def fingerprint(self) -> str:
        """A short name for the weights, from a sample of every tensor.

        It cannot notice a change between sampled entries, other code around equal weights, or a change in
        tensors that cannot be read (quantised, sparse, meta).
        """
        return fingerprint_of(self.store)

    def layer_digest(self, name: str) -> str:
        """A short name for the full content of one layer. Raises Complaint when it cannot be read."""
        row = self.row(name)
        if row.ref.caveat:
            raise Complaint(row.ref.caveat)
        block = part_of(self._weights, row.ref.parameter, row.unfolding.window)
        return digest_of(replace(self._slots[row.ref.parameter], shape=tuple(block.shape)), block)

    def with_module(self, module: nn.Module, *, forward: Forward | None = None) -> Model:
        """This model made runnable: a copy of ``module`` with these weights in it; ``module`` stays as it is.

        Raises Complaint when names or shapes differ.
        """
        runnable = filled_copy(module, self.store, self.name)
        outputs, reason = outputs_of(runnable)
        return replace(
            self,
            code=f"{self.code}.with_module(module{', forward=forward' if forward else ''})",
            store=open_module(runnable),
            module=runnable,
            missing="",
            forward=forward or self.forward,
            outputs=outputs,
            outputs_reason=reason,
        )

    def __repr__(self) -> str:
        count = sum(layer.ref.n_entries for layer in self.layers)
        runs = f"runs, gives {self.outputs}" if self.module is not None else "weights only"
        noun = "layer" if len(self.layers) == 1 else "layers"
        size = f"{len(self.layers)} {noun}, {count:,} weights"
        elsewhere = f", spectra on {self.computes_on}" if self.computes_on not in ("", self.device) else ""
        return f"<Model {self.name}: {size}, {self.precision} on {self.device}{elsewhere}; {runs}>"


def filled_copy(module: nn.Module, store: Store, name: str) -> nn.Module:
    """A copy of ``module`` holding the store's tensors. Raises Complaint when names or shapes differ."""
    filled = copy.deepcopy(module)
    wanted = filled.state_dict(keep_vars=True)
    slots = {slot.name: slot for slot in store.slots}
    for key, target in wanted.items():
        source = store.tied.get(key, key)
        if source not in slots:
            raise Complaint(f"The module wants {key!r}, which {name} does not hold; {_GIVE_SAME}.")
        if slots[source].shape != tuple(target.shape):
            raise Complaint(
                f"{key!r} has shape {slots[source].shape} in {name} and {tuple(target.shape)} in the module; "
                f"{_GIVE_SAME}."
            )
        with torch.no_grad():
            target.detach().copy_(store.read(source))
    unused = sorted(set(slots) - {store.tied.get(key, key) for key in wanted})
    if unused:
        raise Complaint(f"The module has no place for {unused[0]!r} of {name}; {_GIVE_SAME}.")
    return filled
