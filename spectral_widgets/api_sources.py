"""The door's ways in: what users have at hand, as the models, layers and matrices that the rooms take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from .records import Complaint, FactoredMatrix, LayerRef, WeightMatrix
from .weights.attention import HeadProduct
from .weights.layers import Layer
from .weights.model import Model
from .weights.opening import open_model
from .weights.state_dicts import caveat_of_tensor
from .weights.values import matrix_of_array

ModelSource = Model | nn.Module | Mapping[str, Any] | str | Path
Matrix = Layer | WeightMatrix | nn.Module | np.ndarray | torch.Tensor


def model_of(source: ModelSource) -> Model:
    """The model itself, or the one that ``source`` opens."""
    return source if isinstance(source, Model) else open_model(source)


def matrix_of(source: Matrix) -> WeightMatrix:
    """The weight matrix of a layer or module, or of an array or tensor under the name “matrix”.

    Raises ``Complaint`` for what has no spectrum: fewer than two axes, a single row, NaN or infinity; and for a
    module with more weight matrices than one.
    """
    if isinstance(source, WeightMatrix):
        return source
    source = layer_of(source)
    if isinstance(source, Layer):
        return source.read()
    if isinstance(source, torch.Tensor) and (caveat := caveat_of_tensor("matrix", source)):
        raise Complaint(caveat)
    device = str(source.device) if isinstance(source, torch.Tensor) else "cpu"
    if isinstance(source, torch.Tensor):
        is_narrow = source.dtype != torch.float64 and not source.is_complex()
        source = (source.detach().float() if is_narrow else source).numpy(force=True)
    if not isinstance(source, np.ndarray):
        raise Complaint(f"A {type(source).__name__} is no weight matrix: give a layer, a module, an array or a tensor.")
    return replace(matrix_of_array(source), device=device)


def layer_of(source: Any) -> Any:
    """The only layer of a model, module or state_dict; anything else as it is.

    Raises ``Complaint`` if there is more than one.
    """
    if not isinstance(source, Model | nn.Module | Mapping):
        return source
    model = model_of(source)
    if len(model.layers) == 1:
        return model.layers[0]
    name = model.layers[0].name
    raise Complaint(
        f"This model has {len(model.layers)} weight matrices: give one of them, such as "
        f"sw.open_model(model).layers[{name!r}]."
    )


def items_of(layers: Any) -> Iterable[Any]:
    """The layers of a model, a single matrix as the only one, or what was listed."""
    if isinstance(layers, Model | nn.Module | Mapping | str | Path):
        return model_of(layers).layers
    if isinstance(layers, Layer | HeadProduct | WeightMatrix | FactoredMatrix | np.ndarray | torch.Tensor):
        return [layers]
    if not isinstance(layers, Iterable):
        raise Complaint(
            f"A {type(layers).__name__} has no layers: give a model, its path or hub id, layers or matrices."
        )
    return layers


def readable(item: Any) -> WeightMatrix | LayerRef:
    """The matrix, or for a layer of a model that cannot be read its reference, which then says why."""
    try:
        return matrix_of(item)
    except Complaint as complaint:
        if not isinstance(item, Layer):
            raise
        return replace(item.ref, caveat=str(complaint))
