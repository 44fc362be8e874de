"""Weights of four bits a number, eight numbers to an int32 or two to a byte, with the scales beside them.

The layouts of GPTQ (packed along the inputs) and AWQ (along the outputs, in an order of its own), as their public
packers write them, and two numbers to a byte with 8 for zero. Shapes alone tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch

from ..records import Complaint
from .scaled import Scaled, scale_beside, spread, spreads, zeros_of
from .store import Slot, Store

_BITS, _FULL, _MIDDLE = 4, 15, 8
_IN_WORD, _IN_BYTE = 8, 2
_NOTE = "computed from int4 with its own scales"
#: Which output lies in each place of a word, from the lowest bits up.
_AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
_PLAIN_ORDER = tuple(range(_IN_WORD))
_CLASSIC = ", zero points stored less one"
_ZEROS = {"": ", zero points taken to be stored less one", "gptq": _CLASSIC, "gptq_v2": ", zero points stored as such"}


def unpacked(words: torch.Tensor, axis: int, order: tuple[int, ...]) -> torch.Tensor:
    """Numbers 0 to 15 of a matrix of words, ``len(order)`` along ``axis`` for each; int16."""
    shifts = torch.tensor([_BITS * order.index(place) for place in range(len(order))], device=words.device)
    shape = [1, 1]
    shape.insert(axis + 1, -1)
    numbers = (words.to(torch.int64).unsqueeze(axis + 1) >> shifts.view(shape)) & _FULL
    return numbers.flatten(axis, axis + 1).to(torch.int16)


def packed(numbers: torch.Tensor, axis: int, order: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
    """The words of :func:`unpacked`."""
    pieces = numbers.to(torch.int64).unflatten(axis, (-1, len(order))).unbind(axis + 1)
    words = sum(pieces[output] << (_BITS * place) for place, output in enumerate(order))
    assert isinstance(words, torch.Tensor)
    top = 1 << 31
    return (torch.where(words >= top, words - 2 * top, words) if dtype == torch.int32 else words).to(dtype)


@dataclass(frozen=True, slots=True)
class _Words:
    """The tensors of one layer that is packed in words, and how they lie."""

    start: str
    along_inputs: bool
    n_inputs: int
    n_outputs: int
    n_groups: int
    has_index: bool

    def name(self, leaf: str) -> str:
        return f"{self.start}{leaf}"


def scaled_int4(store: Store, slots: Mapping[str, Slot]) -> Iterator[Scaled]:
    """Every weight of four bits whose shapes say without doubt how it is packed."""
    for slot in slots.values():
        if slot.caveat or len(slot.shape) != 2:
            continue
        if slot.dtype == "int32" and (words := _words(slot, slots)) is not None:
            yield _in_words(store, slot, words)
        elif slot.dtype == "uint8" and (name_scale := _scale_of_bytes(slot, slots)) is not None:
            yield _in_bytes(store, slot, name_scale)


def _words(slot: Slot, slots: Mapping[str, Slot]) -> _Words | None:
    start = slot.name.removesuffix("qweight")
    zeros, scales = slots.get(f"{start}qzeros"), slots.get(f"{start}scales")
    index = slots.get(f"{start}g_idx")
    if start == slot.name or f"{start}weight" in slots or zeros is None or scales is None:
        return None
    if zeros.dtype != "int32" or "float" not in scales.dtype or len(scales.shape) != 2 or 0 in scales.shape:
        return None
    n_groups, n_outputs = scales.shape
    along_inputs = slot.shape[1] == n_outputs
    n_inputs = slot.shape[0] * (_IN_WORD if along_inputs else 1)
    fits = n_outputs == slot.shape[1] * (1 if along_inputs else _IN_WORD)
    even = zeros.shape == (n_groups, n_outputs // _IN_WORD) and n_outputs % _IN_WORD == 0
    known = slot.packing in (_ZEROS if along_inputs else ("", "awq", "gemm"))
    grouped = n_inputs % n_groups == 0 if index is None else along_inputs and index.shape == (n_inputs,)
    if not (fits and even and known and grouped):
        return None
    return _Words(start, along_inputs, n_inputs, n_outputs, n_groups, index is not None)


def _in_words(store: Store, slot: Slot, words: _Words) -> Scaled:
    order = _PLAIN_ORDER if words.along_inputs else _AWQ_ORDER
    axis = 0 if words.along_inputs else 1
    one = int(words.along_inputs and slot.packing != "gptq_v2")
    others = ("qzeros", "scales", *(["g_idx"] if words.has_index else []))

    def zeros() -> torch.Tensor:
        stored = unpacked(store.read(words.name("qzeros")), 1, order)
        return ((stored + one) & _FULL).float()[_groups(store, words)].T

    return Scaled(
        slot=replace(
            slot,
            name=words.name("weight"),
            shape=(words.n_outputs, words.n_inputs),
            dtype="int4",
            trained=True,
            note=_NOTE + (_ZEROS[slot.packing] if words.along_inputs else ""),
        ),
        stored=slot.name,
        others=tuple(map(words.name, others)),
        bounds=(0, _FULL),
        levels=lambda: unpacked(store.read(slot.name), axis, order).T,
        steps=lambda: store.read(words.name("scales")).float()[_groups(store, words)].T,
        zeros=zeros,
        packed=lambda levels: packed(levels.T, axis, order, torch.int32),
    )


def _groups(store: Store, words: _Words) -> torch.Tensor:
    """The group of every input."""
    if not words.has_index:
        return torch.arange(words.n_inputs) // (words.n_inputs // words.n_groups)
    found = store.read(words.name("g_idx")).long()
    if found.min() < 0 or found.max() >= words.n_groups:
        raise Complaint(
            f"{words.name('g_idx')} names groups {int(found.min())} to {int(found.max())} where there are scales for "
            f"{words.n_groups}; the checkpoint is damaged, get it again."
        )
    return found


def _scale_of_bytes(slot: Slot, slots: Mapping[str, Slot]) -> str | None:
    """The scales of two numbers to a byte: by the layer's inputs, else by groups that fit no single byte."""
    full = slot.shape[0], slot.shape[1] * _IN_BYTE
    beside = scale_beside(slot.name, full, slots)
    if beside is None or beside[1] != 1.0 or any(name in slots for name in zeros_of(slot.name)):
        return None
    if slot.n_inputs is not None:
        return beside[0] if slot.n_inputs == full[1] else None
    return None if spreads(slots[beside[0]].shape, slot.shape) else beside[0]


def _in_bytes(store: Store, slot: Slot, name_scale: str) -> Scaled:
    shape, order = (slot.shape[0], slot.shape[1] * _IN_BYTE), (0, 1)
    return Scaled(
        slot=replace(slot, shape=shape, dtype="int4", trained=True, note=f"{_NOTE}, 8 for zero"),
        stored=slot.name,
        others=(name_scale,),
        bounds=(0, _FULL),
        levels=lambda: unpacked(store.read(slot.name), 1, order),
        steps=lambda: spread(store.read(name_scale).float(), shape),
        zeros=lambda: torch.tensor(float(_MIDDLE)),
        packed=lambda levels: packed(levels, 1, order, torch.uint8),
    )
