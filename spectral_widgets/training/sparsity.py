"""How much of each layer to prune."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from torch import nn

from ..records import Complaint, MeasuredLayer, PrescribedLayer, SparsityPrescription
from ..weights.model import Model
from .mappings import sparsities_of
from .measuring import MIN_EIGENVALUES, Measure, as_model, measured_layers, name_of
from .words import count_sentence, doubts_about, reason_of


def layerwise_sparsity(
    model: Model | nn.Module,
    target: float,
    *,
    spread: float = 0.3,
    most: float = 1.0,
    measure: Measure = "hill_alpha",
    by_block: bool = False,
    exclude: Collection[str] = (),
    min_eigenvalues: int = MIN_EIGENVALUES,
    measured: Sequence[MeasuredLayer] | None = None,
) -> SparsityPrescription:
    """Shares of weights to remove: the larger a layer's exponent, the more; their mean by weights is ``target``.

    ``.amounts`` maps layers to sparsities in [0, ``most``]. Embeddings, heads, excluded and unreadable layers are not
    pruned and do not count. Layers below ``min_eigenvalues`` get the target itself. ``by_block`` gives all layers of
    one depth the mean exponent of that depth. Where all exponents are equal the target holds for every layer.

    Raises ``Complaint`` for numbers that cannot be met. Source: Lu et al. (2024), AlphaPruning (arXiv 2410.10912),
    which takes 0.3 at 70 % for language models and an exponent with its start at the peak of the histogram.
    """
    layers = measured
    if layers is None:
        layers = measured_layers(as_model(model), measure, exclude=exclude, min_eigenvalues=min_eigenvalues)
    pruned = [layer for layer in layers if layer.role in ("measured", "small")]
    shares = _shares(pruned, target, spread, most, by_block)
    metric = layers[0].metric if layers else name_of(measure)
    sizes = sum(layer.n_entries for layer in pruned)
    achieved = sum(shares[layer.layer] * layer.n_entries for layer in pruned) / sizes if sizes else float("nan")
    return SparsityPrescription(
        quantity="sparsity",
        metric=metric,
        base=target,
        rows=tuple(_row(layer, shares.get(layer.layer), target, min_eigenvalues) for layer in layers),
        sentence=f"Sparsity {_range(shares, target)}, {achieved:.4g} of all pruned weights: {count_sentence(layers)}",
        caveat=doubts_about(layers, metric, "every layer gets the target"),
        achieved=achieved,
    )


def prunable(module: nn.Module, prescription: SparsityPrescription) -> list[tuple[nn.Module, str, float]]:
    """``(submodule, parameter name, amount)`` for ``torch.nn.utils.prune``; nothing is pruned here.

    ``for part, name, amount in prunable(net, result): prune.l1_unstructured(part, name, amount)``. Torch rounds an
    amount to whole weights. Raises ``Complaint`` when the module has no such parameter.
    """
    names = dict(module.named_parameters())
    unknown = [name for name in prescription.amounts if name not in names]
    if unknown:
        raise Complaint(f"{type(module).__name__} has no parameter {unknown[0]!r} to prune; give the measured module.")
    return [
        (module.get_submodule(name.rpartition(".")[0]), name.rpartition(".")[2], amount)
        for name, amount in prescription.amounts.items()
    ]


def _shares(
    pruned: Sequence[MeasuredLayer], target: float, spread: float, most: float, by_block: bool
) -> dict[str, float]:
    """The small layers get the target, so that the others meet it among themselves."""
    measured = [layer for layer in pruned if layer.role == "measured"]
    values = np.array([layer.value for layer in measured])
    if by_block:
        depths = [layer.depth for layer in measured]
        values = np.array([np.mean([v for v, d in zip(values, depths, strict=True) if d == depth]) for depth in depths])
    sizes = np.array([layer.n_entries for layer in measured])
    found = sparsities_of(values, sizes, target, spread, most)
    return {layer.layer: target for layer in pruned} | {
        layer.layer: share for layer, share in zip(measured, found.tolist(), strict=True)
    }


def _row(layer: MeasuredLayer, share: float | None, target: float, smallest: int) -> PrescribedLayer:
    why = reason_of(layer, smallest)
    ends = {"measured": "", "small": ": the target"}
    value = 0.0 if share is None else share
    return PrescribedLayer(
        layer=layer.layer,
        kind=layer.kind,
        depth=layer.depth,
        metric=layer.metric,
        value=layer.value,
        ratio=value / target if target else 1.0,
        prescription=value,
        role=layer.role,
        reason=f"{why[0].upper()}{why[1:]}{ends.get(layer.role, ': not pruned')}.",
        n_entries=layer.n_entries,
        parameters=() if share is None else (layer.layer,),
    )


def _range(shares: dict[str, float], target: float) -> str:
    values = list(shares.values()) or [target]
    return f"from {min(values):.3g} to {max(values):.3g}"
