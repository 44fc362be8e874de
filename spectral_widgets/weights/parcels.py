"""What is sent to a worker so that it has a matrix: where it lies, or its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from ..records import Complaint, FactoredMatrix, LayerRef, WeightMatrix
from .attention import HeadProduct
from .layers import Layer
from .pairing import factors_of
from .sources import PlacedLayer, found, placed


@dataclass(frozen=True, slots=True)
class KeptProduct:
    """A low-rank layer of a live model with all that its metrics may ask for."""

    product: FactoredMatrix
    entries: WeightMatrix


Parcel = PlacedLayer | KeptProduct | WeightMatrix | FactoredMatrix | LayerRef


def parcel_of(item: Any, readable: Callable[[Any], WeightMatrix | LayerRef]) -> Parcel:
    """Where the item lies in files, else its values; ``readable`` makes matrices of all that is no layer of files."""
    there = placed(item) if isinstance(item, Layer) else None
    if there is not None:
        return there
    product = factors_of(item) if isinstance(item, Layer) else None
    if product is not None:
        return KeptProduct(product, item.read())
    if not isinstance(item, HeadProduct):
        return item if isinstance(item, FactoredMatrix) else readable(item)
    try:
        return item.read()
    except Complaint as complaint:
        return replace(item.ref, caveat=str(complaint))


def matrix_parcel(
    item: Any, readable: Callable[[Any], WeightMatrix | LayerRef]
) -> PlacedLayer | WeightMatrix | LayerRef:
    """Where a matrix lies in files, else its values, or the layer that cannot be read."""
    there = placed(item) if isinstance(item, Layer) else None
    return readable(item) if there is None else there


def unpacked(parcel: Parcel) -> Any:
    """The item on the worker's side."""
    return found(parcel) if isinstance(parcel, PlacedLayer) else parcel


def bytes_of(item: Any) -> float:
    """About what a parcel of the item takes on its way."""
    if isinstance(item, Layer) and placed(item) is not None:
        return 0.0
    ref = getattr(item, "ref", None)
    return 8.0 * ref.n_entries if isinstance(ref, LayerRef) else 8.0 * prod(getattr(item, "shape", ()))


def cost_of(item: Any) -> float:
    """Work of one decomposition in multiplications: all entries times the short side; 1 for what cannot be read."""
    ref = getattr(item, "ref", None)
    if isinstance(ref, LayerRef):
        return 1.0 if ref.caveat else max(float(ref.n_entries) * ref.n_cols, 1.0)
    shape = tuple(getattr(item, "shape", ()))
    return max(float(prod(shape)) * min(shape, default=1), 1.0)


def lost_ref(item: Any, sentence: str) -> LayerRef:
    """The item as a layer that could not be measured, for this reason."""
    ref = getattr(item, "ref", None)
    if isinstance(ref, LayerRef):
        return replace(ref, caveat=sentence)
    sides = sorted(getattr(item, "shape", ())) or [0, 0]
    shape = tuple(getattr(item, "shape", ()))
    return LayerRef("matrix", "other", None, shape, sides[-1], sides[0], str(getattr(item, "dtype", "")), sentence)
