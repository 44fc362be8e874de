"""Forward passes with edits, several in one where that gives the same: what precedes the layer is computed once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from ..records import Complaint, Edit
from .added import checked, owner_of, takes_additions
from .prefix import Prefix, recorded, replayed
from .rooms import Rooms
from .sizes import Sizes, even_parts, measured, most_at_once
from .tensors import EditedTensors, stacked, without_change
from .twin import Names, Patch, swapped, twin_of

Run = Callable[[nn.Module, Any], Tensor]
_HELD_BYTES = 1 << 29
_FINE = (torch.float32, torch.float64)


class Passes:
    """One twin of a model, run as it is, with one edit, or with several at once.

    Several run under ``torch.func.vmap``, over edited weights or over thin factors of the change of the
    layer's output. The outputs are those of one pass for each edit up to rounding. A model that vmap cannot
    run, or whose output it changes, gets one pass for each.
    """

    def __init__(self, module: nn.Module, run: Run, tensors: EditedTensors, edits: Sequence[Edit]) -> None:
        self._module, self._run, self._tensors, self._edits = module, run, tensors, edits
        self._twin = twin_of(module)
        # Another one for several: a pass under vmap may leave tensors behind that are of no use outside of it.
        self._wide = twin_of(module) if len(edits) > 1 else self._twin
        self._sizes: Sizes | None = None
        self._held: dict[tuple[int, ...], Patch] = {}
        self._thin: set[int] | None = None
        self._rooms: Rooms | None = None
        self._unedited: Tensor | None = None
        self._prefix: Prefix = {}
        self._prefix_of_additions: Prefix = {}
        self._weights = sorted({name for names in tensors.names for name in names})
        # Two passes more, which some edits are worth.
        self._keeps = len(edits) > 3 and _has_plain(module, self._weights) and not tensors.computed
        self._most, self._made = len(edits), False
        self._together = len(edits) > 1

    def original(self, inputs: Any) -> Tensor:
        """The output without an edit; the first time it also measures the model and checks computed weights.

        What comes before the edited layer is kept for the passes with edits.
        """
        self._unedited = None
        output = self._original(inputs)
        self._unedited = output if self._together and self._thin is None else None
        return output

    def _original(self, inputs: Any) -> Tensor:
        if self._sizes is None:
            output = self._first(inputs)
            wanted, self._keeps = self._keeps, False
            self._keeps = wanted and self._is_kept_right(inputs, output)
            if not self._keeps:
                self._prefix = self._prefix_of_additions = {}
            return output
        return self._recorded(inputs) if self._keeps else self._run(self._twin, inputs)

    def _recorded(self, inputs: Any) -> Tensor:
        with recorded(self._twin, self._weights) as recording:
            output = self._run(self._twin, inputs)
        self._prefix, self._prefix_of_additions = recording.prefix(), recording.prefix_of_additions()
        return output

    def _is_kept_right(self, inputs: Any, output: Tensor) -> bool:
        """Whether the model gives the same bits with and without what was kept of it; measures the rest."""
        try:
            if not torch.equal(output, self._recorded(inputs)):
                return False
            if not self._prefix:
                return bool(self._prefix_of_additions)
            with replayed(self._twin, self._prefix), measured(self._twin) as sizes:
                again = self._run(self._twin, inputs)
        except Complaint:
            return False
        if not torch.equal(output, again):
            return False
        self._sizes = sizes.with_output(output)
        return True

    def _first(self, inputs: Any) -> Tensor:
        computed = {names[0]: self._tensors.original(names[0]) for names in self._tensors.computed}
        packed = {name: weight for name, weight in computed.items() if not _is_product(self._module, name)}
        with checked(self._twin, packed), measured(self._twin) as sizes:
            output = self._run(self._twin, inputs)
        self._sizes = sizes.with_output(output)
        return output

    def one(self, index: int, inputs: Any) -> Tensor:
        """The output with one edit."""
        return self._alone(self._tensors.of(self._edits[index]), inputs)

    def _alone(self, patch: Patch, inputs: Any) -> Tensor:
        with replayed(self._twin, self._prefix_for(patch)), swapped(self._twin, patch):
            return self._run(self._twin, inputs)

    def _prefix_for(self, patch: Patch) -> Prefix:
        return self._prefix if patch.swaps else self._prefix_of_additions

    def parts(self, inputs: Any) -> list[list[int]]:
        """Which edits run in one pass: as many as fit in memory and do not delay a cancel for long."""
        everything = list(range(len(self._edits)))
        if not self._together or self._sizes is None:
            return [[index] for index in everything]
        if self._thin is None:
            known = {index for index in everything if self._tensors.is_thin(self._edits[index])}
            self._thin = known if known and self._thin_is_right(inputs) else set()
            self._unedited = None
        dense = [index for index in everything if index not in self._thin]
        self._rooms = self._rooms or Rooms(self._tensors, {index: self._edits[index] for index in dense})
        heavy = 4 * max((self._tensors.n_entries(self._edits[index]) for index in dense), default=0)
        # Making a weight takes longer than a pass with it, so that the first time they come a few at a time.
        heavy, self._made = (heavy if self._made else 4 * heavy), True
        limits = (sorted(self._thin), 0), (dense, heavy)
        return [
            part
            for group, size in limits
            for part in even_parts(group, min(self._most, most_at_once(self._sizes, size)))
        ]

    def several(self, part: Sequence[int], inputs: Any, *, control: bool = False) -> Tensor | None:
        """Outputs of these edits along a new first axis, with ``control`` one more that nothing was changed in.

        ``None`` where they cannot run together; then and later each runs alone.
        """
        if not self._together:
            return None
        if len(part) == 1 and part[0] in (self._thin or ()):
            return self._singly(part[0], inputs, control)
        if len(part) < 2:
            return None
        try:
            with _batchable():
                return self._mapped(self._patch(part, control), inputs)
        except torch.OutOfMemoryError:
            self._most = max(1, len(part) // 2)
        except Exception:
            # A module without a batching rule may fail in any way; each edit then runs alone, where an error is told.
            self.separate()
        return None

    def _singly(self, index: int, inputs: Any, control: bool) -> Tensor:
        """A single thin edit, without the full weight and without vmap."""
        patch = self._patch_of(index)
        output = self._alone(patch, inputs)
        if not control:
            return output.unsqueeze(0)
        return torch.stack([output, self._alone(without_change(self._tensors, patch), inputs)])

    def _patch_of(self, index: int) -> Patch:
        edit = self._edits[index]
        return self._tensors.thin(edit) if index in (self._thin or ()) else self._tensors.of(edit)

    def separate(self) -> None:
        """From now on one pass for each edit."""
        self._together, self._rooms = False, None
        self._held.clear()

    def _mapped(self, patch: Patch, inputs: Any) -> Tensor:
        swaps, additions = list(patch.swaps), list(patch.additions)

        def run(tensors: list[Tensor], changes: list[tuple[Tensor, ...]]) -> Tensor:
            own = Patch(dict(zip(swaps, tensors, strict=True)), dict(zip(additions, changes, strict=True)))
            with replayed(self._wide, self._prefix_for(own)), swapped(self._wide, own):
                return self._run(self._wide, inputs)

        mapped = torch.func.vmap(run, randomness="error")
        result: Tensor = mapped(list(patch.swaps.values()), list(patch.additions.values()))
        return result

    def _patch(self, part: Sequence[int], control: bool) -> Patch:
        if self._rooms is not None and (roomy := self._rooms.several(part, control=control)) is not None:
            return roomy
        key = tuple(part)
        if not control and key in self._held:
            return self._held[key]
        patches = [self._patch_of(index) for index in part]
        whole = stacked([*patches, without_change(self._tensors, patches[0])] if control else patches)
        if not control and whole.size_bytes + sum(patch.size_bytes for patch in self._held.values()) <= _HELD_BYTES:
            self._held[key] = whole
        return whole

    def _thin_is_right(self, inputs: Any) -> bool:
        """Whether a random change of rank one gives the same by factors, at every owner, as by the weight itself."""
        try:
            return all(self._adds_up(names, inputs) for names in self._tensors.names - self._tensors.computed)
        except Complaint:
            return False

    def _adds_up(self, names: Names, inputs: Any) -> bool:
        weight = self._tensors.original(names[0])
        if weight.ndim != 2 or weight.dtype not in _FINE:
            return False
        if not all(takes_additions(owner_of(self._twin, name)) for name in names):
            return False
        generator = torch.Generator().manual_seed(0)
        left, right = (torch.randn(side, 1, generator=generator).to(weight) for side in weight.shape)
        left *= weight.norm() / (left.norm() * right.norm())
        by_weight, by_factors = Patch({names: torch.addmm(weight, left, right.mT)}), Patch({}, {names: (left, right)})
        assert self._unedited is not None
        outputs = [self._unedited, *(self._alone(patch, inputs) for patch in (by_weight, by_factors))]
        before, one, other = (torch.nan_to_num(output, neginf=0.0) for output in outputs)
        wide = torch.float32 if one.device.type == "mps" else torch.float64
        error, change = ((one - it).norm(dtype=wide) for it in (other, before))
        return bool(error <= torch.finfo(weight.dtype).eps ** 0.5 * change)


def _has_plain(module: nn.Module, names: Collection[str]) -> bool:
    """Whether all of these are parameters that a pass uses as they are stored."""
    own = dict(module.named_parameters(remove_duplicate=False))
    return all(name in own for name in names)


def _is_product(module: nn.Module, name: str) -> bool:
    """Whether a computed weight is that of a low-rank pair, which its layer adds to a base."""
    return hasattr(owner_of(module, name), "lora_A")


@contextmanager
def _batchable() -> Iterator[None]:
    """Attention by formulas that have a batching rule; the settings are as before afterwards."""
    fast = torch.backends.mha.get_fastpath_enabled()
    quiet = getattr(getattr(torch._C, "_functorch", None), "_set_vmap_fallback_warning_enabled", None)
    try:
        torch.backends.mha.set_fastpath_enabled(False)
        if quiet is not None:
            quiet(False)
        with sdpa_kernel(SDPBackend.MATH):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        if quiet is not None:
            quiet(True)
