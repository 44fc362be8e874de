"""Which stored tensors are layers, what the others are, and the layers with their unfoldings."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..records import LayerRef, Unfolding
from .cuts import Block, Cut, blocks_of, whole
from .kinds import depth_of, kind_of, parts_of
from .store import Slot, Store

_INDEX_DTYPES = {"bool", "int64"}
_NORM = re.compile(r"\w*Norm([123]d)?")
_FLOATS = {"float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"}
_FLOATS |= {"float8_e4m3fnuz", "float8_e5m2fnuz"}
_TABLES = {"pe", "pos_enc", "pos_encoding", "positional_encoding", "pos_table", "position_table"}


@dataclass(frozen=True, slots=True)
class Row:
    """One layer as it is listed and the way to its values."""

    ref: LayerRef
    unfolding: Unfolding


def rows_of(store: Store, cut: Cut = "default") -> tuple[Row, ...]:
    """Every layer of the store, in stored order. Raises Complaint where the cut does not fit."""
    layers = [slot for slot in store.slots if not reason_left_out(slot)]
    names = frozenset(slot.name for slot in store.slots)
    blocks = blocks_of(layers, cut)
    return tuple(row_of(slot, block, names) for slot in layers for block in blocks[slot.name])


def left_out_of(store: Store) -> dict[str, str]:
    """Every stored tensor that is no layer, with the reason."""
    reasons = {slot.name: reason_left_out(slot) for slot in store.slots}
    return {name: reason for name, reason in reasons.items() if reason}


def reason_left_out(slot: Slot) -> str:
    """Why a stored tensor is no layer; empty for a layer, readable or not."""
    if slot.left_out:
        return slot.left_out
    if len(slot.shape) < 2:
        return "a bias, a norm or another vector: it has one axis at most, and a spectrum needs two"
    if _NORM.fullmatch(slot.module_type):
        return "a norm: scales or offsets of single features, no map between them"
    if slot.dtype in _INDEX_DTYPES:
        return f"stored as {slot.dtype}: indices or a mask, no weights"
    if slot.name.endswith("attn.bias") and len(slot.shape) == 4:
        return "a causal mask under the name of a bias"  # as files of GPT-2 carry it
    if slot.trained or _is_integer(slot.dtype) or is_table(slot):
        return ""
    return "a buffer: it is not trained"


def is_table(slot: Slot) -> bool:
    """A table of positions that is not trained; it stays as a row, to say why it is not analysed."""
    is_position = parts_of(slot.name)[-1] in _TABLES or _kind(slot) == "position_embedding"
    return not slot.trained and is_position and len(slot.shape) > 1


def row_of(slot: Slot, block: Block | None = None, names: frozenset[str] = frozenset()) -> Row:
    """The slot, or a block of it, as a layer; ``names`` are all slot names, to notice scales kept beside a weight."""
    block = block or whole(slot)
    unfolding = Unfolding.of_shape(slot.shape, block.ends, block.order, block.n_row_axes)
    name = f"{slot.name}[{block.label}]" if block.label else slot.name
    flat_rows, flat_columns = unfolding.flat_shape
    n_rows, n_cols = max(flat_rows, flat_columns), min(flat_rows, flat_columns)
    ref = LayerRef(
        name=name,
        kind=block.kind or _kind(slot),
        depth=depth_of(slot.name),
        shape=tuple(side for axis, side in enumerate(unfolding.block_shape) if axis not in block.single),
        n_rows=n_rows,
        n_cols=n_cols,
        dtype=slot.dtype,
        caveat=_caveat_of(slot, name, (n_rows, n_cols), names),
        parameter=slot.name,
        cut=", ".join(words for words in (block.label, block.words, slot.note) if words),
    )
    return Row(ref, unfolding)


def _kind(slot: Slot) -> str:
    return kind_of(slot.name, n_axes=len(slot.shape), module_type=slot.module_type)


def _is_integer(dtype: str) -> bool:
    return "int" in dtype


def _caveat_of(slot: Slot, name: str, sides: tuple[int, int], names: frozenset[str]) -> str:
    layer = f"Layer {name!r}"
    n_rows, n_cols = sides
    if slot.caveat:
        return slot.caveat
    if is_table(slot):
        return f"{layer} is a fixed table of positions, a buffer that is not trained; it is left out."
    if not slot.note:
        if _is_integer(slot.dtype):
            return f"{layer} is stored as {slot.dtype}, a quantised format; open the model before quantisation."
        if slot.dtype not in _FLOATS:
            return f"{layer} is stored as {slot.dtype}, which has no real spectrum here; convert it to float32."
        if slot.dtype.startswith("float8") and {f"{slot.name}_scale_inv", f"{slot.name}_scale"} & names:
            return f"{layer} is float8 with scales in a second tensor; open a version in bfloat16 or float32."
    if n_rows * n_cols == 0:
        return f"{layer} is empty, shape {slot.shape}; leave it out."
    if n_cols < 2:
        return f"{layer}, shape {slot.shape}, unfolds to a single row where a spectrum needs two; leave it out."
    return ""
