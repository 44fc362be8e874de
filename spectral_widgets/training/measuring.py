"""One number per weight matrix, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextvars import ContextVar
from math import isfinite, nan

import numpy as np
from torch import nn

from ..metrics import Evidence, measure_one, metrics_named
from ..records import Complaint, MeasuredLayer, Role, WeightMatrix
from ..weights.layers import Layer
from ..weights.model import Model
from ..weights.opening import open_model

#: The name of a metric, or a function of a weight matrix.
Measure = str | Callable[[WeightMatrix], float]

#: Takes growing results, of which there are so many, to the last one; the door tells meanwhile how far they are.
Follow = Callable[[Iterator[tuple[MeasuredLayer, ...]], int], tuple[MeasuredLayer, ...]]


def _to_the_end(steps: Iterator[tuple[MeasuredLayer, ...]], n_steps: int) -> tuple[MeasuredLayer, ...]:
    return max(steps, key=len, default=())


following: ContextVar[Follow] = ContextVar("following", default=_to_the_end)

#: Below this number of eigenvalues the published code drops a layer.
MIN_EIGENVALUES = 50
TABLES = ("embedding", "position_embedding", "lm_head")


def as_model(source: Model | nn.Module) -> Model:
    """The model itself, or the module opened as one."""
    return source if isinstance(source, Model) else open_model(source)


def measured_layers(
    model: Model | nn.Module,
    measure: Measure = "hill_alpha",
    *,
    exclude: Collection[str] = (),
    min_eigenvalues: int = MIN_EIGENVALUES,
    tables: Collection[str] = TABLES,
) -> tuple[MeasuredLayer, ...]:
    """Every weight with two axes or more, in the model's order, with its value or why it has none.

    A parameter that holds several matrices (a packed input projection, the gates of a recurrent layer, experts) gets
    the mean over them. ``tables`` are kinds that are not measured, ``exclude`` names of parameters or of modules.
    Raises ``Complaint`` for a metric or a layer that does not exist.
    """
    opened = as_model(model)
    steps = measured_layers_steps(opened, measure, exclude=exclude, min_eigenvalues=min_eigenvalues, tables=tables)
    return following.get()(steps, len({layer.ref.parameter for layer in opened.layers}))


def measured_layers_steps(
    model: Model | nn.Module,
    measure: Measure = "hill_alpha",
    *,
    exclude: Collection[str] = (),
    min_eigenvalues: int = MIN_EIGENVALUES,
    tables: Collection[str] = TABLES,
) -> Iterator[tuple[MeasuredLayer, ...]]:
    """:func:`measured_layers`, one parameter more at each step."""
    opened = as_model(model)
    if isinstance(measure, str):
        metrics_named([measure])
    by_parameter: dict[str, list[Layer]] = {}
    for layer in opened.layers:
        by_parameter.setdefault(layer.ref.parameter, []).append(layer)
    left_out = _excluded(by_parameter, exclude)
    found: tuple[MeasuredLayer, ...] = ()
    for name, blocks in by_parameter.items():
        found += (_measured(blocks, measure, name in left_out, min_eigenvalues, tables),)
        yield found


def name_of(measure: Measure) -> str:
    """What a measure is called in tables."""
    return measure if isinstance(measure, str) else getattr(measure, "__name__", "measure")


def _excluded(parameters: Collection[str], exclude: Collection[str]) -> set[str]:
    names = {exclude} if isinstance(exclude, str) else set(exclude)
    found = {one: {name for name in parameters if name == one or name.startswith(f"{one}.")} for one in names}
    unknown = sorted(one for one, matches in found.items() if not matches)
    if unknown:
        raise Complaint(f"There is no layer {unknown[0]!r} to exclude; model.layers.names lists the names.")
    return set().union(*found.values())


def _measured(
    blocks: Sequence[Layer], measure: Measure, excluded: bool, smallest: int, tables: Collection[str]
) -> MeasuredLayer:
    first = blocks[0].ref
    size = min(block.ref.n_cols for block in blocks)
    role: Role = "measured"
    if excluded:
        role = "excluded"
    elif first.kind in tables:
        role = "table"
    elif size < smallest and not any(block.caveat for block in blocks):
        role = "small"
    value, caveat = _mean_of(blocks, measure) if role == "measured" else (nan, "")
    return MeasuredLayer(
        layer=first.parameter,
        kind=first.kind,
        depth=first.depth,
        n_entries=sum(block.ref.n_entries for block in blocks),
        n_eigenvalues=size,
        aspect=first.aspect,
        metric=name_of(measure),
        value=value,
        role=role if role != "measured" or isfinite(value) else "unreadable",
        n_blocks=len(blocks),
        caveat=caveat,
    )


def _mean_of(blocks: Sequence[Layer], measure: Measure) -> tuple[float, str]:
    values = []
    for block in blocks:
        value, caveat = _value_of(block, measure)
        if not isfinite(value):
            return nan, caveat or f"{block.name} gives no number."
        values.append(value)
    return float(np.mean(values)), ""


def _value_of(layer: Layer, measure: Measure) -> tuple[float, str]:
    try:
        matrix = layer.read()
        if isinstance(measure, str):
            found = measure_one(Evidence(matrix), metrics_named([measure])[0])
            return found.value, found.caveat
        return float(measure(matrix)), ""
    except Complaint as complaint:
        return nan, str(complaint)
